// SPDX-License-Identifier: GPL-2.0-or-later
//
// Expressions with C's operators and precedence, and no more parentheses than these need. What C lacks reads
// like a sentence: `for all v in vcpu: ...`, `s contains c`, `a => b`. A quantifier reaches as far as it can,
// so it is put in parentheses wherever it is an operand.
#include "model/print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>

namespace tdxcheck::model {
namespace {

// How tightly a text holds together; an operand that holds less than its place needs gets parentheses.
enum Strength {
  sentence, // a quantifier
  choice,   // ? :
  implication,
  alternative,
  conjunctive,
  bitwise_or,
  bitwise_xor,
  bitwise_and,
  equality,
  relation,
  shift,
  sum,
  product,
  prefix,
  atom,
};

Strength stronger(Strength strength) { return static_cast<Strength>(strength + 1); }

struct Spelling {
  std::string_view word;
  Strength strength;
  Strength left, right; // what the operands need
};

Spelling to_the_left(std::string_view word, Strength s) { return {word, s, s, stronger(s)}; }
Spelling to_the_right(std::string_view word, Strength s) { return {word, s, stronger(s), s}; }
Spelling either_way(std::string_view word, Strength s) { return {word, s, s, s}; }
Spelling once(std::string_view word, Strength s) { return {word, s, stronger(s), stronger(s)}; }

Spelling spelling_of(BinaryOp op) {
  using enum BinaryOp;
  switch (op) {
  case logical_and: return either_way("&&", conjunctive);
  case logical_or: return either_way("||", alternative);
  case implies: return to_the_right("=>", implication);
  case equal: return once("==", equality);
  case not_equal: return once("!=", equality);
  case less: return once("<", relation);
  case less_equal: return once("<=", relation);
  case contains: return once("contains", relation);
  case included: return once("within", relation);
  case add:
  case with:
  case unite: return to_the_left("+", sum);
  case subtract:
  case without:
  case minus: return to_the_left("-", sum);
  case multiply: return to_the_left("*", product);
  case bit_and:
  case intersect: return either_way("&", bitwise_and);
  case bit_or: return either_way("|", bitwise_or);
  case bit_xor: return either_way("^", bitwise_xor);
  case shift_left: return to_the_left("<<", shift);
  case shift_right: return to_the_left(">>", shift);
  }
  return once("?", sentence);
}

struct Printed {
  std::string text;
  Strength strength;
};

bool is_comparison(BinaryOp op) {
  return op == BinaryOp::equal || op == BinaryOp::not_equal || op == BinaryOp::less ||
         op == BinaryOp::less_equal;
}

// One function per kind of node.
struct Printer {
  const Model& model;

  Printed print(const Expr& e) const {
    if (const auto* literal = std::get_if<Literal>(&e.node().kind))
      return {print_value(model, e.sort(), literal->value), literal->value < 0 ? prefix : atom};
    return std::visit(*this, e.node().kind);
  }

  std::string within(const Expr& e, Strength needed) const {
    const Printed printed = print(e);
    return printed.strength < needed ? "(" + printed.text + ")" : printed.text;
  }

  std::string indices(std::span<const Expr> at) const {
    std::string text;
    for (const Expr& e : at) text += "[" + print(e).text + "]";
    return text;
  }

  std::string reference(const VariableRef& reference) const {
    const Variable& variable = model.variables[reference.variable];
    const auto* local = std::get_if<LocalScope>(&variable.scope);
    if (local == nullptr || reference.at.empty()) return variable.name + indices(reference.at);
    const std::string prefix_of_local = model.threads[local->thread].name + ".";
    if (!variable.name.starts_with(prefix_of_local)) return variable.name + indices(reference.at);
    const std::string own = variable.name.substr(prefix_of_local.size());
    const std::span<const Expr> at = reference.at;
    if (std::holds_alternative<Self>(at[0].node().kind)) return own + indices(at.subspan(1));
    return model.threads[local->thread].name + indices(at.first(1)) + "." + own + indices(at.subspan(1));
  }

  // -1 is no number where it stands beside a limit.
  std::string beside(const Expr& e, const Expr& other, Strength needed) const {
    const auto* reference = std::get_if<ParameterRef>(&other.node().kind);
    if (reference == nullptr || !is_literal(e, unlimited)) return within(e, needed);
    const auto* type = std::get_if<IntegerParameter>(&model.parameters[reference->parameter].type);
    return type != nullptr && type->may_be_unlimited ? "unlimited" : within(e, needed);
  }

  Printed operator()(const Literal& literal) const { return {std::to_string(literal.value), atom}; }
  Printed operator()(const ParameterRef& e) const { return {model.parameters[e.parameter].name, atom}; }
  Printed operator()(const Kept& e) const {
    return {fmt::format("kept({})", model.guards[e.guard].name), atom};
  }
  Printed operator()(const VariableRef& e) const { return {reference(e), atom}; }
  Printed operator()(const Self&) const { return {"self", atom}; }
  Printed operator()(const BoundRef& e) const { return {e.bound.name, atom}; }

  Printed operator()(const Unary& e) const {
    switch (e.op) {
    case UnaryOp::logical_not: return {"!" + within(e.operand, prefix), prefix};
    case UnaryOp::negate: return {"-" + within(e.operand, atom), prefix};
    case UnaryOp::cardinality: return {"|" + within(e.operand, bitwise_xor) + "|", atom};
    }
    return {"?", atom};
  }

  Printed operator()(const Binary& e) const {
    const Spelling spelling = spelling_of(e.op);
    if (e.op == BinaryOp::with || e.op == BinaryOp::without)
      return {fmt::format("{} {} {{{}}}", within(e.left, sum), spelling.word, print(e.right).text), sum};
    const bool compares = is_comparison(e.op);
    const std::string left =
        compares ? beside(e.left, e.right, spelling.left) : within(e.left, spelling.left);
    const std::string right =
        compares ? beside(e.right, e.left, spelling.right) : within(e.right, spelling.right);
    return {fmt::format("{} {} {}", left, spelling.word, right), spelling.strength};
  }

  Printed operator()(const Conditional& e) const {
    return {fmt::format("{} ? {} : {}", within(e.condition, implication), within(e.then, choice),
                        within(e.otherwise, choice)),
            choice};
  }

  Printed operator()(const Wrap& e) const {
    return {fmt::format("{} mod 2^{}", within(e.operand, product), within(e.width, atom)), product};
  }

  Printed operator()(const Quantified& e) const {
    const std::string body =
        fmt::format("{} in {}: {}", e.bound.name, model.sets[e.over].name, print(e.body).text);
    switch (e.kind) {
    case QuantifierKind::for_all: return {"for all " + body, sentence};
    case QuantifierKind::exists: return {"exists " + body, sentence};
    case QuantifierKind::count: return {"count(" + body + ")", atom};
    }
    return {"?", atom};
  }

  Printed operator()(const InRegion& e) const {
    const Region& region = model.regions[e.region];
    return {model.threads[region.thread].name + indices(e.member) + " in " + region.name, relation};
  }
};

} // namespace

std::string print(const Model& model, const Expr& expression) {
  if (expression.empty()) return "";
  return Printer{model}.print(expression).text;
}

std::string print_reference(const Model& model, const VariableRef& reference) {
  return Printer{model}.reference(reference);
}

} // namespace tdxcheck::model
