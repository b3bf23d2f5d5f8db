// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The atoms of which lemmas are made: a thread is at a label; a cell has a value; a cell of unbounded range
// stands in some relation to a free parameter or to a number. Each can be looked up in a plain state, and
// said in the model's expressions.

#include <vector>

#include "prove/problem.h"
#include "prove/rewrite.h"
#include "prove/seen_states.h"

namespace tdxcheck::prove {

enum class Relation : std::uint8_t { is, at_most };

struct Feature {
  enum class Kind : std::uint8_t { label, cell, compared, equal_cells };
  Kind kind;
  std::size_t subject = 0;               // thread instance, or cell
  model::Value value = 0;                // label or value
  model::Id<model::Parameter> against{}; // compared
  std::size_t other = 0;                 // equal_cells
  Relation relation = Relation::is;      // cell, compared
};

class Features {
public:
  // Adds regions to the problem's model, one for each label.
  explicit Features(Problem& problem);

  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] const Feature& operator[](std::size_t f) const { return all_[f]; }
  [[nodiscard]] bool holds(std::size_t f, const Sample& sample) const;
  // Hands over each feature that the state has; in less time than it takes to ask for each.
  template <class F>
  void each_that_holds(const Sample& sample, F&& f) const {
    for (std::size_t t = 0; t < sample.state.at.size(); ++t) f(first_label_[t] + sample.state.at[t].value);
    for (std::size_t c = 0; c < sample.state.cells.size(); ++c)
      if (by_value_[c].first != none)
        f(by_value_[c].first + static_cast<std::size_t>(sample.state.cells[c] - by_value_[c].low));
    for (const std::size_t other : others_)
      if (holds(other, sample)) f(other);
  }
  [[nodiscard]] const model::Expr& said(std::size_t f) const { return said_[f]; }

private:
  void add(const Feature& feature, model::Expr said);
  void add_cell(const model::Model& model, const model::Instance& instance, std::size_t cell);

  static constexpr std::size_t none = ~std::size_t{0};
  struct ByValue { // features of a cell's values, in a row
    std::size_t first = none;
    model::Value low = 0;
  };

  std::vector<std::size_t> first_label_; // by thread
  std::vector<ByValue> by_value_;        // by cell
  std::vector<std::size_t> others_;      // the rest
  std::vector<Feature> all_;
  std::vector<model::Expr> said_;
  const Problem& problem_;
};

// The cell as an expression.
[[nodiscard]] model::Expr cell_expression(const model::Instance& instance, std::size_t cell);

} // namespace tdxcheck::prove
