// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The atoms of which lemmas are made: a thread is at a label; a cell has a value; a cell of unbounded range
// stands in some relation to a free parameter or to a number; a free parameter that is no number has a value.
// Each can be looked up in a plain state, and said in the model's expressions.

#include <algorithm>
#include <vector>

#include "prove/problem.h"
#include "prove/rewrite.h"
#include "prove/seen_states.h"

namespace tdxcheck::prove {

enum class Relation : std::uint8_t { is, at_most };

struct Feature {
  enum class Kind : std::uint8_t { label, cell, member, compared, equal_cells, parameter };
  Kind kind;
  std::size_t subject = 0;               // thread instance, cell, or parameter
  model::Value value = 0;                // label, value, or member that is in the cell
  model::Id<model::Parameter> against{}; // compared
  std::size_t other = 0;                 // equal_cells
  Relation relation = Relation::is;      // cell, compared
};

// A question about a state that has one of some answers: where a thread is, what a cell holds, or whether
// some other feature holds.
struct Aspect {
  std::size_t first;  // feature: of the first answer
  std::size_t values; // features in a row, of which one holds; or 1: a feature that holds or does not
};

class Features {
public:
  // Adds regions to the problem's model, one for each label.
  explicit Features(Problem& problem);

  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] const Feature& operator[](std::size_t f) const { return all_[f]; }
  [[nodiscard]] bool holds(std::size_t f, const Sample& sample) const;
  [[nodiscard]] const model::Expr& said(std::size_t f) const { return said_[f]; }

  // The thread, by its place among the instances, is at the label.
  [[nodiscard]] const model::Expr& is_at(std::size_t thread, model::Id<model::Label> label) const {
    return said_[aspects_[thread].first + label.value];
  }

  // Where the threads are comes first, in their order.
  [[nodiscard]] const std::vector<Aspect>& aspects() const { return aspects_; }
  [[nodiscard]] std::size_t values_of(std::size_t aspect) const {
    return std::max<std::size_t>(2, aspects_[aspect].values);
  }
  [[nodiscard]] std::size_t value_in(std::size_t aspect, const Sample& sample) const;
  [[nodiscard]] bool is_number(std::size_t aspect) const;
  [[nodiscard]] model::Expr has_value(std::size_t aspect, std::size_t value) const;

private:
  void add(const Feature& feature, model::Expr said);
  void add_parameter(const model::Model& model, model::Id<model::Parameter> parameter);
  void begin_aspect() { aspects_.push_back({all_.size(), 0}); }
  void end_aspect() { aspects_.back().values = all_.size() - aspects_.back().first; }
  void add_alone(const Feature& feature, model::Expr said);
  void add_cell(const model::Model& model, const model::Instance& instance, std::size_t cell);

  std::vector<Aspect> aspects_;
  std::vector<Feature> all_;
  std::vector<model::Expr> said_;
  const Problem& problem_;
};

// The cell as an expression.
[[nodiscard]] model::Expr cell_expression(const model::Instance& instance, std::size_t cell);

} // namespace tdxcheck::prove
