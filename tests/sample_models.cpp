// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sample_models.h"

namespace tdxcheck::tests {

using namespace model;

Expr read(const Model& model, Id<Variable> variable, std::vector<Expr> at) {
  return make(sort_of(model.variables[variable].type.scalar), VariableRef{variable, std::move(at)});
}

Expr parameter(const Model& model, Id<Parameter> parameter) {
  return make(sort_of(model.parameters[parameter]), ParameterRef{parameter});
}

Expr self(Id<IndexSet> set) { return make({SortKind::index, set.value}, Self{}); }

Expr bound(const BoundName& name, Id<IndexSet> set) {
  return make({SortKind::index, set.value}, BoundRef{name});
}

Expr for_all(BoundName name, Id<IndexSet> set, Expr body) {
  return make({}, Quantified{QuantifierKind::for_all, std::move(name), set, std::move(body)});
}

Expr exists(BoundName name, Id<IndexSet> set, Expr body) {
  return make({}, Quantified{QuantifierKind::exists, std::move(name), set, std::move(body)});
}

Expr count(BoundName name, Id<IndexSet> set, Expr body) {
  return make({SortKind::integer, 0},
              Quantified{QuantifierKind::count, std::move(name), set, std::move(body)});
}

Expr in_region(Id<Region> region, std::vector<Expr> member) {
  return make({}, InRegion{region, std::move(member)});
}

namespace {

Source line(unsigned number) { return {"protocols/two_threads_one_lock.cpp", number}; }

Thread worker_thread(Model& model, Id<IndexSet> worker, Id<Variable> taken, Id<Lock> mutex,
                     Id<GuardName> exclusion) {
  Thread thread;
  thread.name = "worker";
  thread.over = worker;
  thread.source = line(20);
  const auto idle = thread.labels.add({"idle", Domain::host, false, line(21)});
  const auto critical = thread.labels.add({"critical", Domain::host, false, line(22)});
  const auto done = thread.labels.add({"done", Domain::host, true, line(23)});
  thread.start = idle;

  Step take;
  take.from = idle;
  take.to = critical;
  take.text = "takes the mutex";
  take.function = "work";
  take.guard = truth(true);
  take.named = {{exclusion, negation(read(model, taken))}};
  take.updates = {{VariableRef{taken, {}}, truth(true)}};
  take.fairness = Fairness::strong;
  take.facts = {LockEvent{LockAction::acquire, mutex, {}, LockMode::exclusive},
                WaitForLock{mutex, {}, LockMode::exclusive}};
  take.source = line(22);

  Step give;
  give.from = critical;
  give.to = done;
  give.text = "gives it back";
  give.function = "work";
  give.guard = truth(true);
  give.updates = {{VariableRef{taken, {}}, truth(false)}};
  give.facts = {LockEvent{LockAction::release, mutex, {}, LockMode::exclusive}};
  give.source = line(23);

  thread.steps = {take, give};
  return thread;
}

} // namespace

Model two_threads_one_lock() {
  Model model;
  model.name = "two_threads_one_lock";
  model.summary = "Workers take one mutex in turn";
  const auto workers =
      model.parameters.add({"workers", IntegerParameter{1, 4, false}, 2, "how many", line(10)});
  const auto worker = model.sets.add({"worker", parameter(model, workers), true, line(11)});
  const auto taken =
      model.variables.add({"taken", {BoolType{}, {}}, truth(false), GlobalScope{}, "the mutex", line(12)});
  const auto exclusion = model.guards.add({"exclusion", "one worker at a time", line(13)});
  Lock mutex;
  mutex.name = "mutex";
  mutex.source = line(14);
  const auto lock = model.locks.add(mutex);
  const auto thread = model.threads.add(worker_thread(model, worker, taken, lock, exclusion));
  const auto inside = model.regions.add({"inside", thread, {Id<Label>{1}}});

  const BoundName w{0, "w"};
  const Expr is_inside = in_region(inside, {bound(w, worker)});
  model.properties = {
      {"mutual_exclusion",
       Always{binary(BinaryOp::less_equal, count(w, worker, is_inside), integer(1))},
       {},
       "one inside",
       line(30)},
      {"no_deadlock", NoDeadlock{}, {}, "", line(31)},
      {"lock_discipline", LockDiscipline{}, {}, "", line(32)},
      {"somebody_enters", Sometimes{exists(w, worker, is_inside)}, {}, "", line(33)},
  };
  return model;
}

} // namespace tdxcheck::tests
