// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// How many members of an open set get names (result/proof.h has the argument): as many as one step and one
// false conclusion can be about.

#include <optional>
#include <vector>

#include "model/model.h"

namespace tdxcheck::prove {

// Of a lemma: universally quantified, over one set. More are looked for nowhere.
inline constexpr model::Value most_quantified = 2;

// What it takes to witness that the conclusion is false: Encoding::refuted looks for them among named
// members.
[[nodiscard]] model::Value witnesses(const model::Expr& conclusion, model::Id<model::IndexSet> set);

// By one step of the model, at most: its thread, what it chooses, what it writes to, puts into a subset or
// takes out.
[[nodiscard]] model::Value named_by_a_step(const model::Model& model, model::Id<model::IndexSet> set);
// Members that a step reads of, other than by a name: as many as make it name `most` with those that it names
// anyway.
[[nodiscard]] std::vector<model::Expr> named_to_be_read(const model::Model& model,
                                                        const model::Thread& thread, const model::Step& step,
                                                        model::Id<model::IndexSet> set, model::Value most);

// Of an instantiated model, whatever is claimed of it.
[[nodiscard]] model::Value members_to_name(const model::Model& model, model::Id<model::IndexSet> set);

// Members that an update puts into a subset, or takes out, and that the step does not name in another way.
[[nodiscard]] std::vector<model::Expr> put_or_taken(const model::Expr& value);

// `count m in S: phi <= c`, in any of the ways to say it with a number c.
struct CountedAtMost {
  model::Quantified counted;
  model::Value most;
};
[[nodiscard]] std::optional<CountedAtMost> counted_at_most(const model::Expr& e);

// The formula with the negation pushed one step inside; nothing where there is no inside.
[[nodiscard]] std::optional<model::Expr> negated_inside(const model::Expr& e);

} // namespace tdxcheck::prove
