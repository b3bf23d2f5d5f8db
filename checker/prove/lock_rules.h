// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// lock_discipline as conditions on states. What a thread holds is a function of its label
// (model/label_context.h), so that each rule becomes, per step, a condition that breaks it; most of them are
// false whatever the state.

#include <string>
#include <vector>

#include "model/label_context.h"
#include "model/model.h"

namespace tdxcheck::prove {

// Over Self and the step's choices.
struct Breach {
  model::Expr condition;
  std::string what; // "acquires SEPT_TREE, which it holds itself"
};

struct Breaches {
  std::vector<Breach> at_label; // of being about to take the step, whether or not its guard holds
  std::vector<Breach> in_step;  // of taking it
};

[[nodiscard]] Breaches breaches_of(const model::Model& model, model::LabelContext at_label,
                                   const std::vector<model::Fact>& facts);
// Of ending there; empty if nothing is wrong with it.
[[nodiscard]] std::string wrong_at_end(const model::Model& model, const model::LabelContext& at_label);

} // namespace tdxcheck::prove
