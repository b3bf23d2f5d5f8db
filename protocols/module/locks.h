// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The lock words of the TDX module as single steps (src/common/helpers/tdx_locks.h): every acquisition is a
// try; nothing spins, nothing queues.
//
//   sharex, sharex_hp   readers and one exclusive holder; the second with a host-priority bit
//   bit                 the lock in an S-EPT entry (TDEL), with its host-priority bit (TDHP)
//   mutex               one holder
//
// What is left out of the word, and why that is exact above it:
//  * Ghost readers. A failed shared try leaves one in the word until the exclusive holder releases, which
//    wipes it. Whoever could notice it meets the exclusive bit of that same holder first: a shared or
//    exclusive try fails on the bit, and the holder itself does not look. A promotion finds no ghost, because
//    there is none without an exclusive holder. Guests do not change this: a guest that fails on the bit
//    leaves a ghost of the same kind, and one that is turned away by host priority takes its reader back
//    within its own try.
//  * The host-priority bit, unless `host_priority` says that somebody reads it: guests are turned away by it,
//    and from 1.5.20 on DEMOTE and PROMOTE look at the tree's. A host call sets it when it fails and clears
//    it when it succeeds, but decides nothing by it.
//  * Failing sets the bit a moment later than it fails; here both are one step. A guest that tries in between
//    is told BUSY instead of being turned away, and both answers read the same in the guest.
//
// A lock that is not `modelled` costs nothing: no variable, no step. That is exact where nobody ever takes it
// in a mode that conflicts with anybody else's.

#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

struct ModuleLockSpec {
  std::string name;
  std::vector<dsl::IndexSet> per = {}; // one lock per member
  dsl::Expr readers = 1;               // how many may hold it shared at once
  model::LockKind kind = model::LockKind::sharex_hp;
  dsl::Expr modelled = true;       // over parameters
  dsl::Expr host_priority = false; // over parameters: the bit is kept
};

// How a call takes a lock: in one mode, or in a mode that depends on parameters.
class Mode {
public:
  Mode(model::LockMode mode) : exclusive_(mode == model::LockMode::exclusive) {} // NOLINT
  explicit Mode(dsl::Expr exclusive) : exclusive_(std::move(exclusive)) {}
  [[nodiscard]] const dsl::Expr& exclusive() const { return exclusive_; }

private:
  dsl::Expr exclusive_;
};
// Exclusive where the condition on parameters holds, otherwise shared.
[[nodiscard]] inline Mode exclusive_if(const dsl::Expr& condition) { return Mode(condition); }

enum class Side { host, guest };

class ModuleLock {
public:
  ModuleLock() = default; // never modelled
  ModuleLock(dsl::Protocol& protocol, const ModuleLockSpec& spec,
             dsl::Location where = dsl::Location::current());
  [[nodiscard]] ModuleLock operator[](const dsl::Expr& member) const;
  [[nodiscard]] ModuleLock modelled_if(const dsl::Expr& condition) const; // not otherwise

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const dsl::Expr& modelled() const { return modelled_; }
  [[nodiscard]] dsl::Expr is_free_for(model::LockMode mode) const;
  [[nodiscard]] dsl::Expr only_reader() const; // a promotion succeeds
  [[nodiscard]] dsl::Expr is_held() const;
  // A host call has failed here and none has succeeded since: guests are turned away.
  [[nodiscard]] dsl::Expr turns_guests_away() const;

  // Parts of a step.
  void taken(dsl::StepWords& step, model::LockMode mode, Side side = Side::host) const;
  void found_busy(dsl::StepWords& step, model::LockMode mode, Side side = Side::host) const;
  void released(dsl::StepWords& step, model::LockMode mode) const;
  void promoted(dsl::StepWords& step) const;
  void not_promoted(dsl::StepWords& step) const; // the shared hold is gone, too
  // The whole word is overwritten: it is free, and host priority is forgotten where `forgets`.
  void overwritten(dsl::StepWords& step, const dsl::Expr& forgets) const;
  // Held without an event of its own, for many locks taken in a loop: a label holds a fixed set of locks.
  void set_silently(dsl::StepWords& step, const dsl::Expr& condition, bool held) const;

private:
  void set_host_priority(dsl::StepWords& step, const dsl::Expr& value) const;

  std::string name_;
  model::LockKind kind_ = model::LockKind::sharex_hp;
  dsl::Expr modelled_ = false, host_priority_ = false;
  dsl::Variable readers_, exclusive_, waiting_;
  dsl::Lock lock_;
};

} // namespace tdxcheck::protocols
