// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Locks of the TDX module as single steps (tables of the module's source, src/common/helpers/tdx_locks.h, tag
// TDX_1.5.01): every acquisition is a try; nothing spins, nothing queues. A failed try answers
// TDX_OPERAND_BUSY with the operand that names the lock.
//
// Two simplifications of the lock word, both exact at this level as long as only host calls take the lock:
//  * A failed shared try leaves a ghost reader in the word until the exclusive holder releases, which wipes
//  it. All
//    that could see it fails on the exclusive bit anyway.
//  * The host-priority bit turns away guest callers only; the next successful host acquisition clears it.
//  Nothing
//    here is taken by a guest, so it is not kept.
//
// A SEAMCALL is a line of steps on one pCPU: tries in order, checks, effects, then the releases in reverse
// order. The first failing try or check decides the status; whatever was taken until then is released.

#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

// sharex and sharex_hp: readers and one exclusive holder.
class SharexLock {
public:
  SharexLock() = default;
  SharexLock(dsl::Protocol& protocol, const std::string& name, const std::vector<dsl::IndexSet>& per,
             const dsl::Expr& readers, model::LockKind kind = model::LockKind::sharex_hp,
             dsl::Location where = dsl::Location::current());
  [[nodiscard]] SharexLock operator[](const dsl::Expr& member) const;

private:
  friend class Seamcall;
  std::string name_;
  dsl::Variable readers_, exclusive_;
  dsl::Lock lock_;
};

// The statuses that the calls here answer; the constants of the enumeration `status`.
[[nodiscard]] dsl::Type status_type();
// A thread's RAX: the status of its last SEAMCALL.
[[nodiscard]] dsl::Variable status_register(dsl::Thread& t);

// One SEAMCALL in the making. The words add steps to the thread; finish() releases and comes back.
class Seamcall {
public:
  Seamcall(dsl::Thread& t, const dsl::Variable& rax) : t_(&t), rax_(rax) {}

  // `operand` is what the busy status names: "RCX", "TDR", "KOT", ...
  void take(const SharexLock& lock, model::LockMode mode, const std::string& operand,
            dsl::Location where = dsl::Location::current());
  // A step that reads the condition; where it fails the call answers `status`.
  void check(const std::string& text, const dsl::Expr& condition, const std::string& status,
             dsl::Location where = dsl::Location::current());
  // Releases the lock that was taken last, before the end of the call.
  void release(dsl::Location where = dsl::Location::current());
  // One way to fail here: the caller completes the step (guard, updates). Other ways, or success, follow.
  void fail(const std::string& status, const std::function<void(dsl::StepWords&)>& step,
            const std::string& text, dsl::Location where = dsl::Location::current());
  // The way that succeeds, said last.
  void succeed(const std::function<void(dsl::StepWords&)>& step, const std::string& text,
               dsl::Location where = dsl::Location::current());
  // Where nothing else decided it the status is SUCCESS. Releases what is held, in reverse order.
  void finish(dsl::Location where = dsl::Location::current());

private:
  struct Held {
    SharexLock lock;
    model::LockMode mode;
    dsl::ThreadBuilder::Place unwinding; // where failures that hold exactly this much and what is below it go
  };
  void fail_to_unwinding(const model::Source& source);
  void release_step(const SharexLock& lock, model::LockMode mode, dsl::Location where);

  dsl::Thread* t_;
  dsl::Variable rax_;
  std::vector<Held> held_;
  dsl::ThreadBuilder::Place done_;
};

} // namespace tdxcheck::protocols
