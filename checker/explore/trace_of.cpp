// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/trace_of.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/print.h"
#include "support/contract.h"

namespace tdxcheck::explore {

using model::Value;

namespace {

const model::Thread& thread_of(const InterpretedSystem& system, std::size_t position) {
  return system.instance().model().threads[system.instance().threads()[position].thread];
}

std::string place(const model::Source& source) {
  return source.file.empty() ? std::string() : fmt::format("{}:{}", source.file, source.line);
}

// Catches the successor that one move leads to.
class Catch : public SuccessorSink {
public:
  explicit Catch(Move wanted) : wanted_(wanted) {}
  void take(StateView next, Move move, std::uint8_t) override {
    if (move == wanted_ && state.empty()) state.assign(next.begin(), next.end());
  }
  std::vector<Word> state;

private:
  Move wanted_;
};

} // namespace

TraceWriter::TraceWriter(const model::Instance& written, InterpretedSystem& system, const ReachedGraph& graph,
                         InterpretedSystem* instantiated)
    : written_(written),
      searched_(system),
      system_(instantiated != nullptr ? *instantiated : system),
      graph_(graph) {
  std::set<std::string> kept;
  for (const model::Cell& cell : system_.instance().cells()) kept.insert(cell.name);
  for (std::size_t c = 0; c < written.cells().size(); ++c) {
    const model::Cell& cell = written.cells()[c];
    if (kept.contains(cell.name)) continue;
    const auto& initial = written.model().variables[cell.variable].initial;
    const Value value =
        initial ? model::evaluate_constant(written.model(), written.valuation(), *initial) : cell.low;
    dropped_[cell.name] = model::print_value(written.model(), written.sort(c), value);
  }
}

std::string TraceWriter::printed(std::size_t cell, Value value) const {
  return model::print_value(system_.instance().model(), system_.instance().sort(cell), value);
}

result::Names TraceWriter::names_of(StateView state) const {
  result::Names names = dropped_;
  const model::Instance& instance = system_.instance();
  for (std::size_t c = 0; c < instance.cells().size(); ++c) {
    names[instance.cells()[c].name] = printed(c, system_.cell(state, c));
  }
  for (std::size_t t = 0; t < instance.threads().size(); ++t) {
    names["at " + instance.threads()[t].name] = thread_of(system_, t).labels[system_.label(state, t)].name;
  }
  return names;
}

result::Trace TraceWriter::about_the_model() const {
  const model::Model& model = written_.model();
  result::Trace trace;
  for (auto id : model.parameters.ids()) {
    const Value value = written_.valuation().parameters[id.value];
    trace.parameters[model.parameters[id].name] = model::print_parameter(model, id, value);
  }
  for (auto id : model.guards.ids()) {
    if (!written_.valuation().kept[id.value]) trace.without.push_back(model.guards[id].name);
  }
  return trace;
}

std::vector<Word> TraceWriter::after(StateView state, Move move) {
  Catch caught(move);
  system_.successors(state, caught);
  support::ensures_internal(!caught.state.empty(), "a move that was found is enabled");
  return caught.state;
}

std::optional<int> TraceWriter::cpu_of(StateView state, std::size_t thread) {
  const model::Expr& cpu = thread_of(system_, thread).cpu;
  if (cpu.empty()) return {};
  Surroundings here;
  here.self = system_.instance().threads()[thread].member;
  const auto value = system_.value_if_any(state, cpu, here);
  return !value || *value == model::no_member ? std::nullopt : std::optional<int>(static_cast<int>(*value));
}

void TraceWriter::add_locks(result::TraceStep& step, StateView before, const Explanation& what,
                            const Surroundings& here) {
  for (const model::Fact& fact : what.step->facts) {
    const auto* event = std::get_if<model::LockEvent>(&fact);
    if (event == nullptr) continue;
    std::string name = system_.instance().model().locks[event->lock].name;
    for (const model::Expr& member : event->instance) {
      name += fmt::format("[{}]", system_.value(before, member, here));
    }
    step.locks.push_back(
        {name, std::string(model::name_of(event->action)), std::string(model::name_of(event->mode))});
  }
}

result::TraceStep TraceWriter::without_changes(StateView before, Move move) {
  const Explanation what = system_.explain(before, move);
  const model::Step& from = *what.step;
  const model::Thread& thread = thread_of(system_, what.thread);
  const model::ThreadInstance& who = system_.instance().threads()[what.thread];
  result::TraceStep step;
  step.thread = who.name;
  step.domain = model::name_of(thread.labels[from.from].domain);
  step.from = thread.labels[from.from].name;
  step.to = thread.labels[from.to].name;
  step.text = from.text;
  step.function = from.function;
  step.call = from.call;
  step.status = from.status;
  step.source = place(from.source);
  for (std::size_t i = 0; i < what.choices.size(); ++i) {
    const model::Sort sort{model::SortKind::index, from.choices[i].set.value};
    step.choices[from.choices[i].bound.name] =
        model::print_value(system_.instance().model(), sort, what.choices[i]);
  }
  for (const model::Assertion* assertion : what.failed) step.failed.push_back(assertion->text);
  return step;
}

result::TraceStep TraceWriter::step(StateView before, StateView after, Move move) {
  result::TraceStep step = without_changes(before, move);
  const Explanation what = system_.explain(before, move);
  add_locks(step, before, what,
            surroundings_of(system_.instance().threads()[what.thread], *what.step, what.choices));
  step.cpu = cpu_of(before, what.thread);
  if (!step.cpu) step.cpu = cpu_of(after, what.thread);
  for (std::size_t c = 0; c < system_.instance().cells().size(); ++c) {
    const Value value = system_.cell(after, c);
    if (value != system_.cell(before, c))
      step.changed[system_.instance().cells()[c].name] = printed(c, value);
  }
  return step;
}

// ---- the run again, in the instantiated model

std::vector<Word> TraceWriter::told_start(StateView searched) {
  const Layout& from = searched_.layout();
  support::ensures_internal(from.fields().size() == system_.layout().fields().size(),
                            "what was searched has the variables of the instantiated model");
  std::vector<Value> values(from.fields().size());
  from.unpack(searched.data(), values.data());
  // What starts with no member because it is not read first (clear_dead_locals.h) has one here.
  for (std::size_t c = 0; c < system_.instance().cells().size(); ++c) {
    const auto& initial =
        system_.instance().model().variables[system_.instance().cells()[c].variable].initial;
    if (!system_.layout().cell(c).holds(values[c]) && initial)
      values[c] = model::evaluate_constant(written_.model(), written_.valuation(), *initial);
  }
  std::vector<Word> packed(system_.words());
  system_.layout().pack(values.data(), packed.data());
  return packed;
}

Move TraceWriter::told(Move move) const {
  const CompiledMove& wanted = searched_.compiled(move);
  const std::vector<CompiledMove>& moves = system_.moves()[move.thread].moves;
  const auto found = std::ranges::find_if(moves, [&](const CompiledMove& candidate) {
    return candidate.step == wanted.step && candidate.choices == wanted.choices;
  });
  support::ensures_internal(found != moves.end(), "every move is one of the instantiated model");
  return {move.thread, static_cast<std::uint16_t>(found - moves.begin())};
}

// Appends the moves to the trace; where they lead.
std::vector<Word> TraceWriter::tell(result::Trace& trace, std::vector<Word> from,
                                    const std::vector<Move>& moves) {
  for (const Move move : moves) {
    const Move now = told(move);
    std::vector<Word> next = after(from, now);
    trace.steps.push_back(step(from, next, now));
    from = std::move(next);
  }
  return from;
}

result::Trace TraceWriter::to(StateNumber state, std::optional<Move> move) {
  return of(RunLifter(searched_, graph_).to(state), move);
}

result::Trace TraceWriter::of(const LiftedRun& run, std::optional<Move> move) {
  result::Trace trace = about_the_model();
  std::vector<Word> last = told_start(run.start);
  trace.initial = names_of(last);
  last = tell(trace, std::move(last), run.moves);
  // Where the move is a model error, its successor is not in the graph, and need not be in range.
  if (move && !system_.explain(last, told(*move)).error.empty()) {
    trace.final = names_of(last);
    trace.steps.push_back(without_changes(last, told(*move)));
    return trace;
  }
  if (move) last = tell(trace, std::move(last), {*move});
  trace.final = names_of(last);
  return trace;
}

result::Trace TraceWriter::along(const Walk& walk) {
  result::Trace trace = about_the_model();
  std::vector<Word> last = told_start(graph_.state(walk.states.front()));
  trace.initial = names_of(last);
  trace.shape = walk.loop ? result::TraceShape::lasso : result::TraceShape::path;
  const auto loop =
      walk.moves.begin() + static_cast<std::ptrdiff_t>(walk.loop ? *walk.loop : walk.moves.size());
  last = tell(trace, std::move(last), {walk.moves.begin(), loop});
  if (walk.loop) {
    // What the first round has left behind, every later one leaves behind likewise.
    constexpr unsigned most_rounds = 2;
    for (unsigned round = 0; round < most_rounds; ++round) {
      trace.loop = trace.steps.size();
      const std::vector<Word> entry = last;
      last = tell(trace, std::move(last), {loop, walk.moves.end()});
      if (last == entry) break;
    }
  }
  trace.final = names_of(last);
  return trace;
}

} // namespace tdxcheck::explore
