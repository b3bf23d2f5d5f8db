// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/module/seamcall.h"

#include <stdexcept>

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::StepWords;
using model::LockMode;

namespace {

const auto no_place = dsl::ThreadBuilder::Place();

// Of whoever writes a leaf.
void expects(bool condition, const char* contract) {
  if (!condition) throw std::logic_error(contract);
}

// A literal, or a literal's negation, or a conjunction with a literal that decides it.
bool literally(bool value, const Expr& e) {
  const model::Expr& tree = e.tree();
  if (const auto* unary = std::get_if<model::Unary>(&tree.node().kind))
    return unary->op == model::UnaryOp::logical_not && literally(!value, Expr(unary->operand));
  if (const auto* both = std::get_if<model::Binary>(&tree.node().kind);
      both != nullptr && both->op == model::BinaryOp::logical_and) {
    const Expr left(both->left), right(both->right);
    return value ? literally(true, left) && literally(true, right)
                 : literally(false, left) || literally(false, right);
  }
  return value ? model::is_true(tree) : model::is_false(tree);
}

// Control flow on parameters, where there is any.
void when_possible(const Expr& condition, const dsl::Body& body, Location where) {
  if (literally(true, condition)) return body();
  if (!literally(false, condition)) dsl::when(condition, where).then(body);
}

void in_its_mode(const Mode& mode, const std::function<void(LockMode)>& body, Location where) {
  if (literally(true, mode.exclusive())) return body(LockMode::exclusive);
  if (literally(false, mode.exclusive())) return body(LockMode::shared);
  dsl::when(mode.exclusive(), where).then([&] { body(LockMode::exclusive); }).otherwise([&] {
    body(LockMode::shared);
  });
}

} // namespace

// ---- locks ----

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
