// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, a printed condition means something else than the model's: a pair of parentheses too few
// turns `a && (b || c)` into its opposite in every report.
#include "model/print.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace model_print_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using namespace tdxcheck::tests;

const Model& sample() {
  static const Model model = every_feature();
  return model;
}

template <class Row>
Id<Row> named(const Table<Row>& table, const std::string& name) {
  const auto found = std::ranges::find(table, name, &Row::name);
  REQUIRE(found != table.end());
  return {static_cast<std::uint32_t>(found - table.begin())};
}

Expr variable(const std::string& name, std::vector<Expr> at = {}) {
  return read(sample(), named(sample().variables, name), std::move(at));
}
Expr setting(const std::string& name) { return parameter(sample(), named(sample().parameters, name)); }

const Id<IndexSet> cpu{0}, vcpu{1};
const BoundName v{1, "v"};

std::string text(const Expr& e) { return print(sample(), e); }

Expr two(BinaryOp op, const Expr& a, const Expr& b) { return binary(op, a, b); }

TEST_CASE("operators have only the parentheses that C's precedence asks for") {
  using enum BinaryOp;
  const Expr a = variable("vm_dead"), b = variable("mmu_taken"), c = truth(true);
  const Expr x = variable("users"), y = setting("cpus"), z = integer(3);
  const Expr w = variable("word"), m = literal({SortKind::bits, 0}, 3);
  CHECK(text(two(logical_and, a, two(logical_or, b, c))) == "vm_dead && (mmu_taken || true)");
  CHECK(text(two(logical_or, two(logical_and, a, b), c)) == "vm_dead && mmu_taken || true");
  CHECK(text(two(logical_and, two(logical_and, a, b), c)) == "vm_dead && mmu_taken && true");
  CHECK(text(two(logical_and, a, two(logical_and, b, c))) == "vm_dead && mmu_taken && true");
  CHECK(text(two(implies, a, two(implies, b, c))) == "vm_dead => mmu_taken => true");
  CHECK(text(two(implies, two(implies, a, b), c)) == "(vm_dead => mmu_taken) => true");
  CHECK(text(negation(two(logical_and, a, b))) == "!(vm_dead && mmu_taken)");
  CHECK(text(negation(negation(a))) == "!!vm_dead");
  CHECK(text(two(equal, two(equal, a, b), c)) == "(vm_dead == mmu_taken) == true");
  CHECK(text(two(not_equal, a, negation(b))) == "vm_dead != !mmu_taken");
  CHECK(text(two(subtract, x, two(subtract, y, z))) == "users - (cpus - 3)");
  CHECK(text(two(subtract, two(subtract, x, y), z)) == "users - cpus - 3");
  CHECK(text(two(subtract, x, two(add, y, z))) == "users - (cpus + 3)");
  CHECK(text(two(multiply, two(add, x, y), z)) == "(users + cpus) * 3");
  CHECK(text(two(less, two(add, x, y), two(multiply, y, z))) == "users + cpus < cpus * 3");
  CHECK(text(two(less_equal, unary(UnaryOp::negate, two(add, x, y)), integer(-2))) ==
        "-(users + cpus) <= -2");
  CHECK(text(unary(UnaryOp::negate, unary(UnaryOp::negate, x))) == "-(-users)");
  CHECK(text(unary(UnaryOp::negate, integer(-2))) == "-(-2)");
  CHECK(text(two(equal, two(bit_and, w, m), m)) == "(word & 3) == 3");
  CHECK(text(two(bit_or, two(bit_and, w, m), two(bit_xor, w, m))) == "word & 3 | word ^ 3");
  CHECK(text(two(bit_and, two(bit_or, w, m), w)) == "(word | 3) & word");
  CHECK(text(two(shift_left, w, two(shift_right, w, m))) == "word << (word >> 3)");
  CHECK(text(make({SortKind::bits, 0}, Wrap{setting("cpus"), two(add, w, m)})) == "(word + 3) mod 2^cpus");
}

TEST_CASE("a choice between expressions is C's") {
  const Expr a = variable("vm_dead"), b = variable("mmu_taken"), x = variable("users");
  CHECK(text(conditional(a, x, integer(0))) == "vm_dead ? users : 0");
  CHECK(text(conditional(a, x, conditional(b, x, integer(0)))) == "vm_dead ? users : mmu_taken ? users : 0");
  CHECK(text(conditional(conditional(a, b, a), x, x)) == "(vm_dead ? mmu_taken : vm_dead) ? users : users");
  CHECK(text(binary(BinaryOp::add, conditional(a, x, x), x)) == "(vm_dead ? users : users) + users");
}

TEST_CASE("quantifiers read like sentences and are put in parentheses as operands") {
  const Expr mine = binary(BinaryOp::not_equal, variable("assoc", {bound(v, vcpu)}),
                           literal({SortKind::optional_index, 0}, no_member));
  const Expr all = for_all(v, vcpu, mine);
  CHECK(text(all) == "for all v in vcpu: assoc[v] != none");
  CHECK(text(exists(v, vcpu, negation(mine))) == "exists v in vcpu: !(assoc[v] != none)");
  CHECK(text(binary(BinaryOp::less, count(v, vcpu, mine), integer(2))) ==
        "count(v in vcpu: assoc[v] != none) < 2");
  CHECK(text(binary(BinaryOp::logical_and, all, variable("vm_dead"))) ==
        "(for all v in vcpu: assoc[v] != none) && vm_dead");
  CHECK(text(negation(all)) == "!(for all v in vcpu: assoc[v] != none)");
  const BoundName c{9, "c"};
  CHECK(text(for_all(v, vcpu, exists(c, cpu, variable("seen", {bound(c, cpu), bound(v, vcpu)})))) ==
        "for all v in vcpu: exists c in cpu: seen[c][v]");
}

TEST_CASE("subsets are written with their members") {
  using enum BinaryOp;
  const Expr s = variable("waiting"), me = self(vcpu), one = literal({SortKind::subset, vcpu.value}, 5);
  CHECK(text(two(contains, s, me)) == "waiting contains self");
  CHECK(text(negation(two(contains, s, me))) == "!(waiting contains self)");
  CHECK(text(two(with, s, me)) == "waiting + {self}");
  CHECK(text(two(without, two(with, s, me), me)) == "waiting + {self} - {self}");
  CHECK(text(unary(UnaryOp::cardinality, two(unite, s, one))) == "|waiting + {0,2}|");
  CHECK(text(two(minus, s, two(unite, s, one))) == "waiting - (waiting + {0,2})");
  CHECK(text(two(equal, two(intersect, s, one), one)) == "(waiting & {0,2}) == {0,2}");
  CHECK(text(two(included, s, literal({SortKind::subset, vcpu.value}, 0))) == "waiting within {}");
}

TEST_CASE("places, guards and regions have names") {
  CHECK(text(make({}, Kept{Id<GuardName>{0}})) == "kept(kicked)");
  CHECK(text(in_region(Id<Region>{0}, {self(vcpu)})) == "vcpu[self] in guest");
  CHECK(text(negation(in_region(Id<Region>{1}))) == "!(zap in zapping)");
  CHECK(text(setting("kick")) == "kick");
}

TEST_CASE("a local of the thread itself goes without its thread") {
  const auto local = named(sample().variables, "vcpu.cpu");
  CHECK(text(read(sample(), local, {self(vcpu)})) == "cpu");
  CHECK(text(read(sample(), local, {bound(v, vcpu)})) == "vcpu[v].cpu");
  CHECK(print_reference(sample(), {local, {literal({SortKind::index, 1}, 1)}}) == "vcpu[1].cpu");
  CHECK(text(variable("zap.busy")) == "zap.busy");
  CHECK(text(variable("seen", {self(cpu), self(vcpu)})) == "seen[self][self]");
}

TEST_CASE("a value is written as its sort has it") {
  CHECK(print_value(sample(), {SortKind::boolean, 0}, 1) == "true");
  CHECK(print_value(sample(), {SortKind::boolean, 0}, 0) == "false");
  CHECK(print_value(sample(), {SortKind::integer, 0}, -7) == "-7");
  CHECK(print_value(sample(), {SortKind::bits, 0}, 6) == "6");
  CHECK(print_value(sample(), {SortKind::enumeration, 0}, 2) == "each");
  CHECK(print_value(sample(), {SortKind::index, 1}, 0) == "0");
  CHECK(print_value(sample(), {SortKind::optional_index, 1}, 1) == "1");
  CHECK(print_value(sample(), {SortKind::optional_index, 1}, no_member) == "none");
  CHECK(print_value(sample(), {SortKind::subset, 1}, 0) == "{}");
  CHECK(print_value(sample(), {SortKind::subset, 1}, 5) == "{0,2}");
  CHECK(print_value(sample(), {SortKind::subset, 1}, Value{1} << 61) == "{61}");
}

TEST_CASE("a limit beside minus one is unlimited, any other number is not") {
  CHECK(text(binary(BinaryOp::equal, setting("retries"), integer(unlimited))) == "retries == unlimited");
  CHECK(text(binary(BinaryOp::not_equal, integer(unlimited), setting("retries"))) == "unlimited != retries");
  CHECK(text(binary(BinaryOp::equal, setting("cpus"), integer(-1))) == "cpus == -1");
}

TEST_CASE("parameters print, and parse what they print, within their ranges only") {
  const Model& model = sample();
  const auto strict = named(model.parameters, "strict"), retries = named(model.parameters, "retries"),
             kick = named(model.parameters, "kick"), cpus = named(model.parameters, "cpus");
  CHECK(print_range(model, strict) == "true, false");
  CHECK(print_range(model, retries) == "0..16, unlimited");
  CHECK(print_range(model, kick) == "never, before_last, each");
  CHECK(print_range(model, cpus) == "1..4");
  CHECK(print_parameter(model, retries, unlimited) == "unlimited");
  for (const auto& [id, value] :
       {std::pair{strict, Value{0}}, {retries, Value{16}}, {retries, unlimited}, {kick, Value{1}}})
    CHECK(parse_parameter(model, id, print_parameter(model, id, value)) == value);
  for (const auto& [id, wrong] :
       std::initializer_list<std::pair<Id<Parameter>, const char*>>{{strict, "1"},
                                                                    {strict, ""},
                                                                    {retries, "17"},
                                                                    {retries, "-1"},
                                                                    {retries, "2 "},
                                                                    {retries, "+2"},
                                                                    {retries, "1e1"},
                                                                    {retries, "99999999999999999999"},
                                                                    {cpus, "unlimited"},
                                                                    {kick, "Each"},
                                                                    {kick, "2"}}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_parameter(model, id, wrong));
  }
}

TEST_CASE("enumerators have the names of the command line and of JSON") {
  CHECK(name_of(Domain::hardware) == "hardware");
  CHECK(name_of(Fairness::none) == "none");
  CHECK(name_of(LockMode::shared) == "shared");
  CHECK(name_of(LockAction::try_acquire) == "try_acquire");
  CHECK(name_of(LockKind::sharex_hp) == "sharex_hp");
  CHECK(template_name(Asserted{}) == "assertion");
}

} // namespace model_print_test
