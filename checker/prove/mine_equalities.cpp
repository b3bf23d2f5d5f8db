// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/mine_equalities.h"

#include <algorithm>
#include <functional>
#include <set>

#include "prove/features.h"
#include "prove/kernel.h"

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Value;

constexpr std::size_t most_rows = 400; // that an elimination looks at; the others only falsify
constexpr std::size_t most_looked_at = 20000;
constexpr Value most_low_bits = 3;
constexpr std::size_t most_columns = 400;

// A number that a state has, and how it is said: the factor and then the sum that it is part of.
struct Column {
  std::function<Value(const Sample&)> value;
  Expr said;                                        // of cells
  std::optional<model::Id<model::Thread>> thread{}; // of labels
  model::Id<model::Label> label{};
};

struct Condition {
  std::function<bool(const Sample&)> holds;
  Expr said; // empty: always
};

Expr shifted(const Expr& word, Value width, Value places) {
  const Expr moved = model::make(
      word.sort(), model::Binary{BinaryOp::shift_right, word, model::literal(word.sort(), places)});
  return model::make(word.sort(), model::Wrap{model::integer(width), moved});
}

class Mining {
public:
  Mining(Problem& problem, const SeenStates& seen)
      : problem_(problem), instance_(problem.model, problem.valuation) {
    const std::size_t stride = std::max<std::size_t>(1, seen.size() / most_looked_at);
    for (std::size_t i = 0; i < seen.size(); i += stride) seen.read(i, looked_at_.emplace_back());
    for (const auto thread : problem.model.threads.ids()) add_labels(thread);
    conditions_.push_back({[](const Sample&) { return true; }, {}});
    for (std::size_t c = 0; c < instance_.cells().size(); ++c) add_cell(c);
  }

  [[nodiscard]] std::vector<Expr> equalities() {
    if (columns_.size() > most_columns) return {};
    std::vector<Expr> all;
    for (const Condition& condition : conditions_) {
      std::vector<const Sample*> under;
      for (const Sample& sample : looked_at_)
        if (condition.holds(sample)) under.push_back(&sample);
      if (under.size() < 2) continue;
      for (const auto& weights : kernel(rows_of(under), columns_.size() + 1)) {
        if (!holds_in_all(weights, under)) continue;
        const Expr equation = said(weights);
        all.push_back(condition.said.empty() ? equation
                                             : model::binary(BinaryOp::implies, condition.said, equation));
      }
    }
    return all;
  }

private:
  void add_labels(model::Id<model::Thread> thread) {
    for (const auto label : problem_.model.threads[thread].labels.ids())
      columns_.push_back({[this, thread, label](const Sample& sample) {
                            Value there = 0;
                            for (std::size_t t = 0; t < instance_.threads().size(); ++t)
                              there += instance_.threads()[t].thread == thread && sample.state.at[t] == label;
                            return there;
                          },
                          {},
                          thread,
                          label});
  }

  void add_cell(std::size_t c) {
    const model::Cell& cell = instance_.cells()[c];
    const model::Variable& variable = problem_.model.variables[cell.variable];
    const bool is_local = std::holds_alternative<model::LocalScope>(variable.scope);
    const Expr said = cell_expression(instance_, c);
    const auto bit = [c](Value place, bool set) {
      return [c, place, set](const Sample& s) { return (s.state.cells[c] >> place & 1) == (set ? 1 : 0); };
    };
    if (std::holds_alternative<model::BoolType>(variable.type.scalar)) {
      columns_.push_back({[c](const Sample& s) { return s.state.cells[c]; },
                          model::conditional(said, model::integer(1), model::integer(0))});
      if (is_local) return;
      conditions_.push_back({bit(0, true), said});
      conditions_.push_back({bit(0, false), model::negation(said)});
    } else if (std::holds_alternative<model::IntegerType>(variable.type.scalar)) {
      columns_.push_back({[c](const Sample& s) { return s.state.cells[c]; }, said});
    } else if (const auto* bits = std::get_if<model::BitsType>(&variable.type.scalar)) {
      const Value width = model::evaluate_constant(problem_.model, problem_.valuation, bits->width);
      columns_.push_back({[c](const Sample& s) { return s.state.cells[c]; }, said});
      for (Value place = 0; place < std::min(most_low_bits, width); ++place) {
        if (place + 1 < width)
          columns_.push_back({[c, place](const Sample& s) { return s.state.cells[c] >> (place + 1); },
                              shifted(said, width, place + 1)});
        const Expr mask = model::literal(said.sort(), Value{1} << place);
        const Expr masked = model::make(said.sort(), model::Binary{BinaryOp::bit_and, said, mask});
        const Expr is_set = model::binary(BinaryOp::not_equal, masked, model::literal(said.sort(), 0));
        conditions_.push_back({bit(place, true), is_set});
        conditions_.push_back({bit(place, false), model::negation(is_set)});
      }
    }
  }

  // The constant comes first, so that everything is told by it where it can be.
  [[nodiscard]] std::vector<std::int64_t> row_of(const Sample& sample) const {
    std::vector<std::int64_t> row{1};
    for (const Column& column : columns_) row.push_back(column.value(sample));
    return row;
  }

  [[nodiscard]] Matrix rows_of(const std::vector<const Sample*>& samples) const {
    std::set<std::vector<std::int64_t>> rows;
    const std::size_t stride = std::max<std::size_t>(1, samples.size() / most_rows);
    for (std::size_t i = 0; i < samples.size(); i += stride) rows.insert(row_of(*samples[i]));
    return {rows.begin(), rows.end()};
  }

  [[nodiscard]] bool holds_in_all(const std::vector<std::int64_t>& weights,
                                  const std::vector<const Sample*>& samples) const {
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (weights[i + 1] != 0) used.push_back(i);
    return std::ranges::all_of(samples, [&](const Sample* sample) {
      std::int64_t sum = weights[0];
      for (const std::size_t i : used) sum += weights[i + 1] * columns_[i].value(*sample);
      return sum == 0;
    });
  }

  [[nodiscard]] Expr said(const std::vector<std::int64_t>& weights) const {
    Places places(problem_.model);
    std::vector<Expr> summands;
    const auto add = [&](std::int64_t weight, const Expr& number) {
      summands.push_back(weight == 1 ? number
                                     : model::binary(BinaryOp::multiply, model::integer(weight), number));
    };
    for (const auto thread : problem_.model.threads.ids()) {
      std::map<std::int64_t, std::vector<model::Id<model::Label>>> by_weight;
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (columns_[i].thread == thread && weights[i + 1] != 0)
          by_weight[weights[i + 1]].push_back(columns_[i].label);
      for (const auto& [weight, labels] : by_weight) add(weight, places.how_many_at(thread, labels));
    }
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!columns_[i].thread && weights[i + 1] != 0) add(weights[i + 1], columns_[i].said);
    if (summands.empty()) return model::truth(weights[0] == 0);
    Expr sum = summands.front();
    for (std::size_t i = 1; i < summands.size(); ++i) sum = model::binary(BinaryOp::add, sum, summands[i]);
    return model::binary(BinaryOp::equal, sum, model::integer(-weights[0]));
  }

  Problem& problem_;
  model::Instance instance_;
  std::vector<Sample> looked_at_;
  std::vector<Column> columns_;
  std::vector<Condition> conditions_;
};

} // namespace

std::vector<Expr> mine_equalities(Problem& problem, const SeenStates& seen) {
  if (seen.empty()) return {};
  return Mining(problem, seen).equalities();
}

} // namespace tdxcheck::prove
