// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The transition system of an instantiated model, by bytecode. It also says in words what a move was, and
// evaluates closed expressions on packed states. Faster steps replace it behind the same card; explaining
// stays.
//
// Not for several threads at once: it works in one frame of registers.

#include <memory>
#include <string>
#include <vector>

#include "explore/compile_steps.h"
#include "explore/transition_system.h"

namespace tdxcheck::explore {

struct Explanation {
  std::size_t thread = 0; // position in Instance::threads
  const model::Step* step = nullptr;
  std::vector<model::Value> choices; // one per Step::choices
  std::vector<const model::Assertion*> failed;
  std::string error; // what makes it a model error, if it is one
};

class InterpretedSystem : public TransitionSystem {
public:
  // The instance of an instantiated model (no silent steps); it must outlive this.
  explicit InterpretedSystem(const model::Instance& instance)
      : InterpretedSystem(instance, plain_layout(instance)) {}
  InterpretedSystem(const model::Instance& instance, Layout layout);

  // Every field by itself.
  [[nodiscard]] static Layout plain_layout(const model::Instance& instance);
  // Local states are coded where states then take fewer words.
  [[nodiscard]] static Layout dense_layout(const model::Instance& instance);

  [[nodiscard]] std::size_t words() const override { return layout_.words(); }
  [[nodiscard]] std::size_t bits() const override { return layout_.bits(); }
  void initial(SuccessorSink& sink) override;
  void successors(StateView state, SuccessorSink& sink) override;

  [[nodiscard]] const model::Instance& instance() const { return instance_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] const std::vector<ThreadMoves>& moves() const { return moves_; }
  [[nodiscard]] const Code& code() const { return code_; }
  // One move from the state that is loaded, which must be `state`; `next` receives the successor. The outcome
  // is taken or not_enabled; what has no value is a model error.
  [[nodiscard]] Result perform(Move move, StateView state, Word* next);
  [[nodiscard]] const CompiledMove& compiled(Move move) const { return moves_[move.thread].moves[move.step]; }
  [[nodiscard]] const model::Step& step_of(Move move) const;

  [[nodiscard]] Explanation explain(StateView state, Move move);

  // An expression to be evaluated on many states.
  struct Program {
    std::size_t start = 0;
    std::optional<model::Value> known; // whatever the state
    std::string text;                  // for whoever has to hear that it has no value
  };
  [[nodiscard]] Program compile(const model::Expr& expression, const Surroundings& surroundings = {});
  // Makes `state` the one that programs are evaluated on, until the next call of anything that takes a state.
  // It is looked at only when the first of them is.
  void load(StateView state) { loaded_ = state, unpacked_ = false; }
  // What the program may read, by field of the layout.
  [[nodiscard]] std::vector<bool> fields_read(const Program& program) const;
  [[nodiscard]] std::optional<model::Value> value_if_any(const Program& program);
  // InputError if the expression has no value in that state.
  [[nodiscard]] model::Value value(const Program& program);
  // Likewise, compiled for the occasion.
  [[nodiscard]] model::Value value(StateView state, const model::Expr& expression,
                                   const Surroundings& surroundings = {});
  [[nodiscard]] std::optional<model::Value> value_if_any(StateView state, const model::Expr& expression,
                                                         const Surroundings& surroundings = {});

  [[nodiscard]] model::Value cell(StateView state, std::size_t cell) const {
    return layout_.cell(cell).read(state.data());
  }
  [[nodiscard]] model::Id<model::Label> label(StateView state, std::size_t thread) const {
    return {static_cast<std::uint32_t>(layout_.label(thread).read(state.data()))};
  }
  [[nodiscard]] bool at_end(StateView state, std::size_t thread) const;

private:
  void unpack();
  [[nodiscard]] std::string range_that_is_left(StateView state, const Explanation& explanation,
                                               const Surroundings& here);

  const model::Instance& instance_;
  Layout layout_;
  Code code_;
  std::vector<ThreadMoves> moves_;
  Frame frame_;
  StateView loaded_;
  bool unpacked_ = false;
  std::vector<Word> next_;
};

} // namespace tdxcheck::explore
