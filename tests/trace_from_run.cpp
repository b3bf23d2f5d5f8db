// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/trace_from_run.h"

#include "model/print.h"

#include <sstream>
#include <stdexcept>

namespace tdxcheck::tests {

using namespace semantics;

namespace {

const model::Thread& thread_of(const Interpreter& interpreter, std::size_t position) {
  return interpreter.instance().model().threads[interpreter.instance().threads()[position].thread];
}

std::string label_of(const Interpreter& interpreter, const State& state, std::size_t position) {
  return thread_of(interpreter, position).labels[state.at[position]].name;
}

result::TraceStep step_of(const Interpreter& interpreter, const State& before, const Action& action) {
  const model::Step& step = thread_of(interpreter, action.thread).steps[action.step];
  result::TraceStep told;
  told.thread = interpreter.instance().threads()[action.thread].name;
  told.from = label_of(interpreter, before, action.thread);
  told.to = label_of(interpreter, action.next, action.thread);
  told.text = step.text;
  told.status = step.status;
  told.source = step.source.file + ":" + std::to_string(step.source.line);
  for (std::size_t i = 0; i < action.choices.size(); ++i)
    told.choices[step.choices[i].bound.name] = std::to_string(action.choices[i]);
  const result::Names now = names_of(interpreter, action.next);
  for (const auto& [name, value] : names_of(interpreter, before))
    if (now.at(name) != value && !name.starts_with("at ")) told.changed[name] = now.at(name);
  for (const auto& assertion : action.failed) told.failed.push_back(assertion.text);
  return told;
}

} // namespace

result::Names names_of(const Interpreter& interpreter, const State& state) {
  result::Names names;
  const model::Instance& instance = interpreter.instance();
  for (std::size_t c = 0; c < state.cells.size(); ++c)
    names[instance.cells()[c].name] = model::print_value(instance.model(), instance.sort(c), state.cells[c]);
  for (std::size_t t = 0; t < state.at.size(); ++t)
    names["at " + instance.threads()[t].name] = label_of(interpreter, state, t);
  return names;
}

result::Trace trace_from_run(const Interpreter& interpreter, const std::string& property, const PlainRun& run,
                             std::optional<std::size_t> loop) {
  const model::Instance& instance = interpreter.instance();
  result::Trace trace;
  trace.target = instance.model().name;
  trace.property = property;
  trace.shape = loop ? result::TraceShape::lasso : result::TraceShape::path;
  trace.loop = loop;
  for (const auto id : instance.model().parameters.ids())
    trace.parameters[instance.model().parameters[id].name] =
        model::print_parameter(instance.model(), id, instance.valuation().parameters[id.value]);
  for (const auto id : instance.model().guards.ids())
    if (!instance.valuation().kept[id.value]) trace.without.push_back(instance.model().guards[id].name);
  trace.initial = names_of(interpreter, run.start);
  State before = run.start;
  for (const Action& action : run.actions) {
    trace.steps.push_back(step_of(interpreter, before, action));
    before = action.next;
  }
  trace.final = names_of(interpreter, run.last());
  return trace;
}

PlainRun run_along(const Interpreter& interpreter, const std::string& way) {
  PlainRun run{interpreter.initial().at(0), {}};
  std::istringstream legs(way);
  for (std::string leg; std::getline(legs, leg, ',');) {
    std::istringstream words(leg);
    std::string thread, from, to;
    words >> thread >> from >> to;
    std::optional<Action> found;
    for (const Action& action : interpreter.actions(run.last())) {
      if (found || interpreter.instance().threads()[action.thread].name != thread) continue;
      if (label_of(interpreter, run.last(), action.thread) == from &&
          label_of(interpreter, action.next, action.thread) == to)
        found = action;
    }
    if (!found) throw std::logic_error("no step " + leg);
    run.actions.push_back(*found);
  }
  return run;
}

} // namespace tdxcheck::tests
