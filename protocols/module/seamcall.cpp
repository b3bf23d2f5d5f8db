// SPDX-License-Identifier: GPL-2.0-or-later

// The checks and answers of a SEAMCALL; its locks are in take_and_release.cpp.

#include "protocols/module/seamcall.h"

#include "protocols/module/when_possible.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::StepWords;
using model::LockMode;

// ---- checks ----

void Seamcall::check(const std::string& text, const Expr& holds, const std::string& status,
                     const Step& on_failure, Location where) {
  pending_.push_back({text, holds, true, status, {}, on_failure, Check::Kind::kept_by_locks, where});
}

void Seamcall::may_fail(const std::string& text, const Expr& possible, const std::string& status,
                        const Step& on_failure, Location where) {
  if (literally(false, possible)) return;
  pending_.push_back({text, !possible, true, status, {}, on_failure, Check::Kind::by_hardware, where});
}

void Seamcall::check_that_stays(const std::string& text, const Expr& holds, const std::string& status,
                                Location where) {
  pending_.push_back({text, holds, true, status, {}, {}, Check::Kind::stays, where});
}

void Seamcall::compare(const std::string& text, const Expr& holds, const std::string& operand,
                       Location where) {
  pending_.push_back({text, holds, true, "TDX_OPERAND_BUSY", operand, {}, Check::Kind::stays, where});
}

void Seamcall::read(const std::string& text, const Expr& holds, const std::string& status,
                    const Expr& possible, Location where) {
  if (literally(false, possible)) return;
  when_possible(
      possible,
      [&] {
        const auto here = place_for_a_step(where);
        fail_pending_checks();
        {
          auto failed = by_.t.step("check fails: " + text, where);
          require_pending(failed);
          failed.when(!holds);
          decide(failed, status);
        }
        fail_to_unwinding(held_.size(), where);
        by_.t.builder().go_on_at(here);
        auto passed = by_.t.step(text, where);
        require_pending(passed);
        passed.when(holds);
      },
      where);
  made_pending_checks(possible);
}

// Each pending check has its failing steps from here, one per form of the release that goes with it.
void Seamcall::fail_pending_checks() {
  auto& builder = by_.t.builder();
  const auto here = builder.place();
  const auto fails = [&](const Check& check, const Expr& before, const Expr& form, const Held* released,
                         LockMode mode, std::size_t still_held) {
    if (literally(false, form)) return;
    builder.go_on_at(here);
    {
      const bool by_hardware = check.kind == Check::Kind::by_hardware;
      auto step = by_.t.step(by_hardware ? check.text : "check fails: " + check.text, check.where);
      step.when(before).when(form).when(check.pending && !check.holds);
      if (by_hardware) step.fair(model::Fairness::none);
      if (released != nullptr) released->lock.released(step, mode);
      if (check.on_failure) check.on_failure(step);
      decide(step, check.status, check.operand);
    }
    fail_to_unwinding(still_held, check.where);
  };
  std::size_t held = held_.size();
  while (held > 0 && !held_[held - 1].undo && literally(false, held_[held - 1].lock.modelled())) --held;
  Expr before = true;
  for (const Check& check : pending_) {
    if (held == 0 || held_[held - 1].undo || check.kind == Check::Kind::stays) {
      fails(check, before, true, nullptr, LockMode::shared, held);
    } else {
      const Held& last = held_[held - 1];
      const Expr& modelled = last.lock.modelled();
      const std::size_t below = held - 1;
      fails(check, before, modelled && last.mode.exclusive(), &last, LockMode::exclusive, below);
      fails(check, before, modelled && !last.mode.exclusive(), &last, LockMode::shared, below);
      fails(check, before, !modelled, nullptr, LockMode::shared, below);
    }
    if (check.kind != Check::Kind::by_hardware) before = before && implies(check.pending, check.holds);
  }
  builder.go_on_at(here);
}

void Seamcall::require_pending(StepWords& step) const {
  for (const Check& check : pending_)
    if (check.kind != Check::Kind::by_hardware) step.when(implies(check.pending, check.holds));
}

// A step was made where the condition on parameters holds: it made the pending checks.
void Seamcall::made_pending_checks(const Expr& condition) {
  if (literally(true, condition)) {
    pending_.clear();
    return;
  }
  for (Check& check : pending_) check.pending = check.pending && !condition;
}

// ---- steps and answers ----

void Seamcall::step(const std::string& text, const Step& say, Location where) {
  place_for_a_step(where);
  fail_pending_checks();
  {
    auto step = by_.t.step(text, where);
    require_pending(step);
    if (say) say(step);
  }
  made_pending_checks(true);
}

void Seamcall::only_if(const Expr& possible, const dsl::Body& body, Location where) {
  if (literally(false, possible)) return;
  const auto before = pending_;
  when_possible(possible, body, where);
  pending_ = before;
  made_pending_checks(possible);
}

void Seamcall::step_if(const Expr& possible, const std::string& text, const Step& say, Location where) {
  only_if(
      possible, [&] { step(text, say, where); }, where);
}

void Seamcall::succeed(const std::string& text, const Step& say, const std::string& status, Location where) {
  step(
      text,
      [&](StepWords& step) {
        decide(step, status);
        if (say) say(step);
      },
      where);
}

void Seamcall::succeed_storing_entry(const std::string& text, const ModuleLock& entry,
                                     const Expr& forgets_host_priority, const Step& say,
                                     const std::string& status, Location where) {
  store_entry(
      text, entry, forgets_host_priority,
      [&](StepWords& step) {
        decide(step, status);
        if (say) say(step);
      },
      where);
}

void Seamcall::store_entry(const std::string& text, const ModuleLock& entry,
                           const Expr& forgets_host_priority, const Step& say, Location where) {
  place_for_a_step(where);
  fail_pending_checks();
  const auto store = [&](bool locked) {
    auto step = by_.t.step(text, where);
    step.when(locked ? entry.modelled() : !entry.modelled());
    require_pending(step);
    if (locked) entry.overwritten(step, forgets_host_priority);
    if (say) say(step);
  };
  if (literally(true, entry.modelled())) {
    store(true);
  } else if (literally(false, entry.modelled())) {
    store(false);
  } else {
    by_.t.one_of({[&] { store(true); }, [&] { store(false); }}, where);
  }
  made_pending_checks(true);
  for (std::size_t i = held_.size(); i-- > 0;) {
    if (held_[i].lock.name() != entry.name()) continue;
    unwind_failures_down_to(i, where);
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    break;
  }
}

void Seamcall::answer(const std::string& text, const std::string& status, const Step& say, Location where) {
  succeed(text, say, status, where);
  fail_to_unwinding(held_.size(), where);
}

void Seamcall::decide(StepWords& step, const std::string& status, const std::string& operand) {
  step.set(by_.rax, status.c_str()).costs(model::CostKind::seamcalls);
  step.answers(operand.empty() ? status : status + "|" + operand);
  if (by_.operand) step.set(*by_.operand, operand.empty() ? "none" : operand.c_str());
}

// ---- control ----

dsl::ThreadBuilder::Place Seamcall::place_for_a_step(Location where) {
  auto& builder = by_.t.builder();
  if (!builder.place()) builder.go_on_at(builder.fresh_label(dsl::source_of(where)));
  return builder.place();
}

// Control goes to the releases of the first `held` locks.
void Seamcall::fail_to_unwinding(std::size_t held, Location where) {
  auto& builder = by_.t.builder();
  const auto source = dsl::source_of(where);
  auto& exit = held == 0 ? done_ : held_[held - 1].unwinding;
  builder.jump(builder.exit_label(exit, source), source);
  builder.go_on_at(no_place);
}

void Seamcall::finish(Location where) {
  expects(pending_.empty(), "the checks of a call belong to its next step, and there is none");
  auto& builder = by_.t.builder();
  const auto source = dsl::source_of(where);
  for (std::size_t i = held_.size(); i-- > 0;) {
    if (!builder.place() && !held_[i].unwinding) continue;
    builder.jump(builder.exit_label(held_[i].unwinding, source), source);
    release_held(held_[i], where);
  }
  if (builder.place() || done_) builder.jump(builder.exit_label(done_, source), source);
}

} // namespace tdxcheck::protocols
