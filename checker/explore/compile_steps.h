// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The moves of each thread instance at each label: a step with its choices made and its member known,
// compiled. What is then false whatever the state is no move. The order is that of the model: steps, then
// choices with the last one changing fastest.

#include <cstdint>
#include <vector>

#include "explore/bytecode.h"
#include "explore/compile_expression.h"
#include "model/instance.h"

namespace tdxcheck::explore {

struct CompiledMove {
  std::size_t step = 0; // position in Thread::steps
  std::vector<model::Value> choices;
  std::size_t program = 0; // first instruction
};

struct ThreadMoves {
  std::vector<CompiledMove> moves;            // Move::step is a position in here
  std::vector<std::vector<std::uint16_t>> at; // by label: positions in `moves`
};

// By thread instance. InputError if a thread has more than 65535 moves.
[[nodiscard]] std::vector<ThreadMoves> compile_steps(const model::Instance& instance, const Layout& layout,
                                                     Code& code);

// The next way to make the step's choices; false (and back at the first) after the last.
[[nodiscard]] bool next_choices(const model::Instance& instance, const model::Step& step,
                                std::vector<model::Value>& choices);

// The member and the choices of a move, as expressions see them.
[[nodiscard]] Surroundings surroundings_of(const model::ThreadInstance& thread, const model::Step& step,
                                           const std::vector<model::Value>& choices);

} // namespace tdxcheck::explore
