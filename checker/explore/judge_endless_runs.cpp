// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/judge_endless_runs.h"

#include <algorithm>

#include <fmt/format.h>

#include "explore/components.h"
#include "explore/fair_run.h"
#include "explore/reach_within.h"
#include "model/print.h"
#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

using OperationId = model::Id<model::Operation>;

bool ends(const model::Step& step, std::optional<OperationId> operation) {
  return std::ranges::any_of(step.facts, [&](const model::Fact& fact) {
    const auto* event = std::get_if<model::OperationEvent>(&fact);
    return event != nullptr && event->action == model::OperationAction::end &&
           (!operation || event->operation == *operation);
  });
}

class Judge {
public:
  Judge(InterpretedSystem& system, const Contexts& contexts, const ReachedGraph& graph,
        const std::function<void()>& round)
      : system_(system),
        contexts_(contexts),
        graph_(graph),
        round_(round),
        fair_(system),
        everything_{std::vector<std::uint8_t>(graph.states(), 1), MoveSet(system, 1)} {}

  EndlessVerdict operator()(const model::NoLivelock&);
  EndlessVerdict operator()(const model::NoStarvation&);
  EndlessVerdict operator()(const model::LeadsTo& claim);
  EndlessVerdict operator()(const model::Recoverable& claim);
  // Judged elsewhere.
  EndlessVerdict operator()(const model::Always&) { return not_mine(); }
  EndlessVerdict operator()(const model::Asserted&) { return not_mine(); }
  EndlessVerdict operator()(const model::NoDeadlock&) { return not_mine(); }
  EndlessVerdict operator()(const model::LockDiscipline&) { return not_mine(); }
  EndlessVerdict operator()(const model::LockOrder&) { return not_mine(); }
  EndlessVerdict operator()(const model::Retries&) { return not_mine(); }
  EndlessVerdict operator()(const model::Balanced&) { return not_mine(); }
  EndlessVerdict operator()(const model::Sometimes&) { return not_mine(); }

private:
  static EndlessVerdict not_mine() {
    support::ensures_internal(false, "only claims about endless runs are judged here");
    return {};
  }

  [[nodiscard]] const std::vector<OperationId>& open_at(std::size_t thread,
                                                        model::Id<model::Label> label) const {
    return contexts_[system_.instance().threads()[thread].thread.value][label.value].operations;
  }
  [[nodiscard]] bool is_open(std::size_t thread, model::Id<model::Label> label, OperationId operation) const {
    return std::ranges::count(open_at(thread, label), operation) > 0;
  }
  [[nodiscard]] const std::string& name_of(std::size_t thread) const {
    return system_.instance().threads()[thread].name;
  }
  [[nodiscard]] const std::string& name_of(OperationId operation) const {
    return system_.instance().model().operations[operation].name;
  }
  [[nodiscard]] bool add(EndlessVerdict& verdict, const Stay& stay);
  void starvation(EndlessVerdict& verdict, std::size_t thread, OperationId operation);
  [[nodiscard]] std::vector<std::uint8_t> states_with(const model::Expr& condition);
  void add_hinges(EndlessVerdict& verdict) const;

  InterpretedSystem& system_;
  const Contexts& contexts_;
  const ReachedGraph& graph_;
  const std::function<void()>& round_;
  FairSteps fair_;
  Subgraph everything_;
  std::set<std::size_t> hinges_; // kinds
};

// Whether the run was found.
bool Judge::add(EndlessVerdict& verdict, const Stay& stay) {
  FairRun found = find_fair_run(graph_, fair_, stay, most_kinds, round_);
  hinges_.insert(found.hinges.begin(), found.hinges.end());
  verdict.rests_on_fairness = verdict.rests_on_fairness || found.some_run_is_unfair;
  verdict.violation = std::move(found.run);
  return verdict.violation.has_value();
}

void Judge::add_hinges(EndlessVerdict& verdict) const { verdict.hinges = fair_.describe(hinges_); }

EndlessVerdict Judge::operator()(const model::NoLivelock&) {
  Stay stay{everything_};
  stay.wanted = MoveSet(system_, 0);
  every_move(system_, [&](Move move) {
    const model::Step& step = system_.step_of(move);
    stay.part.moves[move] = !ends(step, {});
    (*stay.wanted)[move] = !open_at(move.thread, step.from).empty();
  });
  EndlessVerdict verdict;
  if (!add(verdict, stay)) {
    add_hinges(verdict);
    return verdict;
  }
  const Walk& walk = *verdict.violation;
  const Move mover = *std::find_if(walk.moves.begin() + static_cast<std::ptrdiff_t>(*walk.loop),
                                   walk.moves.end(), [&](Move move) { return (*stay.wanted)[move] != 0; });
  verdict.why = fmt::format("{} goes round in `{}`, and no operation ever ends", name_of(mover.thread),
                            name_of(open_at(mover.thread, system_.step_of(mover).from).front()));
  return verdict;
}

// Two ways to starve: others get on, or the thread does not move.
void Judge::starvation(EndlessVerdict& verdict, std::size_t thread, OperationId operation) {
  Stay others{everything_}, waits{everything_};
  for (StateNumber s = 0; s < graph_.states(); ++s)
    others.part.in[s] = is_open(thread, system_.label(graph_.state(s), thread), operation) ? 1 : 0;
  waits.part.in = others.part.in;
  waits.may_stop = true;
  others.wanted = MoveSet(system_, 0);
  every_move(system_, [&](Move move) {
    const model::Step& step = system_.step_of(move);
    others.part.moves[move] = move.thread != thread || !ends(step, operation);
    (*others.wanted)[move] = ends(step, {});
    waits.part.moves[move] = move.thread != thread;
  });
  if (add(verdict, waits)) {
    verdict.why =
        verdict.violation->loop
            ? fmt::format("{} waits for ever in `{}`", name_of(thread), name_of(operation))
            : fmt::format("{} never ends `{}`: the run may stop there", name_of(thread), name_of(operation));
  } else if (add(verdict, others)) {
    verdict.why =
        fmt::format("{} never ends `{}`, while other operations end", name_of(thread), name_of(operation));
  }
}

EndlessVerdict Judge::operator()(const model::NoStarvation&) {
  EndlessVerdict verdict;
  const auto& threads = system_.instance().threads();
  for (std::size_t t = 0; t < threads.size(); ++t) {
    for (const auto operation : system_.instance().model().operations.ids()) {
      if (system_.instance().model().operations[operation].thread != threads[t].thread) continue;
      starvation(verdict, t, operation);
      if (verdict.violation) return verdict;
    }
  }
  add_hinges(verdict);
  return verdict;
}

std::vector<std::uint8_t> Judge::states_with(const model::Expr& condition) {
  std::vector<std::uint8_t> states(graph_.states(), 0);
  const auto program = system_.compile(condition);
  for (StateNumber s = 0; s < graph_.states(); ++s) {
    system_.load(graph_.state(s));
    states[s] = system_.value(program) != 0;
  }
  return states;
}

EndlessVerdict Judge::operator()(const model::LeadsTo& claim) {
  std::vector<std::uint8_t> from = states_with(claim.from);
  std::vector<std::uint8_t> within = states_with(claim.to);
  for (std::uint8_t& state : within) state = !state;
  const ReachWithin reach(graph_, from, within);
  Stay stay{everything_};
  stay.part.in = reach.reached();
  stay.may_stop = true;
  stay.stem = [&](StateNumber s) { return reach.walk_to(s); };
  stay.entry = [&](const std::vector<StateNumber>& component) { return reach.first_of(component); };
  EndlessVerdict verdict;
  if (add(verdict, stay)) {
    const auto& model = system_.instance().model();
    verdict.why = fmt::format("`{}`, and then never `{}`", model::print(model, claim.from),
                              model::print(model, claim.to));
  } else {
    add_hinges(verdict);
  }
  return verdict;
}

EndlessVerdict Judge::operator()(const model::Recoverable& claim) {
  const std::vector<std::uint8_t> good = states_with(claim.condition);
  round_();
  const Components components = strongly_connected_components(graph_);
  const ByComponent sorted = by_component(components);
  std::vector<std::uint8_t> recovers(components.count, 0);
  for (StateNumber c = 0; c < components.count; ++c) { // successors first
    for (StateNumber i = sorted.first[c]; i < sorted.first[c + 1] && recovers[c] == 0; ++i) {
      const StateNumber s = sorted.states[i];
      recovers[c] = good[s];
      for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1] && recovers[c] == 0; ++e)
        recovers[c] = recovers[components.of[graph_.target[e]]];
    }
  }
  EndlessVerdict verdict;
  for (StateNumber s = 0; s < graph_.states() && !verdict.violation; ++s)
    if (recovers[components.of[s]] == 0) verdict.violation = walk_to(graph_, s);
  verdict.why = fmt::format("from there `{}` can never be reached again",
                            model::print(system_.instance().model(), claim.condition));
  return verdict;
}

} // namespace

bool is_about_endless_runs(const model::Claim& claim) {
  return std::holds_alternative<model::NoLivelock>(claim) ||
         std::holds_alternative<model::NoStarvation>(claim) ||
         std::holds_alternative<model::LeadsTo>(claim) || std::holds_alternative<model::Recoverable>(claim);
}

EndlessVerdict judge_endless_runs(InterpretedSystem& system, const Contexts& contexts,
                                  const ReachedGraph& graph, const model::Property& property,
                                  const std::function<void()>& round) {
  return std::visit(Judge(system, contexts, graph, round), property.claim);
}

} // namespace tdxcheck::explore
