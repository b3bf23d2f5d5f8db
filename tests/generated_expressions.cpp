// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/generated_expressions.h"

#include "tests/sample_models.h"

namespace tdxcheck::tests {

using namespace model;

namespace {

std::vector<Id<IndexSet>> dimensions(const Model& model, const Variable& variable) {
  std::vector<Id<IndexSet>> all;
  if (const auto* scope = std::get_if<MemberScope>(&variable.scope)) all.push_back(scope->set);
  if (const auto* scope = std::get_if<LocalScope>(&variable.scope))
    if (const auto over = model.threads[scope->thread].over) all.push_back(*over);
  all.insert(all.end(), variable.type.array_of.begin(), variable.type.array_of.end());
  return all;
}

bool is_scalar(const Variable& variable) { return variable.type.array_of.empty(); }

Expr compared(Dice& dice, Expr a, Expr b) {
  static const std::vector<BinaryOp> ways = {BinaryOp::equal, BinaryOp::not_equal, BinaryOp::less,
                                             BinaryOp::less_equal};
  return binary(dice.pick(ways), std::move(a), std::move(b));
}

Expr same_or_not(Dice& dice, Expr a, Expr b) {
  return binary(dice.chance(60) ? BinaryOp::equal : BinaryOp::not_equal, std::move(a), std::move(b));
}

} // namespace

std::vector<Id<Variable>> ExpressionMaker::visible() const {
  std::vector<Id<Variable>> all;
  for (const auto id : model().variables.ids()) {
    const Variable& variable = model().variables[id];
    const auto* local = std::get_if<LocalScope>(&variable.scope);
    const bool own = local != nullptr && here_.thread == local->thread;
    if (here_.silent ? own && is_scalar(variable) : own || local == nullptr) all.push_back(id);
  }
  return all;
}

Expr ExpressionMaker::index(Id<IndexSet> set) {
  std::vector<Expr> ways = {literal({SortKind::index, set.value}, 0)};
  if (here_.thread && here_.with_self && model().threads[*here_.thread].over == set) {
    ways.push_back(self(set));
    ways.push_back(self(set));
  }
  for (const auto& [name, over] : here_.bound)
    if (over == set) ways.insert(ways.end(), 2, tests::bound(name, set));
  for (const auto id : visible()) {
    const Variable& variable = model().variables[id];
    const auto* type = std::get_if<IndexType>(&variable.type.scalar);
    if (type != nullptr && type->set == set && dimensions(model(), variable).empty())
      ways.push_back(read(model(), id));
  }
  return dice_.pick(ways);
}

VariableRef ExpressionMaker::reference(Id<Variable> variable) {
  const Variable& row = model().variables[variable];
  VariableRef made{variable, {}};
  for (const auto set : dimensions(model(), row)) {
    // A thread's local is its own.
    const bool own = made.at.empty() && std::holds_alternative<LocalScope>(row.scope);
    made.at.push_back(own ? self(set) : index(set));
  }
  return made;
}

Expr ExpressionMaker::cell(Id<Variable> variable) {
  VariableRef made = reference(variable);
  return read(model(), variable, std::move(made.at));
}

Expr ExpressionMaker::about(Id<Variable> variable) {
  const Expr value = cell(variable);
  const Sort sort = value.sort();
  switch (sort.kind) {
  case SortKind::boolean: return dice_.chance(50) ? value : negation(value);
  case SortKind::integer:
    return dice_.chance(30) && !here_.silent ? compared(dice_, value, number(1))
                                             : compared(dice_, value, integer(dice_.between(0, 2)));
  case SortKind::bits: {
    const Expr mask = binary(BinaryOp::bit_and, value, literal(sort, dice_.between(1, 3)));
    return same_or_not(dice_, mask, literal(sort, dice_.between(0, 2)));
  }
  case SortKind::enumeration: {
    const auto constants = model().enumerations[Id<Enumeration>{sort.of}].constants.size();
    return same_or_not(dice_, value, literal(sort, static_cast<Value>(dice_.below(constants))));
  }
  case SortKind::index: return same_or_not(dice_, value, index(Id<IndexSet>{sort.of}));
  case SortKind::optional_index:
    return same_or_not(dice_, value,
                       dice_.chance(60) ? literal(sort, no_member) : index(Id<IndexSet>{sort.of}));
  case SortKind::subset: {
    if (dice_.chance(60)) return binary(BinaryOp::contains, value, index(Id<IndexSet>{sort.of}));
    if (dice_.chance(50)) return compared(dice_, unary(UnaryOp::cardinality, value), integer(1));
    return binary(BinaryOp::included, value, literal(sort, dice_.between(0, 1)));
  }
  }
  return about_parameter();
}

Expr ExpressionMaker::about_parameter() {
  if (!model().guards.empty() && dice_.chance(15)) return make({}, Kept{Id<GuardName>{0}});
  if (model().parameters.empty()) return truth(dice_.chance(50));
  const Id<Parameter> id{static_cast<std::uint32_t>(dice_.below(model().parameters.size()))};
  const Expr value = parameter(model(), id);
  const Sort sort = value.sort();
  if (sort.kind == SortKind::boolean) return dice_.chance(50) ? value : negation(value);
  if (sort.kind == SortKind::enumeration)
    return same_or_not(dice_, value, literal(sort, dice_.between(0, 1)));
  return compared(dice_, value, integer(dice_.between(0, 2)));
}

Expr ExpressionMaker::in_some_region() {
  const Id<Region> id{static_cast<std::uint32_t>(dice_.below(model().regions.size()))};
  const auto over = model().threads[model().regions[id].thread].over;
  return in_region(id, over ? std::vector<Expr>{index(*over)} : std::vector<Expr>{});
}

Expr ExpressionMaker::atom() {
  if (here_.thread && here_.with_self && dice_.chance(10)) {
    if (const auto over = model().threads[*here_.thread].over)
      return same_or_not(dice_, self(*over), literal({SortKind::index, over->value}, 0));
  }
  if (!here_.silent && !model().regions.empty() && dice_.chance(15)) return in_some_region();
  const auto seen = visible();
  return seen.empty() || dice_.chance(12) ? about_parameter() : about(dice_.pick(seen));
}

Expr ExpressionMaker::quantified(int depth) {
  const Id<IndexSet> set{static_cast<std::uint32_t>(dice_.below(model().sets.size()))};
  const BoundName name{(*here_.next_bound)++, "q"};
  Surroundings inside = here_;
  inside.bound.emplace_back(name, set);
  ExpressionMaker maker(dice_, inside);
  const Expr body = maker.condition(depth - 1);
  if (dice_.chance(30)) return compared(dice_, tests::count(name, set, body), integer(dice_.between(0, 2)));
  return dice_.chance(50) ? for_all(name, set, body) : exists(name, set, body);
}

Expr ExpressionMaker::condition(int depth) {
  if (depth <= 0) return atom();
  switch (dice_.below(here_.silent || model().sets.empty() ? 7 : 9)) {
  case 0: return conjunction(condition(depth - 1), condition(depth - 1));
  case 1: return binary(BinaryOp::logical_or, condition(depth - 1), condition(depth - 1));
  case 2: return negation(condition(depth - 1));
  case 3: return binary(BinaryOp::implies, condition(depth - 1), condition(depth - 1));
  case 4: return conditional(atom(), condition(depth - 1), condition(depth - 1));
  case 7:
  case 8: return quantified(depth);
  default: return atom();
  }
}

Expr ExpressionMaker::number(int depth) {
  std::vector<Expr> ways = {integer(dice_.between(0, 2))};
  for (const auto id : visible()) {
    const Sort sort = sort_of(model().variables[id].type.scalar);
    if (sort.kind == SortKind::integer) ways.push_back(cell(id));
    if (sort.kind == SortKind::subset) ways.push_back(unary(UnaryOp::cardinality, cell(id)));
  }
  if (depth > 0) {
    const BinaryOp op = dice_.chance(60)   ? BinaryOp::add
                        : dice_.chance(60) ? BinaryOp::subtract
                                           : BinaryOp::multiply;
    ways.push_back(binary(op, number(depth - 1), number(depth - 1)));
    ways.push_back(conditional(atom(), number(depth - 1), number(depth - 1)));
    ways.push_back(unary(UnaryOp::negate, number(depth - 1)));
  }
  return dice_.pick(ways);
}

Expr ExpressionMaker::value_for(const VariableRef& target, Expr& step_guard) {
  const Variable& row = model().variables[target.variable];
  const Expr now = read(model(), target.variable, target.at);
  const Sort sort = sort_of(row.type.scalar);
  switch (sort.kind) {
  case SortKind::boolean: return dice_.chance(70) ? truth(dice_.chance(60)) : condition(1);
  case SortKind::integer: {
    const auto& type = std::get<IntegerType>(row.type.scalar);
    if (dice_.chance(40)) return type.low;
    const Expr more = binary(BinaryOp::add, now, integer(1));
    const Expr fits = binary(BinaryOp::less, now, type.high);
    if (dice_.chance(40)) return conditional(fits, more, type.low);
    if (dice_.chance(40)) return conditional(fits, type.high, now);
    step_guard = conjunction(step_guard, fits);
    return more;
  }
  case SortKind::bits: {
    static const std::vector<BinaryOp> ways = {BinaryOp::add,     BinaryOp::subtract,   BinaryOp::multiply,
                                               BinaryOp::bit_xor, BinaryOp::shift_left, BinaryOp::shift_right,
                                               BinaryOp::bit_or};
    const Expr result = binary(dice_.pick(ways), now, literal(sort, dice_.between(0, 2)));
    return make(sort, Wrap{std::get<BitsType>(row.type.scalar).width, result});
  }
  case SortKind::enumeration: {
    const auto constants = static_cast<int>(model().enumerations[Id<Enumeration>{sort.of}].constants.size());
    const Expr constant = literal(sort, dice_.between(0, constants - 1));
    return dice_.chance(70) ? constant : conditional(atom(), constant, now);
  }
  case SortKind::index: return index(Id<IndexSet>{sort.of});
  case SortKind::optional_index:
    return dice_.chance(40) ? literal(sort, no_member) : index(Id<IndexSet>{sort.of});
  case SortKind::subset: {
    const Expr member = index(Id<IndexSet>{sort.of});
    if (dice_.chance(60)) return binary(dice_.chance(60) ? BinaryOp::with : BinaryOp::without, now, member);
    static const std::vector<BinaryOp> ways = {BinaryOp::unite, BinaryOp::intersect, BinaryOp::minus};
    return binary(dice_.pick(ways), now, literal(sort, dice_.between(0, 1)));
  }
  }
  return truth(false);
}

} // namespace tdxcheck::tests
