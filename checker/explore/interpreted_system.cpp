// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/interpreted_system.h"

#include <map>

#include <fmt/format.h>

#include "explore/fields_read.h"
#include "model/print.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::explore {

using model::Value;

InterpretedSystem::InterpretedSystem(const model::Instance& instance, Layout layout)
    : instance_(instance), layout_(std::move(layout)), next_(layout_.words()) {
  code_.registers = static_cast<std::int32_t>(layout_.fields().size());
  moves_ = compile_steps(instance_, layout_, code_);
}

Layout InterpretedSystem::plain_layout(const model::Instance& instance) {
  return Layout(instance, assigned_ranges(instance));
}

Layout InterpretedSystem::dense_layout(const model::Instance& instance) {
  const std::vector<AssignedRange> ranges = assigned_ranges(instance);
  Layout plain(instance, ranges);
  // What is shared, and the labels, take their bits in any case.
  std::size_t least = 0;
  for (std::size_t c = 0; c < plain.cells(); ++c) {
    const model::Scope& scope = instance.model().variables[instance.cells()[c].variable].scope;
    if (!std::holds_alternative<model::LocalScope>(scope)) least += plain.cell(c).width;
  }
  for (std::size_t t = 0; t < plain.threads(); ++t) least += plain.label(t).width;
  if (least > (plain.words() - 1) * 64) return plain;
  Layout dense(instance, ranges, local_states(instance, plain));
  return dense.words() < plain.words() ? dense : plain;
}

// Every combination of the values that a cell may start with.
void InterpretedSystem::initial(SuccessorSink& sink) {
  std::vector<Value> values, low, high;
  for (const model::Cell& cell : instance_.cells()) {
    const auto& initial = instance_.model().variables[cell.variable].initial;
    const auto known = initial ? std::optional<Value>{model::evaluate_constant(
                                     instance_.model(), instance_.valuation(), *initial)}
                               : std::nullopt;
    low.push_back(known.value_or(cell.low));
    high.push_back(known.value_or(cell.high));
  }
  values = low;
  for (const model::ThreadInstance& thread : instance_.threads()) {
    values.push_back(instance_.model().threads[thread.thread].start.value);
  }
  std::vector<Word> packed(words());
  for (bool more = true; more;) {
    layout_.pack(values.data(), packed.data());
    sink.take(packed, {}, plain_move);
    more = false;
    for (std::size_t c = low.size(); c-- > 0 && !more;) {
      more = values[c] < high[c];
      values[c] = more ? values[c] + 1 : low[c];
    }
  }
}

Result InterpretedSystem::perform(Move move, StateView state, Word* next) {
  if (!unpacked_) unpack();
  Result result = run({code_, layout_}, compiled(move).program, frame_.base(), state.data(), next);
  if (result.outcome == Outcome::no_value) {
    result.outcome = Outcome::taken;
    result.flags |= range_left;
  }
  return result;
}

void InterpretedSystem::successors(StateView state, SuccessorSink& sink) {
  load(state);
  for (std::size_t t = 0; t < moves_.size(); ++t) {
    for (const std::uint16_t m : moves_[t].at[label(state, t).value]) {
      const Move move{static_cast<std::uint16_t>(t), m};
      const Result result = perform(move, state, next_.data());
      if (result.outcome == Outcome::taken) sink.take(next_, move, result.flags);
    }
  }
}

const model::Step& InterpretedSystem::step_of(Move move) const {
  const model::ThreadInstance& who = instance_.threads()[move.thread];
  return instance_.model().threads[who.thread].steps[compiled(move).step];
}

bool InterpretedSystem::at_end(StateView state, std::size_t thread) const {
  const model::ThreadInstance& who = instance_.threads()[thread];
  return instance_.model().threads[who.thread].labels[label(state, thread)].end;
}

// ---- expressions

InterpretedSystem::Program InterpretedSystem::compile(const model::Expr& expression,
                                                      const Surroundings& surroundings) {
  Program program{code_.instructions.size(), {}, {}};
  ExpressionCompiler compiler(instance_, code_, surroundings);
  const Operand result = compiler.value(expression);
  if (result.known) {
    code_.instructions.resize(program.start);
    program.known = result.known;
  } else {
    compiler.emit({Op::yield_value, 0, result.place, 0, 0, 0});
    program.text = model::print(instance_.model(), expression);
  }
  return program;
}

std::vector<bool> InterpretedSystem::fields_read(const Program& program) const {
  const std::size_t fields = layout_.fields().size();
  if (program.known) return std::vector<bool>(fields, false);
  return explore::fields_read(code_, program.start, fields);
}

void InterpretedSystem::unpack() {
  if (!frame_.fits(code_)) frame_.fit(code_);
  layout_.unpack(loaded_.data(), frame_.base());
  unpacked_ = true;
}

std::optional<Value> InterpretedSystem::value_if_any(const Program& program) {
  if (program.known) return program.known;
  if (!unpacked_) unpack();
  support::expects(frame_.fits(code_), "a state is loaded after the last expression was compiled");
  const Result result = run({code_, layout_}, program.start, frame_.base(), nullptr, nullptr);
  return result.outcome == Outcome::value ? std::optional<Value>{result.value} : std::nullopt;
}

Value InterpretedSystem::value(const Program& program) {
  if (const auto value = value_if_any(program)) return *value;
  throw support::InputError(
      fmt::format("{}: `{}` has no value in a reachable state (a member that does not exist, or "
                  "a number beyond 64 bits)",
                  instance_.model().name, program.text));
}

Value InterpretedSystem::value(StateView state, const model::Expr& expression,
                               const Surroundings& surroundings) {
  // The program is forgotten again, on an exception as well; what was compiled for good stays.
  struct Forget {
    Code& code;
    std::size_t instructions;
    ~Forget() { code.instructions.resize(instructions); }
  } const forget{code_, code_.instructions.size()};
  const Program program = compile(expression, surroundings);
  load(state);
  return value(program);
}

std::optional<Value> InterpretedSystem::value_if_any(StateView state, const model::Expr& expression,
                                                     const Surroundings& surroundings) {
  try {
    return value(state, expression, surroundings);
  } catch (const support::InputError&) {
    return {};
  }
}

// ---- explanations

Explanation InterpretedSystem::explain(StateView state, Move move) {
  Explanation result;
  result.thread = move.thread;
  result.step = &step_of(move);
  result.choices = compiled(move).choices;
  const Surroundings here = surroundings_of(instance_.threads()[move.thread], *result.step, result.choices);
  for (const model::Fact& fact : result.step->facts) {
    const auto* assertion = std::get_if<model::Assertion>(&fact);
    if (assertion != nullptr && value_if_any(state, assertion->holds, here) == 0)
      result.failed.push_back(assertion);
  }
  result.error = result.step->error;
  if (result.error.empty()) result.error = range_that_is_left(state, result, here);
  return result;
}

std::string InterpretedSystem::range_that_is_left(StateView state, const Explanation& explanation,
                                                  const Surroundings& here) {
  const auto no_value = [&](const model::Expr& e) {
    return fmt::format("`{}` has no value (a member that does not exist, or a number beyond 64 bits)",
                       model::print(instance_.model(), e));
  };
  const model::Step& step = *explanation.step;
  if (!step.guard.empty() && !value_if_any(state, step.guard, here)) return no_value(step.guard);
  for (const model::NamedConjunct& conjunct : step.named) {
    if (!value_if_any(state, conjunct.condition, here)) return no_value(conjunct.condition);
  }
  for (const model::Fact& fact : step.facts) {
    const auto* assertion = std::get_if<model::Assertion>(&fact);
    if (assertion != nullptr && !value_if_any(state, assertion->holds, here))
      return no_value(assertion->holds);
    const auto* event = std::get_if<model::LockEvent>(&fact);
    for (const model::Expr& e : event != nullptr ? event->instance : std::vector<model::Expr>{}) {
      if (!value_if_any(state, e, here)) return no_value(e);
    }
  }
  std::map<std::size_t, Value> written;
  for (const model::Update& update : step.updates) {
    std::vector<Value> at;
    const auto& dimensions = instance_.dimensions(update.target.variable);
    for (std::size_t d = 0; d < update.target.at.size(); ++d) {
      const auto member = value_if_any(state, update.target.at[d], here);
      if (!member || *member < 0 || *member >= instance_.size(dimensions[d])) {
        return fmt::format("`{}` is written at a member that does not exist",
                           model::print_reference(instance_.model(), update.target));
      }
      at.push_back(*member);
    }
    const auto value = value_if_any(state, update.value, here);
    if (!value) return no_value(update.value);
    written[instance_.cell(update.target.variable, at)] = *value;
  }
  for (const auto& [cell, value] : written) {
    const model::Cell& declared = instance_.cells()[cell];
    if (value >= declared.low && value <= declared.high) continue;
    return fmt::format("`{}` leaves its range {}..{}: {}", declared.name, declared.low, declared.high, value);
  }
  return {};
}

} // namespace tdxcheck::explore
