// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/problem_of.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "lower/instantiate.h"
#include "lower/shrink.h"
#include "prove/count_rounds.h"
#include "prove/name_members.h"
#include "run/lift_plain_run.h"
#include "semantics/interpreter.h"
#include "support/contract.h"
#include "support/error.h"
#include "support/near_miss.h"

namespace tdxcheck::run {
namespace {

using model::Value;

result::AnyParameter any_parameter(const model::Model& model, const std::string& name) {
  std::vector<std::string> names;
  for (const auto id : model.parameters.ids()) {
    const model::Parameter& parameter = model.parameters[id];
    names.push_back(parameter.name);
    if (parameter.name != name) continue;
    const auto* integer = std::get_if<model::IntegerParameter>(&parameter.type);
    return {id, integer != nullptr ? std::max<Value>(integer->low, 0) : 0};
  }
  throw support::InputError(support::did_you_mean("parameter", name, names));
}

// What a run's first state says, by name: cells that instantiation has dropped are not in it.
std::map<std::string, Value> named_cells(const prove::Problem& problem, const prove::State& state) {
  const model::Instance instance(problem.model, problem.valuation);
  std::map<std::string, Value> named;
  for (std::size_t c = 0; c < instance.cells().size(); ++c) named[instance.cells()[c].name] = state.cells[c];
  return named;
}

semantics::State start_like(const semantics::Interpreter& interpreter, const prove::Problem& problem,
                            const prove::State& wanted) {
  const std::map<std::string, Value> named = named_cells(problem, wanted);
  std::optional<semantics::State> found;
  interpreter.each_start([&](const semantics::Start& start) {
    bool same = true;
    for (std::size_t c = 0; c < start.state.cells.size() && same; ++c) {
      const auto value = named.find(interpreter.instance().cells()[c].name);
      same = value == named.end() || value->second == start.state.cells[c];
    }
    if (same) found = start.state;
    return !found;
  });
  support::ensures_internal(found.has_value(), "a run that the prover found starts where the model starts");
  return *found;
}

} // namespace

prove::Problem problem_of(const Target& target, const std::vector<std::string>& any) {
  prove::Problem problem{{}, target.valuation, {}, {}};
  std::vector<model::Id<model::Parameter>> free;
  for (const std::string& name : any) {
    const result::AnyParameter parameter = any_parameter(target.model, name);
    if (std::ranges::count(free, parameter.parameter) > 0) continue;
    problem.any.push_back(parameter);
    free.push_back(parameter.parameter);
    // Some value that it may have; a limit that is free is not `unlimited`.
    Value& value = problem.valuation.parameters[parameter.parameter.value];
    value = std::max(value, parameter.lowest);
  }
  // Rounds are counted last: nothing else in the model reads the counts.
  problem.model = prove::count_rounds(
      lower::shrink(lower::instantiate(target.model, problem.valuation, free), problem.valuation));
  for (const auto set : problem.model.sets.ids()) {
    model::Expr& size = problem.model.sets[set].size;
    if (std::holds_alternative<model::Literal>(size.node().kind)) continue;
    problem.open.push_back({set, size});
    size = model::integer(prove::members_to_name(problem.model, set));
  }
  return problem;
}

Target target_with(const Target& target, const std::vector<Value>& parameters) {
  Target instance = target;
  instance.valuation.parameters = parameters;
  for (const auto id : instance.model.parameters.ids()) {
    auto* type = std::get_if<model::IntegerParameter>(&instance.model.parameters[id].type);
    const Value value = parameters[id.value];
    if (type == nullptr || (type->may_be_unlimited && value == model::unlimited)) continue;
    type->high = std::max(type->high, value);
  }
  return instance;
}

result::Trace lift_proved_run(const Target& target, const prove::Problem& problem, const prove::Run& run) {
  const Target here = target_with(target, run.parameters);
  const semantics::Interpreter interpreter(here.model, here.valuation);
  prove::Problem instance = problem;
  instance.valuation.parameters = run.parameters;
  for (const auto id : instance.model.parameters.ids())
    instance.model.parameters[id].type = here.model.parameters[id].type;
  semantics::PlainRun plain{start_like(interpreter, instance, run.states.front()), {}};
  const auto& threads = interpreter.instance().threads();
  for (const prove::Move& move : run.moves) {
    const std::size_t written = problem.model.threads[threads[move.thread].thread].steps[move.step].written;
    std::vector<semantics::Action> actions = interpreter.actions(plain.last());
    const auto taken = std::ranges::find_if(actions, [&](const semantics::Action& action) {
      return action.thread == move.thread && action.step == written && action.choices == move.choices;
    });
    support::ensures_internal(taken != actions.end(),
                              "a move that the prover found is possible in the written model");
    plain.actions.push_back(std::move(*taken));
  }
  return lift_plain_run(interpreter, plain);
}

} // namespace tdxcheck::run
