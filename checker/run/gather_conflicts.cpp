// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/gather_conflicts.h"

#include <map>
#include <tuple>

#include <fmt/format.h>

#include "explore/by_move.h"
#include "explore/trace_of.h"
#include "model/print.h"

namespace tdxcheck::run {
namespace {

using explore::Move;
using explore::StateNumber;
using model::Value;

struct Holder {
  std::size_t thread;
  model::LockMode mode;
};

class Gathering {
public:
  Gathering(const explore::Explored& explored, CalledBy called_by)
      : explored_(explored), called_by_(called_by), busy_(explored.system, {}) {
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
  [[nodiscard]] std::string call_of(const model::Step& step) const {
    if (called_by_ == CalledBy::leaf) return step.function;
    return !step.call.empty() ? step.call : !step.function.empty() ? step.function : step.text;
  }

  explore::Explored explored_;
  CalledBy called_by_;
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
    if (!step.call.empty()) return call_of(step);
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
  if (called_by_ == CalledBy::call)
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
        explore::TraceWriter(explored_.written, explored_.system, explored_.graph, explored_.instantiated)
            .to(from, move);
    conflicts.push_back(std::move(conflict));
  }
  if (at->second.second == from) return;
  at->second.second = from;
  ++conflicts[at->second.first].count;
}

} // namespace

std::vector<result::Conflict> gather_conflicts(const explore::Explored& explored, CalledBy called_by) {
  return Gathering(explored, called_by).conflicts;
}

} // namespace tdxcheck::run
