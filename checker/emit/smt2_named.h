// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Conclusions about open sets: whoever refutes one has a name (result/proof.h), so that it is enough to
// conclude them for the members that have one. And how many names that takes. Private to emit/smt2_*.

#include "emit/smt2_expression.h"

namespace tdxcheck::emit::smt2 {

// In state s: it has a value and is true, as far as named members can tell. For a model without open sets,
// just that.
[[nodiscard]] std::string of_the_named(const Expressions& to, const model::Expr& conclusion,
                                       const Speaker& speaker = {});

// By one step of the model, at most.
[[nodiscard]] model::Value names_of_a_step(const model::Instance& instance, model::Id<model::IndexSet> set);
// A step that names fewer names those that it reads of, too, where it computes which they are.
[[nodiscard]] std::vector<model::Expr> also_named(const model::Instance& instance,
                                                  const model::Thread& thread, const model::Step& step,
                                                  model::Id<model::IndexSet> set, model::Value most);

// InputError where the model has fewer slots for an open set than one step and one of the conclusions need.
void refuse_too_few_names(const model::Instance& instance, const std::vector<result::OpenSet>& open,
                          const std::vector<model::Expr>& conclusions);

} // namespace tdxcheck::emit::smt2
