// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/assigned_ranges.h"

#include <algorithm>
#include <optional>

namespace tdxcheck::explore {
namespace {

using model::Expr;
using model::SortKind;
using model::Value;

using Range = AssignedRange;
using Perhaps = std::optional<Range>; // none: any value

constexpr int most_rounds = 16;

Range hull(Range a, Range b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

class Analysis {
public:
  explicit Analysis(const model::Instance& instance) : instance_(instance), model_(instance.model()) {
    for (auto id : model_.variables.ids()) ranges_.push_back(initial_range(id));
  }

  // False: nothing has changed.
  bool round() {
    bool changed = false;
    for (auto id : model_.threads.ids()) {
      for (const model::Step& step : model_.threads[id].steps)
        for (const model::Update& update : step.updates) changed = assign(id, update) || changed;
    }
    return changed;
  }
  // Whatever still changes may have any value of its declaration, and then nothing does.
  void widen() {
    const std::vector<Range> before = ranges_;
    round();
    for (auto id : model_.variables.ids()) {
      const Range &a = before[id.value], &b = ranges_[id.value];
      if (a.low != b.low || a.high != b.high) ranges_[id.value] = declared(id);
    }
  }

  [[nodiscard]] const Range& of(model::Id<model::Variable> variable) const { return ranges_[variable.value]; }

private:
  [[nodiscard]] Range declared(model::Id<model::Variable> id) const {
    const std::size_t first = instance_.first_cell(id);
    if (first >= instance_.cells().size()) return {};
    return {instance_.cells()[first].low, instance_.cells()[first].high};
  }
  [[nodiscard]] Range initial_range(model::Id<model::Variable> id) const {
    const auto& initial = model_.variables[id].initial;
    if (!initial) return declared(id);
    const Value value = model::evaluate_constant(model_, instance_.valuation(), *initial);
    const Range all = declared(id);
    return all.low <= value && value <= all.high ? Range{value, value} : all;
  }

  bool assign(model::Id<model::Thread> thread, const model::Update& update) {
    const auto target = update.target.variable;
    const Range all = declared(target);
    Range value = range(thread, update.value).value_or(all);
    value = {std::max(value.low, all.low), std::min(value.high, all.high)};
    if (value.low > value.high) return false; // a model error whenever it happens
    Range& now = ranges_[target.value];
    const Range wider = hull(now, value);
    const bool changed = wider.low != now.low || wider.high != now.high;
    now = wider;
    return changed;
  }

  [[nodiscard]] Perhaps range(model::Id<model::Thread> thread, const Expr& e) const {
    const auto& kind = e.node().kind;
    if (const auto* x = std::get_if<model::Literal>(&kind)) return Range{x->value, x->value};
    if (const auto* x = std::get_if<model::VariableRef>(&kind)) return ranges_[x->variable.value];
    if (const auto* x = std::get_if<model::Conditional>(&kind)) {
      const Perhaps a = range(thread, x->then), b = range(thread, x->otherwise);
      return a && b ? Perhaps(hull(*a, *b)) : std::nullopt;
    }
    if (const auto* x = std::get_if<model::Binary>(&kind)) return sum(thread, *x, e.sort());
    if (e.sort().kind == SortKind::boolean) return Range{0, 1};
    if (e.sort().kind == SortKind::index) return Range{0, instance_.size({e.sort().of}) - 1};
    return {};
  }

  [[nodiscard]] Perhaps sum(model::Id<model::Thread> thread, const model::Binary& x,
                            const model::Sort& sort) const {
    if (sort.kind == SortKind::boolean) return Range{0, 1};
    const bool add = x.op == model::BinaryOp::add, subtract = x.op == model::BinaryOp::subtract;
    if (!add && !subtract) return {};
    const Perhaps a = range(thread, x.left), b = range(thread, x.right);
    if (!a || !b) return {};
    Range result;
    const bool overflow = add ? __builtin_add_overflow(a->low, b->low, &result.low) ||
                                    __builtin_add_overflow(a->high, b->high, &result.high)
                              : __builtin_sub_overflow(a->low, b->high, &result.low) ||
                                    __builtin_sub_overflow(a->high, b->low, &result.high);
    return overflow ? std::nullopt : Perhaps(result);
  }

  const model::Instance& instance_;
  const model::Model& model_;
  std::vector<Range> ranges_; // by variable
};

} // namespace

std::vector<AssignedRange> assigned_ranges(const model::Instance& instance) {
  Analysis analysis(instance);
  bool changed = true;
  for (int round = 0; round < most_rounds && changed; ++round) changed = analysis.round();
  // Each time at least one more variable has its declared range.
  while (changed) {
    analysis.widen();
    changed = analysis.round();
  }
  std::vector<AssignedRange> result;
  for (const model::Cell& cell : instance.cells()) result.push_back(analysis.of(cell.variable));
  return result;
}

} // namespace tdxcheck::explore
