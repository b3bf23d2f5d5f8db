// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/tla_expression.h"

#include "support/contract.h"
#include "support/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace tdxcheck::emit {

using model::Expr;
using model::Value;

// How tightly a text holds together, as far as we leave parentheses out. TLA+ has ranges of precedence and
// refuses what is ambiguous; everything else gets parentheses.
enum class Tightness { atom, comparison, conjunction, disjunction, loose };

struct Written {
  std::string text;
  Tightness is = Tightness::atom;
};

// Within a conjunction or disjunction.
static std::string part(const Written& written, Tightness within) {
  const bool may =
      written.is == Tightness::atom || written.is == Tightness::comparison || written.is == within;
  return may ? written.text : "(" + written.text + ")";
}
static std::string alone(const Written& written) {
  return written.is == Tightness::atom ? written.text : "(" + written.text + ")";
}

struct WriteTla {
  const TlaExpressions& all;
  const TlaExpressions::Scope& scope;
  const model::Sort& sort;

  [[nodiscard]] Written write(const Expr& e) const { return of(all, e, scope); }
  [[nodiscard]] std::string operand(const Expr& e) const { return alone(write(e)); }

  static Written of(const TlaExpressions& all, const Expr& e, const TlaExpressions::Scope& scope) {
    return std::visit(WriteTla{all, scope, e.sort()}, e.node().kind);
  }

  Written operator()(const model::Literal& e) const { return {all.value(sort, e.value)}; }
  Written operator()(const model::ParameterRef&) const { return folded(); }
  Written operator()(const model::Kept&) const { return folded(); }
  Written operator()(const model::VariableRef& e) const { return {all.cell(e, scope)}; }
  Written operator()(const model::Self&) const {
    support::ensures_internal(!scope.self.empty(), "a thread speaks of its own member");
    return {scope.self};
  }
  Written operator()(const model::BoundRef& e) const { return {scope.bound.at(e.bound.number)}; }

  Written operator()(const model::Unary& e) const {
    switch (e.op) {
    case model::UnaryOp::logical_not: return {"~" + operand(e.operand), Tightness::comparison};
    case model::UnaryOp::negate: return {"-" + operand(e.operand), Tightness::loose};
    case model::UnaryOp::cardinality: return {fmt::format("Cardinality({})", write(e.operand).text)};
    }
    return {};
  }

  Written operator()(const model::Binary& e) const {
    using enum model::BinaryOp;
    const auto infix = [&](const char* op, Tightness is) -> Written {
      return {fmt::format("{} {} {}", operand(e.left), op, operand(e.right)), is};
    };
    const auto chain = [&](const char* op, Tightness is) -> Written {
      return {fmt::format("{} {} {}", part(write(e.left), is), op, part(write(e.right), is)), is};
    };
    const auto call = [&](const char* name) -> Written {
      all.used_bit_operators_.insert(name);
      return {fmt::format("{}({}, {})", name, write(e.left).text, write(e.right).text)};
    };
    switch (e.op) {
    case logical_and: return chain("/\\", Tightness::conjunction);
    case logical_or: return chain("\\/", Tightness::disjunction);
    case implies: return infix("=>", Tightness::loose);
    case equal: return infix("=", Tightness::comparison);
    case not_equal: return infix("#", Tightness::comparison);
    case less: return infix("<", Tightness::comparison);
    case less_equal: return infix("<=", Tightness::comparison);
    case add: return infix("+", Tightness::loose);
    case subtract: return infix("-", Tightness::loose);
    case multiply: return infix("*", Tightness::loose);
    case bit_and: return call("BitAnd");
    case bit_or: return call("BitOr");
    case bit_xor: return call("BitXor");
    case shift_left: return {fmt::format("{} * (2^{})", operand(e.left), operand(e.right)), Tightness::loose};
    case shift_right:
      return {fmt::format("{} \\div (2^{})", operand(e.left), operand(e.right)), Tightness::loose};
    case contains:
      return {fmt::format("{} \\in {}", operand(e.right), operand(e.left)), Tightness::comparison};
    case with:
      return {fmt::format("{} \\cup {{{}}}", operand(e.left), write(e.right).text), Tightness::loose};
    case without:
      return {fmt::format("{} \\ {{{}}}", operand(e.left), write(e.right).text), Tightness::loose};
    case unite: return infix("\\cup", Tightness::loose);
    case intersect: return infix("\\cap", Tightness::loose);
    case minus: return infix("\\", Tightness::loose);
    case included: return infix("\\subseteq", Tightness::comparison);
    }
    return {};
  }

  Written operator()(const model::Conditional& e) const {
    return {fmt::format("IF {} THEN {} ELSE {}", write(e.condition).text, write(e.then).text,
                        write(e.otherwise).text),
            Tightness::loose};
  }
  Written operator()(const model::Wrap& e) const {
    const Value width = model::evaluate_constant(all.instance_->model(), all.instance_->valuation(), e.width);
    return {
        fmt::format("{} % {}", operand(e.operand), all.value({model::SortKind::bits, 0}, Value{1} << width)),
        Tightness::loose};
  }
  Written operator()(const model::Quantified& e) const {
    const std::string name = all.bound(scope, e.bound);
    const std::string body = all.text(e.body, TlaExpressions::inside(scope, e.bound.number, name));
    const auto quantified = [&](const char* quantifier) -> Written {
      return {fmt::format("{} {} \\in {} : {}", quantifier, name, all.set(e.over), body), Tightness::loose};
    };
    switch (e.kind) {
    case model::QuantifierKind::for_all: return quantified("\\A");
    case model::QuantifierKind::exists: return quantified("\\E");
    case model::QuantifierKind::count: break;
    }
    return {fmt::format("Cardinality({{{} \\in {} : {}}})", name, all.set(e.over), body)};
  }
  Written operator()(const model::InRegion& e) const {
    const std::string& region = all.region(e.region);
    if (e.member.empty()) return {region};
    return {fmt::format("{}({})", region, write(e.member.front()).text)};
  }

  static Written folded() {
    support::ensures_internal(false, "parameters and named guards are folded before a model is exported");
    return {};
  }
};

TlaExpressions::TlaExpressions(const model::Instance& instance, Identifiers& names)
    : instance_(&instance), names_(&names) {}

TlaExpressions::Scope TlaExpressions::inside(const Scope& scope, std::uint32_t bound, std::string name) {
  Scope inner = scope;
  inner.bound[bound] = std::move(name);
  return inner;
}

std::string TlaExpressions::text(const Expr& expression, const Scope& scope) const {
  return WriteTla::of(*this, expression, scope).text;
}

std::string TlaExpressions::operand(const Expr& expression, const Scope& scope) const {
  return alone(WriteTla::of(*this, expression, scope));
}

std::string TlaExpressions::at(const model::VariableRef& reference, const Scope& scope) const {
  std::vector<std::string> indices;
  for (const Expr& index : reference.at) indices.push_back(text(index, scope));
  return indices.empty() ? "" : fmt::format("[{}]", fmt::join(indices, ", "));
}

std::string TlaExpressions::cell(const model::VariableRef& reference, const Scope& scope) const {
  return variable(reference.variable) + at(reference, scope);
}

std::string TlaExpressions::value(const model::Sort& sort, Value value) const {
  const model::Model& model = instance_->model();
  switch (sort.kind) {
  case model::SortKind::boolean: return value != 0 ? "TRUE" : "FALSE";
  case model::SortKind::enumeration:
    return tla_string(model.enumerations[model::Id<model::Enumeration>{sort.of}].constants.at(
        static_cast<std::size_t>(value)));
  case model::SortKind::optional_index:
    if (value == model::no_member) return "none";
    break;
  case model::SortKind::subset: {
    std::vector<Value> members;
    for (Value i = 0; i < 62; ++i)
      if ((value >> i & 1) != 0) members.push_back(i);
    return fmt::format("{{{}}}", fmt::join(members, ", "));
  }
  case model::SortKind::integer:
  case model::SortKind::bits:
  case model::SortKind::index: break;
  }
  if (value < -2147483647 || value > 2147483647)
    throw support::InputError(fmt::format("TLC has no number {}: its integers have 32 bits", value));
  return value < 0 ? fmt::format("({})", value) : std::to_string(value);
}

// WF_ and SF_ begin formulas, not names.
const std::string& TlaExpressions::name(Identifiers::Kind kind, const std::string& name) const {
  const bool is_formula = name.starts_with("WF_") || name.starts_with("SF_");
  return names_->of(kind, is_formula ? "the_" + name : name);
}

const std::string& TlaExpressions::set(model::Id<model::IndexSet> set) const {
  return name(Identifiers::Kind::constant, instance_->model().sets[set].name);
}

const std::string& TlaExpressions::enumeration(model::Id<model::Enumeration> enumeration) const {
  return name(Identifiers::Kind::derived, "any:" + instance_->model().enumerations[enumeration].name);
}

const std::string& TlaExpressions::variable(model::Id<model::Variable> variable) const {
  return name(Identifiers::Kind::variable, instance_->model().variables[variable].name);
}

const std::string& TlaExpressions::thread(model::Id<model::Thread> thread) const {
  return name(Identifiers::Kind::thread, instance_->model().threads[thread].name + "_step");
}

const std::string& TlaExpressions::pc(model::Id<model::Thread> thread) const {
  return name(Identifiers::Kind::derived, instance_->model().threads[thread].name + ":at");
}

std::string TlaExpressions::pc(model::Id<model::Thread> thread, const std::string& self) const {
  return self.empty() ? pc(thread) : fmt::format("{}[{}]", pc(thread), self);
}

const std::string& TlaExpressions::region(model::Id<model::Region> region) const {
  used_regions_.insert(region);
  return name(Identifiers::Kind::derived, "in:" + instance_->model().regions[region].name);
}

// A name that an enclosing one has may not be bound again.
std::string TlaExpressions::bound(const Scope& scope, const model::BoundName& bound) const {
  std::string wanted = bound.name.empty() ? "i" : bound.name;
  for (;; wanted += "_") {
    const std::string& chosen = name(Identifiers::Kind::bound, wanted);
    const bool taken =
        std::ranges::any_of(scope.bound, [&](const auto& one) { return one.second == chosen; });
    if (!taken) return chosen;
  }
}

std::string tla_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

const std::vector<std::string>& tla_reserved_words() {
  static const std::vector<std::string> words{
      "ASSUME",   "ASSUMPTION",  "AXIOM",     "BOOLEAN",  "BY",          "CASE",        "CHOOSE",
      "CONSTANT", "CONSTANTS",   "COROLLARY", "DEF",      "DEFINE",      "DEFS",        "DOMAIN",
      "ELSE",     "ENABLED",     "EXCEPT",    "EXTENDS",  "FALSE",       "HAVE",        "HIDE",
      "IF",       "IN",          "INSTANCE",  "LAMBDA",   "LEMMA",       "LET",         "LOCAL",
      "MODULE",   "NEW",         "OBVIOUS",   "OMITTED",  "ONLY",        "OTHER",       "PICK",
      "PROOF",    "PROPOSITION", "PROVE",     "QED",      "RECURSIVE",   "SF_",         "STATE",
      "STRING",   "SUBSET",      "SUFFICES",  "TAKE",     "TEMPORAL",    "THEN",        "THEOREM",
      "TRUE",     "UNCHANGED",   "UNION",     "USE",      "VARIABLE",    "VARIABLES",   "WF_",
      "WITH",     "WITNESS",     "Nat",       "Int",      "Cardinality", "IsFiniteSet", "Real",
      "ACTION",   "_",           "none",      "self",     "vars",        "TypeOK",      "Init",
      "Next",     "Spec",        "Fairness",  "AllAtEnd", "WellFormed",  "BitAnd",      "BitOr",
      "BitXor",   "left",        "right",     "i1",       "i2",          "i3",          "i4"};
  return words;
}

} // namespace tdxcheck::emit
