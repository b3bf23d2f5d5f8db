// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/name_members.h"

#include <algorithm>
#include <vector>

#include "prove/rewrite.h"

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Id;
using model::IndexSet;
using model::QuantifierKind;
using model::Value;

constexpr Value most_counted = 3; // more members than that are not told one by one

template <class T>
const T* as(const Expr& e) {
  return std::get_if<T>(&e.node().kind);
}

std::optional<Value> number_in(const Expr& e) {
  const auto* literal = as<model::Literal>(e);
  return literal != nullptr ? std::optional(literal->value) : std::nullopt;
}

std::optional<model::Quantified> count_in(const Expr& e) {
  const auto* quantified = as<model::Quantified>(e);
  if (quantified == nullptr || quantified->kind != QuantifierKind::count) return {};
  return *quantified;
}

// Surely a member that the step names in another way.
bool has_a_name(const Expr& member) {
  return as<model::Self>(member) != nullptr || as<model::BoundRef>(member) != nullptr;
}

// The dimensions of a variable.
std::vector<Id<IndexSet>> dimensions_of(const model::Model& model, Id<model::Variable> id) {
  const model::Variable& variable = model.variables[id];
  std::vector<Id<IndexSet>> all;
  if (const auto* member = std::get_if<model::MemberScope>(&variable.scope)) all.push_back(member->set);
  if (const auto* local = std::get_if<model::LocalScope>(&variable.scope))
    if (const auto& over = model.threads[local->thread].over) all.push_back(*over);
  all.insert(all.end(), variable.type.array_of.begin(), variable.type.array_of.end());
  return all;
}

void add_put_or_taken(const Expr& e, std::vector<Expr>& found) {
  if (as<model::Quantified>(e) != nullptr) return; // of nobody in particular
  const auto* binary = as<model::Binary>(e);
  const bool changes = binary != nullptr && (binary->op == BinaryOp::with || binary->op == BinaryOp::without);
  if (changes && !has_a_name(binary->right) && std::ranges::count(found, binary->right) == 0)
    found.push_back(binary->right);
  for (const Expr& part : operands(e)) add_put_or_taken(part, found);
}

// Members that it writes to, puts into a subset or takes out, other than by a name.
std::vector<Expr> changed_by(const model::Model& model, const model::Step& step, Id<IndexSet> set) {
  std::vector<Expr> computed;
  for (const model::Update& update : step.updates) {
    const auto dimensions = dimensions_of(model, update.target.variable);
    for (std::size_t d = 0; d < dimensions.size(); ++d) {
      const Expr& at = update.target.at[d];
      if (dimensions[d] == set && !has_a_name(at) && std::ranges::count(computed, at) == 0)
        computed.push_back(at);
    }
    for (const Expr& member : put_or_taken(update.value))
      if (member.sort().of == set.value && std::ranges::count(computed, member) == 0)
        computed.push_back(member);
  }
  return computed;
}

Value named_by(const model::Model& model, const model::Thread& thread, const model::Step& step,
               Id<IndexSet> set) {
  Value named = thread.over == set ? 1 : 0;
  for (const model::Choice& choice : step.choices) named += choice.set == set ? 1 : 0;
  return named + static_cast<Value>(changed_by(model, step, set).size());
}

void add_read(const model::Model& model, const Expr& e, Id<IndexSet> set, std::vector<Expr>& found) {
  if (as<model::Quantified>(e) != nullptr) return; // of nobody in particular
  if (const auto* read = as<model::VariableRef>(e)) {
    const auto dimensions = dimensions_of(model, read->variable);
    for (std::size_t d = 0; d < dimensions.size(); ++d)
      if (dimensions[d] == set && !has_a_name(read->at[d]) && as<model::Literal>(read->at[d]) == nullptr &&
          std::ranges::count(found, read->at[d]) == 0)
        found.push_back(read->at[d]);
  }
  for (const Expr& part : operands(e)) add_read(model, part, set, found);
}

} // namespace

std::vector<Expr> put_or_taken(const Expr& value) {
  std::vector<Expr> found;
  add_put_or_taken(value, found);
  return found;
}

std::optional<CountedAtMost> counted_at_most(const Expr& e) {
  const auto* binary = as<model::Binary>(e);
  if (binary == nullptr) return {};
  const auto counted = count_in(binary->left);
  const auto limit = number_in(binary->right);
  if (!counted || !limit) return {};
  std::optional<Value> most;
  if (binary->op == BinaryOp::less_equal) most = *limit;
  if (binary->op == BinaryOp::less) most = *limit - 1;
  if (binary->op == BinaryOp::equal && *limit == 0) most = 0;
  if (!most || *most < 0 || *most >= most_counted) return {};
  return CountedAtMost{*counted, *most};
}

std::optional<Expr> negated_inside(const Expr& e) {
  if (const auto* unary = as<model::Unary>(e))
    return unary->op == model::UnaryOp::logical_not ? std::optional(unary->operand) : std::nullopt;
  if (const auto* binary = as<model::Binary>(e)) {
    const Expr no_left = model::negation(binary->left), no_right = model::negation(binary->right);
    if (binary->op == BinaryOp::logical_and) return model::disjunction(no_left, no_right);
    if (binary->op == BinaryOp::logical_or) return model::conjunction(no_left, no_right);
    if (binary->op == BinaryOp::implies) return model::conjunction(binary->left, no_right);
  }
  if (const auto* quantified = as<model::Quantified>(e); quantified != nullptr) {
    if (quantified->kind == QuantifierKind::count) return {};
    const auto other =
        quantified->kind == QuantifierKind::exists ? QuantifierKind::for_all : QuantifierKind::exists;
    return model::make(e.sort(), model::Quantified{other, quantified->bound, quantified->over,
                                                   model::negation(quantified->body)});
  }
  return {};
}

Value witnesses(const Expr& e, Id<IndexSet> set) {
  if (const auto counted = counted_at_most(e)) return counted->counted.over == set ? counted->most + 1 : 0;
  if (const auto* unary = as<model::Unary>(e)) {
    if (unary->op != model::UnaryOp::logical_not) return 0;
    const auto inside = negated_inside(unary->operand);
    return inside ? witnesses(*inside, set) : 0;
  }
  if (const auto* binary = as<model::Binary>(e)) {
    const auto right = [&] { return witnesses(binary->right, set); };
    if (binary->op == BinaryOp::logical_and) return std::max(witnesses(binary->left, set), right());
    if (binary->op == BinaryOp::logical_or) return witnesses(binary->left, set) + right();
    return binary->op == BinaryOp::implies ? right() : 0;
  }
  if (const auto* quantified = as<model::Quantified>(e))
    if (quantified->kind == QuantifierKind::for_all)
      return (quantified->over == set ? 1 : 0) + witnesses(quantified->body, set);
  return 0;
}

Value named_by_a_step(const model::Model& model, Id<IndexSet> set) {
  Value most = 1;
  for (const model::Thread& thread : model.threads)
    for (const model::Step& step : thread.steps) most = std::max(most, named_by(model, thread, step, set));
  return most;
}

std::vector<Expr> named_to_be_read(const model::Model& model, const model::Thread& thread,
                                   const model::Step& step, Id<IndexSet> set, Value most) {
  std::vector<Expr> read;
  if (!step.guard.empty()) add_read(model, step.guard, set, read);
  for (const model::NamedConjunct& conjunct : step.named) add_read(model, conjunct.condition, set, read);
  for (const model::Update& update : step.updates) {
    add_read(model, update.value, set, read);
    for (const Expr& at : update.target.at) add_read(model, at, set, read);
  }
  for (const model::Fact& fact : step.facts)
    if (const auto* assertion = std::get_if<model::Assertion>(&fact))
      add_read(model, assertion->holds, set, read);
  const std::vector<Expr> changed = changed_by(model, step, set);
  std::erase_if(read, [&](const Expr& member) { return std::ranges::count(changed, member) > 0; });
  const Value left = most - named_by(model, thread, step, set);
  if (static_cast<Value>(read.size()) > left) read.resize(static_cast<std::size_t>(std::max(left, Value{0})));
  return read;
}

Value members_to_name(const model::Model& model, Id<IndexSet> set) {
  Value by_claim = most_quantified;
  for (const model::Property& property : model.properties)
    if (const auto* always = std::get_if<model::Always>(&property.claim))
      by_claim = std::max(by_claim, witnesses(always->condition, set));
  return named_by_a_step(model, set) + by_claim;
}

} // namespace tdxcheck::prove
