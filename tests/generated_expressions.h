// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Random expressions that are well-sorted and have a value in every state: members always exist, bits are
// wrapped after each operation, numbers stay small.

#include "model/model.h"
#include "tests/dice.h"

#include <optional>
#include <utility>
#include <vector>

namespace tdxcheck::tests {

// What an expression may speak of where it stands.
struct Surroundings {
  const model::Model* model = nullptr;
  std::optional<model::Id<model::Thread>> thread = {}; // its Self and its locals
  std::vector<std::pair<model::BoundName, model::Id<model::IndexSet>>> bound = {};
  bool silent = false;                 // own scalar locals and parameters only
  bool with_self = true;               // otherwise the members of a set all do the same
  std::uint32_t* next_bound = nullptr; // where fresh bound names are numbered
};

class ExpressionMaker {
public:
  ExpressionMaker(Dice& dice, Surroundings surroundings) : dice_(dice), here_(std::move(surroundings)) {}

  [[nodiscard]] model::Expr condition(int depth);
  [[nodiscard]] model::Expr number(int depth);
  [[nodiscard]] model::Expr index(model::Id<model::IndexSet> set);
  // A value that fits the cell; `step_guard` may be narrowed so that it does.
  [[nodiscard]] model::Expr value_for(const model::VariableRef& target, model::Expr& step_guard);
  // A cell of the variable.
  [[nodiscard]] model::VariableRef reference(model::Id<model::Variable> variable);
  [[nodiscard]] std::vector<model::Id<model::Variable>> visible() const;

private:
  [[nodiscard]] const model::Model& model() const { return *here_.model; }
  [[nodiscard]] model::Expr atom();
  [[nodiscard]] model::Expr about(model::Id<model::Variable> variable);
  [[nodiscard]] model::Expr about_parameter();
  [[nodiscard]] model::Expr in_some_region();
  [[nodiscard]] model::Expr quantified(int depth);
  [[nodiscard]] model::Expr cell(model::Id<model::Variable> variable);

  Dice& dice_;
  Surroundings here_;
};

} // namespace tdxcheck::tests
