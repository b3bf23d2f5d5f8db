// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is known of a state before a step, once some conditions were assumed: the values that its atoms may
// have. An atom is a scalar that a condition reads (a cell, a choice, Self), or a condition that is not
// looked into.
//
// Silent steps test what the step before them has just assigned or tested (`rc == BUSY`, then `rc !=
// SUCCESS`). Composed naively, that yields steps which can never be taken, and labels with contexts that no
// run has. So each condition is decided by trying all values of the few atoms it has; more than
// `most_combinations` are not tried, which loses precision, never soundness: an undecided condition just
// stays in the guard.
//
// The same idea as value analysis by small enumerated domains; tests: silent_steps_are_composed_test.cpp.

#include <optional>
#include <vector>

#include "model/model.h"

namespace tdxcheck::lower {

class Knowledge {
public:
  static constexpr std::size_t most_combinations = 4096;

  // Of a model whose types and sizes are folded. `thread` says how many values Self has.
  Knowledge(const model::Model& model, model::Id<model::Thread> thread) : model_(&model), thread_(thread) {}

  // False if the condition contradicts what is known; then nothing more is to be asked.
  [[nodiscard]] bool assume(const model::Expr& condition);
  // Whether it is surely true, or surely false.
  [[nodiscard]] std::optional<bool> decide(const model::Expr& condition) const;

private:
  struct Atom {
    model::Expr expression;
    std::vector<model::Value> possible;
  };
  class Trial;

  void collect(const model::Expr& condition, std::vector<Atom>& atoms) const;
  void collect_atom(const model::Expr& atom, std::vector<Atom>& atoms) const;
  [[nodiscard]] std::optional<std::vector<model::Value>> domain(const model::Expr& atom) const;

  const model::Model* model_;
  model::Id<model::Thread> thread_;
  std::vector<Atom> known_;
};

} // namespace tdxcheck::lower
