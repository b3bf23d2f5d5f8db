// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/promela_expression.h"

#include "support/contract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace tdxcheck::emit {
namespace {

using model::Expr;
using model::Value;

struct Write {
  const PromelaExpressions& expressions;
  const model::Instance& instance;
  const Members& members;
  const std::string& self;
  const model::Sort& sort;

  [[nodiscard]] std::string text(const Expr& e) const { return expressions.text(e, members, self); }

  std::string operator()(const model::Literal& e) const { return expressions.value(sort, e.value); }
  std::string operator()(const model::ParameterRef&) const { return folded(); }
  std::string operator()(const model::Kept&) const { return folded(); }
  std::string operator()(const model::VariableRef& e) const { return expressions.cell(e, members, self); }
  std::string operator()(const model::Self&) const {
    support::ensures_internal(!self.empty(), "a thread speaks of its own member");
    return self;
  }
  std::string operator()(const model::BoundRef& e) const {
    return std::to_string(members.at(e.bound.number));
  }

  std::string operator()(const model::Unary& e) const {
    const std::string operand = text(e.operand);
    switch (e.op) {
    case model::UnaryOp::logical_not: return "(!" + operand + ")";
    case model::UnaryOp::negate: return "(-" + operand + ")";
    case model::UnaryOp::cardinality: break;
    }
    std::vector<std::string> bits;
    for (Value i = 0; i < instance.size(model::Id<model::IndexSet>{e.operand.sort().of}); ++i)
      bits.push_back(fmt::format("(({} >> {}) & 1)", operand, i));
    return sum(bits);
  }

  std::string operator()(const model::Binary& e) const {
    using enum model::BinaryOp;
    const std::string a = text(e.left), b = text(e.right);
    const auto infix = [&](const char* op) { return fmt::format("({} {} {})", a, op, b); };
    switch (e.op) {
    case logical_and: return infix("&&");
    case logical_or: return infix("||");
    case implies: return fmt::format("(!{} || {})", a, b);
    case equal: return infix("==");
    case not_equal: return infix("!=");
    case less: return infix("<");
    case less_equal: return infix("<=");
    case add: return infix("+");
    case subtract: return infix("-");
    case multiply: return infix("*");
    case bit_and:
    case intersect: return infix("&");
    case bit_or:
    case unite: return infix("|");
    case bit_xor: return infix("^");
    case shift_left: return infix("<<");
    case shift_right: return infix(">>");
    case contains: return fmt::format("((({} >> {}) & 1) == 1)", a, b);
    case with: return fmt::format("({} | (1 << {}))", a, b);
    case without: return fmt::format("({} & ~(1 << {}))", a, b);
    case minus: return fmt::format("({} & ~{})", a, b);
    case included: return fmt::format("(({} & ~{}) == 0)", a, b);
    }
    return {};
  }

  std::string operator()(const model::Conditional& e) const {
    const std::string condition = text(e.condition), then = text(e.then), otherwise = text(e.otherwise);
    if (sort.kind == model::SortKind::boolean)
      return fmt::format("(({0} && {1}) || (!{0} && {2}))", condition, then, otherwise);
    return fmt::format("({} -> {} : {})", condition, then, otherwise);
  }
  std::string operator()(const model::Wrap& e) const {
    const Value width = model::evaluate_constant(instance.model(), instance.valuation(), e.width);
    return fmt::format("({} & {})", text(e.operand), (Value{1} << width) - 1);
  }
  std::string operator()(const model::Quantified& e) const {
    std::vector<std::string> parts;
    Members inner = members;
    for (Value i = 0; i < instance.size(e.over); ++i) {
      inner[e.bound.number] = i;
      parts.push_back(expressions.text(e.body, inner, self));
    }
    switch (e.kind) {
    case model::QuantifierKind::for_all: return fmt::format("({})", fmt::join(parts, " && "));
    case model::QuantifierKind::exists: return fmt::format("({})", fmt::join(parts, " || "));
    case model::QuantifierKind::count: break;
    }
    return sum(parts);
  }
  std::string operator()(const model::InRegion& e) const {
    return fmt::format("{}[{}]", expressions.region(e.region),
                       e.member.empty() ? "0" : text(e.member.front()));
  }

  static std::string sum(const std::vector<std::string>& parts) {
    return parts.empty() ? "0" : fmt::format("({})", fmt::join(parts, " + "));
  }
  static std::string folded() {
    support::ensures_internal(false, "parameters and named guards are folded before a model is exported");
    return {};
  }
};

} // namespace

const std::vector<std::string>& promela_reserved_words() {
  // Packed: one word a line would be a page.
  // clang-format off
  static const std::vector<std::string> words{
      "active", "assert", "atomic", "bit", "bool", "break", "byte", "chan", "d_step", "do", "else",
      "empty", "enabled", "eval", "false", "fi", "for", "full", "get_priority", "goto", "hidden", "if",
      "in", "init", "inline", "int", "len", "local", "ltl", "mtype", "nempty", "never", "nfull",
      "notrace", "np_", "od", "of", "pc_value", "pid", "print", "printf", "printm", "priority",
      "proctype", "provided", "return", "run", "select", "set_priority", "short", "show", "skip",
      "timeout", "trace", "true", "typedef", "unless", "unsigned", "xr", "xs", "_", "_last", "_nr_pr",
      "_pid", "_priority", "NONE", "BUSY", "ELSEWHERE", "ENDED", "last_move", "nobody", "self", "always",
      "eventually", "until", "weakuntil", "release", "next", "implies", "equivalent", "stronguntil", "U",
      "V", "W", "X"};
  // clang-format on
  return words;
}

PromelaExpressions::PromelaExpressions(const model::Instance& instance, Identifiers& names)
    : instance_(&instance), names_(&names) {}

std::string PromelaExpressions::text(const Expr& expression, const Members& members,
                                     const std::string& self) const {
  return std::visit(Write{*this, *instance_, members, self, expression.sort()}, expression.node().kind);
}

// Row-major, as in Instance.
std::string PromelaExpressions::cell(const model::VariableRef& reference, const Members& members,
                                     const std::string& self) const {
  const std::string& name =
      names_->of(Identifiers::Kind::variable, instance_->model().variables[reference.variable].name);
  const auto& dimensions = instance_->dimensions(reference.variable);
  std::string at;
  for (std::size_t i = 0; i < reference.at.size(); ++i) {
    const std::string index = text(reference.at[i], members, self);
    at = i == 0 ? index : fmt::format("({})*{} + {}", at, instance_->size(dimensions[i]), index);
  }
  return at.empty() ? name : fmt::format("{}[{}]", name, at);
}

std::string PromelaExpressions::value(const model::Sort& sort, Value value) const {
  switch (sort.kind) {
  case model::SortKind::boolean: return value != 0 ? "true" : "false";
  case model::SortKind::enumeration:
    return constant(instance_->model().enumerations[model::Id<model::Enumeration>{sort.of}],
                    static_cast<std::size_t>(value));
  case model::SortKind::optional_index: return value == model::no_member ? "NONE" : std::to_string(value);
  case model::SortKind::integer:
  case model::SortKind::bits:
  case model::SortKind::index:
  case model::SortKind::subset: break;
  }
  return value < 0 ? fmt::format("({})", value) : std::to_string(value);
}

std::string PromelaExpressions::label(const model::Thread& thread, model::Id<model::Label> id) const {
  const model::Label& label = thread.labels[id];
  return (label.end ? "end_" : "at_") + names_->of(Identifiers::Kind::label, label.name);
}

const std::string& PromelaExpressions::thread(model::Id<model::Thread> thread) const {
  return names_->of(Identifiers::Kind::thread, instance_->model().threads[thread].name);
}

const std::string& PromelaExpressions::region(model::Id<model::Region> region) const {
  used_regions_.insert(region);
  return names_->of(Identifiers::Kind::variable, "in_" + instance_->model().regions[region].name);
}

std::size_t PromelaExpressions::first_pid(model::Id<model::Thread> thread) const {
  return instance_->thread(thread, 0);
}

std::string PromelaExpressions::constant(const model::Enumeration& enumeration, std::size_t position) const {
  return names_->of(Identifiers::Kind::constant, enumeration.name + "_" + enumeration.constants.at(position));
}

} // namespace tdxcheck::emit
