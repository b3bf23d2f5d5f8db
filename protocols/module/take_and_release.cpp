// SPDX-License-Identifier: GPL-2.0-or-later

// The locks of a SEAMCALL: tries, promotions, releases, and the way back of a call that failed.

#include "protocols/module/seamcall.h"

#include "protocols/module/when_possible.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::StepWords;
using model::LockMode;

void Seamcall::take(const ModuleLock& lock, const Mode& mode, const std::string& operand, Location where) {
  take_with("TDX_OPERAND_BUSY", operand, lock, mode, where);
}

void Seamcall::take_or(const std::string& busy_status, const ModuleLock& lock, const Mode& mode,
                       Location where) {
  take_with(busy_status, {}, lock, mode, where);
}

void Seamcall::take_with(const std::string& status, const std::string& operand, const ModuleLock& lock,
                         const Mode& mode, Location where) {
  when_possible(
      lock.modelled(),
      [&] {
        in_its_mode(
            mode, [&](LockMode m) { take_in(m, lock, status, operand, where); }, where);
      },
      where);
  made_pending_checks(lock.modelled());
  held_.push_back({lock, mode, {}});
}

void Seamcall::take_in(LockMode mode, const ModuleLock& lock, const std::string& status,
                       const std::string& operand, Location where) {
  const std::string text = lock.name() + (mode == LockMode::shared ? " shared" : " exclusive");
  auto& builder = by_.t.builder();
  const auto here = place_for_a_step(where);
  fail_pending_checks();
  {
    auto busy = by_.t.step(text, where);
    require_pending(busy);
    busy.when(!lock.is_free_for(mode));
    lock.found_busy(busy, mode);
    decide(busy, status, operand);
  }
  fail_to_unwinding(held_.size(), where);
  builder.go_on_at(here);
  auto taken = by_.t.step(text, where);
  require_pending(taken);
  taken.when(lock.is_free_for(mode));
  lock.taken(taken, mode);
}

void Seamcall::promote(const std::string& operand, Location where) {
  Held& last = held_.back();
  expects(literally(false, last.mode.exclusive()), "promote() follows a take() in shared mode");
  when_possible(
      last.lock.modelled(),
      [&] {
        const std::string text = "promote " + last.lock.name();
        const auto here = place_for_a_step(where);
        fail_pending_checks();
        {
          auto busy = by_.t.step(text, where);
          require_pending(busy);
          busy.when(!last.lock.only_reader());
          last.lock.not_promoted(busy);
          decide(busy, "TDX_OPERAND_BUSY", operand);
        }
        fail_to_unwinding(held_.size() - 1, where);
        by_.t.builder().go_on_at(here);
        auto promoted = by_.t.step(text, where);
        require_pending(promoted);
        promoted.when(last.lock.only_reader());
        last.lock.promoted(promoted);
      },
      where);
  made_pending_checks(last.lock.modelled());
  // What failed with the shared hold releases that; what fails from now on releases the exclusive one.
  unwind_failures_down_to(held_.size() - 1, where);
  last.mode = LockMode::exclusive;
}

void Seamcall::release_held(const Held& held, Location where) {
  if (held.undo) return when_possible(held.possible, held.undo, where);
  when_possible(
      held.lock.modelled(),
      [&] {
        in_its_mode(
            held.mode,
            [&](LockMode mode) {
              place_for_a_step(where);
              fail_pending_checks();
              auto step = by_.t.step("release " + held.lock.name(), where);
              require_pending(step);
              held.lock.released(step, mode);
            },
            where);
      },
      where);
}

void Seamcall::undo_on_failure(const Expr& possible, dsl::Body undo) {
  held_.push_back({ModuleLock(), LockMode::shared, {}, std::move(undo), possible});
}

void Seamcall::keep(Location where) {
  expects(!held_.empty() && held_.back().undo, "keep() follows undo_on_failure()");
  unwind_failures_down_to(held_.size() - 1, where);
  held_.pop_back();
}

void Seamcall::release_with(const Expr& possible, const std::string& text, const Step& say, Location where) {
  const Held last = held_.back();
  const auto emit = [&](bool modelled, LockMode mode) {
    place_for_a_step(where);
    fail_pending_checks();
    auto step = by_.t.step(text, where);
    require_pending(step);
    if (modelled) last.lock.released(step, mode);
    say(step);
  };
  const auto with_lock = [&] {
    in_its_mode(
        last.mode, [&](LockMode mode) { emit(true, mode); }, where);
  };
  const auto without_lock = [&] { emit(false, LockMode::shared); };
  when_possible(
      possible,
      [&] {
        if (literally(true, last.lock.modelled())) {
          with_lock();
        } else if (literally(false, last.lock.modelled())) {
          without_lock();
        } else {
          dsl::when(last.lock.modelled(), where).then(with_lock).otherwise(without_lock);
        }
      },
      where);
  made_pending_checks(possible);
  unwind_failures_down_to(held_.size() - 1, where);
  held_.pop_back();
}

void Seamcall::release(Location where) {
  expects(!held_.empty(), "release() without a lock that is held");
  release_held(held_.back(), where);
  made_pending_checks(held_.back().lock.modelled());
  unwind_failures_down_to(held_.size() - 1, where);
  held_.pop_back();
}

// Those that failed while they held the locks from `lowest` on, and no longer come this way, release them.
void Seamcall::unwind_failures_down_to(std::size_t lowest, Location where) {
  auto& builder = by_.t.builder();
  const auto source = dsl::source_of(where);
  const auto after = builder.place();
  std::vector<Check> still_pending;
  std::swap(pending_, still_pending); // whoever failed has no checks before it
  builder.go_on_at(no_place);
  for (std::size_t i = held_.size(); i-- > lowest;) {
    if (!builder.place() && !held_[i].unwinding) continue;
    builder.jump(builder.exit_label(held_[i].unwinding, source), source);
    held_[i].unwinding = {};
    release_held(held_[i], where);
  }
  if (builder.place()) fail_to_unwinding(lowest, where);
  std::swap(pending_, still_pending);
  builder.go_on_at(after);
}

} // namespace tdxcheck::protocols
