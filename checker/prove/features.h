// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The atoms of which lemmas are made: a thread is at a label; a cell has a value; a cell of unbounded range
// stands in some relation to a free parameter or to a number. Each can be looked up in a plain state, and
// said in the model's expressions.

#include <vector>

#include "prove/problem.h"
#include "prove/prove.h"
#include "prove/rewrite.h"

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
  [[nodiscard]] const model::Expr& said(std::size_t f) const { return said_[f]; }

private:
  void add(const Feature& feature, model::Expr said);
  void add_cell(const model::Model& model, const model::Instance& instance, std::size_t cell);

  std::vector<Feature> all_;
  std::vector<model::Expr> said_;
  const Problem& problem_;
};

// The cell as an expression.
[[nodiscard]] model::Expr cell_expression(const model::Instance& instance, std::size_t cell);

} // namespace tdxcheck::prove
