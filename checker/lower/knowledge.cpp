// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/knowledge.h"

#include <algorithm>
#include <array>

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

// What can be looked into: operators over atoms.
bool is_operator(const Expr& e) {
  return std::holds_alternative<model::Unary>(e.node().kind) ||
         std::holds_alternative<model::Binary>(e.node().kind) ||
         std::holds_alternative<model::Conditional>(e.node().kind) ||
         std::holds_alternative<model::Wrap>(e.node().kind);
}

template <class F>
void each_operand(const Expr& e, const F& f) {
  std::visit(Overloaded{
                 [&](const model::Unary& x) { f(x.operand); },
                 [&](const model::Binary& x) { f(x.left), f(x.right); },
                 [&](const model::Conditional& x) { f(x.condition), f(x.then), f(x.otherwise); },
                 [&](const model::Wrap& x) { f(x.width), f(x.operand); },
                 [](const auto&) {},
             },
             e.node().kind);
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

// All combinations of the atoms' values, one after the other, and the value of a condition under each. What
// the condition is made of is looked at once, for comparing its parts with the atoms is what takes the time.
class Knowledge::Trial {
public:
  Trial(const std::vector<Atom>& atoms, const Expr& condition)
      : atoms_(atoms), chosen_(atoms.size(), 0), whole_(built(condition)) {}

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
  [[nodiscard]] std::optional<Value> value() const { return value(whole_); }

private:
  struct Part {
    const Expr* expression;
    std::optional<std::size_t> atom = {};
    std::array<std::size_t, 3> operands = {}; // positions
  };

  std::size_t built(const Expr& e) {
    Part part{&e};
    for (std::size_t i = 0; i < atoms_.size() && !part.atom; ++i)
      if (atoms_[i].expression == e) part.atom = i;
    std::size_t operand = 0;
    if (!part.atom && is_operator(e))
      each_operand(e, [&](const Expr& one) { part.operands.at(operand++) = built(one); });
    parts_.push_back(part);
    return parts_.size() - 1;
  }

  [[nodiscard]] std::optional<Value> value(std::size_t at) const {
    const Part& part = parts_[at];
    if (part.atom) return atoms_[*part.atom].possible[chosen_[*part.atom]];
    const auto& [a, b, c] = part.operands;
    return std::visit(
        Overloaded{
            [](const model::Literal& x) { return std::optional<Value>{x.value}; },
            [&, a = a](const model::Unary& x) { return unary(x.op, a); },
            [&, a = a, b = b](const model::Binary& x) { return binary(x.op, a, b); },
            [&, a = a, b = b, c = c](const model::Conditional&) { return conditional(a, b, c); },
            [&, a = a, b = b](const model::Wrap&) { return wrap(a, b); },
            [](const auto&) { return std::optional<Value>{}; },
        },
        part.expression->node().kind);
  }
  [[nodiscard]] std::optional<Value> unary(model::UnaryOp op, std::size_t a) const {
    const auto operand = value(a);
    return operand ? model::apply(op, *operand) : std::nullopt;
  }
  [[nodiscard]] std::optional<Value> binary(model::BinaryOp op, std::size_t a, std::size_t b) const {
    const auto left = value(a);
    if (left) {
      if (const auto answer = model::decided_by_left(op, *left)) return answer;
    }
    const auto right = value(b);
    if (left && right) return model::apply(op, *left, *right);
    return right ? model::decided_by_right(op, *right) : std::nullopt;
  }
  [[nodiscard]] std::optional<Value> conditional(std::size_t condition, std::size_t then,
                                                 std::size_t otherwise) const {
    const auto decided = value(condition);
    if (!decided) return {};
    return value(*decided != 0 ? then : otherwise);
  }
  [[nodiscard]] std::optional<Value> wrap(std::size_t places, std::size_t wrapped) const {
    const auto width = value(places), operand = value(wrapped);
    return width && operand ? model::wrap(*width, *operand) : std::nullopt;
  }

  const std::vector<Atom>& atoms_;
  std::vector<std::size_t> chosen_;
  std::vector<Part> parts_; // operands before what they are operands of
  std::size_t whole_;
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
  const std::size_t before = atoms.size();
  each_operand(e, [&](const Expr& operand) { collect(operand, atoms); });
  const auto has_values = [](const Atom& atom) { return !atom.possible.empty(); };
  if (!is_boolean(e) || is_logical(e) || std::all_of(atoms.begin(), atoms.end(), has_values)) return;
  atoms.erase(atoms.begin() + static_cast<std::ptrdiff_t>(before), atoms.end());
  collect_atom(e, atoms);
}

std::optional<bool> Knowledge::decide(const Expr& condition) const {
  if (const auto value = literal_value(condition)) return *value != 0;
  std::vector<Atom> atoms;
  collect(condition, atoms);
  if (!Trial::few_enough(atoms)) return {};
  bool may_hold = false, may_fail = false;
  Trial trial(atoms, condition);
  do {
    const auto value = trial.value();
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
  std::size_t excluded = 0;
  for (const Atom& atom : atoms) {
    survives.emplace_back(atom.possible.size(), false);
    excluded += atom.possible.size();
  }
  Trial trial(atoms, condition);
  do {
    const auto value = trial.value();
    if (value && *value == 0) continue;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      if (survives[i][trial.chosen(i)]) continue;
      survives[i][trial.chosen(i)] = true;
      --excluded;
    }
    if (excluded == 0) return true; // nothing is learnt of any single atom
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
