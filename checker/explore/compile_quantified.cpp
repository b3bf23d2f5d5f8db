// SPDX-License-Identifier: GPL-2.0-or-later
//
// The parts of ExpressionCompiler that unroll over members: quantifiers, and where threads are.
#include "explore/compile_expression.h"

#include <algorithm>

namespace tdxcheck::explore {

using model::QuantifierKind;
using model::Value;

// for_all: false at the first member without; exists: true at the first member with.
Operand ExpressionCompiler::quantified(const model::Quantified& x) {
  const bool for_all = x.kind == QuantifierKind::for_all;
  const Value otherwise = for_all ? 1 : 0;
  const std::int32_t result = fresh();
  std::vector<std::size_t> to_end;
  const std::size_t start = code_.instructions.size();
  bool decided = false;
  for (Value member = 0; member < instance_.size(x.over) && !decided; ++member) {
    surroundings_.bound[x.bound.number] = member;
    const Operand body = value(x.body);
    if (body.known) {
      decided = (*body.known != 0) != for_all;
    } else {
      emit({Op::copy, result, body.place, 0, 0, 0});
      to_end.push_back(emit({for_all ? Op::jump_if_zero : Op::jump_if_nonzero, 0, result, 0, 0, 0}));
    }
  }
  surroundings_.bound.erase(x.bound.number);
  if (decided) {
    code_.instructions.resize(start);
    return known(1 - otherwise);
  }
  if (to_end.empty()) return known(otherwise);
  // Behind the last jump the result is the last body's value, which is `otherwise`.
  for (std::size_t jump : to_end) land(jump);
  return {result, {}};
}

Operand ExpressionCompiler::counted(const model::Quantified& x) {
  Value surely = 0;
  std::int32_t sum = 0;
  bool begun = false;
  for (Value member = 0; member < instance_.size(x.over); ++member) {
    surroundings_.bound[x.bound.number] = member;
    const Operand body = value(x.body);
    if (body.known) {
      surely += *body.known != 0 ? 1 : 0;
    } else if (!begun) {
      sum = fresh();
      emit({Op::copy, sum, body.place, 0, 0, 0});
      begun = true;
    } else {
      emit({Op::add, sum, sum, body.place, 0, 0});
    }
  }
  surroundings_.bound.erase(x.bound.number);
  if (!begun) return known(surely);
  if (surely != 0) emit({Op::add, sum, sum, code_.constant(surely), 0, 0});
  return {sum, {}};
}

Operand ExpressionCompiler::in_region(const model::InRegion& in) {
  const model::Region& region = instance_.model().regions[in.region];
  const bool single = !instance_.model().threads[region.thread].over;
  const auto first = static_cast<Value>(instance_.cells().size() + instance_.thread(region.thread, 0));
  const Value size = single ? 1 : instance_.size(*instance_.model().threads[region.thread].over);
  const Operand member = in.member.empty() ? known(0) : value(in.member.front());
  const Operand label = member_of(known(first), member, size, 1);
  if (label.known) return at_one_of(static_cast<std::int32_t>(*label.known), region.labels);
  const std::int32_t loaded = fresh();
  emit({Op::load, loaded, label.place, 0, 0, 0});
  return at_one_of(loaded, region.labels);
}

// One bit test where the label numbers fit into a mask, else a chain of comparisons.
Operand ExpressionCompiler::at_one_of(std::int32_t label,
                                      const std::vector<model::Id<model::Label>>& labels) {
  const bool fits = std::all_of(labels.begin(), labels.end(), [](auto id) { return id.value < 62; });
  if (labels.empty()) return known(0);
  const Operand place{label, {}};
  if (fits) {
    Value mask = 0;
    for (auto id : labels) mask |= Value{1} << id.value;
    return computed(Op::contains, known(mask), place);
  }
  Operand any = computed(Op::equal, place, known(labels.front().value));
  for (std::size_t i = 1; i < labels.size(); ++i) {
    any = computed(Op::bit_or, any, computed(Op::equal, place, known(labels[i].value)));
  }
  return any;
}

} // namespace tdxcheck::explore
