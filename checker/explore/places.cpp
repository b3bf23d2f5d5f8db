// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/places.h"

namespace tdxcheck::explore {

using model::BinaryOp;
using model::Expr;
using model::Value;

bool Place::is_one_cell() const {
  return std::ranges::all_of(at, [](const Member& m) { return m.kind == Member::Kind::constant; });
}

bool Place::is_determined() const {
  return std::ranges::all_of(at, [](const Member& m) { return m.kind != Member::Kind::any; });
}

PlaceReader::PlaceReader(const model::Instance& instance, std::size_t thread, const FieldSet& owned)
    : instance_(instance), thread_(instance.threads()[thread]), owned_(owned) {}

std::optional<Value> PlaceReader::constant(const Expr& expression, const Surroundings& here) const {
  const auto& kind = expression.node().kind;
  if (const auto* x = std::get_if<model::Literal>(&kind)) return x->value;
  if (std::holds_alternative<model::Self>(kind)) return here.self;
  if (const auto* x = std::get_if<model::BoundRef>(&kind)) {
    const auto found = here.bound.find(x->bound.number);
    if (found != here.bound.end()) return found->second;
  }
  return {};
}

Member PlaceReader::member(const Expr& index, const Surroundings& here) const {
  if (const auto value = constant(index, here)) return {Member::Kind::constant, *value};
  const auto* local = std::get_if<model::VariableRef>(&index.node().kind);
  if (local == nullptr) return {};
  const Place place = this->place(*local, here);
  if (!place.is_one_cell()) return {};
  std::vector<Value> at;
  for (std::size_t d = 0; d < place.at.size(); ++d) {
    at.push_back(place.at[d].value);
    if (at.back() < 0 || at.back() >= instance_.size(instance_.dimensions(place.variable)[d])) return {};
  }
  const std::size_t cell = instance_.cell(place.variable, at);
  if (!owned_.has(cell)) return {};
  return {Member::Kind::local, static_cast<Value>(cell)};
}

Place PlaceReader::place(const model::VariableRef& reference, const Surroundings& here) const {
  Place place{reference.variable, {}};
  for (const Expr& index : reference.at) place.at.push_back(member(index, here));
  return place;
}

FieldSet PlaceReader::cells(const Place& place) const {
  FieldSet result(instance_.cells().size() + instance_.threads().size());
  const auto& dimensions = instance_.dimensions(place.variable);
  std::vector<std::size_t> found{instance_.first_cell(place.variable)};
  std::size_t stride = 1;
  for (std::size_t d = dimensions.size(); d-- > 0;) {
    const Value size = instance_.size(dimensions[d]);
    const bool one = place.at[d].kind == Member::Kind::constant;
    if (one && (place.at[d].value < 0 || place.at[d].value >= size)) return result;
    std::vector<std::size_t> more;
    for (Value member = one ? place.at[d].value : 0; member < (one ? place.at[d].value + 1 : size); ++member)
      for (const std::size_t cell : found) more.push_back(cell + static_cast<std::size_t>(member) * stride);
    found = std::move(more);
    stride *= static_cast<std::size_t>(size);
  }
  for (const std::size_t cell : found) result.add(cell);
  return result;
}

namespace {

// Every expression directly below, without those that a quantifier binds.
template <class F>
void every_operand(const Expr& expression, F f) {
  struct Visitor {
    F& f;
    void operator()(const model::Unary& x) { f(x.operand); }
    void operator()(const model::Binary& x) { f(x.left), f(x.right); }
    void operator()(const model::Conditional& x) { f(x.condition), f(x.then), f(x.otherwise); }
    void operator()(const model::Wrap& x) { f(x.operand); }
    void operator()(const model::VariableRef& x) {
      for (const Expr& index : x.at) f(index);
    }
    void operator()(const model::InRegion& x) {
      for (const Expr& index : x.member) f(index);
    }
    void operator()(const model::Quantified&) {}
    void operator()(const model::Literal&) {}
    void operator()(const model::ParameterRef&) {}
    void operator()(const model::Kept&) {}
    void operator()(const model::Self&) {}
    void operator()(const model::BoundRef&) {}
  };
  std::visit(Visitor{f}, expression.node().kind);
}

template <class F>
void every_member(const model::Instance& instance, const model::Quantified& quantified,
                  const Surroundings& here, F f) {
  Surroundings inside = here;
  for (Value member = 0; member < instance.size(quantified.over); ++member) {
    inside.bound[quantified.bound.number] = member;
    f(inside);
  }
}

} // namespace

namespace {

bool is_about_one_member(const model::Binary* binary) {
  return binary != nullptr && (binary->op == BinaryOp::contains || binary->op == BinaryOp::with ||
                               binary->op == BinaryOp::without);
}

} // namespace

void PlaceReader::add_glances(const Expr& expression, const Surroundings& here,
                              std::vector<Glance>& glances) const {
  if (expression.empty()) return;
  const auto& kind = expression.node().kind;
  const auto add = [&](const Glance& glance) {
    if (std::ranges::find(glances, glance) == glances.end()) glances.push_back(glance);
  };
  if (const auto* x = std::get_if<model::Binary>(&kind); is_about_one_member(x)) {
    const auto* reference = std::get_if<model::VariableRef>(&x->left.node().kind);
    const auto member = constant(x->right, here);
    if (reference != nullptr && member && *member >= 0) {
      add({place(*reference, here), *member});
      for (const Expr& index : reference->at) add_glances(index, here, glances);
      return;
    }
  }
  if (const auto* x = std::get_if<model::VariableRef>(&kind)) add({place(*x, here), Glance::all});
  if (const auto* x = std::get_if<model::Quantified>(&kind))
    every_member(instance_, *x, here,
                 [&](const Surroundings& inside) { add_glances(x->body, inside, glances); });
  every_operand(expression, [&](const Expr& operand) { add_glances(operand, here, glances); });
}

std::optional<Value> PlaceReader::changed_member(const Place& place, const Expr& value,
                                                 const Surroundings& here) const {
  const auto* x = std::get_if<model::Binary>(&value.node().kind);
  if (!is_about_one_member(x) || x->op == BinaryOp::contains || !place.is_determined()) return {};
  const auto* before = std::get_if<model::VariableRef>(&x->left.node().kind);
  const auto member = constant(x->right, here);
  if (before == nullptr || !member || *member < 0 || this->place(*before, here) != place) return {};
  return member;
}

void PlaceReader::add_labels(const Expr& expression, const Surroundings& here, FieldSet& fields) const {
  if (const auto* x = std::get_if<model::InRegion>(&expression.node().kind)) {
    const auto thread = instance_.model().regions[x->region].thread;
    const auto one = x->member.empty() ? std::optional<Value>(0) : constant(x->member.front(), here);
    for (std::size_t t = 0; t < instance_.threads().size(); ++t)
      if (instance_.threads()[t].thread == thread && (!one || instance_.threads()[t].member == *one))
        fields.add(instance_.cells().size() + t);
  }
  if (const auto* x = std::get_if<model::Quantified>(&expression.node().kind))
    every_member(instance_, *x, here,
                 [&](const Surroundings& inside) { add_labels(x->body, inside, fields); });
  every_operand(expression, [&](const Expr& operand) { add_labels(operand, here, fields); });
}

FieldSet PlaceReader::fields(const Expr& expression, const Surroundings& here) const {
  FieldSet result(instance_.cells().size() + instance_.threads().size());
  if (expression.empty()) return result;
  std::vector<Glance> glances;
  add_glances(expression, here, glances);
  for (const Glance& glance : glances) result |= cells(glance.place);
  add_labels(expression, here, result);
  return result;
}

// ---- what a guard requires

void PlaceReader::require_equal(const Expr& a, const Expr& b, const Surroundings& here,
                                std::vector<Required>& required) const {
  const auto* reference = std::get_if<model::VariableRef>(&a.node().kind);
  if (reference == nullptr) return;
  if (const auto value = constant(b, here)) required.push_back({place(*reference, here), *value});
}

// a <= b where the one is at the end of the other's range.
void PlaceReader::require_at_most(const Expr& a, const Expr& b, bool strictly, const Surroundings& here,
                                  std::vector<Required>& required) const {
  const auto* reference = std::get_if<model::VariableRef>(&a.node().kind);
  const auto bound = constant(b, here);
  if (reference == nullptr || !bound) return;
  const Value low = instance_.cells()[instance_.first_cell(reference->variable)].low;
  if ((strictly ? *bound - 1 : *bound) == low) required.push_back({place(*reference, here), low});
}

void PlaceReader::add_required(const Expr& condition, bool is_true, const Surroundings& here,
                               std::vector<Required>& required) const {
  if (condition.empty()) return;
  const auto& kind = condition.node().kind;
  if (const auto* x = std::get_if<model::VariableRef>(&kind))
    required.push_back({place(*x, here), is_true ? 1 : 0});
  if (const auto* x = std::get_if<model::Unary>(&kind); x != nullptr && x->op == model::UnaryOp::logical_not)
    add_required(x->operand, !is_true, here, required);
  if (const auto* x = std::get_if<model::Quantified>(&kind)) {
    const auto all = is_true ? model::QuantifierKind::for_all : model::QuantifierKind::exists;
    if (x->kind == all)
      every_member(instance_, *x, here,
                   [&](const Surroundings& inside) { add_required(x->body, is_true, inside, required); });
  }
  const auto* x = std::get_if<model::Binary>(&kind);
  if (x == nullptr) return;
  switch (x->op) {
  case BinaryOp::logical_and:
    if (is_true) add_required(x->left, true, here, required), add_required(x->right, true, here, required);
    break;
  case BinaryOp::logical_or:
    if (!is_true) add_required(x->left, false, here, required), add_required(x->right, false, here, required);
    break;
  case BinaryOp::implies:
    if (!is_true) add_required(x->left, true, here, required), add_required(x->right, false, here, required);
    break;
  case BinaryOp::equal:
  case BinaryOp::not_equal:
    if (is_true != (x->op == BinaryOp::equal)) break;
    require_equal(x->left, x->right, here, required);
    require_equal(x->right, x->left, here, required);
    break;
  case BinaryOp::less: // a < b; its contrary is b <= a
    if (is_true) require_at_most(x->left, x->right, true, here, required);
    else require_at_most(x->right, x->left, false, here, required);
    break;
  case BinaryOp::less_equal:
    if (is_true) require_at_most(x->left, x->right, false, here, required);
    else require_at_most(x->right, x->left, true, here, required);
    break;
  default: break;
  }
}

} // namespace tdxcheck::explore
