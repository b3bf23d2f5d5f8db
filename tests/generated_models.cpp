// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/generated_models.h"

#include "semantics/brute_force.h"
#include "tests/sample_models.h"
#include "tests/thread_writer.h"

namespace tdxcheck::tests {

using namespace model;

namespace {

void declare_parameters(Dice& dice, Model& model) {
  model.enumerations.add({"colour", {"red", "green", "blue"}});
  model.parameters.add({"size", IntegerParameter{1, 3, false}, dice.between(1, 3), "", {}});
  if (dice.chance(50)) model.parameters.add({"flag", BoolParameter{}, dice.between(0, 1), "", {}});
  if (dice.chance(30)) model.parameters.add({"form", EnumParameter{{0}}, dice.between(0, 2), "", {}});
  model.sets.add({"s", dice.chance(40) ? parameter(model, {0}) : integer(dice.between(1, 3)), false, {}});
  if (dice.chance(40)) model.sets.add({"r", integer(dice.between(1, 2)), false, {}});
  for (int i = dice.between(0, 2); i > 0; --i) model.guards.add({"guard" + std::to_string(i), "", {}});
}

Id<IndexSet> some_set(Dice& dice, const Model& model) {
  return {static_cast<std::uint32_t>(dice.below(model.sets.size()))};
}

struct Start {
  ScalarType type;
  Expr initial;
};

Start some_type(Dice& dice, const Model& model) {
  const Id<IndexSet> set = some_set(dice, model);
  switch (dice.below(9)) {
  case 0: return {IntegerType{integer(0), integer(dice.between(1, 2))}, integer(0)};
  case 1: return {IntegerType{integer(-1), parameter(model, {0})}, integer(dice.between(-1, 1))};
  case 2: return {BitsType{integer(2)}, literal({SortKind::bits, 0}, dice.between(0, 3))};
  case 3: return {EnumType{{0}}, literal({SortKind::enumeration, 0}, dice.between(0, 2))};
  case 4: return {IndexType{set}, literal({SortKind::index, set.value}, 0)};
  case 5: return {OptionalIndexType{set}, literal({SortKind::optional_index, set.value}, no_member)};
  case 6: return {SubsetType{set}, literal({SortKind::subset, set.value}, dice.between(0, 1))};
  default: return {BoolType{}, truth(dice.chance(30))};
  }
}

void declare_globals(Dice& dice, Model& model) {
  for (int i = dice.between(1, 4); i > 0; --i) {
    const Start start = some_type(dice, model);
    Variable variable{"v" + std::to_string(i), {start.type, {}}, start.initial, GlobalScope{}, "", {}};
    if (dice.chance(15)) variable.scope = MemberScope{some_set(dice, model)};
    if (dice.chance(15)) variable.type.array_of.push_back(some_set(dice, model));
    if (dice.chance(10)) variable.initial.reset();
    model.variables.add(variable);
  }
}

void declare_locks(Dice& dice, Generated& all) {
  static const std::vector<LockKind> kinds = {LockKind::mutex, LockKind::spinlock, LockKind::rwlock,
                                              LockKind::rwsem};
  for (int i = dice.chance(20) ? 0 : dice.between(1, 2); i > 0; --i) {
    Lock lock;
    lock.name = "lock" + std::to_string(i);
    lock.kind = dice.pick(kinds);
    lock.sleeping = dice.chance(40);
    if (dice.chance(60)) lock.rank = dice.between(1, 2);
    if (dice.chance(40)) lock.over.push_back(some_set(dice, all.model));
    Variable taken{lock.name + "_taken", {BoolType{}, lock.over}, truth(false), GlobalScope{}, "", {}};
    all.model.locks.add(lock);
    all.taken.push_back(all.model.variables.add(taken));
  }
}

void declare_threads(Dice& dice, Model& model) {
  for (int i = 1 + static_cast<int>(dice.below(3)); i > 0; --i) {
    Thread thread;
    thread.name = "t" + std::to_string(i);
    if (dice.chance(45)) thread.over = some_set(dice, model);
    const auto id = model.threads.add(thread);
    for (int local = dice.between(0, 2); local > 0; --local) {
      const Start start = some_type(dice, model);
      const std::string name = thread.name + ".x" + std::to_string(local);
      model.variables.add({name, {start.type, {}}, start.initial, LocalScope{id}, "", {}});
    }
    model.regions.add({"in_" + thread.name, id, {}});
  }
}

void choose_regions(Dice& dice, Model& model) {
  for (const auto id : model.regions.ids()) {
    auto& chosen = model.regions[id].labels;
    const auto labels = model.threads[model.regions[id].thread].labels.ids();
    for (const auto label : labels)
      if (dice.chance(40)) chosen.push_back(label);
    if (chosen.empty()) chosen.push_back(labels.back());
  }
}

bool asserts(const Model& model, const std::string& property) {
  for (const Thread& thread : model.threads)
    for (const Step& step : thread.steps)
      for (const Fact& fact : step.facts)
        if (const auto* assertion = std::get_if<Assertion>(&fact);
            assertion && assertion->property == property)
          return true;
  return false;
}

// How many of all threads are in their regions, or simply some small number.
Expr some_count(Dice& dice, Generated& all, ExpressionMaker& maker) {
  const Id<Region> region{0};
  const auto over = all.model.threads[all.model.regions[region].thread].over;
  if (!over || dice.chance(30)) return maker.number(1);
  const BoundName member{all.next_bound++, "m"};
  return tests::count(member, *over, in_region(region, {tests::bound(member, *over)}));
}

void claim(Dice& dice, Generated& all) {
  Surroundings here;
  here.model = &all.model;
  here.next_bound = &all.next_bound;
  ExpressionMaker maker(dice, here);
  Model& model = all.model;
  model.properties.push_back({"no_deadlock", NoDeadlock{}, {}, "", {}});
  model.properties.push_back({"lock_discipline", LockDiscipline{}, {}, "", {}});
  for (const std::string name : {"asserted", "also_asserted"})
    if (asserts(model, name)) model.properties.push_back({name, Asserted{}, {}, "", {}});
  model.properties.push_back(
      {"always", Always{binary(BinaryOp::logical_or, maker.condition(2), maker.condition(1))}, {}, "", {}});
  model.properties.push_back({"sometimes", Sometimes{maker.condition(2)}, {}, "", {}});
  Counter counter{"counter", some_count(dice, all, maker), some_count(dice, all, maker), {}, {}};
  if (dice.chance(40)) counter.holders = counter.value;
  if (dice.chance(40)) counter.freed = maker.condition(1);
  model.properties.push_back({"balanced", Balanced{model.counters.add(counter)}, {}, "", {}});
  if (dice.chance(30))
    model.properties.back().claimed_when = binary(BinaryOp::less, parameter(model, {0}), integer(3));
}

Generated attempt(Dice& dice) {
  Generated all;
  all.model.name = "generated";
  all.may_leave_ranges = dice.chance(15);
  all.may_be_undecided = dice.chance(3);
  declare_parameters(dice, all.model);
  declare_globals(dice, all.model);
  declare_locks(dice, all);
  declare_threads(dice, all.model);
  for (const auto thread : all.model.threads.ids()) ThreadWriter(dice, all, thread).write();
  choose_regions(dice, all.model);
  claim(dice, all);
  return all;
}

// Without the claims, which cost more to judge than the states to find.
bool is_small(Model model, const Valuation& valuation) {
  model.properties.clear();
  const semantics::PlainExploration seen =
      semantics::explore_plainly(semantics::Interpreter(model, valuation), most_generated_states);
  return seen.complete || seen.error;
}

} // namespace

Model random_model(std::uint64_t seed) {
  Dice dice(seed);
  for (;;) {
    Generated all = attempt(dice);
    if (!is_small(all.model, defaults(all.model))) continue;
    all.model.name = "generated_" + std::to_string(seed);
    return std::move(all.model);
  }
}

Valuation random_valuation(const Model& model, std::uint64_t seed) {
  Dice dice(seed);
  for (int attempts = 0; attempts < 10; ++attempts) {
    Valuation valuation = defaults(model);
    for (const auto id : model.parameters.ids()) {
      Value& value = valuation.parameters[id.value];
      const ParameterType& type = model.parameters[id].type;
      if (std::holds_alternative<IntegerParameter>(type)) value = dice.between(1, 3);
      else value = dice.between(0, 1);
    }
    for (std::size_t g = 0; g < valuation.kept.size(); ++g) valuation.kept[g] = dice.chance(50);
    if (is_small(model, valuation)) return valuation;
  }
  return defaults(model);
}

} // namespace tdxcheck::tests
