// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_bound.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "audit/replay.h"
#include "explore/trace_of.h"
#include "run/memory_limit.h"
#include "run/reach.h"
#include "run/reproduce.h"
#include "support/error.h"
#include "support/near_miss.h"
#include "support/stopwatch.h"

namespace tdxcheck::run {
namespace {

using explore::Walk;
using LoopId = model::Id<model::Loop>;
using OperationId = model::Id<model::Operation>;
using result::BoundAnswer;

std::vector<LoopId> loops_named(const model::Model& model, const std::string& name) {
  std::vector<LoopId> found, in_function;
  std::set<std::string> known;
  for (const auto id : model.loops.ids()) {
    const model::Loop& loop = model.loops[id];
    known.insert(loop.name);
    known.insert(loop.functions.begin(), loop.functions.end());
    if (loop.name == name) found.push_back(id);
    if (std::ranges::count(loop.functions, name) > 0) in_function.push_back(id);
  }
  if (found.empty()) found = in_function;
  if (found.empty())
    throw support::InputError(support::did_you_mean("loop", name, std::vector(known.begin(), known.end())));
  return found;
}

Counted counted_of(const std::string& cost, LoopId loop) {
  if (cost == "retries") return loop;
  if (cost == "seamcalls") return model::CostKind::seamcalls;
  if (cost == "ipis") return model::CostKind::ipis;
  if (cost == "cycles") return model::CostKind::cycles;
  const std::vector<std::string> known{"retries", "seamcalls", "ipis", "cycles"};
  throw support::InputError(support::did_you_mean("cost", cost, known));
}

// The loop itself, or the outermost operation that is open in it.
std::vector<Unit> units_of(const explore::Explored& explored, LoopId loop, const std::string& per) {
  if (per == "loop") return {loop};
  const auto& model = explored.system.instance().model();
  std::set<OperationId> around;
  for (const model::LabelContext& context : explored.contexts[model.loops[loop].thread.value])
    if (std::ranges::count(context.loops, loop) > 0 && !context.operations.empty())
      around.insert(context.operations.front());
  return {around.begin(), around.end()};
}

Walk walk_along(const explore::ReachedGraph& graph, explore::StateNumber from,
                const std::vector<std::uint64_t>& edges) {
  Walk walk = explore::walk_to(graph, from);
  explore::extend(walk, graph, edges);
  return walk;
}

struct Worst {
  bool any = false; // some thread has such a section
  BoundAnswer answer = BoundAnswer::number;
  std::int64_t value = 0;
  std::size_t thread = 0;
  Unit unit = {};
  Counted counted = {};
  Walk walk;
  Walk cycle; // where there is no bound: round and round what adds
};

// A later one counts only if it is worse.
void take(Worst& worst, const explore::Explored& explored, std::size_t thread, Unit unit, Counted counted) {
  const SectionOf section(explored, thread, unit, counted);
  const graph::Longest longest = section.longest();
  if (!longest.entered) return;
  Worst now{true,
            BoundAnswer::number,
            longest.value,
            thread,
            unit,
            counted,
            walk_along(explored.graph, longest.from, longest.edges),
            {}};
  if (!longest.bounded) {
    now.answer = BoundAnswer::no_bound_fair_runs_leave;
    now.walk.loop = now.walk.moves.size() - longest.edges.size();
    now.cycle = now.walk;
    if (auto stays = section.fair_run_that_stays()) {
      now.answer = BoundAnswer::no_bound_fair_run_stays;
      now.walk = std::move(*stays);
    }
  }
  const bool worse = now.answer != worst.answer ? now.answer > worst.answer : now.value > worst.value;
  if (!worst.any || worse) worst = std::move(now);
}

Worst worst_of(const explore::Explored& explored, const std::vector<LoopId>& loops, const std::string& cost,
               const std::string& per) {
  Worst worst;
  const model::Instance& instance = explored.system.instance();
  for (const LoopId loop : loops)
    for (const Unit& unit : units_of(explored, loop, per))
      for (std::size_t t = 0; t < instance.threads().size(); ++t)
        if (instance.threads()[t].thread == instance.model().loops[loop].thread)
          take(worst, explored, t, unit, counted_of(cost, loop));
  return worst;
}

std::string in_words(const result::BoundResult& bound) {
  const std::string what = bound.cost == "retries"     ? "rounds"
                           : bound.cost == "ipis"      ? "IPIs"
                           : bound.cost == "seamcalls" ? "SEAMCALLs"
                                                       : bound.cost;
  switch (bound.answer) {
  case BoundAnswer::number:
    if (bound.thread.empty()) return fmt::format("no run enters it, so that there are no {}", what);
    return fmt::format("at most {} {}, and some run has as many", bound.value, what);
  case BoundAnswer::no_bound_fair_runs_leave:
    return fmt::format("no bound on {}; yet every fair run leaves the {}", what, bound.per);
  case BoundAnswer::no_bound_fair_run_stays:
    return fmt::format("no bound on {}, and a fair run never leaves the {}", what, bound.per);
  case BoundAnswer::unknown: return "unknown: " + bound.incomplete_because;
  }
  return {};
}

// Believes no analysis: what does not replay is a bug of ours.
void confirm(const result::BoundResult& bound, const Target& target, const Worst& worst) {
  if (!bound.witness) return;
  const audit::WorstCase said{{bound.thread, worst.unit, worst.counted}, bound.answer, bound.value};
  const auto replayed = audit::replay_worst_case(target.model, target.valuation, *bound.witness, said);
  if (!replayed.valid)
    throw support::InternalError(fmt::format("the witness of the bound does not replay (step {}): {}",
                                             replayed.step + 1, replayed.why));
}

void put_names(result::BoundResult& bound, const Target& target) {
  bound.target = target.name;
  bound.parameters = target.parameters();
  bound.without = target.without();
  for (result::Trace* trace :
       {bound.witness ? &*bound.witness : nullptr, bound.model_error ? &bound.model_error->trace : nullptr}) {
    if (trace == nullptr) continue;
    trace->target = bound.target;
    trace->parameters = bound.parameters;
    trace->without = bound.without;
    trace->fair = target.fair;
  }
}

Worst measure(result::BoundResult& bound, Reach& reach, const std::vector<LoopId>& loops) {
  const explore::Explored explored = reach.explored();
  bound.states = explored.graph.states();
  bound.transitions = explored.graph.transitions;
  bound.complete = reach.is_complete();
  bound.incomplete_because = reach.incomplete_because();
  bound.model_error = reach.model_error();
  if (!bound.complete) return {};
  Worst worst = worst_of(explored, loops, bound.cost, bound.per);
  bound.answer = worst.answer;
  bound.value = worst.value;
  if (!worst.any) return worst;
  bound.thread = explored.system.instance().threads()[worst.thread].name;
  bound.witness =
      explore::TraceWriter(explored.written, explored.system, explored.graph, explored.instantiated)
          .along(worst.walk);
  return worst;
}

Walk unrolled(const Walk& lasso, std::int64_t times) {
  Walk walk = lasso;
  const auto first = static_cast<std::ptrdiff_t>(lasso.loop.value());
  walk.loop.reset();
  for (std::int64_t i = 1; i < times; ++i) {
    walk.moves.insert(walk.moves.end(), lasso.moves.begin() + first, lasso.moves.end());
    walk.states.insert(walk.states.end(), lasso.states.begin() + first + 1, lasso.states.end());
  }
  return walk;
}

// Rounds of the loop after each move of a walk, and where one is too many.
void cut_at_round(Walk& walk, const explore::Explored& explored, std::size_t thread, LoopId loop,
                  std::int64_t rounds) {
  std::int64_t done = 0;
  for (std::size_t i = 0; i < walk.moves.size(); ++i) {
    if (walk.moves[i].thread != thread) continue;
    std::int64_t most = 0;
    for (const model::Fact& fact : explored.system.step_of(walk.moves[i]).facts) {
      const auto* event = std::get_if<model::LoopEvent>(&fact);
      if (event == nullptr || event->loop != loop) continue;
      if (event->action == model::LoopAction::enter) done = 0;
      if (event->action == model::LoopAction::again) most = std::max(most, ++done);
    }
    if (most < rounds) continue;
    walk.moves.resize(i + 1);
    walk.states.resize(i + 2);
    return;
  }
}

} // namespace

result::BoundResult run_bound(Reach& reach, const Target& target, const BoundRequest& request) {
  result::BoundResult bound;
  bound.loop = request.loop;
  bound.cost = request.cost;
  bound.per = request.per;
  const support::Stopwatch stopwatch;
  const Worst worst = measure(bound, reach, loops_named(target.model, request.loop));
  put_names(bound, target);
  confirm(bound, target, worst);
  bound.seconds = stopwatch.seconds();
  bound.detail = in_words(bound);
  std::vector<std::string> words{"--loop", request.loop};
  if (request.cost != "retries") words.insert(words.end(), {"--cost", request.cost});
  if (request.per != "loop") words.insert(words.end(), {"--per", request.per});
  bound.reproduce = reproduce_line("bound", target, request.target, words);
  return bound;
}

result::BoundResult run_bound(const Target& target, const BoundRequest& request,
                              const CheckOptions& options) {
  (void)counted_of(request.cost, loops_named(target.model, request.loop).front());
  const std::vector<std::string> units{"loop", "operation"};
  if (std::ranges::find(units, request.per) == units.end())
    throw support::InputError(support::did_you_mean("unit", request.per, units));
  const support::Stopwatch stopwatch;
  Reach reach(target, with_memory_limit(options.search));
  result::BoundResult bound = run_bound(reach, target, request);
  bound.seconds = stopwatch.seconds();
  return bound;
}

void judge_retries(const explore::Explored& explored, const model::Retries& claim,
                   result::PropertyResult& property) {
  const model::Instance& instance = explored.system.instance();
  const model::Value limit = model::evaluate_constant(instance.model(), instance.valuation(), claim.limit);
  const std::string& name = instance.model().loops[claim.loop].name;
  property.verdict = result::Verdict::holds;
  if (limit == model::unlimited) {
    property.detail = "no limit is claimed";
    return;
  }
  Worst worst = worst_of(explored, {claim.loop}, "retries", "loop");
  const bool bounded = worst.answer == BoundAnswer::number;
  if (bounded && worst.value <= limit) {
    property.detail = fmt::format("`{}` goes round at most {} times", name, worst.value);
    return;
  }
  property.verdict = result::Verdict::violated;
  if (!bounded) worst.walk = unrolled(worst.cycle, limit + 1);
  cut_at_round(worst.walk, explored, worst.thread, claim.loop, limit + 1);
  property.trace =
      explore::TraceWriter(explored.written, explored.system, explored.graph, explored.instantiated)
          .along(worst.walk);
  property.trace->property = property.name;
  property.detail = bounded ? fmt::format("`{}` goes round up to {} times", name, worst.value)
                            : fmt::format("`{}` goes round without limit", name);
}

} // namespace tdxcheck::run
