// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: an operator is off by one case (a negative remainder, an empty quantifier, `none` as a member),
// and every engine that was written with the same idea agrees.
#include "support/error.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

#include <limits>

namespace semantics_expressions_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

struct Bench {
  Sketch s;
  Id<IndexSet> three = s.set("three", 3);
  Id<Variable> flags =
      s.model.variables.add({"flags", {BoolType{}, {three}}, truth(false), GlobalScope{}, "", {}});
  Id<Thread> thread = s.thread("t", "a b*", three);

  Value value(const Expr& e, std::vector<Value> cells = {0, 0, 0}) const {
    const auto interpreter = s.interpreter();
    auto state = interpreter.initial().at(0);
    state.cells = std::move(cells);
    return interpreter.evaluate(state, e);
  }
  Value of(BinaryOp op, Value a, Value b) const { return value(binary(op, integer(a), integer(b))); }
  Expr set(Value mask) const { return literal({SortKind::subset, three.value}, mask); }
  Expr member(Value m) const { return literal({SortKind::index, three.value}, m); }
  Value on_sets(BinaryOp op, Value a, Value b) const { return value(binary(op, set(a), set(b))); }
  Value with_member(BinaryOp op, Value a, Value m) const { return value(binary(op, set(a), member(m))); }
};

TEST_CASE("numbers are added, subtracted, multiplied, compared, shifted") {
  const Bench b;
  CHECK(b.of(BinaryOp::add, 2, -5) == -3);
  CHECK(b.of(BinaryOp::subtract, 2, 5) == -3);
  CHECK(b.of(BinaryOp::multiply, -2, 5) == -10);
  CHECK(b.of(BinaryOp::less, 2, 2) == 0);
  CHECK(b.of(BinaryOp::less_equal, 2, 2) == 1);
  CHECK(b.of(BinaryOp::equal, 2, 2) == 1);
  CHECK(b.of(BinaryOp::not_equal, 2, 2) == 0);
  CHECK(b.of(BinaryOp::shift_left, 3, 2) == 12);
  CHECK(b.of(BinaryOp::shift_right, 13, 2) == 3);
  CHECK(b.of(BinaryOp::shift_right, 13, 90) == 0);
  CHECK(b.value(unary(UnaryOp::negate, integer(4))) == -4);
}

TEST_CASE("what does not fit into 64 bits has no value") {
  const Bench b;
  const Value most = std::numeric_limits<Value>::max(), least = std::numeric_limits<Value>::min();
  CHECK_THROWS_AS(static_cast<void>(b.of(BinaryOp::add, most, 1)), support::InputError);
  CHECK_THROWS_AS(static_cast<void>(b.of(BinaryOp::subtract, least, 1)), support::InputError);
  CHECK_THROWS_AS(static_cast<void>(b.of(BinaryOp::multiply, most, 2)), support::InputError);
  CHECK_THROWS_AS(static_cast<void>(b.of(BinaryOp::shift_left, 1, 63)), support::InputError);
  CHECK_THROWS_AS(static_cast<void>(b.of(BinaryOp::shift_left, 1, -1)), support::InputError);
  CHECK(b.of(BinaryOp::shift_left, 1, 62) == Value{1} << 62);
}

TEST_CASE("bits wrap at their width, from above and from below") {
  const Bench b;
  const Sort bits{SortKind::bits, 0};
  const auto wrapped = [&](Value width, BinaryOp op, Value left, Value right) {
    return b.value(make(bits, Wrap{integer(width), binary(op, literal(bits, left), literal(bits, right))}));
  };
  CHECK(wrapped(2, BinaryOp::add, 3, 1) == 0);
  CHECK(wrapped(2, BinaryOp::subtract, 0, 1) == 3);
  CHECK(wrapped(3, BinaryOp::shift_left, 5, 1) == 2);
  CHECK(wrapped(62, BinaryOp::subtract, 0, 1) == (Value{1} << 62) - 1);
  CHECK(wrapped(4, BinaryOp::bit_xor, 12, 10) == 6);
  CHECK(wrapped(4, BinaryOp::bit_and, 12, 10) == 8);
  CHECK(wrapped(4, BinaryOp::bit_or, 12, 10) == 14);
}

TEST_CASE("logic looks no further than it must") {
  const Bench b;
  const Expr none = tests::read(b.s.model, b.flags, {b.member(3)}); // there is no member 3
  const Expr yes = truth(true), no = truth(false);
  CHECK(b.value(binary(BinaryOp::logical_and, no, none)) == 0);
  CHECK(b.value(binary(BinaryOp::logical_or, yes, none)) == 1);
  CHECK(b.value(binary(BinaryOp::implies, no, none)) == 1);
  CHECK(b.value(conditional(yes, no, none)) == 0);
  CHECK_THROWS_AS(static_cast<void>(b.value(binary(BinaryOp::logical_and, yes, none))), support::InputError);
  CHECK_THROWS_AS(static_cast<void>(b.value(binary(BinaryOp::logical_or, no, none))), support::InputError);
  CHECK(b.value(binary(BinaryOp::implies, yes, no)) == 0);
  CHECK(b.value(negation(no)) == 1);
}

TEST_CASE("subsets gain, lose and contain members") {
  const Bench b;
  CHECK(b.with_member(BinaryOp::with, 0b001, 2) == 0b101);
  CHECK(b.with_member(BinaryOp::without, 0b101, 2) == 0b001);
  CHECK(b.with_member(BinaryOp::without, 0b001, 2) == 0b001);
  CHECK(b.with_member(BinaryOp::contains, 0b100, 2) == 1);
  CHECK(b.with_member(BinaryOp::contains, 0b100, 1) == 0);
  CHECK(b.on_sets(BinaryOp::unite, 0b001, 0b011) == 0b011);
  CHECK(b.on_sets(BinaryOp::intersect, 0b001, 0b011) == 0b001);
  CHECK(b.on_sets(BinaryOp::minus, 0b011, 0b001) == 0b010);
  CHECK(b.on_sets(BinaryOp::included, 0b001, 0b011) == 1);
  CHECK(b.on_sets(BinaryOp::included, 0b101, 0b011) == 0);
  CHECK(b.on_sets(BinaryOp::included, 0, 0) == 1);
  CHECK(b.value(unary(UnaryOp::cardinality, b.set(0b101))) == 2);
  CHECK(b.value(unary(UnaryOp::cardinality, b.set(0))) == 0);
}

TEST_CASE("quantifiers go through all members, also where none or all of them satisfy the body") {
  const Bench b;
  const BoundName m{0, "m"};
  const Expr flag = tests::read(b.s.model, b.flags, {tests::bound(m, b.three)});
  const Expr all = tests::for_all(m, b.three, flag), some = tests::exists(m, b.three, flag);
  const Expr many = tests::count(m, b.three, flag);
  const auto check = [&](std::vector<Value> cells, Value for_all, Value exists, Value count) {
    CHECK(b.value(all, cells) == for_all);
    CHECK(b.value(some, cells) == exists);
    CHECK(b.value(many, cells) == count);
  };
  check({0, 0, 0}, 0, 0, 0);
  check({0, 0, 1}, 0, 1, 1);
  check({1, 1, 0}, 0, 1, 2);
  check({1, 1, 1}, 1, 1, 3);
}

TEST_CASE("a quantifier stops at the member that decides") {
  const Bench b;
  const BoundName m{0, "m"};
  const Expr after = binary(BinaryOp::add, tests::bound(m, b.three), integer(1));
  const Expr next = tests::read(b.s.model, b.flags, {after}); // the last member has no next
  CHECK(b.value(tests::exists(m, b.three, next), {0, 0, 1}) == 1);
  CHECK(b.value(tests::for_all(m, b.three, next), {0, 0, 0}) == 0);
  CHECK_THROWS_AS(static_cast<void>(b.value(tests::exists(m, b.three, next), {0, 0, 0})),
                  support::InputError);
}

TEST_CASE("a bound name inside another quantifier is its own") {
  const Bench b;
  const BoundName m{0, "m"}, n{1, "n"};
  const Expr flag = tests::read(b.s.model, b.flags, {tests::bound(n, b.three)});
  const Expr other = binary(BinaryOp::not_equal, tests::bound(m, b.three), tests::bound(n, b.three));
  // How many members have another one with its flag set.
  const Expr e = tests::count(m, b.three, tests::exists(n, b.three, conjunction(other, flag)));
  CHECK(b.value(e, {0, 1, 0}) == 2);
  CHECK(b.value(e, {1, 1, 0}) == 3);
}

TEST_CASE("a region is where one member of its thread is") {
  Bench b;
  const auto region = b.s.model.regions.add({"at_b", b.thread, {Id<Label>{1}}});
  b.s.step(b.thread, "a", "b");
  const auto interpreter = b.s.interpreter();
  const auto after = interpreter.actions(interpreter.initial().at(0)).at(1).next; // member 1 has moved
  CHECK(interpreter.evaluate(after, tests::in_region(region, {b.member(0)})) == 0);
  CHECK(interpreter.evaluate(after, tests::in_region(region, {b.member(1)})) == 1);
  CHECK_THROWS_AS(static_cast<void>(interpreter.evaluate(after, tests::in_region(region, {b.member(3)}))),
                  support::InputError);
}

} // namespace semantics_expressions_test
