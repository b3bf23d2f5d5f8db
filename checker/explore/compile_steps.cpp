// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/compile_steps.h"

#include <limits>
#include <map>

#include <fmt/format.h>

#include "support/error.h"

namespace tdxcheck::explore {

using model::Value;

Surroundings surroundings_of(const model::ThreadInstance& thread, const model::Step& step,
                             const std::vector<Value>& choices) {
  Surroundings result;
  result.self = thread.member;
  for (std::size_t i = 0; i < choices.size(); ++i) result.bound[step.choices[i].bound.number] = choices[i];
  return result;
}

bool next_choices(const model::Instance& instance, const model::Step& step, std::vector<Value>& choices) {
  for (std::size_t i = choices.size(); i-- > 0;) {
    if (++choices[i] < instance.size(step.choices[i].set)) return true;
    choices[i] = 0;
  }
  return false;
}

namespace {

// The updates of one move. Values and targets are computed first; then constants are patched into whole
// words; then the rest is stored, unless a later update has the same target (the later one counts, and only
// it is held against the range).
class UpdateCompiler {
public:
  UpdateCompiler(ExpressionCompiler& expressions, const Layout& layout, Code& code)
      : expressions_(expressions), layout_(layout), code_(code) {}

  void compute(const model::Update& update) {
    const Operand target = expressions_.cell(update.target);
    writes_.push_back({update.target.variable, target, expressions_.value(update.value)});
  }
  // `thread`: whose step it is.
  void write(std::size_t thread, model::Id<model::Label> label) {
    const bool coded = layout_.is_coded(thread);
    const auto number = static_cast<std::int32_t>(thread);
    if (coded) {
      expressions_.emit({Op::load_locals, 0, 0, 0, number, 0});
      expressions_.emit({Op::store, 0, code_.constant(static_cast<Value>(label.value)), 0,
                         static_cast<std::int32_t>(layout_.cells()) + number, 0});
    } else {
      patch(layout_.label(thread), static_cast<Value>(label.value));
    }
    write();
    if (coded) expressions_.emit({Op::pack_locals, 0, 0, 0, number, 0});
  }

private:
  void write() {
    for (std::size_t w = 0; w < writes_.size(); ++w) {
      if (is_patch(writes_[w]) && !surely_overwritten(w)) {
        patch(layout_.cell(static_cast<std::size_t>(*writes_[w].target.known)), *writes_[w].value.known);
      }
    }
    for (const auto& [word, patch] : patches_) {
      expressions_.emit({Op::patch, 0, code_.constant(static_cast<Value>(patch.keep)),
                         code_.constant(static_cast<Value>(patch.value)), static_cast<std::int32_t>(word),
                         0});
    }
    for (std::size_t w = 0; w < writes_.size(); ++w) {
      if (!is_patch(writes_[w]) && !surely_overwritten(w)) store(w);
    }
  }

  struct Write {
    model::Id<model::Variable> variable;
    Operand target, value;
  };
  struct Patch {
    Word keep = ~Word{0};
    Word value = 0;
  };

  [[nodiscard]] bool is_patch(const Write& write) const {
    if (!write.target.known || !write.value.known) return false;
    const Field& field = layout_.cell(static_cast<std::size_t>(*write.target.known));
    return !field.is_coded() && field.holds(*write.value.known);
  }

  [[nodiscard]] bool surely_overwritten(std::size_t w) const {
    for (std::size_t later = w + 1; later < writes_.size(); ++later) {
      if (writes_[later].variable != writes_[w].variable) continue;
      const auto &a = writes_[w].target.known, &b = writes_[later].target.known;
      if (a && b && *a == *b) return true;
    }
    return false;
  }

  void patch(const Field& field, Value value) {
    if (field.width == 0) return;
    Patch& patch = patches_[field.word];
    patch.keep &= ~(field.mask() << field.shift);
    patch.value |= field.bits_of(value);
  }

  void store(std::size_t w) {
    const Write& write = writes_[w];
    std::vector<std::size_t> skips;
    for (std::size_t later = w + 1; later < writes_.size(); ++later) {
      if (writes_[later].variable != write.variable || (write.target.known && writes_[later].target.known))
        continue;
      const std::int32_t same = expressions_.fresh();
      expressions_.emit({Op::equal, same, expressions_.in_register(write.target),
                         expressions_.in_register(writes_[later].target), 0, 0});
      skips.push_back(expressions_.emit({Op::jump_if_nonzero, 0, same, 0, 0, 0}));
    }
    const std::int32_t value = expressions_.in_register(write.value);
    if (write.target.known) {
      expressions_.emit({Op::store, 0, value, 0, static_cast<std::int32_t>(*write.target.known), 0});
    } else {
      expressions_.emit({Op::store_at, 0, value, write.target.place, 0, 0});
    }
    for (std::size_t skip : skips) expressions_.land(skip);
  }

  ExpressionCompiler& expressions_;
  const Layout& layout_;
  Code& code_;
  std::vector<Write> writes_;
  std::map<std::uint32_t, Patch> patches_; // by word
};

// Facts change nothing; but one that has no value makes the step a model error, and assertions are checked.
void compile_fact(ExpressionCompiler& expressions, const model::Fact& fact) {
  if (const auto* assertion = std::get_if<model::Assertion>(&fact)) {
    const Operand holds = expressions.value(assertion->holds);
    if (!holds.known || *holds.known == 0) {
      expressions.emit({Op::check, 0, expressions.in_register(holds), 0, 0, 0});
    }
  }
  if (const auto* event = std::get_if<model::LockEvent>(&fact)) {
    for (const model::Expr& member : event->instance) (void)expressions.value(member);
  }
}

// False if the guard is false whatever the state.
bool compile_guard(ExpressionCompiler& expressions, const model::Step& step) {
  if (!step.guard.empty() && !expressions.require(step.guard)) return false;
  for (const model::NamedConjunct& conjunct : step.named) {
    if (!expressions.require(conjunct.condition)) return false;
  }
  return true;
}

class StepCompiler {
public:
  StepCompiler(const model::Instance& instance, const Layout& layout, Code& code)
      : instance_(instance), layout_(layout), code_(code) {}

  [[nodiscard]] ThreadMoves moves_of(std::size_t position) {
    const model::ThreadInstance& who = instance_.threads()[position];
    const model::Thread& thread = instance_.model().threads[who.thread];
    ThreadMoves result;
    result.at.resize(thread.labels.size());
    for (std::size_t s = 0; s < thread.steps.size(); ++s) {
      const model::Step& step = thread.steps[s];
      std::vector<Value> choices(step.choices.size(), 0);
      do {
        CompiledMove move{s, choices, code_.instructions.size()};
        if (!compile(position, step, choices)) {
          code_.instructions.resize(move.program);
          continue;
        }
        if (result.moves.size() >= std::numeric_limits<std::uint16_t>::max()) {
          throw support::InputError(fmt::format("`{}` has too many steps and choices", who.name));
        }
        result.at[step.from.value].push_back(static_cast<std::uint16_t>(result.moves.size()));
        result.moves.push_back(std::move(move));
      } while (next_choices(instance_, step, choices));
    }
    return result;
  }

private:
  bool compile(std::size_t position, const model::Step& step, const std::vector<Value>& choices) {
    const Surroundings here = surroundings_of(instance_.threads()[position], step, choices);
    ExpressionCompiler expressions(instance_, code_, here);
    if (!compile_guard(expressions, step)) return false;
    for (const model::Fact& fact : step.facts) compile_fact(expressions, fact);
    UpdateCompiler updates(expressions, layout_, code_);
    for (const model::Update& update : step.updates) updates.compute(update);
    expressions.emit({Op::copy_state, 0, 0, 0, 0, 0});
    if (!step.error.empty()) expressions.emit({Op::wrong, 0, 0, 0, 0, 0});
    updates.write(position, step.to);
    expressions.emit({Op::take, 0, 0, 0, 0, 0});
    return true;
  }

  const model::Instance& instance_;
  const Layout& layout_;
  Code& code_;
};

} // namespace

std::vector<ThreadMoves> compile_steps(const model::Instance& instance, const Layout& layout, Code& code) {
  std::vector<ThreadMoves> result;
  StepCompiler compiler(instance, layout, code);
  for (std::size_t t = 0; t < instance.threads().size(); ++t) result.push_back(compiler.moves_of(t));
  return result;
}

} // namespace tdxcheck::explore
