// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/any_size.h"

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "lower/instantiate.h"
#include "prove/count_rounds.h"
#include "prove/name_members.h"
#include "semantics/brute_force.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

namespace tdxcheck::tests {

using model::BinaryOp;
using model::Expr;
using model::Value;

namespace {

constexpr std::size_t most_states = 3000, most_enumerated = 20'000;
constexpr Value largest_sample = 3;

} // namespace

model::Id<model::Parameter> size_parameter(const model::Model& model) {
  for (const auto id : model.parameters.ids())
    if (model.parameters[id].name == "members") return id;
  return {};
}

void leave_size_free(model::Model& model, model::Id<model::IndexSet> set) {
  const auto members =
      model.parameters.add({"members", model::IntegerParameter{1, 4, false}, 2, "how many there are", {}});
  model.sets[set].size = parameter(model, members);
}

model::Model one_lock_for_all(bool atomic) {
  Sketch sketch;
  const auto worker = sketch.set("worker", 2);
  leave_size_free(sketch.model, worker);
  sketch.model.sets[worker].symmetric = true;
  const auto locked = sketch.boolean("locked");
  const auto inside_now = sketch.number("inside_now", 0, 2);
  std::get<model::IntegerType>(sketch.model.variables[inside_now].type.scalar).high =
      parameter(sketch.model, size_parameter(sketch.model));
  const auto thread = sketch.thread("worker", "idle seen inside end*", worker);
  const auto enter = [&](const char* from) {
    auto& step = sketch.step(thread, from, "inside");
    step.updates = {
        set(locked, model::truth(true)),
        set(inside_now, model::binary(BinaryOp::add, sketch.read(inside_now), model::integer(1)))};
  };
  if (atomic) {
    enter("idle");
    sketch.model.threads[thread].steps.back().guard = model::negation(sketch.read(locked));
  } else {
    sketch.step(thread, "idle", "seen").guard = model::negation(sketch.read(locked));
    enter("seen");
  }
  auto& leave = sketch.step(thread, "inside", "end");
  leave.updates = {
      set(locked, model::truth(false)),
      set(inside_now, model::binary(BinaryOp::subtract, sketch.read(inside_now), model::integer(1)))};
  const auto region = sketch.model.regions.add({"inside", thread, {sketch.label(thread, "inside")}});
  const model::BoundName v{0, "v"}, w{1, "w"};
  const Expr v_inside = in_region(region, {bound(v, worker)}),
             w_inside = in_region(region, {bound(w, worker)});
  const Expr how_many = count(v, worker, v_inside);
  sketch.claim("mutual_exclusion",
               model::Always{model::binary(BinaryOp::less_equal, how_many, model::integer(1))});
  const Expr same = model::binary(BinaryOp::equal, bound(v, worker), bound(w, worker));
  sketch.claim(
      "alone",
      model::Always{for_all(
          v, worker,
          for_all(w, worker,
                  model::disjunction(same, model::negation(model::conjunction(v_inside, w_inside)))))});
  const auto counter = sketch.model.counters.add({"inside", sketch.read(inside_now), how_many, {}, {}});
  sketch.claim("balanced", model::Balanced{counter});
  sketch.model.name = "one_lock_for_all";
  return sketch.model;
}

prove::Problem open_problem(const model::Model& model) {
  prove::Problem problem{{}, model::defaults(model), {{size_parameter(model), 1}}, {}};
  problem.model = prove::count_rounds(lower::instantiate(model, problem.valuation, {size_parameter(model)}));
  for (const auto set : problem.model.sets.ids()) {
    Expr& size = problem.model.sets[set].size;
    if (std::holds_alternative<model::Literal>(size.node().kind)) continue;
    problem.open.push_back({set, size});
    size = model::integer(prove::members_to_name(problem.model, set));
  }
  return problem;
}

prove::Outcome prove_for_any_size(const model::Model& model, const std::string& property, double seconds) {
  const prove::Problem problem = open_problem(model);
  std::vector<prove::SizedStates> sized;
  for (Value n = 1; n <= largest_sample; ++n) {
    prove::SizedStates& one = sized.emplace_back();
    one.valuation = problem.valuation;
    one.valuation.parameters[size_parameter(model).value] = n;
    one.model = problem.model;
    for (const auto& open : problem.open) one.model.sets[open.set].size = open.size;
    const auto fold_it = [&](Expr& e) { e = lower::fold(one.model, one.valuation, e); };
    lower::every_declared_expression(one.model, fold_it);
    lower::every_used_expression(one.model, fold_it);
    const semantics::Interpreter interpreter(one.model, one.valuation);
    for (const semantics::State& state : semantics::explore_plainly(interpreter, most_states).states)
      one.states.add({one.valuation.parameters, {state.cells, state.at}});
  }
  prove::ProveOptions options;
  options.seconds = seconds;
  options.sized = &sized;
  prove::Groundwork groundwork(problem);
  return prove::prove(groundwork, property, options);
}

std::optional<bool> holds_for_small_sizes(const model::Model& model, const std::string& property,
                                          Value largest) {
  bool holds = true;
  for (Value n = 1; n <= largest; ++n) {
    model::Valuation valuation = model::defaults(model);
    valuation.parameters[size_parameter(model).value] = n;
    const semantics::Interpreter interpreter(model, valuation);
    const auto seen = semantics::explore_plainly(interpreter, most_enumerated);
    if (seen.error) return {};
    for (const auto& judged : seen.properties)
      if (judged.property == property && judged.judged == semantics::Judged::violated) holds = false;
  }
  return holds;
}

bool is_about_states(const model::Claim& claim) {
  return std::holds_alternative<model::Always>(claim) || std::holds_alternative<model::Asserted>(claim) ||
         std::holds_alternative<model::LockDiscipline>(claim) ||
         std::holds_alternative<model::Balanced>(claim);
}

} // namespace tdxcheck::tests
