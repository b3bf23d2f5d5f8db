// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a thread holds, learnt by watching it run: no analysis of labels, only a list that grows with each
// acquire and shrinks with each release. `lock_discipline` in these terms:
//  at a label   a step would acquire what the thread holds already; or a sleeping lock with IRQs or
//  preemption off
//               or inside an interrupt; or, blocking, a lock ranked below one that is held (of the same rank
//               only the same class is allowed, instances ascending); or it is an end label and something is
//               held;
//  in a step    something is tried (got or busy) that the thread holds exclusively, or wants exclusively
//  while it
//               holds it; or something is released that is not held in that mode.
// The steps at a label are taken as they stand there, guards aside: a thread that waits for its own lock
// never takes the step that would show it.

#include "semantics/interpreter.h"

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tdxcheck::semantics {

struct Held {
  model::Id<model::Lock> lock;
  std::vector<model::Value> instance;
  model::LockMode mode;
  friend auto operator<=>(const Held&, const Held&) = default;
};

struct LockHistory {
  std::vector<Held> held; // in the order of acquisition
  bool irqs_off = false;
  bool preempt_off = false;
  bool in_irq = false;
  friend auto operator<=>(const LockHistory&, const LockHistory&) = default;
};

// Follows what a thread did. Says what was wrong with it, if anything was; the history moves on all the same.
[[nodiscard]] std::optional<std::string> follow(const model::Model& model, LockHistory& history,
                                                std::span<const Happening> happened);

// What is wrong with where the thread is, given what it did before.
[[nodiscard]] std::optional<std::string> wrong_at_label(const Interpreter& interpreter, const State& state,
                                                        std::size_t thread, const LockHistory& history);

// "mmu_lock", "TDVPR[1]", "entry[0][2]".
[[nodiscard]] std::string name_of(const model::Model& model, model::Id<model::Lock> lock,
                                  std::span<const model::Value> instance);

} // namespace tdxcheck::semantics
