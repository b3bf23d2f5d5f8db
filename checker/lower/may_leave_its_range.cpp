// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/may_leave_its_range.h"

#include "lower/fold.h"

namespace tdxcheck::lower {

using model::BinaryOp;
using model::Expr;

namespace {

std::optional<model::Id<model::IndexSet>> set_of(const model::ScalarType& type) {
  if (const auto* index = std::get_if<model::IndexType>(&type)) return index->set;
  if (const auto* index = std::get_if<model::OptionalIndexType>(&type)) return index->set;
  if (const auto* subset = std::get_if<model::SubsetType>(&type)) return subset->of;
  return {};
}

// Whatever the size of the set: a member that somebody is, none, the empty subset.
bool exists_at_any_size(const model::Model& model, const model::ScalarType& type, const Expr& value) {
  const model::SortKind kind = value.sort().kind;
  if (const auto known = literal_value(value)) {
    if (std::holds_alternative<model::OptionalIndexType>(type) && *known == model::no_member) return true;
    return *known == 0;
  }
  if (kind == model::SortKind::index)
    return std::holds_alternative<model::Self>(value.node().kind) ||
           std::holds_alternative<model::BoundRef>(value.node().kind) ||
           std::holds_alternative<model::VariableRef>(value.node().kind);
  const auto* read = std::get_if<model::VariableRef>(&value.node().kind);
  return read != nullptr && kind == model::sort_of(type).kind &&
         model.variables[read->variable].type.scalar == type;
}

} // namespace

std::optional<Knowledge> known_before(const model::Model& model, model::Id<model::Thread> thread,
                                      const model::Step& step) {
  Knowledge known(model, thread);
  Expr guard = step.guard;
  for (const model::NamedConjunct& conjunct : step.named)
    guard = model::conjunction(guard, conjunct.condition);
  if (!known.assume(guard)) return {};
  return known;
}

bool may_leave_its_range(const model::Instance& instance, const Knowledge& known,
                         const model::Update& update) {
  // Of a range that depends on a parameter left free, one value of it says nothing.
  const model::ScalarType& type = instance.model().variables[update.target.variable].type.scalar;
  if (const auto* integer = std::get_if<model::IntegerType>(&type);
      integer != nullptr && (!literal_value(integer->low) || !literal_value(integer->high)))
    return true;
  const auto set = set_of(type);
  if (set && !literal_value(instance.model().sets[*set].size))
    return !exists_at_any_size(instance.model(), type, update.value);
  const model::Cell& cell = instance.cells()[instance.first_cell(update.target.variable)];
  const model::Sort& sort = update.value.sort();
  const Expr low = model::literal(sort, cell.low), high = model::literal(sort, cell.high);
  const Expr in_range = model::conjunction(model::binary(BinaryOp::less_equal, low, update.value),
                                           model::binary(BinaryOp::less_equal, update.value, high));
  return known.decide(simplify(instance.model(), in_range)) != true;
}

bool has_an_initial_value(const model::Instance& instance, model::Id<model::Variable> variable) {
  const auto& initial = instance.model().variables[variable].initial;
  const auto value = initial ? literal_value(*initial) : std::nullopt;
  const model::Cell& cell = instance.cells()[instance.first_cell(variable)];
  return value && cell.low <= *value && *value <= cell.high;
}

} // namespace tdxcheck::lower
