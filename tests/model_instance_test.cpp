// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, two engines number the cells differently and a trace of the one is nonsense to the other; or
// a parameter outside its range is explored as if somebody had meant it.
#include "model/instance.h"
#include "support/contract.h"
#include "support/error.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

#include <functional>

namespace model_instance_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using namespace tdxcheck::tests;

constexpr std::size_t retries = 1, cpus = 3, vcpus = 4;

Valuation two_of_each(const Model& model) {
  Valuation valuation = defaults(model);
  valuation.parameters[cpus] = valuation.parameters[vcpus] = 2;
  return valuation;
}

std::string refusal(const Model& model, const Valuation& valuation) {
  try {
    const Instance instance(model, valuation);
  } catch (const support::InputError& error) {
    return error.what();
  }
  return "accepted";
}

Variable& row(Model& model, const std::string& name) {
  for (Variable& variable : model.variables)
    if (variable.name == name) return variable;
  throw support::InternalError("no such variable: " + name);
}

TEST_CASE("cells are in the order of the declarations, the last index densest") {
  const Model model = every_feature();
  const Instance instance(model, two_of_each(model));
  std::vector<std::string> names;
  for (const Cell& cell : instance.cells()) names.push_back(cell.name);
  CHECK(names == std::vector<std::string>{"vm_dead",       "mmu_taken",     "users",       "word",
                                          "mode",          "home",          "owner",       "waiting",
                                          "assoc[0]",      "assoc[1]",      "seen[0][0]",  "seen[0][1]",
                                          "seen[1][0]",    "seen[1][1]",    "vcpu[0].cpu", "vcpu[1].cpu",
                                          "vcpu[0].round", "vcpu[1].round", "zap.busy",    "zap.tries"});
}

TEST_CASE("a cell is found again by its variable and indices") {
  const Model model = every_feature();
  Valuation valuation = two_of_each(model);
  valuation.parameters[cpus] = 3;
  const Instance instance(model, valuation);
  for (std::size_t i = 0; i < instance.cells().size(); ++i) {
    const Cell& cell = instance.cells()[i];
    CHECK(instance.cell(cell.variable, cell.at) == i);
    CHECK(instance.sort(i) == sort_of(model.variables[cell.variable].type.scalar));
  }
  const Id<Variable> seen{9};
  CHECK(instance.dimensions(seen).size() == 2);
  const std::vector<Value> last{2, 1};
  CHECK(instance.cell(seen, last) == instance.first_cell(seen) + 5);
}

TEST_CASE("a cell that does not exist is our own error") {
  const Model model = every_feature();
  const Instance instance(model, two_of_each(model));
  const Id<Variable> seen{9};
  for (const std::vector<Value>& at : {std::vector<Value>{}, {0}, {0, 2}, {2, 0}, {-1, 0}, {0, 0, 0}})
    CHECK_THROWS_AS((void)instance.cell(seen, at), support::InternalError);
}

TEST_CASE("each kind of type has its range") {
  const Model model = every_feature();
  const Instance instance(model, two_of_each(model));
  const auto range = [&](const std::string& name) {
    for (const Cell& cell : instance.cells())
      if (cell.name == name) return std::pair{cell.low, cell.high};
    return std::pair{Value{-9}, Value{-9}};
  };
  CHECK(range("vm_dead") == std::pair{Value{0}, Value{1}});
  CHECK(range("users") == std::pair{Value{0}, Value{2}});
  CHECK(range("word") == std::pair{Value{0}, Value{7}});
  CHECK(range("mode") == std::pair{Value{0}, Value{2}});
  CHECK(range("home") == std::pair{Value{0}, Value{1}});
  CHECK(range("owner") == std::pair{Value{-1}, Value{1}});
  CHECK(range("waiting") == std::pair{Value{0}, Value{3}});
  CHECK(range("zap.tries") == std::pair{Value{0}, Value{1}});
}

TEST_CASE("threads are in the order of the declarations, one per member") {
  const Model model = every_feature();
  const Instance instance(model, two_of_each(model));
  std::vector<std::string> names;
  for (const ThreadInstance& thread : instance.threads()) names.push_back(thread.name);
  CHECK(names == std::vector<std::string>{"vcpu[0]", "vcpu[1]", "zap", "irq[0]", "irq[1]"});
  CHECK(instance.thread(Id<Thread>{0}, 1) == 1);
  CHECK(instance.thread(Id<Thread>{2}, 1) == 4);
  CHECK_THROWS_AS((void)instance.thread(Id<Thread>{1}, 1), support::InternalError);
  CHECK_THROWS_AS((void)instance.thread(Id<Thread>{2}, 2), support::InternalError);
}

TEST_CASE("a parameter outside its range is refused by name and line") {
  const Model model = every_feature();
  Valuation valuation = two_of_each(model);
  valuation.parameters[retries] = 17;
  CHECK(refusal(model, valuation) ==
        "protocols/every_feature.cpp:2: the parameter `retries` is 17; it may be 0..16, unlimited");
  valuation.parameters[retries] = unlimited;
  CHECK(refusal(model, valuation) == "accepted");
  valuation.parameters[cpus] = unlimited;
  CHECK(refusal(model, valuation) ==
        "protocols/every_feature.cpp:4: the parameter `cpus` is -1; it may be 1..4");
}

TEST_CASE("sizes, ranges, widths and initial values must come out right") {
  struct Row {
    std::function<void(Model&)> change;
    std::string said;
  };
  const Expr none = integer(0);
  const Row rows[] = {
      {[&](Model& m) { m.sets[Id<IndexSet>{0}].size = none; },
       "protocols/every_feature.cpp:6: the set `cpu` has 0 members; it may have 1 to 62"},
      {[&](Model& m) { m.sets[Id<IndexSet>{1}].size = integer(63); },
       "protocols/every_feature.cpp:7: the set `vcpu` has 63 members; it may have 1 to 62"},
      {[&](Model& m) {
         row(m, "users").type.scalar = IntegerType{integer(1), none};
       },
       "protocols/every_feature.cpp:13: the variable `users` has the range 1..0, which is empty"},
      {[&](Model& m) { row(m, "word").type.scalar = BitsType{none}; },
       "protocols/every_feature.cpp:14: the variable `word` has 0 bits; it may have 1 to 62"},
      {[&](Model& m) { row(m, "word").type.scalar = BitsType{integer(63)}; },
       "protocols/every_feature.cpp:14: the variable `word` has 63 bits; it may have 1 to 62"},
      {[&](Model& m) { row(m, "users").initial = integer(3); },
       "protocols/every_feature.cpp:13: the variable `users` starts with 3, outside its range 0..2"},
      {[&](Model& m) {
         row(m, "seen").type.array_of.assign(12, Id<IndexSet>{0});
         m.sets[Id<IndexSet>{0}].size = integer(62);
       },
       "protocols/every_feature.cpp:20: with the variable `seen` there are more than 1048576 cells"},
      {[&](Model& m) {
         row(m, "users").type.scalar =
             IntegerType{none, binary(BinaryOp::multiply, integer(Value{1} << 40), integer(Value{1} << 40))};
       },
       "every_feature: `1099511627776 * 1099511627776` has no value"},
  };
  for (const Row& each : rows) {
    Model model = every_feature();
    each.change(model);
    CHECK(refusal(model, two_of_each(model)) == each.said);
  }
}

TEST_CASE("a constant is worked out from parameters and named guards") {
  const Model model = every_feature();
  Valuation valuation = two_of_each(model);
  const auto value = [&](const Expr& e) { return evaluate_constant(model, valuation, e); };
  const Expr tries = parameter(model, Id<Parameter>{retries}), n = parameter(model, Id<Parameter>{cpus});
  const Expr kept = make({}, Kept{Id<GuardName>{0}});
  CHECK(value(binary(BinaryOp::add, tries, binary(BinaryOp::multiply, n, integer(3)))) == 7);
  CHECK(value(conditional(kept, integer(4), integer(5))) == 4);
  valuation.kept[0] = false;
  CHECK(value(conditional(kept, integer(4), integer(5))) == 5);
  CHECK(value(make({SortKind::bits, 0}, Wrap{integer(3), integer(-1)})) == 7);
  const Expr overflow = binary(BinaryOp::less, binary(BinaryOp::shift_left, n, integer(70)), n);
  CHECK(value(binary(BinaryOp::implies, kept, overflow)) == 1);
  CHECK_THROWS_AS((void)value(overflow), support::InputError);
}

TEST_CASE("what depends on the state has no value before there is one") {
  const Model model = every_feature();
  const Valuation valuation = two_of_each(model);
  for (const Expr& e :
       {read(model, Id<Variable>{0}), self(Id<IndexSet>{0}), in_region(Id<Region>{1}), Expr()})
    CHECK_THROWS_AS((void)evaluate_constant(model, valuation, e), support::ContractViolation);
  CHECK_THROWS_AS(Instance(model, Valuation{}), support::ContractViolation);
}

} // namespace model_instance_test
