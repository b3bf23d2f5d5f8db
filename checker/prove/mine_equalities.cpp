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
constexpr std::size_t most_summands = 8, most_equations = 200; // what is longer says little

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

Expr is_set(const Expr& word, Value place) {
  const Expr mask = model::literal(word.sort(), Value{1} << place);
  const Expr masked = model::make(word.sort(), model::Binary{BinaryOp::bit_and, word, mask});
  return model::binary(BinaryOp::not_equal, masked, model::literal(word.sort(), 0));
}

// The number that a word is without its lowest places. Bits are no numbers to calculate with: bit by bit.
Expr number_in(const Expr& word, Value width, Value places) {
  Expr sum;
  for (Value place = places; place < width; ++place) {
    const Expr bit = model::conditional(is_set(word, place), model::integer(Value{1} << (place - places)),
                                        model::integer(0));
    sum = sum.empty() ? bit : model::binary(BinaryOp::add, sum, bit);
  }
  return sum;
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

  // The shortest.
  [[nodiscard]] std::vector<Expr> equalities() {
    if (columns_.size() > most_columns) return {};
    std::vector<Equation> all;
    std::set<std::size_t> always; // columns that are told by others under any condition
    for (const Condition& condition : conditions_) {
      std::vector<const Sample*> under;
      for (const Sample& sample : looked_at_)
        if (condition.holds(sample)) under.push_back(&sample);
      if (under.size() < 2) continue;
      for (const auto& weights : kernel(rows_of(under), columns_.size() + 1)) {
        // Of a basis, what is new: fewer states have fewer columns that are told by no other, and of those
        // that tell, the last is never one of them.
        const std::size_t told = last_of(weights);
        if (condition.said.empty()) always.insert(told);
        else if (always.contains(told)) continue;
        if (!holds_in_all(weights, under)) continue;
        const Equation equation = said(weights);
        if (equation.summands > most_summands) continue;
        if (condition.said.empty()) all.push_back(equation);
        // That one thing is so is a matter of pairs of values (mine_pairs.h).
        else if (equation.summands > 1)
          all.push_back({model::binary(BinaryOp::implies, condition.said, equation.said), equation.summands});
      }
    }
    std::ranges::stable_sort(all, {}, &Equation::summands);
    if (all.size() > most_equations) all.resize(most_equations, {{}, 0});
    std::vector<Expr> equalities;
    for (const Equation& equation : all) equalities.push_back(equation.said);
    return equalities;
  }

private:
  struct Equation {
    Expr said;
    std::size_t summands;
  };

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
      columns_.push_back({[c](const Sample& s) { return s.state.cells[c]; }, number_in(said, width, 0)});
      for (Value place = 0; place < std::min(most_low_bits, width); ++place) {
        if (place + 1 < width)
          columns_.push_back({[c, place](const Sample& s) { return s.state.cells[c] >> (place + 1); },
                              number_in(said, width, place + 1)});
        conditions_.push_back({bit(place, true), is_set(said, place)});
        conditions_.push_back({bit(place, false), model::negation(is_set(said, place))});
      }
    }
  }

  [[nodiscard]] static std::size_t last_of(const std::vector<std::int64_t>& weights) {
    std::size_t last = weights.size();
    while (last > 0 && weights[last - 1] == 0) --last;
    return last;
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

  [[nodiscard]] Equation said(const std::vector<std::int64_t>& weights) const {
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
    if (summands.empty()) return {model::truth(weights[0] == 0), 0};
    Expr sum = summands.front();
    for (std::size_t i = 1; i < summands.size(); ++i) sum = model::binary(BinaryOp::add, sum, summands[i]);
    return {model::binary(BinaryOp::equal, sum, model::integer(-weights[0])), summands.size()};
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
