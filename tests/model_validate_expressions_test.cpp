// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, an index of one set is used in another, `none` is compared with what is never none, and
// every engine reads past a table or judges a condition that nobody meant.
#include "model/limits.h"
#include "tests/model_mutations.h"

namespace model_validate_expressions_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using namespace tdxcheck::tests;
using namespace tdxcheck::tests::of_every_feature;

const Model& good() {
  static const Model model = every_feature();
  return model;
}
Expr var(Id<Variable> variable, std::vector<Expr> at = {}) { return read(good(), variable, std::move(at)); }

const BoundName v{20, "v"}, c{21, "c"};

std::string refused_as_a_claim(const Expr& condition) {
  Model model = good();
  model.properties[0].claim = Always{condition};
  return describe(validate(model));
}

struct Row {
  Expr condition;
  std::string said;
};

void check_rows(std::span<const Row> rows) {
  for (const Row& row : rows) {
    const std::string problems = refused_as_a_claim(row.condition);
    CAPTURE(problems);
    CHECK(problems == "protocols/every_feature.cpp:100: the property `arithmetic`: " + row.said);
  }
}

Expr cpu_literal(Value value) { return literal({SortKind::index, cpu.value}, value); }
Expr vcpu_literal(Value value) { return literal({SortKind::index, vcpu_set.value}, value); }
Expr no_cpu() { return literal({SortKind::optional_index, cpu.value}, no_member); }

TEST_CASE("operators take operands of the right sorts only") {
  using enum BinaryOp;
  const Expr dead = var(vm_dead), n = var(users), w = var(word), s = var(waiting), h = var(home);
  const Row rows[] = {
      {negation(n), "in `!users`: `users` is an integer; expected a boolean"},
      {binary(logical_and, dead, n),
       "in `vm_dead && users`: `vm_dead` is boolean, `users` is an integer; both must be boolean"},
      {binary(equal, n, w),
       "in `users == word`: `users` is an integer, `word` is bits; only what is of one sort can be "
       "compared"},
      {binary(equal, h, vcpu_literal(0)),
       "in `home == 0`: `home` is an index of cpu, `0` is an index of vcpu; only "
       "what is of one sort can be compared"},
      {binary(equal, h, no_cpu()),
       "in `home == none`: `home` is an index of cpu, `none` is an optional index of cpu; an "
       "index is never none"},
      {binary(equal, parameter(good(), kick), integer(1)),
       "in `kick == 1`: `kick` is of the enumeration Kick, `1` is an integer; only what is of one sort can "
       "be "
       "compared"},
      {binary(less, dead, dead),
       "in `vm_dead < vm_dead`: `vm_dead` is boolean, `vm_dead` is boolean; only integers, "
       "bits and members of an ordered set have an order"},
      {binary(less, vcpu_literal(0), vcpu_literal(1)),
       "in `0 < 1`: `0` is an index of vcpu, `1` is an index of vcpu; the "
       "members of a symmetric set have no order"},
      {binary(less, var(owner), var(owner)),
       "in `owner < owner`: `owner` is an optional index of vcpu, `owner` is an "
       "optional index of vcpu; only integers, bits and members of an ordered "
       "set have an order"},
      {binary(equal, binary(add, n, w), n),
       "in `users + word`: `users` is an integer, `word` is bits; expected two "
       "integers, two bits, or a member of an ordered set and an integer"},
      {binary(equal, binary(add, vcpu_literal(0), integer(1)), vcpu_literal(0)),
       "in `0 + 1`: `0` is an index of vcpu, `1` is an integer; expected two integers, two bits, or a member "
       "of an "
       "ordered set and an integer"},
      {binary(equal, binary(multiply, h, integer(2)), h),
       "in `home * 2`: `home` is an index of cpu, `2` is an integer; expected two integers or two bits"},
      {binary(equal, binary(bit_and, n, n), n),
       "in `users & users`: `users` is an integer, `users` is an integer; both "
       "must be bits"},
      {binary(equal, binary(shift_left, dead, n), dead),
       "in `vm_dead << users`: `vm_dead` is boolean, `users` is an "
       "integer; bits or an integer are shifted by bits or an integer"},
      {binary(contains, s, h),
       "in `waiting contains home`: `waiting` is a subset of vcpu, `home` is an index of cpu; "
       "expected a subset and an index of its set"},
      {binary(contains, s, var(owner)),
       "in `waiting contains owner`: `waiting` is a subset of vcpu, `owner` is an "
       "optional index of vcpu; expected a subset and an index of its set"},
      {binary(included, s, n), "in `waiting within users`: `waiting` is a subset of vcpu, `users` is an "
                               "integer; both must be subsets of one "
                               "set"},
      {binary(less, unary(UnaryOp::cardinality, n), n),
       "in `|users|`: `users` is an integer; expected a subset"},
      {binary(less, unary(UnaryOp::negate, s), n),
       "in `-waiting`: `waiting` is a subset of vcpu; expected an integer or "
       "bits"},
      {conditional(n, dead, dead), "the condition of `users ? vm_dead : vm_dead` is an integer, not boolean"},
      {conditional(dead, dead, n),
       "the branches of `vm_dead ? vm_dead : users` differ: one is boolean, the other an "
       "integer"},
      {binary(less, make({SortKind::bits, 0}, Wrap{integer(3), s}), w),
       "in `waiting mod 2^3`: `waiting` is a subset of vcpu; expected bits or an integer"},
      {n, "`users` is an integer; expected: boolean"},
  };
  check_rows(rows);
}

TEST_CASE("what is of like sorts is in order") {
  using enum BinaryOp;
  const Expr n = var(users), w = var(word), h = var(home);
  const Expr good_ones[] = {
      binary(equal, var(owner), vcpu_literal(0)),
      binary(equal, vcpu_literal(0), var(owner)),
      binary(not_equal, var(owner), literal({SortKind::optional_index, vcpu_set.value}, no_member)),
      binary(less, binary(add, h, integer(1)), n),
      binary(equal, binary(add, h, integer(1)), integer(2)),
      binary(less_equal, integer(0), h),
      binary(less, h, cpu_literal(1)),
      binary(equal, var(assoc, {vcpu_literal(0)}), conditional(var(vm_dead), h, no_cpu())),
      binary(equal, binary(shift_left, w, n), make({SortKind::bits, 0}, Wrap{integer(2), n})),
      var(seen, {h, vcpu_literal(1)}),
  };
  for (const Expr& condition : good_ones) CHECK(refused_as_a_claim(condition) == "");
}

TEST_CASE("variables, threads and locks are indexed by members of their sets") {
  const Row rows[] = {
      {var(seen, {var(home)}), "`seen` is used with 1 indices, where 2 are needed"},
      {var(vm_dead, {var(home)}), "`vm_dead` is used with 1 indices, where 0 are needed"},
      {var(seen, {vcpu_literal(0), var(home)}),
       "`seen` is indexed by `0`, which is an index of vcpu; expected an index of cpu"},
      {var(seen, {var(home), var(owner)}),
       "`seen` is indexed by `owner`, which is an optional index of vcpu; expected an index of vcpu"},
      {var(seen, {integer(0), vcpu_literal(0)}),
       "`seen` is indexed by `0`, which is an integer; expected an index of cpu"},
      {var(seen, {var(home), Expr()}), "it, or an operand in it, is missing"},
      {in_region({0}), "`vcpu` is used with 0 indices, where 1 are needed"},
      {in_region({1}, {var(home)}), "`zap` is used with 1 indices, where 0 are needed"},
      {in_region({0}, {var(home)}),
       "`vcpu` is indexed by `home`, which is an index of cpu; expected an index of vcpu"},
  };
  check_rows(rows);
}

TEST_CASE("what an expression names exists") {
  const Row rows[] = {
      {make({}, VariableRef{{99}, {}}), "it names a variable that does not exist"},
      {make({}, ParameterRef{{99}}), "it names a parameter that does not exist"},
      {make({}, Kept{{99}}), "it names a guard that does not exist"},
      {make({}, InRegion{{99}, {}}), "it names a region that does not exist"},
      {make({}, Quantified{QuantifierKind::exists, v, {99}, truth(true)}),
       "`v` ranges over a set that does not exist"},
      {binary(BinaryOp::equal, literal({SortKind::enumeration, 5}, 0),
              literal({SortKind::enumeration, 5}, 0)),
       "an expression is of a sort that refers to nothing"},
      {binary(BinaryOp::equal, var(owner), literal({SortKind::optional_index, 0xffffffff}, no_member)),
       "an expression is of a sort that refers to nothing"},
  };
  check_rows(rows);
}

TEST_CASE("a literal is a value of its sort") {
  const auto compared = [](const Sort& sort, Value value) {
    return binary(BinaryOp::equal, literal(sort, value), literal(sort, value));
  };
  const Row rows[] = {
      {literal({}, 2), "the literal 2 is no value of its sort: boolean"},
      {compared({SortKind::bits, 0}, -1), "the literal -1 is no value of its sort: bits"},
      {compared({SortKind::enumeration, 0}, 3),
       "the literal 3 is no value of its sort: of the enumeration Kick"},
      {compared({SortKind::index, 0}, -1), "the literal -1 is no value of its sort: an index of cpu"},
      {compared({SortKind::index, 0}, 63), "the literal 63 is no value of its sort: an index of cpu"},
      {compared({SortKind::optional_index, 0}, -2),
       "the literal -2 is no value of its sort: an optional index of cpu"},
      {compared({SortKind::subset, 0}, Value{1} << 62),
       "the literal 4611686018427387904 is no value of its sort: a subset of cpu"},
  };
  check_rows(rows);
}

TEST_CASE("a sort that does not follow from the parts is refused") {
  const Expr n = var(users);
  const Row rows[] = {
      {make({SortKind::boolean, 0}, VariableRef{users, {}}),
       "`users` is an integer, but says that it is boolean"},
      {make({SortKind::boolean, 0}, Binary{BinaryOp::add, n, n}),
       "`users + users` is an integer, but says that it is boolean"},
      {make({SortKind::boolean, 0}, Quantified{QuantifierKind::count, v, cpu, truth(true)}),
       "`count(v in cpu: true)` is an integer, but says that it is boolean"},
      {make({SortKind::boolean, 0}, Conditional{truth(true), n, n}),
       "`true ? users : users` is an integer, but says that it is boolean"},
  };
  check_rows(rows);
}

TEST_CASE("bound names are used inside what binds them, and bound once") {
  const Expr uses_v = binary(BinaryOp::equal, bound(v, cpu), var(home));
  const Row rows[] = {
      {uses_v, "`v` is used outside of what binds it"},
      {binary(BinaryOp::logical_and, exists(v, cpu, uses_v), uses_v), "`v` is used outside of what binds it"},
      {exists(v, cpu, exists(v, cpu, uses_v)), "`v` is bound twice"},
      {exists(c, cpu, uses_v), "`v` is used outside of what binds it"},
      {exists({v.number, "other"}, cpu, uses_v), "`v` is used outside of what binds it"},
      {exists(v, vcpu_set, uses_v), "`v` is an index of vcpu, but says that it is an index of cpu"},
      {exists(v, cpu, var(users)), "`users` is an integer; a quantifier needs a boolean"},
  };
  check_rows(rows);
  CHECK(refused_as_a_claim(binary(BinaryOp::logical_and, exists(v, cpu, uses_v), exists(v, cpu, uses_v))) ==
        "");
}

TEST_CASE("a property has no self") {
  const Row rows[] = {{in_region({0}, {self(vcpu_set)}),
                       "`self` means nothing here: only the steps of a thread with a set have one"}};
  check_rows(rows);
}

TEST_CASE("expressions are refused before they are too deep for those who recurse") {
  const auto alternating = [](std::size_t levels) {
    Expr e = truth(true);
    for (std::size_t i = 1; i < levels; ++i) e = negation(e);
    return e;
  };
  const auto chain = [](std::size_t length) {
    Expr e = truth(false);
    for (std::size_t i = 1; i < length; ++i) e = binary(BinaryOp::logical_or, e, truth(false));
    return e;
  };
  CHECK(refused_as_a_claim(alternating(most_expression_levels)) == "");
  CHECK(refused_as_a_claim(alternating(most_expression_levels + 1)).find("nested too deeply") !=
        std::string::npos);
  CHECK(refused_as_a_claim(chain(deepest_expression)) == "");
  CHECK(refused_as_a_claim(chain(deepest_expression + 1)).find("nested too deeply") != std::string::npos);
}

} // namespace model_validate_expressions_test
