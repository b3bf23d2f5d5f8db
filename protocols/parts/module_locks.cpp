// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/module_locks.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using model::LockMode;

SharexLock::SharexLock(dsl::Protocol& protocol, const std::string& name,
                       const std::vector<dsl::IndexSet>& per, const Expr& readers, model::LockKind kind,
                       Location where)
    : name_(name) {
  const auto declare = [&](const std::string& suffix, const dsl::Type& type, const Expr& initial) {
    return per.empty() ? protocol.variable(name + suffix, type, initial, {}, where)
                       : protocol.variable(name + suffix, per.front(), type, initial, {}, where);
  };
  readers_ = declare(".readers", dsl::integer(0, readers), 0);
  exclusive_ = declare(".exclusive", dsl::boolean(), false);
  lock_ = protocol.lock({.name = name, .over = per, .kind = kind, .module = true}, where);
}

SharexLock SharexLock::operator[](const Expr& member) const {
  SharexLock one = *this;
  one.readers_ = readers_[member];
  one.exclusive_ = exclusive_[member];
  one.lock_ = lock_[member];
  return one;
}

dsl::Type status_type() {
  return dsl::enumeration(
      "status", {"SUCCESS", "TDX_OPERAND_BUSY", "TDX_FLUSHVP_NOT_DONE", "TDX_VCPU_ASSOCIATED",
                 "TDX_VCPU_NOT_ASSOCIATED", "TDX_VCPU_STATE_INCORRECT", "TDX_LIFECYCLE_STATE_INCORRECT",
                 "TDX_TD_KEYS_NOT_CONFIGURED", "TDX_OP_STATE_INCORRECT", "TDX_WBCACHE_NOT_COMPLETE",
                 "TDX_WBCACHE_RESUME_ERROR", "TDX_NO_HKID_READY_TO_WBCACHE", "TDX_INTERRUPTED_RESUMABLE",
                 "TDX_EPT_ENTRY_STATE_INCORRECT", "TDX_TD_ASSOCIATED_PAGES_EXIST",
                 "TDX_PAGE_METADATA_INCORRECT", "TDX_SEAMCALL_UD"});
}

dsl::Variable status_register(Thread& t) { return t.local("rax", status_type(), "SUCCESS"); }

void Seamcall::take(const SharexLock& lock, LockMode mode, const std::string& operand, Location where) {
  const std::string text = lock.name_ + (mode == LockMode::shared ? " shared" : " exclusive");
  const bool sharing = mode == LockMode::shared;
  const Expr is_free = sharing ? !lock.exclusive_ : !lock.exclusive_ && lock.readers_ == 0;
  auto& builder = t_->builder();
  if (!builder.place()) builder.go_on_at(builder.fresh_label(dsl::source_of(where)));
  const auto here = builder.place();

  t_->step(text, where)
      .when(!is_free)
      .finds_busy(lock.lock_, mode)
      .set(rax_, "TDX_OPERAND_BUSY")
      .answers("TDX_OPERAND_BUSY|" + operand);
  fail_to_unwinding(dsl::source_of(where));

  builder.go_on_at(here);
  {
    auto taken = t_->step(text, where);
    taken.when(is_free).tries(lock.lock_, mode);
    if (sharing) {
      taken.set(lock.readers_, lock.readers_ + 1);
    } else {
      taken.set(lock.exclusive_, true);
    }
  }
  held_.push_back({lock, mode, {}});
}

void Seamcall::check(const std::string& text, const Expr& condition, const std::string& status,
                     Location where) {
  auto& builder = t_->builder();
  if (!builder.place()) builder.go_on_at(builder.fresh_label(dsl::source_of(where)));
  const auto here = builder.place();
  t_->step("check fails: " + text, where).when(!condition).set(rax_, status.c_str()).answers(status);
  fail_to_unwinding(dsl::source_of(where));
  builder.go_on_at(here);
  t_->step(text, where).when(condition);
}

// Calls that failed while they held the lock release it on their way, too.
void Seamcall::release(Location where) {
  auto& builder = t_->builder();
  const Held last = held_.back();
  held_.pop_back();
  const auto after = builder.place();
  if (last.unwinding) {
    builder.go_on_at(last.unwinding);
    release_step(last.lock, last.mode, where);
    fail_to_unwinding(dsl::source_of(where));
  }
  builder.go_on_at(after);
  release_step(last.lock, last.mode, where);
}

void Seamcall::succeed(const std::function<void(dsl::StepWords&)>& say, const std::string& text,
                       Location where) {
  auto step = t_->step(text, where);
  step.set(rax_, "SUCCESS").answers("SUCCESS");
  say(step);
}

void Seamcall::fail(const std::string& status, const std::function<void(dsl::StepWords&)>& say,
                    const std::string& text, Location where) {
  auto& builder = t_->builder();
  if (!builder.place()) builder.go_on_at(builder.fresh_label(dsl::source_of(where)));
  const auto here = builder.place();
  {
    auto step = t_->step(text, where);
    step.set(rax_, status.c_str()).answers(status);
    say(step);
  }
  fail_to_unwinding(dsl::source_of(where));
  builder.go_on_at(here);
}

// Control goes to the releases of all that is held now.
void Seamcall::fail_to_unwinding(const model::Source& source) {
  auto& builder = t_->builder();
  auto& exit = held_.empty() ? done_ : held_.back().unwinding;
  builder.jump(builder.exit_label(exit, source), source);
  builder.go_on_at({});
}

void Seamcall::release_step(const SharexLock& lock, LockMode mode, Location where) {
  auto step = t_->step("release " + lock.name_, where);
  step.releases(lock.lock_, mode);
  if (mode == LockMode::shared) {
    step.set(lock.readers_, lock.readers_ - 1);
  } else {
    step.set(lock.exclusive_, false);
  }
}

void Seamcall::finish(Location where) {
  auto& builder = t_->builder();
  const auto source = dsl::source_of(where);
  for (std::size_t i = held_.size(); i-- > 0;) {
    if (builder.place() || held_[i].unwinding) {
      builder.jump(builder.exit_label(held_[i].unwinding, source), source);
      release_step(held_[i].lock, held_[i].mode, where);
    }
  }
  if (builder.place() || done_) builder.jump(builder.exit_label(done_, source), source);
}

} // namespace tdxcheck::protocols
