// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The finite instance that a valuation makes of a model: how many members each set has, which cells there
// are, which threads run. Shared by everything that looks at states, so that a cell has one name and one
// place.
//
// Throws support::InputError if a size or a range that the valuation yields is out of bounds.

#include <span>
#include <string>
#include <vector>

#include "model/model.h"

namespace tdxcheck::model {

// The value of an expression over parameters and named guards alone.
[[nodiscard]] Value evaluate_constant(const Model& model, const Valuation& valuation, const Expr& expression);

struct Cell {
  Id<Variable> variable;
  std::vector<Value> at;   // scope member first, then array indices
  Value low = 0, high = 0; // inclusive; optional index: low = none
  std::string name;        // "hkid_assigned", "assoc[vcpu 1]" is written "assoc[1]"; locals "vcpu[1].cpu"
};

struct ThreadInstance {
  Id<Thread> thread;
  Value member = 0; // 0 for a single thread
  std::string name; // "T0", "vcpu[1]"
};

class Instance {
public:
  Instance(const Model& model, Valuation valuation);

  [[nodiscard]] const Model& model() const { return *model_; }
  [[nodiscard]] const Valuation& valuation() const { return valuation_; }
  [[nodiscard]] Value size(Id<IndexSet> set) const { return sizes_[set.value]; }
  [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }
  [[nodiscard]] const std::vector<ThreadInstance>& threads() const { return threads_; }

  // Where the variable's cells start, and how far apart its dimensions lie (row-major: last index is
  // densest).
  [[nodiscard]] std::size_t first_cell(Id<Variable> variable) const { return first_[variable.value]; }
  [[nodiscard]] const std::vector<Id<IndexSet>>& dimensions(Id<Variable> variable) const {
    return dimensions_[variable.value];
  }
  // Throws InternalError where `at` has the wrong arity or a member that does not exist.
  [[nodiscard]] std::size_t cell(Id<Variable> variable, std::span<const Value> at) const;
  [[nodiscard]] std::size_t thread(Id<Thread> thread, Value member) const;
  [[nodiscard]] Sort sort(std::size_t cell) const;

private:
  void add_threads(Id<Thread> thread);
  void add_cells(Id<Variable> variable);

  const Model* model_;
  Valuation valuation_;
  std::vector<Value> sizes_;
  std::vector<std::vector<Id<IndexSet>>> dimensions_;
  std::vector<std::size_t> first_;
  std::vector<std::size_t> first_thread_;
  std::vector<Cell> cells_;
  std::vector<ThreadInstance> threads_;
};

} // namespace tdxcheck::model
