// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/lift_plain_run.h"

#include "model/print.h"
#include "semantics/evaluate.h"
#include "semantics/lock_history.h"

#include <fmt/format.h>

namespace tdxcheck::run {
namespace {

using semantics::State;

class Lifting {
public:
  explicit Lifting(const semantics::Interpreter& interpreter)
      : instance_(interpreter.instance()), model_(interpreter.instance().model()) {}

  [[nodiscard]] result::Names names(const State& state) const {
    result::Names names;
    for (std::size_t cell = 0; cell < state.cells.size(); ++cell)
      names[instance_.cells()[cell].name] = value(state, cell);
    for (std::size_t thread = 0; thread < state.at.size(); ++thread)
      names["at " + instance_.threads()[thread].name] = label(state, thread).name;
    return names;
  }

  [[nodiscard]] result::TraceStep step(const State& before, const semantics::Action& action) const {
    const model::Step& step = thread(action.thread).steps[action.step];
    // Behind a model error there is no state.
    const State& after = action.model_error ? before : action.next;
    result::TraceStep lifted;
    lifted.thread = instance_.threads()[action.thread].name;
    lifted.cpu = cpu(before, action.thread);
    lifted.domain = name_of(label(before, action.thread).domain);
    lifted.from = label(before, action.thread).name;
    lifted.to =
        action.model_error ? thread(action.thread).labels[step.to].name : label(after, action.thread).name;
    lifted.text = step.text;
    lifted.function = step.function;
    lifted.call = step.call;
    lifted.status = step.status;
    lifted.source = step.source.file.empty() ? "" : fmt::format("{}:{}", step.source.file, step.source.line);
    for (std::size_t i = 0; i < step.choices.size(); ++i)
      lifted.choices[step.choices[i].bound.name] = std::to_string(action.choices[i]);
    for (const semantics::Happening& happening : action.happened)
      if (const auto* lock = std::get_if<semantics::LockHappening>(&happening))
        lifted.locks.push_back({semantics::name_of(model_, lock->lock, lock->instance),
                                std::string(name_of(lock->action)), std::string(name_of(lock->mode))});
    for (std::size_t cell = 0; cell < before.cells.size(); ++cell)
      if (before.cells[cell] != after.cells[cell])
        lifted.changed[instance_.cells()[cell].name] = value(after, cell);
    for (const auto& failed : action.failed) lifted.failed.push_back(failed.text);
    return lifted;
  }

private:
  [[nodiscard]] const model::Thread& thread(std::size_t number) const {
    return model_.threads[instance_.threads()[number].thread];
  }
  [[nodiscard]] const model::Label& label(const State& state, std::size_t number) const {
    return thread(number).labels[state.at[number]];
  }
  [[nodiscard]] std::string value(const State& state, std::size_t cell) const {
    return print_value(model_, instance_.sort(cell), state.cells[cell]);
  }
  [[nodiscard]] std::optional<int> cpu(const State& state, std::size_t number) const {
    if (thread(number).cpu.empty()) return std::nullopt;
    const auto& who = instance_.threads()[number];
    const auto on = semantics::evaluate_if_known({instance_, &state, who.member, {}}, thread(number).cpu);
    return on && *on >= 0 ? std::optional(static_cast<int>(*on)) : std::nullopt;
  }

  const model::Instance& instance_;
  const model::Model& model_;
};

} // namespace

result::Trace lift_plain_run(const semantics::Interpreter& interpreter, const semantics::PlainRun& run) {
  const Lifting lifting(interpreter);
  result::Trace trace;
  trace.initial = lifting.names(run.start);
  const State* now = &run.start;
  for (const semantics::Action& action : run.actions) {
    trace.steps.push_back(lifting.step(*now, action));
    if (!action.model_error) now = &action.next;
  }
  trace.final = lifting.names(*now);
  return trace;
}

} // namespace tdxcheck::run
