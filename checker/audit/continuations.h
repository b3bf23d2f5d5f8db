// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What may still happen from a state on, by plain forward search through the interpreter.

#include "semantics/interpreter.h"

#include <functional>
#include <span>

namespace tdxcheck::audit {

enum class Searched { all, stopped, gave_up };

// Shows each state that can follow (`from` itself first) with its actions, each once, until `look` answers
// false (stopped), nothing new is found (all), or more than `most` states were found (gave up).
[[nodiscard]] Searched
continuations(const semantics::Interpreter& interpreter, const semantics::State& from, std::size_t most,
              const std::function<bool(const semantics::State&, std::span<const semantics::Action>)>& look);

} // namespace tdxcheck::audit
