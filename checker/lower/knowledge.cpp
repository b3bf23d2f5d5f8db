// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/knowledge.h"

#include <algorithm>

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "model/arithmetic.h"

namespace tdxcheck::lower {

using model::Expr;
using model::Value;

namespace {

constexpr Value largest_domain = 64;

std::optional<std::vector<Value>> range(std::optional<Value> low, std::optional<Value> high) {
  if (!low || !high || *high < *low) return {};
  Value width = 0;
  if (__builtin_sub_overflow(*high, *low, &width) || width >= largest_domain) return {};
  std::vector<Value> values;
  for (Value v = *low; v <= *high; ++v) values.push_back(v);
  return values;
}

std::optional<std::vector<Value>> values_of(const model::Model& model, const model::ScalarType& type) {
  const auto below = [](std::optional<Value> size) {
    return size ? range(0, *size - 1) : std::optional<std::vector<Value>>{};
  };
  const auto power = [&](std::optional<Value> width) {
    return width && *width >= 0 && *width <= 6 ? below(Value{1} << *width)
                                               : std::optional<std::vector<Value>>{};
  };
  const auto size = [&](model::Id<model::IndexSet> set) { return literal_value(model.sets[set].size); };
  return std::visit(
      Overloaded{
          [](const model::BoolType&) { return range(0, 1); },
          [](const model::IntegerType& x) { return range(literal_value(x.low), literal_value(x.high)); },
          [&](const model::BitsType& x) { return power(literal_value(x.width)); },
          [&](const model::EnumType& x) {
            return below(static_cast<Value>(model.enumerations[x.enumeration].constants.size()));
          },
          [&](const model::IndexType& x) { return below(size(x.set)); },
          [&](const model::OptionalIndexType& x) {
            return size(x.set) ? range(model::no_member, *size(x.set) - 1)
                               : std::optional<std::vector<Value>>{};
          },
          [&](const model::SubsetType& x) { return power(size(x.of)); },
      },
      type);
}

bool is_boolean(const Expr& e) { return e.sort().kind == model::SortKind::boolean; }

// What can be looked into: operators over atoms.
bool is_operator(const Expr& e) {
  return std::holds_alternative<model::Unary>(e.node().kind) ||
         std::holds_alternative<model::Binary>(e.node().kind) ||
         std::holds_alternative<model::Conditional>(e.node().kind) ||
         std::holds_alternative<model::Wrap>(e.node().kind);
}

bool is_logical(const Expr& e) {
  if (const auto* unary = std::get_if<model::Unary>(&e.node().kind))
    return unary->op == model::UnaryOp::logical_not;
  if (std::holds_alternative<model::Conditional>(e.node().kind)) return is_boolean(e);
  const auto* binary = std::get_if<model::Binary>(&e.node().kind);
  if (binary == nullptr) return false;
  using enum model::BinaryOp;
  return binary->op == logical_and || binary->op == logical_or || binary->op == implies ||
         ((binary->op == equal || binary->op == not_equal) && is_boolean(binary->left));
}

} // namespace

// All combinations of the atoms' values, one after the other, and the value of a condition under each.
class Knowledge::Trial {
public:
  explicit Trial(const std::vector<Atom>& atoms) : atoms_(atoms), chosen_(atoms.size(), 0) {}

  [[nodiscard]] static bool few_enough(const std::vector<Atom>& atoms) {
    std::size_t combinations = 1;
    for (const Atom& atom : atoms) {
      if (atom.possible.empty()) return false;
      combinations *= atom.possible.size();
      if (combinations > most_combinations) return false;
    }
    return true;
  }

  [[nodiscard]] bool next() {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      if (++chosen_[i] < atoms_[i].possible.size()) return true;
      chosen_[i] = 0;
    }
    return false;
  }

  [[nodiscard]] std::size_t chosen(std::size_t atom) const { return chosen_[atom]; }

  [[nodiscard]] std::optional<Value> value(const Expr& e) const {
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      if (atoms_[i].expression == e) return atoms_[i].possible[chosen_[i]];
    }
    return std::visit(Overloaded{
                          [](const model::Literal& x) { return std::optional<Value>{x.value}; },
                          [&](const model::Unary& x) { return unary(x); },
                          [&](const model::Binary& x) { return binary(x); },
                          [&](const model::Conditional& x) { return conditional(x); },
                          [&](const model::Wrap& x) { return wrap(x); },
                          [](const auto&) { return std::optional<Value>{}; },
                      },
                      e.node().kind);
  }

private:
  [[nodiscard]] std::optional<Value> unary(const model::Unary& x) const {
    const auto operand = value(x.operand);
    return operand ? model::apply(x.op, *operand) : std::nullopt;
  }
  [[nodiscard]] std::optional<Value> binary(const model::Binary& x) const {
    const auto left = value(x.left);
    if (left) {
      if (const auto answer = model::decided_by_left(x.op, *left)) return answer;
    }
    const auto right = value(x.right);
    if (left && right) return model::apply(x.op, *left, *right);
    return right ? model::decided_by_right(x.op, *right) : std::nullopt;
  }
  [[nodiscard]] std::optional<Value> conditional(const model::Conditional& x) const {
    const auto condition = value(x.condition);
    if (!condition) return {};
    return value(*condition != 0 ? x.then : x.otherwise);
  }
  [[nodiscard]] std::optional<Value> wrap(const model::Wrap& x) const {
    const auto width = value(x.width), operand = value(x.operand);
    return width && operand ? model::wrap(*width, *operand) : std::nullopt;
  }

  const std::vector<Atom>& atoms_;
  std::vector<std::size_t> chosen_;
};

std::optional<std::vector<Value>> Knowledge::domain(const Expr& atom) const {
  if (const auto* reference = std::get_if<model::VariableRef>(&atom.node().kind)) {
    return values_of(*model_, model_->variables[reference->variable].type.scalar);
  }
  const model::Thread& thread = model_->threads[thread_];
  if (std::holds_alternative<model::Self>(atom.node().kind) && thread.over) {
    return values_of(*model_, model::IndexType{*thread.over});
  }
  if (std::holds_alternative<model::BoundRef>(atom.node().kind)) {
    return values_of(*model_, model::IndexType{{atom.sort().of}});
  }
  if (is_boolean(atom)) return range(0, 1);
  return {};
}

void Knowledge::collect_atom(const Expr& e, std::vector<Atom>& atoms) const {
  const auto is_it = [&](const Atom& atom) { return atom.expression == e; };
  if (std::any_of(atoms.begin(), atoms.end(), is_it)) return;
  const auto known = std::find_if(known_.begin(), known_.end(), is_it);
  if (known != known_.end()) {
    atoms.push_back(*known);
  } else {
    atoms.push_back({e, domain(e).value_or(std::vector<Value>{})});
  }
}

// A comparison over a value with a large or unknown domain becomes an atom itself.
void Knowledge::collect(const Expr& e, std::vector<Atom>& atoms) const {
  if (literal_value(e)) return;
  if (!is_operator(e)) return collect_atom(e, atoms);
  std::vector<Atom> inside = atoms;
  for (const Expr& operand : operands(e)) collect(operand, inside);
  const bool all_have_values =
      std::all_of(inside.begin(), inside.end(), [](const Atom& atom) { return !atom.possible.empty(); });
  if (!is_boolean(e) || is_logical(e) || all_have_values) {
    atoms = std::move(inside);
  } else {
    collect_atom(e, atoms);
  }
}

std::optional<bool> Knowledge::decide(const Expr& condition) const {
  if (const auto value = literal_value(condition)) return *value != 0;
  std::vector<Atom> atoms;
  collect(condition, atoms);
  if (!Trial::few_enough(atoms)) return {};
  bool may_hold = false, may_fail = false;
  Trial trial(atoms);
  do {
    const auto value = trial.value(condition);
    may_hold = may_hold || !value || *value != 0;
    may_fail = may_fail || !value || *value == 0;
    if (may_hold && may_fail) return {};
  } while (trial.next());
  return may_hold;
}

bool Knowledge::assume(const Expr& condition) {
  if (const auto* binary = std::get_if<model::Binary>(&condition.node().kind)) {
    if (binary->op == model::BinaryOp::logical_and) return assume(binary->left) && assume(binary->right);
  }
  if (const auto value = literal_value(condition)) return *value != 0;
  std::vector<Atom> atoms;
  collect(condition, atoms);
  if (!Trial::few_enough(atoms)) return true;

  std::vector<std::vector<bool>> survives;
  for (const Atom& atom : atoms) survives.emplace_back(atom.possible.size(), false);
  Trial trial(atoms);
  do {
    const auto value = trial.value(condition);
    if (value && *value == 0) continue;
    for (std::size_t i = 0; i < atoms.size(); ++i) survives[i][trial.chosen(i)] = true;
  } while (trial.next());

  for (std::size_t i = 0; i < atoms.size(); ++i) {
    Atom narrowed{atoms[i].expression, {}};
    for (std::size_t v = 0; v < survives[i].size(); ++v) {
      if (survives[i][v]) narrowed.possible.push_back(atoms[i].possible[v]);
    }
    if (narrowed.possible.empty()) return false;
    std::erase_if(known_, [&](const Atom& atom) { return atom.expression == narrowed.expression; });
    known_.push_back(std::move(narrowed));
  }
  return true;
}

} // namespace tdxcheck::lower
