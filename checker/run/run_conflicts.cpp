// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_conflicts.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "audit/replay.h"
#include "explore/by_move.h"
#include "explore/trace_of.h"
#include "graph/control_flow.h"
#include "graph/lock_order.h"
#include "model/print.h"
#include "run/gather_conflicts.h"
#include "run/lock_order.h"
#include "run/memory_limit.h"
#include "run/reach.h"
#include "run/reproduce.h"
#include "support/error.h"
#include "support/stopwatch.h"

namespace tdxcheck::run {
namespace {

using explore::Move;
using explore::StateNumber;
using model::Value;

// Loops that some run enters and none goes round: for these parameters the retry is dead code.
std::vector<std::string> idle_loops(const explore::Explored& explored) {
  const auto& model = explored.system.instance().model();
  std::set<std::uint32_t> entered, round;
  const auto see = [&](const std::vector<model::Fact>& facts) {
    for (const model::Fact& fact : facts) {
      const auto* event = std::get_if<model::LoopEvent>(&fact);
      if (event == nullptr) continue;
      (event->action == model::LoopAction::again ? round : entered).insert(event->loop.value);
    }
  };
  for (const Move move : explored.graph.move.distinct()) see(explored.system.step_of(move).facts);
  for (const model::Thread& thread : model.threads) see(thread.start_facts);
  std::vector<std::string> names;
  for (const std::uint32_t loop : entered)
    if (!round.contains(loop))
      names.push_back(
          fmt::format("{}: {}", model.threads[model.loops[{loop}].thread].name, model.loops[{loop}].name));
  return names;
}

void put_names(result::ConflictsResult& result, const Target& target) {
  result.target = target.name;
  result.parameters = target.parameters();
  result.without = target.without();
  const auto name = [&](result::Trace& trace) {
    trace.target = result.target;
    trace.parameters = result.parameters;
    trace.without = result.without;
    trace.fair = target.fair;
  };
  for (result::Conflict& conflict : result.conflicts) name(conflict.trace);
  if (result.model_error) name(result.model_error->trace);
}

// What does not replay is a bug of ours.
void confirm(const std::vector<result::Conflict>& conflicts, const Target& target) {
  for (const result::Conflict& conflict : conflicts) {
    const auto replayed = audit::replay_run(target.model, target.valuation, conflict.trace);
    if (!replayed.valid)
      throw support::InternalError(
          fmt::format("the run into a conflict over {} does not replay: {}", conflict.lock, replayed.why));
  }
}

// The values of the parameter `newcomer`, but for the one that stands for all of them.
std::vector<std::string> leaves_of(const Target& target) {
  for (const model::Parameter& parameter : target.model.parameters) {
    if (parameter.name != "newcomer") continue;
    std::vector<std::string> names = target.model.enumerations[{model::sort_of(parameter).of}].constants;
    std::erase(names, "any");
    return names;
  }
  throw support::InternalError(fmt::format("{} has no parameter newcomer", module_protocol));
}

// In the order of the leaves, and the locks of a pair by name.
std::vector<result::ModulePair> pairs_of(const std::vector<result::Conflict>& conflicts,
                                         const std::vector<std::string>& leaves) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> locks;
  for (const result::Conflict& conflict : conflicts)
    locks[{conflict.holder, conflict.newcomer}].insert(conflict.lock);
  std::vector<result::ModulePair> pairs;
  for (const std::string& holder : leaves)
    for (const std::string& newcomer : leaves)
      if (const auto found = locks.find({holder, newcomer}); found != locks.end())
        pairs.push_back({holder, newcomer, {found->second.begin(), found->second.end()}});
  return pairs;
}

} // namespace

result::ConflictsResult run_conflicts(const Target& target, const Request& request,
                                      const CheckOptions& options) {
  const support::Stopwatch stopwatch;
  Reach reach(target, with_memory_limit(options.search));
  const explore::Explored explored = reach.explored();
  result::ConflictsResult result;
  result.states = explored.graph.states();
  result.transitions = explored.graph.transitions;
  result.complete = reach.is_complete();
  result.incomplete_because = reach.incomplete_because();
  result.model_error = reach.model_error();
  if (!result.model_error) result.conflicts = gather_conflicts(explored, CalledBy::call);
  if (result.complete) result.idle_loops = idle_loops(explored);
  put_names(result, target);
  confirm(result.conflicts, target);
  result.seconds = stopwatch.seconds();
  result.reproduce = reproduce_line("conflicts", target, request, {});
  return result;
}

result::ModuleConflicts run_module_conflicts(const Request& asked, const CheckOptions& options) {
  const support::Stopwatch stopwatch;
  Request request = asked;
  request.target = module_protocol;
  const Target target = resolve(request);
  Reach reach(target, with_memory_limit(options.search));
  if (const auto error = reach.model_error())
    throw support::InternalError(fmt::format("{}: model error: {}", module_protocol, error->text));
  const explore::Explored explored = reach.explored();
  result::ConflictsResult found;
  found.conflicts = gather_conflicts(explored, CalledBy::leaf);
  std::erase_if(found.conflicts, [](const result::Conflict& conflict) {
    return conflict.newcomer_thread != "newcomer" || conflict.holder_thread != "holder";
  });
  put_names(found, target);
  confirm(found.conflicts, target);
  result::ModuleConflicts result;
  for (const auto& [parameter, value] : target.parameters())
    if (parameter == "module") result.module = value;
  result.leaves = leaves_of(target);
  result.pairs = pairs_of(found.conflicts, result.leaves);
  result.states = explored.graph.states();
  result.transitions = explored.graph.transitions;
  result.complete = reach.is_complete();
  result.incomplete_because = reach.incomplete_because();
  result.seconds = stopwatch.seconds();
  result.reproduce = reproduce_line("conflicts", request);
  return result;
}

std::string lock_order_as_dot(const Target& target, const CheckOptions& options) {
  Reach reach(target, with_memory_limit(options.search));
  if (const auto error = reach.model_error()) throw support::InputError("model error: " + error->text);
  if (!reach.is_complete())
    throw support::InputError("not all states were searched, and an order of some of them says nothing: " +
                              reach.incomplete_because());
  std::vector<graph::OrderEdge> edges;
  for (const SeenEdge& seen : seen_lock_order(reach.explored())) edges.push_back(seen.edge);
  return graph::lock_order_as_dot(reach.instantiated(), edges);
}

std::string control_flow_as_dot(const Target& target) {
  return graph::control_flow_as_dot(run::instantiated(target));
}

} // namespace tdxcheck::run
