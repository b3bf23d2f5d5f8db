// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/replay.h"

#include "audit/fairness.h"
#include "audit/named_state.h"
#include "audit/reenact.h"
#include "audit/violates.h"
#include "model/print.h"
#include "support/near_miss.h"

#include <algorithm>

#include <fmt/format.h>

namespace tdxcheck::audit {
namespace {

using semantics::Interpreter;

ReplayResult invalid(std::size_t step, std::string why) { return {false, step, std::move(why), {}}; }
ReplayResult valid(std::string why) { return {true, 0, std::move(why), {}}; }

struct Replay {
  const Interpreter& interpreter;
  const result::Trace& trace;
  Run run = {};
  std::vector<semantics::Action> alike = {}; // all that the last step may stand for

  const model::Model& model() const { return interpreter.instance().model(); }
  std::size_t end() const { return trace.steps.size(); }
};

// ---- what the trace says about itself ----

std::string wrong_parameter(const model::Model& model, const model::Valuation& valuation,
                            const std::string& name, const std::string& value) {
  std::vector<std::string> known;
  for (const auto id : model.parameters.ids()) {
    known.push_back(model.parameters[id].name);
    if (known.back() != name) continue;
    const std::string actual = model::print_parameter(model, id, valuation.parameters.at(id.value));
    if (actual == value) return {};
    return fmt::format("the parameter `{}` is {}, the trace says {}", name, actual, value);
  }
  return support::did_you_mean("parameter", name, known);
}

// Parameters that the trace does not name may have any value; of guards, exactly those it names are dropped.
std::string wrong_valuation(const model::Model& model, const model::Valuation& valuation,
                            const result::Trace& trace) {
  for (const auto& [name, value] : trace.parameters)
    if (std::string why = wrong_parameter(model, valuation, name, value); !why.empty()) return why;
  std::vector<std::string> known;
  for (const model::GuardName& guard : model.guards) known.push_back(guard.name);
  for (const std::string& name : trace.without)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return support::did_you_mean("guard", name, known);
  for (std::size_t g = 0; g < known.size(); ++g) {
    const bool dropped =
        std::find(trace.without.begin(), trace.without.end(), known[g]) != trace.without.end();
    if (dropped == valuation.kept.at(g))
      return fmt::format("the guard `{}` is {}", known[g],
                         dropped ? "kept, the trace says dropped" : "dropped, the trace says kept");
  }
  return {};
}

std::string wrong_shape(const result::Trace& trace) {
  if (trace.shape == result::TraceShape::path)
    return trace.loop ? "a path returns nowhere, but the trace names a step that it loops to" : "";
  if (!trace.loop) return "a lasso returns, but the trace does not name the step";
  if (*trace.loop >= trace.steps.size())
    return fmt::format("the lasso returns to step {}, but there are only {} steps", *trace.loop + 1,
                       trace.steps.size());
  return {};
}

// ---- the run ----

std::string start(Replay& replay) {
  std::string nearest;
  std::size_t tried = 0;
  replay.interpreter.each_start([&](const semantics::Start& start) {
    ++tried;
    nearest = difference(replay.interpreter.instance(), start.state, replay.trace.initial, "starts as");
    if (nearest.empty()) replay.run.start = start.state;
    return !nearest.empty();
  });
  if (nearest.empty() || tried == 1) return nearest;
  return fmt::format("it starts in none of the {} initial states (in the last of them, {})", tried, nearest);
}

std::string in_front_of(std::size_t number, const result::TraceStep& step) {
  return fmt::format("step {} ({} {} -> {}): ", number + 1, step.thread, step.from, step.to);
}

ReplayResult reenact(Replay& replay, Expect last) {
  if (const std::string why = start(replay); !why.empty()) return invalid(0, "the initial state: " + why);
  for (std::size_t i = 0; i < replay.end(); ++i) {
    const Expect expected = i + 1 == replay.end() ? last : Expect::a_step;
    const result::TraceStep& step = replay.trace.steps[i];
    Fitting found = fitting(replay.interpreter, replay.run.last(), step, expected);
    if (found.actions.empty()) return invalid(i, in_front_of(i, step) + found.why);
    replay.run.actions.push_back(found.actions.front());
    replay.alike = std::move(found.actions);
  }
  return valid("every step is one that the model has");
}

ReplayResult reenact_to_the_end(Replay& replay) {
  if (const std::string why = wrong_shape(replay.trace); !why.empty()) return invalid(replay.end(), why);
  if (ReplayResult wrong = reenact(replay, Expect::a_step); !wrong.valid) return wrong;
  const std::string why =
      difference(replay.interpreter.instance(), replay.run.last(), replay.trace.final, "ends as");
  if (!why.empty()) return invalid(replay.end(), "the final state: " + why);
  replay.run.loop = replay.trace.loop;
  if (replay.run.loop && replay.run.before(*replay.run.loop) != replay.run.last())
    return invalid(replay.end(),
                   fmt::format("the lasso does not return to the state before step {}: {}",
                               *replay.run.loop + 1,
                               difference(replay.interpreter.instance(), replay.run.before(*replay.run.loop),
                                          replay.trace.final, "is then")));
  return valid("every step is one that the model has");
}

// ---- the claim ----

// Several steps may look alike in the trace; it is enough that one of them breaks the property.
Confirmation broken_by_any(Replay& replay, const model::Property& property) {
  Confirmation answer = violates(replay.interpreter, property, replay.run);
  for (std::size_t other = 1; other < replay.alike.size() && !answer.violated; ++other) {
    replay.run.actions.back() = replay.alike[other];
    Confirmation second = violates(replay.interpreter, property, replay.run);
    if (second.violated) answer = std::move(second);
  }
  return answer;
}

ReplayResult judge(Replay& replay, const model::Property& property) {
  Confirmation answer = broken_by_any(replay, property);
  if (!answer.violated)
    return invalid(replay.end(), fmt::format("`{}` is not violated: {}", property.name, answer.why));
  ReplayResult result = valid(std::move(answer.why));
  result.caveat = std::move(answer.caveat);
  return result;
}

bool is_claimed(const model::Model& model, const model::Valuation& valuation,
                const model::Property& property) {
  return property.claimed_when.empty() ||
         model::evaluate_constant(model, valuation, property.claimed_when) != 0;
}

} // namespace

ReplayResult replay(const model::Model& written, const model::Valuation& valuation,
                    const result::Trace& trace) {
  std::vector<std::string> known;
  const model::Property* property = nullptr;
  for (const model::Property& row : written.properties) {
    known.push_back(row.name);
    if (row.name == trace.property) property = &row;
  }
  if (property == nullptr)
    return invalid(trace.steps.size(), support::did_you_mean("property", trace.property, known));
  if (!is_claimed(written, valuation, *property))
    return invalid(trace.steps.size(),
                   fmt::format("`{}` is not claimed for these parameters", property->name));
  if (const std::string why = wrong_valuation(written, valuation, trace); !why.empty())
    return invalid(0, why);
  const Interpreter interpreter(written, valuation);
  Replay replay{interpreter, trace};
  if (ReplayResult wrong = reenact_to_the_end(replay); !wrong.valid) return wrong;
  return judge(replay, *property);
}

ReplayResult replay_run(const model::Model& written, const model::Valuation& valuation,
                        const result::Trace& trace) {
  if (const std::string why = wrong_valuation(written, valuation, trace); !why.empty())
    return invalid(0, why);
  const Interpreter interpreter(written, valuation);
  Replay replay{interpreter, trace};
  return reenact_to_the_end(replay);
}

ReplayResult replay_fair_run(const model::Model& written, const model::Valuation& valuation,
                             const result::Trace& trace) {
  if (const std::string why = wrong_valuation(written, valuation, trace); !why.empty())
    return invalid(0, why);
  const Interpreter interpreter(written, valuation);
  Replay replay{interpreter, trace};
  if (ReplayResult wrong = reenact_to_the_end(replay); !wrong.valid) return wrong;
  const std::string unfair =
      replay.run.loop ? unfair_lasso(interpreter, replay.run) : unfair_stop(interpreter, replay.run);
  return unfair.empty() ? valid("the run is fair") : invalid(replay.end(), "the run is not fair: " + unfair);
}

namespace {

std::string wrong_count(const Tallied& counted, const WorstCase& said) {
  switch (said.answer) {
  case result::BoundAnswer::number:
    if (counted.most == said.value) return {};
    return fmt::format("the run comes to {}, not to {}", counted.most, said.value);
  case result::BoundAnswer::no_bound_fair_runs_leave:
    if (counted.in_loop > 0 && !counted.ends_in_loop) return {};
    return "a round of its cycle adds nothing, or ends what is counted";
  case result::BoundAnswer::no_bound_fair_run_stays:
    if (counted.open_at_end && !counted.ends_in_loop) return {};
    return "its cycle leaves what is counted";
  case result::BoundAnswer::unknown: break;
  }
  return "an unknown bound has no witness";
}

} // namespace

ReplayResult replay_worst_case(const model::Model& written, const model::Valuation& valuation,
                               const result::Trace& trace, const WorstCase& said) {
  const bool fair = said.answer == result::BoundAnswer::no_bound_fair_run_stays;
  ReplayResult replayed =
      fair ? replay_fair_run(written, valuation, trace) : replay_run(written, valuation, trace);
  if (!replayed.valid) return replayed;
  const Interpreter interpreter(written, valuation);
  Replay replay{interpreter, trace};
  if (ReplayResult wrong = reenact_to_the_end(replay); !wrong.valid) return wrong;
  const std::string why = wrong_count(tally_along(interpreter, replay.run, said.tally), said);
  return why.empty() ? replayed : invalid(replay.end(), why);
}

ReplayResult replay_model_error(const model::Model& written, const model::Valuation& valuation,
                                const result::Trace& trace) {
  if (const std::string why = wrong_valuation(written, valuation, trace); !why.empty())
    return invalid(0, why);
  if (trace.steps.empty()) return invalid(0, "a model error is a step, and the trace has none");
  const Interpreter interpreter(written, valuation);
  Replay replay{interpreter, trace};
  ReplayResult result = reenact(replay, Expect::a_model_error);
  if (result.valid) result.why = *replay.run.actions.back().model_error;
  return result;
}

} // namespace tdxcheck::audit
