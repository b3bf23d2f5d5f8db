// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/mine_facts.h"

#include <algorithm>
#include <limits>

#include "prove/features.h"

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Value;

struct Extent {
  Value low = std::numeric_limits<Value>::max(), high = std::numeric_limits<Value>::min();
  void add(Value v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  [[nodiscard]] bool is_empty() const { return low > high; }
};

// Other threads' locals have little to do with where this one is.
bool concerns(const model::Instance& instance, const model::Cell& cell, const model::ThreadInstance& who) {
  const auto* local = std::get_if<model::LocalScope>(&instance.model().variables[cell.variable].scope);
  if (local == nullptr) return true;
  return local->thread == who.thread &&
         (cell.at.empty() || !instance.model().threads[who.thread].over || cell.at.front() == who.member);
}

// Nothing where it says no more than the type does.
std::optional<Expr> within(const model::Instance& instance, std::size_t c, const Extent& extent) {
  const model::Cell& cell = instance.cells()[c];
  const Expr said = cell_expression(instance, c);
  const auto number = [&](Value v) { return model::literal(said.sort(), v); };
  if (extent.is_empty() || (extent.low == cell.low && extent.high == cell.high)) return {};
  if (extent.low == extent.high) {
    if (said.sort().kind == model::SortKind::boolean) return extent.low != 0 ? said : model::negation(said);
    return model::binary(BinaryOp::equal, said, number(extent.low));
  }
  if (said.sort().kind != model::SortKind::integer) return {};
  if (extent.high < cell.high) return model::binary(BinaryOp::less_equal, said, number(extent.high));
  return model::binary(BinaryOp::less_equal, number(extent.low), said);
}

} // namespace

std::vector<Expr> mine_facts(Problem& problem, const SeenStates& seen) {
  if (seen.empty()) return {};
  const model::Instance instance(problem.model, problem.valuation);
  Places places(problem.model);
  const std::size_t cells = instance.cells().size();
  std::vector<Extent> overall(cells);
  std::vector<std::vector<std::vector<Extent>>> at; // by thread, by label
  for (const model::ThreadInstance& who : instance.threads())
    at.emplace_back(problem.model.threads[who.thread].labels.size(), std::vector<Extent>(cells));
  Sample sample;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    seen.read(i, sample);
    for (std::size_t c = 0; c < cells; ++c) {
      overall[c].add(sample.state.cells[c]);
      for (std::size_t t = 0; t < at.size(); ++t)
        at[t][sample.state.at[t].value][c].add(sample.state.cells[c]);
    }
  }
  std::vector<Expr> facts;
  for (std::size_t c = 0; c < cells; ++c)
    if (const auto fact = within(instance, c, overall[c])) facts.push_back(*fact);

  for (std::size_t t = 0; t < instance.threads().size(); ++t) {
    const model::ThreadInstance& who = instance.threads()[t];
    for (const auto label : problem.model.threads[who.thread].labels.ids()) {
      for (std::size_t c = 0; c < cells; ++c) {
        const Extent& here = at[t][label.value][c];
        if (!concerns(instance, instance.cells()[c], who)) continue;
        if (here.low == overall[c].low && here.high == overall[c].high) continue;
        if (const auto fact = within(instance, c, here))
          facts.push_back(
              model::binary(BinaryOp::implies, places.is_at(who.thread, who.member, {label}), *fact));
      }
    }
  }
  return facts;
}

} // namespace tdxcheck::prove
