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
#include "run/lock_order.h"
#include "run/reach.h"
#include "run/reproduce.h"
#include "support/error.h"
#include "support/memory.h"
#include "support/stopwatch.h"

namespace tdxcheck::run {
namespace {

using explore::Move;
using explore::StateNumber;
using model::Value;

explore::Options with_memory_limit(explore::Options options) {
  if (const std::uint64_t free = support::free_physical_bytes(); !options.memory_bytes && free > 0)
    options.memory_bytes = free / 4 * 3;
  return options;
}

struct Holder {
  std::size_t thread;
  model::LockMode mode;
};

class Gathering {
public:
  explicit Gathering(const explore::Explored& explored) : explored_(explored), busy_(explored.system, {}) {
    every_move(explored.system, [&](Move move) {
      for (const model::Fact& fact : explored.system.step_of(move).facts)
        if (const auto* event = std::get_if<model::LockEvent>(&fact);
            event && event->action == model::LockAction::busy)
          busy_[move].push_back(event);
    });
    const auto& graph = explored.graph;
    for (StateNumber s = 0; s < graph.states(); ++s)
      for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e)
        for (const model::LockEvent* event : busy_[graph.move[e]]) see(s, graph.move[e], *event);
  }
  std::vector<result::Conflict> conflicts;

private:
  using Key =
      std::tuple<std::string, std::string, std::string, std::string, std::string, std::string, std::string>;
  using Instance = std::vector<Value>;

  void see(StateNumber from, Move move, const model::LockEvent& event);
  void note(StateNumber from, Move move, result::Conflict conflict);
  [[nodiscard]] Instance members(StateNumber state, const std::vector<model::Expr>& instance,
                                 const explore::Surroundings& here) const;
  [[nodiscard]] std::vector<Holder> holders(StateNumber state, const model::LockEvent& wanted,
                                            const Instance& which, std::size_t newcomer) const;
  [[nodiscard]] std::string call_at(StateNumber state, std::size_t thread) const;
  static std::string call_of(const model::Step& step) {
    return !step.call.empty() ? step.call : !step.function.empty() ? step.function : step.text;
  }

  explore::Explored explored_;
  explore::ByMove<std::vector<const model::LockEvent*>> busy_;
  std::map<Key, std::pair<std::size_t, StateNumber>> known_; // position, and the last state that was counted
};

Gathering::Instance Gathering::members(StateNumber state, const std::vector<model::Expr>& instance,
                                       const explore::Surroundings& here) const {
  Instance values;
  for (const model::Expr& e : instance)
    values.push_back(explored_.system.value(explored_.graph.state(state), e, here));
  return values;
}

// Whoever holds the lock in a mode that conflicts, the newcomer itself last of all.
std::vector<Holder> Gathering::holders(StateNumber state, const model::LockEvent& wanted,
                                       const Instance& which, std::size_t newcomer) const {
  std::vector<Holder> found;
  const auto& threads = explored_.system.instance().threads();
  for (std::size_t t = 0; t < threads.size(); ++t) {
    if (t == newcomer) continue;
    const auto label = explored_.system.label(explored_.graph.state(state), t);
    explore::Surroundings here;
    here.self = threads[t].member;
    for (const model::HeldLock& held : explored_.contexts[threads[t].thread.value][label.value].held) {
      const bool excludes =
          held.mode == model::LockMode::exclusive || wanted.mode == model::LockMode::exclusive;
      if (held.lock == wanted.lock && excludes && members(state, held.instance, here) == which)
        found.push_back({t, held.mode});
    }
  }
  return found;
}

// The call that the thread is in: what it would do next tells.
std::string Gathering::call_at(StateNumber state, std::size_t thread) const {
  const auto label = explored_.system.label(explored_.graph.state(state), thread);
  std::string call;
  for (const std::uint16_t m : explored_.system.moves()[thread].at[label.value]) {
    const model::Step& step = explored_.system.step_of({static_cast<std::uint16_t>(thread), m});
    if (!step.call.empty()) return step.call;
    if (call.empty()) call = call_of(step);
  }
  return call;
}

void Gathering::see(StateNumber from, Move move, const model::LockEvent& event) {
  const auto& instance = explored_.system.instance();
  const model::Step& step = explored_.system.step_of(move);
  const auto here = explore::surroundings_of(instance.threads()[move.thread], step,
                                             explored_.system.compiled(move).choices);
  const Instance which = members(from, event.instance, here);
  result::Conflict conflict;
  conflict.newcomer = call_of(step);
  conflict.newcomer_thread = instance.threads()[move.thread].name;
  conflict.lock = instance.model().locks[event.lock].name;
  for (const Value member : which) conflict.lock += fmt::format("[{}]", member);
  conflict.wanted_mode = model::name_of(event.mode);
  const auto by = holders(from, event, which, move.thread);
  for (const Holder& holder : by) {
    conflict.holder = call_at(from, holder.thread);
    conflict.holder_thread = instance.threads()[holder.thread].name;
    conflict.held_mode = model::name_of(holder.mode);
    note(from, move, conflict);
  }
  if (by.empty()) note(from, move, std::move(conflict));
}

void Gathering::note(StateNumber from, Move move, result::Conflict conflict) {
  const Key key{conflict.holder, conflict.holder_thread, conflict.newcomer,   conflict.newcomer_thread,
                conflict.lock,   conflict.held_mode,     conflict.wanted_mode};
  const auto [at, is_new] = known_.try_emplace(key, conflicts.size(), explore::no_state);
  if (is_new) {
    conflict.trace =
        explore::TraceWriter(explored_.written, explored_.system, explored_.graph, explored_.instantiated).to(from, move);
    conflicts.push_back(std::move(conflict));
  }
  if (at->second.second == from) return;
  at->second.second = from;
  ++conflicts[at->second.first].count;
}

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
  explore::MoveSet seen(explored.system, 0);
  for (const Move move : explored.graph.move) {
    if (seen[move] != 0) continue;
    seen[move] = 1;
    see(explored.system.step_of(move).facts);
  }
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
void confirm(const result::ConflictsResult& result, const Target& target) {
  for (const result::Conflict& conflict : result.conflicts) {
    const auto replayed = audit::replay_run(target.model, target.valuation, conflict.trace);
    if (!replayed.valid)
      throw support::InternalError(
          fmt::format("the run into a conflict over {} does not replay: {}", conflict.lock, replayed.why));
  }
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
  if (!result.model_error) result.conflicts = Gathering(explored).conflicts;
  if (result.complete) result.idle_loops = idle_loops(explored);
  put_names(result, target);
  confirm(result, target);
  result.seconds = stopwatch.seconds();
  result.reproduce = reproduce_line("conflicts", target, request, {});
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
