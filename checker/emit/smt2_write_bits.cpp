// SPDX-License-Identifier: GPL-2.0-or-later
//
// Bits modulo 2^width. Sums, products and bitwise operators of the operands' lowest places give the lowest
// places of the result; a shift to the right and a comparison need all places of their operands.

#include "emit/smt2_shift.h"
#include "emit/smt2_terms.h"
#include "emit/smt2_write.h"
#include "support/contract.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::emit::smt2 {

using model::BinaryOp;
using model::Value;

namespace {

[[noreturn]] void no_bits() {
  support::ensures_internal(false, "only bits are written as bits");
  std::abort();
}

// A number that is not negative, of `from` places.
std::string resized(const std::string& term, unsigned from, unsigned to) {
  if (to == from) return term;
  return to < from ? extract(term, to - 1, 0) : fmt::format("((_ zero_extend {}) {})", to - from, term);
}

// An integer, place by place: SMT-LIB 2.6 has no conversion that all solvers read.
std::string bits_of_integer(const std::string& term, unsigned width) {
  std::vector<std::string> places;
  for (unsigned i = width; i-- > 0;) {
    const std::string quotient = i == 0 ? term : call("div", {term, number(Value{1} << i)});
    places.push_back(if_then_else(equals(call("mod", {quotient, "2"}), "1"), "#b1", "#b0"));
  }
  return places.size() == 1 ? places.front() : call("concat", places);
}

} // namespace

Term WriteBits::operator()(const model::Literal& e) const { return {bits(e.value, width), yes}; }
Term WriteBits::operator()(const model::ParameterRef&) const { no_bits(); }
Term WriteBits::operator()(const model::Kept&) const { no_bits(); }
Term WriteBits::operator()(const model::Self&) const { no_bits(); }
Term WriteBits::operator()(const model::BoundRef&) const { no_bits(); }
Term WriteBits::operator()(const model::Quantified&) const { no_bits(); }
Term WriteBits::operator()(const model::InRegion&) const { no_bits(); }

Term WriteBits::operator()(const model::VariableRef& e) const {
  Term term = to.reference(e, speaker, assumed);
  term.text = resized(term.text, to.width_of(whole, speaker), width);
  return term;
}

Term WriteBits::operator()(const model::Unary& e) const {
  const Term operand = of(e.operand);
  return {call("bvneg", {operand.text}), operand.defined};
}

Term WriteBits::shifted(const model::Binary& e) const {
  const bool to_the_left = e.op == BinaryOp::shift_left;
  const bool has_sign = *to.interval(e.left, speaker).low < 0;
  const unsigned wide = to_the_left ? width : std::max(width, to.width_of(e.left, speaker));
  const Term operand = to.bits(e.left, wide, speaker, assumed);
  Term result = smt2::shifted(to, e.right, speaker, assumed, [&](unsigned places) {
    if (places == 0) return operand.text;
    if (places >= wide && (to_the_left || !has_sign)) return bits(0, wide);
    const char* function = to_the_left ? "bvshl" : has_sign ? "bvashr" : "bvlshr";
    return call(function, {operand.text, bits(std::min(places, wide - 1), wide)});
  });
  result.defined = both(operand.defined, result.defined);
  if (wide != width) result.text = extract(result.text, width - 1, 0);
  return result;
}

Term WriteBits::operator()(const model::Binary& e) const {
  if (e.op == BinaryOp::shift_left || e.op == BinaryOp::shift_right) return shifted(e);
  const char* function = e.op == BinaryOp::add        ? "bvadd"
                         : e.op == BinaryOp::subtract ? "bvsub"
                         : e.op == BinaryOp::multiply ? "bvmul"
                         : e.op == BinaryOp::bit_and  ? "bvand"
                         : e.op == BinaryOp::bit_or   ? "bvor"
                         : e.op == BinaryOp::bit_xor  ? "bvxor"
                                                      : nullptr;
  support::ensures_internal(function != nullptr, "an operator that yields bits");
  const Term left = of(e.left), right = of(e.right);
  return {call(function, {left.text, right.text}), both(left.defined, right.defined)};
}

Term WriteBits::operator()(const model::Conditional& e) const {
  const Term condition = to.term(e.condition, speaker, assumed);
  const auto branch = [&](const model::Expr& x, bool holds) {
    Assumptions more = assumed;
    more.push_back({e.condition, holds});
    return to.bits(x, width, speaker, more);
  };
  const Term then = branch(e.then, true), otherwise = branch(e.otherwise, false);
  return {if_then_else(condition.text, then.text, otherwise.text),
          both(condition.defined, if_then_else(condition.text, then.defined, otherwise.defined))};
}

Term WriteBits::operator()(const model::Wrap& e) const {
  const auto kept = static_cast<unsigned>(
      model::evaluate_constant(to.instance().model(), to.instance().valuation(), e.width));
  const unsigned narrow = std::min(kept, width);
  Term operand;
  if (e.operand.sort().kind == model::SortKind::bits) {
    operand = to.bits(e.operand, narrow, speaker, assumed);
  } else {
    operand = to.term(e.operand, speaker, assumed);
    operand.text = bits_of_integer(operand.text, narrow);
  }
  return {resized(operand.text, narrow, width), operand.defined};
}

} // namespace tdxcheck::emit::smt2
