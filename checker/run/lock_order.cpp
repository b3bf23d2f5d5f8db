// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/lock_order.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "explore/trace_of.h"
#include "model/print.h"
#include "run/section.h"

namespace tdxcheck::run {
namespace {

using explore::Move;
using explore::StateNumber;
using graph::OrderEdge;
using Instance = std::vector<model::Expr>;

struct Pair {
  OrderEdge edge;
  Instance held, acquired;
  explore::Surroundings here;
};

// What a move acquires, whatever the state, and what its thread holds then.
std::vector<Pair> pairs_of(const explore::Explored& explored, Move move) {
  const auto& who = explored.system.instance().threads()[move.thread];
  const model::Step& step = explored.system.step_of(move);
  std::vector<model::HeldLock> held = explored.contexts[who.thread.value][step.from.value].held;
  const auto here = explore::surroundings_of(who, step, explored.system.compiled(move).choices);
  std::vector<Pair> pairs;
  for (const model::Fact& fact : step.facts) {
    const auto* event = std::get_if<model::LockEvent>(&fact);
    if (event == nullptr) continue;
    if (event->action == model::LockAction::release) {
      const model::HeldLock released{event->lock, event->instance, event->mode};
      const auto last = std::find(held.rbegin(), held.rend(), released);
      if (last != held.rend()) held.erase(std::next(last).base());
      continue;
    }
    for (const model::HeldLock& h : held) {
      const bool blocking = event->action == model::LockAction::acquire;
      pairs.push_back(
          {{{h.lock, h.mode}, {event->lock, event->mode}, blocking}, h.instance, event->instance, here});
    }
    if (event->action != model::LockAction::busy) held.push_back({event->lock, event->instance, event->mode});
  }
  return pairs;
}

std::vector<model::Value> members(const explore::Explored& explored, StateNumber state,
                                  const Instance& instance, const explore::Surroundings& here) {
  std::vector<model::Value> values;
  for (const model::Expr& e : instance)
    values.push_back(explored.system.value(explored.graph.state(state), e, here));
  return values;
}

class Gathering {
public:
  explicit Gathering(const explore::Explored& explored) : explored_(explored), pairs_(explored.system, {}) {
    every_move(explored.system, [&](Move move) { pairs_[move] = pairs_of(explored, move); });
    const auto& graph = explored.graph;
    for (StateNumber s = 0; s < graph.states(); ++s)
      for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e) see(s, graph.move[e]);
  }
  std::vector<SeenEdge> edges;

private:
  // A pair that was seen is dropped: most moves have none left soon.
  void see(StateNumber from, Move move) {
    std::erase_if(pairs_[move], [&](const Pair& pair) {
      if (pair.edge.held.lock == pair.edge.acquired.lock) {
        explore::Surroundings owner;
        owner.self = pair.here.self;
        if (members(explored_, from, pair.held, owner) < members(explored_, from, pair.acquired, pair.here))
          return false;
      }
      if (known_.try_emplace(pair.edge, edges.size()).second) edges.push_back({pair.edge, from, move});
      return true;
    });
  }

  const explore::Explored& explored_;
  explore::ByMove<std::vector<Pair>> pairs_;
  std::map<OrderEdge, std::size_t> known_;
};

result::Trace path_of(const explore::Explored& explored, const SeenEdge& seen) {
  return explore::TraceWriter(explored.written, explored.system, explored.graph, explored.instantiated)
      .to(seen.from, seen.move);
}

// The loops around a try go round without limit.
bool is_retried_for_ever(const explore::Explored& explored, const SeenEdge& seen) {
  const auto& who = explored.system.instance().threads()[seen.move.thread];
  const auto& context = explored.contexts[who.thread.value][explored.system.step_of(seen.move).from.value];
  return std::ranges::any_of(context.loops, [&](model::Id<model::Loop> loop) {
    return !SectionOf(explored, seen.move.thread, loop, loop).longest().bounded;
  });
}

std::vector<std::string> notes_on_tries(const explore::Explored& explored,
                                        const std::vector<SeenEdge>& seen) {
  std::vector<SeenEdge> lasting;
  for (const SeenEdge& edge : seen)
    if (edge.edge.blocking || is_retried_for_ever(explored, edge)) lasting.push_back(edge);
  std::vector<OrderEdge> edges;
  for (const SeenEdge& edge : lasting) edges.push_back(edge.edge);
  std::vector<std::string> notes;
  for (const graph::LockCycle& cycle : graph::lock_cycles(edges)) {
    if (std::ranges::all_of(cycle, [&](std::size_t e) { return lasting[e].edge.blocking; })) continue;
    notes.push_back(fmt::format("note: {} is a cycle through a try that is repeated without limit",
                                circle(explored.system.instance().model(), lasting, cycle)));
  }
  return notes;
}

} // namespace

std::string name_of(const model::Model& model, const graph::LockUse& use) {
  return model.locks[use.lock].name + (use.mode == model::LockMode::shared ? " (shared)" : "");
}

std::string describe(const explore::Explored& explored, const SeenEdge& seen) {
  const auto& instance = explored.system.instance();
  const model::Step& step = explored.system.step_of(seen.move);
  std::string place = step.function.empty() ? step.text : step.function + "(): " + step.text;
  if (!step.call.empty()) place = step.call;
  if (!step.source.file.empty()) place += fmt::format(" at {}:{}", step.source.file, step.source.line);
  return fmt::format("{} {} {} while it holds {}: {}", instance.threads()[seen.move.thread].name,
                     seen.edge.blocking ? "acquires" : "tries", name_of(instance.model(), seen.edge.acquired),
                     name_of(instance.model(), seen.edge.held), place);
}

std::string circle(const model::Model& model, const std::vector<SeenEdge>& seen,
                   const graph::LockCycle& cycle) {
  std::vector<std::string> names;
  for (const std::size_t e : cycle) names.push_back(name_of(model, seen[e].edge.held));
  names.push_back(names.front());
  return fmt::format("{}", fmt::join(names, " -> "));
}

std::vector<SeenEdge> seen_lock_order(const explore::Explored& explored) { return Gathering(explored).edges; }

void judge_lock_order(const explore::Explored& explored, result::PropertyResult& property) {
  const std::vector<SeenEdge> seen = seen_lock_order(explored);
  std::vector<SeenEdge> blocking;
  std::vector<OrderEdge> edges;
  for (const SeenEdge& edge : seen) {
    if (!edge.edge.blocking) continue;
    blocking.push_back(edge);
    edges.push_back(edge.edge);
  }
  const auto cycles = graph::lock_cycles(edges);
  property.evidence = notes_on_tries(explored, seen);
  if (cycles.empty()) {
    property.verdict = result::Verdict::holds;
    property.detail = fmt::format("no cycle among {} pairs of locks", seen.size());
    return;
  }
  const graph::LockCycle& shortest =
      *std::ranges::min_element(cycles, {}, [](const graph::LockCycle& cycle) { return cycle.size(); });
  property.verdict = result::Verdict::violated;
  property.detail = fmt::format("possible circular locking dependency: {}",
                                circle(explored.system.instance().model(), blocking, shortest));
  std::vector<std::string> lines;
  for (const std::size_t e : shortest) {
    lines.push_back(describe(explored, blocking[e]));
    result::Trace path = path_of(explored, blocking[e]);
    path.property = property.name;
    if (!property.trace) property.trace = std::move(path);
    else property.paths.push_back(std::move(path));
  }
  property.evidence.insert(property.evidence.begin(), lines.begin(), lines.end());
}

} // namespace tdxcheck::run
