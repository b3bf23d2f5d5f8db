// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/generated_models.h"
#include "tests/sample_models.h"

namespace tdxcheck::tests {

using namespace model;

namespace {

constexpr std::size_t first_steps = 12;  // 3 guards, 4 updates
constexpr std::size_t second_steps = 10; // none, a to a, a to b, b to b, and 6 from b to a
constexpr std::size_t bodies = first_steps * second_steps;

constexpr Id<Variable> x{0}, y{1};
constexpr Id<Label> a{0}, b{1};

struct Body {
  const Model& model;
  Thread thread;

  Expr is(Id<Variable> variable) const { return read(model, variable); }
  Expr is_not(Id<Variable> variable) const { return negation(is(variable)); }

  Step& add(Id<Label> from, Id<Label> to, const Expr& guard) {
    Step step;
    step.from = from;
    step.to = to;
    step.guard = guard;
    thread.steps.push_back(step);
    return thread.steps.back();
  }
};

Update set(Id<Variable> variable, const Expr& value) { return {VariableRef{variable, {}}, value}; }

const LockEvent acquires_x{LockAction::acquire, {0}, {}, LockMode::exclusive};
const LockEvent releases_x{LockAction::release, {0}, {}, LockMode::exclusive};

void add_first(Body& body, std::size_t number, bool may_hold) {
  const std::size_t guard = number % 3, update = number / 3;
  Step& step = body.add(a, b, guard == 0 ? truth(true) : guard == 1 ? body.is_not(x) : body.is(x));
  if (update == 1) step.updates = {set(x, truth(true))};
  if (update == 2) step.updates = {set(x, truth(false))};
  if (update == 3) {
    step.updates = {set(y, body.is_not(y))};
    step.facts.emplace_back(Assertion{"x_is_clear", body.is_not(x), "x is clear"});
  }
  if (guard != 1 || update != 1) return;
  step.fairness = Fairness::strong;
  if (may_hold) step.facts = {acquires_x, WaitForLock{{0}, {}, LockMode::exclusive}};
}

void add_second(Body& body, std::size_t number) {
  if (number == 0) return;
  if (number == 1) body.add(a, a, body.is(y)).updates = {set(x, body.is_not(x))};
  if (number == 2) body.add(a, b, body.is(x)).updates = {set(y, truth(true))};
  if (number == 3) body.add(b, b, body.is_not(y)).updates = {set(y, truth(true))};
  if (number < 4) return;
  const std::size_t way = number - 4;
  Step& back = body.add(b, a, way % 2 == 0 ? truth(true) : body.is(x));
  if (way / 2 == 1) back.updates = {set(y, truth(true))};
  if (way / 2 != 2) return;
  back.updates = {set(x, truth(false))};
  back.facts = {releases_x};
}

// The first step may acquire if whatever else leads to b or from it keeps who holds what a function of the
// label.
bool holding_is_clear(std::size_t second) { return second <= 1 || second == 3 || second >= 8; }

Thread thread_of(const Model& model, std::size_t number, const std::string& name) {
  Body body{model, {}};
  body.thread.name = name;
  const std::size_t first = number % first_steps, second = number / first_steps;
  add_first(body, first, holding_is_clear(second));
  add_second(body, second);
  body.thread.labels.add({"a", Domain::host, false, {}});
  body.thread.labels.add({"b", Domain::host, second < 3, {}});
  return body.thread;
}

void claim(Model& model) {
  const Expr both = conjunction(read(model, x), read(model, y));
  Expr holders = integer(0);
  Expr all_at_b = truth(true);
  for (const auto id : model.threads.ids()) {
    const Expr at_b = in_region(model.regions.add({"at_b_of_" + model.threads[id].name, id, {b}}));
    holders = binary(BinaryOp::add, holders, conditional(at_b, integer(1), integer(0)));
    all_at_b = conjunction(all_at_b, at_b);
  }
  const auto counter =
      model.counters.add({"x", conditional(read(model, x), integer(1), integer(0)), holders, {}, {}});
  model.properties = {
      {"no_deadlock", NoDeadlock{}, {}, "", {}},
      {"lock_discipline", LockDiscipline{}, {}, "", {}},
      {"x_is_clear", Asserted{}, {}, "", {}},
      {"not_both", Always{negation(both)}, {}, "", {}},
      {"not_all_at_b", Always{negation(all_at_b)}, {}, "", {}},
      {"balanced", Balanced{counter}, {}, "", {}},
      {"both", Sometimes{both}, {}, "", {}},
  };
  for (const Thread& thread : model.threads)
    for (const Step& step : thread.steps)
      for (const Fact& fact : step.facts)
        if (std::holds_alternative<Assertion>(fact)) return;
  std::erase_if(model.properties, [](const Property& p) { return p.name == "x_is_clear"; });
}

} // namespace

std::size_t tiny_model_count() { return bodies + bodies * (bodies + 1) / 2; }

Model tiny_model(std::size_t number) {
  Model model;
  model.name = "tiny_" + std::to_string(number);
  model.variables.add({"x", {BoolType{}, {}}, truth(false), GlobalScope{}, "", {}});
  model.variables.add({"y", {BoolType{}, {}}, truth(false), GlobalScope{}, "", {}});
  Lock lock;
  lock.name = "x";
  model.locks.add(lock);
  if (number < bodies) {
    model.threads.add(thread_of(model, number, "one"));
  } else {
    // Unordered pairs: (0,0), (0,1), (1,1), (0,2), ...
    std::size_t rest = number - bodies, second = 0;
    for (; rest > second; ++second) rest -= second + 1;
    model.threads.add(thread_of(model, rest, "one"));
    model.threads.add(thread_of(model, second, "two"));
  }
  claim(model);
  return model;
}

} // namespace tdxcheck::tests
