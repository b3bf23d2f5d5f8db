// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/module/locks.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using model::LockKind;
using model::LockMode;

namespace {

bool has_readers(LockKind kind) { return kind == LockKind::sharex || kind == LockKind::sharex_hp; }

} // namespace

ModuleLock::ModuleLock(dsl::Protocol& protocol, const ModuleLockSpec& spec, dsl::Location where)
    : name_(spec.name), kind_(spec.kind), modelled_(spec.modelled), host_priority_(spec.host_priority) {
  const auto declare = [&](const std::string& suffix, const dsl::Type& type, const Expr& initial) {
    const std::string name = spec.name + suffix;
    return spec.per.empty() ? protocol.variable(name, type, initial, {}, where)
                            : protocol.variable(name, spec.per.front(), type, initial, {}, where);
  };
  if (has_readers(kind_)) readers_ = declare(".readers", dsl::integer(0, spec.readers), 0);
  exclusive_ = declare(has_readers(kind_) ? ".exclusive" : ".locked", dsl::boolean(), false);
  waiting_ = declare(".host_priority", dsl::boolean(), false);
  lock_ = protocol.lock({.name = name_, .over = spec.per, .kind = kind_, .module = true}, where);
}

ModuleLock ModuleLock::operator[](const Expr& member) const {
  ModuleLock one = *this;
  if (has_readers(kind_)) one.readers_ = readers_[member];
  one.exclusive_ = exclusive_[member];
  one.waiting_ = waiting_[member];
  one.lock_ = lock_[member];
  return one;
}

ModuleLock ModuleLock::modelled_if(const Expr& condition) const {
  ModuleLock one = *this;
  one.modelled_ = modelled_ && condition;
  return one;
}

Expr ModuleLock::is_free_for(LockMode mode) const {
  if (mode == LockMode::shared || !has_readers(kind_)) return !exclusive_;
  return !exclusive_ && readers_ == 0;
}
Expr ModuleLock::only_reader() const { return readers_ == 1; }
Expr ModuleLock::is_held() const { return exclusive_; }
Expr ModuleLock::turns_guests_away() const { return host_priority_ && waiting_; }

void ModuleLock::set_host_priority(StepWords& step, const Expr& value) const {
  if (model::is_false(host_priority_.tree())) return;
  step.set(waiting_, choose(host_priority_, value, waiting_));
}

void ModuleLock::taken(StepWords& step, LockMode mode, Side side) const {
  step.tries(lock_, mode);
  if (mode == LockMode::shared) {
    step.set(readers_, readers_ + 1);
  } else {
    step.set(exclusive_, true);
  }
  if (side == Side::host) set_host_priority(step, false);
}

void ModuleLock::found_busy(StepWords& step, LockMode mode, Side side) const {
  step.finds_busy(lock_, mode);
  if (side == Side::host) set_host_priority(step, true);
}

void ModuleLock::released(StepWords& step, LockMode mode) const {
  step.releases(lock_, mode);
  if (mode == LockMode::shared) {
    step.set(readers_, readers_ - 1);
  } else {
    step.set(exclusive_, false);
  }
}

// The reader becomes the exclusive holder. Two events, because a label knows one mode.
void ModuleLock::promoted(StepWords& step) const {
  step.releases(lock_, LockMode::shared).tries(lock_, LockMode::exclusive);
  step.set(readers_, 0).set(exclusive_, true);
  set_host_priority(step, false);
}

void ModuleLock::not_promoted(StepWords& step) const {
  step.releases(lock_, LockMode::shared).finds_busy(lock_, LockMode::exclusive);
  step.set(readers_, readers_ - 1);
  set_host_priority(step, true);
}

void ModuleLock::overwritten(StepWords& step, const Expr& forgets) const {
  step.releases(lock_, LockMode::exclusive).set(exclusive_, false);
  set_host_priority(step, waiting_ && !forgets);
}

void ModuleLock::set_silently(StepWords& step, const Expr& condition, bool held) const {
  step.set_if(condition, exclusive_, held);
}

} // namespace tdxcheck::protocols
