// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One function per template. Private to audit/; the answers are explained in violates.h.

#include "audit/violates.h"

#include <string>
#include <vector>

namespace tdxcheck::audit {

struct Judge {
  const semantics::Interpreter& interpreter;
  const model::Property& property;
  const Run& run;

  [[nodiscard]] Confirmation operator()(const model::Always& claim) const;
  [[nodiscard]] Confirmation operator()(const model::Asserted& claim) const;
  [[nodiscard]] Confirmation operator()(const model::NoDeadlock& claim) const;
  [[nodiscard]] Confirmation operator()(const model::LockDiscipline& claim) const;
  [[nodiscard]] Confirmation operator()(const model::LockOrder& claim) const;
  [[nodiscard]] Confirmation operator()(const model::Recoverable& claim) const;
  [[nodiscard]] Confirmation operator()(const model::Retries& claim) const;
  [[nodiscard]] Confirmation operator()(const model::Balanced& claim) const;
  [[nodiscard]] Confirmation operator()(const model::Sometimes& claim) const;
  // judge_endless_runs.cpp
  [[nodiscard]] Confirmation operator()(const model::NoLivelock& claim) const;
  [[nodiscard]] Confirmation operator()(const model::NoStarvation& claim) const;
  [[nodiscard]] Confirmation operator()(const model::LeadsTo& claim) const;

  [[nodiscard]] static Confirmation yes(std::string why);
  [[nodiscard]] static Confirmation no(std::string why);
  [[nodiscard]] bool is_true(const semantics::State& state, const model::Expr& condition) const;
  [[nodiscard]] const std::string& thread_name(std::size_t thread) const;
  [[nodiscard]] std::vector<std::size_t> not_at_end(const semantics::State& state) const;
};

} // namespace tdxcheck::audit
