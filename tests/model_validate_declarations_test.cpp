// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, a name that stands for two rows is resolved to the first, and an Id that leads nowhere ends
// an engine instead of naming the line of the protocol.
#include "tests/model_mutations.h"

namespace model_validate_declarations_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using namespace tdxcheck::tests;
using namespace tdxcheck::tests::of_every_feature;

const Expr stateful = make({}, VariableRef{vm_dead, {}});

TEST_CASE("the samples have no problems") {
  CHECK(describe(validate(every_feature())) == "");
  CHECK(describe(validate(two_threads_one_lock())) == "");
  CHECK(validate(Model{}).empty());
}

TEST_CASE("two rows of one table may not share a name") {
  const Mutation mutations[] = {
      {"1: the enumeration `Kick` is there twice",
       [](Model& m) {
         m.enumerations.add({"Kick", {"x"}});
       }},
      {"3: the constant of Kick `each` is there twice",
       [](Model& m) { m.enumerations[{0}].constants[0] = "each"; }},
      {"2: the parameter `strict` is there twice", [](Model& m) { m.parameters[retries].name = "strict"; }},
      {"7: the set `cpu` is there twice", [](Model& m) { m.sets[vcpu_set].name = "cpu"; }},
      {"12: the variable `vm_dead` is there twice",
       [](Model& m) { m.variables[mmu_taken].name = "vm_dead"; }},
      {"32: the lock `mmu_lock` is there twice", [](Model& m) { m.locks[tdvpr].name = "mmu_lock"; }},
      {"9: the guard `kicked` is there twice", [](Model& m) { m.guards[{1}].name = "kicked"; }},
      {"51: the thread `zap` is there twice", [](Model& m) { m.threads[irq].name = "zap"; }},
      {"44: the label of vcpu `idle` is there twice",
       [](Model& m) { m.threads[vcpu].labels[{3}].name = "idle"; }},
      {"45: the region `guest` is there twice", [](Model& m) { m.regions[{1}].name = "guest"; }},
      {"47: the loop `block` is there twice", [](Model& m) { m.loops.add(m.loops[{0}]); }},
      {"46: the operation `zap` is there twice", [](Model& m) { m.operations.add(m.operations[{0}]); }},
      {"60: the counter `users` is there twice", [](Model& m) { m.counters.add(m.counters[{0}]); }},
      {"101: the property `arithmetic` is there twice",
       [](Model& m) { m.properties[1].name = "arithmetic"; }},
      {"1: the variant `landed` is there twice", [](Model& m) { m.variants[1].name = "landed"; }},
  };
  check_refusals(mutations);
}

TEST_CASE("loops and operations of different threads may be called alike") {
  Model model = every_feature();
  model.loops.add({"block", vcpu, {}, {}});
  model.operations.add({"zap", vcpu, {}, {}});
  CHECK(describe(validate(model)) == "");
}

TEST_CASE("a name is not empty and has neither blanks nor control characters") {
  const Mutation mutations[] = {
      {"11: a variable is named ``", [](Model& m) { m.variables[vm_dead].name = ""; }},
      {"1: a parameter is named `a b`", [](Model& m) { m.parameters[strict].name = "a b"; }},
      {"41: a label of vcpu is named `x\n`", [](Model& m) { m.threads[vcpu].labels[{0}].name = "x\n"; }},
      {"1: a variant has no name", [](Model& m) { m.variants[0].name = ""; }},
  };
  check_refusals(mutations);
}

TEST_CASE("what a declaration refers to exists") {
  const Mutation mutations[] = {
      {"3: the parameter `kick` is of an enumeration that does not exist",
       [](Model& m) { m.parameters[kick].type = EnumParameter{{7}}; }},
      {"15: the type of `mode` refers to an enumeration or a set that does not exist",
       [](Model& m) { m.variables[mode].type.scalar = EnumType{{7}}; }},
      {"16: the type of `home` refers to", [](Model& m) { m.variables[home].type.scalar = IndexType{{2}}; }},
      {"17: the type of `owner` refers to",
       [](Model& m) { m.variables[owner].type.scalar = OptionalIndexType{{2}}; }},
      {"18: the type of `waiting` refers to",
       [](Model& m) { m.variables[waiting].type.scalar = SubsetType{{2}}; }},
      {"20: `seen` is an array over a set that does not exist",
       [](Model& m) { m.variables[seen].type.array_of[1] = {2}; }},
      {"19: the scope of `assoc` is", [](Model& m) { m.variables[assoc].scope = MemberScope{{2}}; }},
      {"21: the scope of `vcpu.cpu` is", [](Model& m) { m.variables[vcpu_cpu].scope = LocalScope{{3}}; }},
      {"33: the lock `slots_lock` has an instance for each member of a set",
       [](Model& m) { m.locks[slots_lock].over[0] = {2}; }},
      {"40: the thread `vcpu` runs over a set that does not exist",
       [](Model& m) { m.threads[vcpu].over = {{2}}; }},
      {"45: the thread `zap` starts at a label that does not exist",
       [](Model& m) { m.threads[zap].start = {5}; }},
      {"47: the loop `block` belongs to a thread that does not exist",
       [](Model& m) { m.loops[{0}].thread = {3}; }},
      {"46: the operation `zap` belongs to a thread that", [](Model& m) { m.operations[{0}].thread = {3}; }},
      {"40: the region `guest` belongs to a thread that does not exist",
       [](Model& m) { m.regions[{0}].thread = {3}; }},
      {"40: the region `guest` has a label that its thread `vcpu` does not have",
       [](Model& m) { m.regions[{0}].labels = {{4}}; }},
      {"44: the region `guest` has the label `in_guest` twice",
       [](Model& m) {
         m.regions[{0}].labels = {{3}, {3}};
       }},
      {"60: the holders of the counter `users`: it names the region `guest`, which has no labels",
       [](Model& m) { m.regions[{0}].labels = {}; }},
      {"112: the property `users_balanced` is about a counter that does not exist",
       [](Model& m) { m.properties[12].claim = Balanced{{1}}; }},
      {"111: the property `few_retries` is about a loop that does not exist",
       [](Model& m) {
         m.properties[11].claim = Retries{{1}, integer(1)};
       }},
      {"1: the variant `landed` sets a parameter that does not exist",
       [](Model& m) { m.variants[0].settings[0].parameter = {9}; }},
      {"1: the default variant `newest` does not exist", [](Model& m) { m.default_variant = "newest"; }},
  };
  check_refusals(mutations);
}

TEST_CASE("defaults, settings and literal sizes are within their ranges") {
  const Mutation mutations[] = {
      {"2: the default of the parameter `retries` is 17; it may be 0..16, unlimited",
       [](Model& m) { m.parameters[retries].default_value = 17; }},
      {"3: the default of the parameter `kick` is Kick#3",
       [](Model& m) { m.parameters[kick].default_value = 3; }},
      {"1: the default of the parameter `strict` is",
       [](Model& m) { m.parameters[strict].default_value = 2; }},
      {"4: the parameter `cpus` has the range 4..1, which is empty",
       [](Model& m) {
         m.parameters[cpus].type = IntegerParameter{4, 1, false};
       }},
      {"2: the parameter `retries` is a limit and may not be negative",
       [](Model& m) {
         m.parameters[retries].type = IntegerParameter{-1, 16, true};
       }},
      {"3: the enumeration `Kick` has no constants", [](Model& m) { m.enumerations[{0}].constants.clear(); }},
      {"2: the value in the variant `landed` of the parameter `retries` is -2",
       [](Model& m) { m.variants[0].settings[0].value = -2; }},
      {"2: the variant `landed` sets the parameter `retries` twice",
       [](Model& m) {
         m.variants[0].settings[1] = {retries, 2};
       }},
      {"6: the size of the set `cpu` is 0; it may be 1 to 62",
       [](Model& m) { m.sets[cpu].size = integer(0); }},
      {"6: the size of the set `cpu` is 63; it may be 1 to 62",
       [](Model& m) { m.sets[cpu].size = integer(63); }},
      {"14: the width of `word` is 63; it may be 1 to 62",
       [](Model& m) { m.variables[word].type.scalar = BitsType{integer(63)}; }},
      {"22: the variable `vcpu.round` has the range 1..0, which is empty",
       [](Model& m) {
         m.variables[vcpu_round].type.scalar = IntegerType{integer(1), integer(0)};
       }},
      {"22: the local `round` of the thread `vcpu` is not called `vcpu.round`",
       [](Model& m) { m.variables[vcpu_round].name = "round"; }},
  };
  check_refusals(mutations);
}

TEST_CASE("sizes, ranges, limits and the like depend on parameters alone") {
  const Expr number = make({SortKind::integer, 0}, VariableRef{users, {}});
  const Mutation mutations[] = {
      {"6: the size of the set `cpu`: `users` depends on the state",
       [&](Model& m) { m.sets[cpu].size = number; }},
      {"13: the lower bound of `users`: `users` depends on the state",
       [&](Model& m) {
         m.variables[users].type.scalar = IntegerType{number, integer(1)};
       }},
      {"13: the upper bound of `users`: `users` depends on the state",
       [&](Model& m) {
         m.variables[users].type.scalar = IntegerType{integer(0), number};
       }},
      {"14: the width of `word`: `users` depends on the state",
       [&](Model& m) { m.variables[word].type.scalar = BitsType{number}; }},
      {"11: the initial value of `vm_dead`: `mmu_taken` depends on the state",
       [](Model& m) { m.variables[vm_dead].initial = read(m, mmu_taken); }},
      {"111: the property `few_retries`: `users` depends on the state",
       [&](Model& m) { std::get<Retries>(m.properties[11].claim).limit = number; }},
      {"111: the property `few_retries`: `vm_dead` depends on the state",
       [](Model& m) { m.properties[11].claimed_when = stateful; }},
      {"6: the size of the set `cpu`: `count(v in vcpu: true)` depends on the state",
       [](Model& m) {
         m.sets[cpu].size = count({1, "v"}, vcpu_set, truth(true));
       }},
      {"11: the initial value of `vm_dead`: `zap in zapping` depends on the state",
       [](Model& m) { m.variables[vm_dead].initial = in_region({1}); }},
      {"75: the update of `word`, the width: `users` depends on the state",
       [&](Model& m) {
         vcpu_step(m, leave).updates[2].value =
             make({SortKind::bits, 0}, Wrap{number, make({SortKind::bits, 0}, VariableRef{word, {}})});
       }},
  };
  check_refusals(mutations);
}

TEST_CASE("an initial value, a bound and a size have the right sort") {
  const Mutation mutations[] = {
      {"11: the initial value of `vm_dead`: `0` is an integer; expected: boolean",
       [](Model& m) { m.variables[vm_dead].initial = integer(0); }},
      {"11: the initial value of `vm_dead`: it, or an operand in it, is missing",
       [](Model& m) { m.variables[vm_dead].initial = Expr(); }},
      {"16: the initial value of `home`: `none` is an optional index of cpu; expected: an index of cpu",
       [](Model& m) {
         m.variables[home].initial = literal({SortKind::optional_index, cpu.value}, no_member);
       }},
      {"6: the size of the set `cpu`: `true` is boolean; expected: an integer",
       [](Model& m) { m.sets[cpu].size = truth(true); }},
      {"13: the lower bound of `users`: `strict` is boolean",
       [](Model& m) {
         m.variables[users].type.scalar = IntegerType{parameter(m, strict), integer(1)};
       }},
      {"60: the value of the counter `users`: `vm_dead` is boolean; expected an integer or bits",
       [](Model& m) { m.counters[{0}].value = stateful; }},
      {"60: the holders of the counter `users`: it, or an operand in it, is missing",
       [](Model& m) { m.counters[{0}].holders = Expr(); }},
      {"60: `freed` of the counter `users`: `1` is an integer",
       [](Model& m) { m.counters[{0}].freed = integer(1); }},
  };
  check_refusals(mutations);
}

TEST_CASE("a problem without a line is told without one") {
  CHECK(describe({{{"a.cpp", 3}, "x"}, {{}, "y"}}) == "a.cpp:3: x\ny");
  CHECK(describe({}) == "");
}

} // namespace model_validate_declarations_test
