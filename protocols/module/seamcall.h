// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One SEAMCALL: a line of steps on one pCPU. It tries its locks in order; the first try or check that fails
// decides the status, and whatever was taken until then is released, the last first.
//
//   system.seamcall(by, "TDH.MEM.TRACK", [&](Seamcall& call) {
//     call.take(tdr, shared, "RCX");
//     call.check("TDR.FATAL is clear", !fatal, "TDX_TD_FATAL");
//     call.take(epoch, exclusive, "TD_EPOCH");
//     call.check("no vCPU runs with the previous epoch", ..., "TDX_PREVIOUS_TLB_EPOCH_BUSY");
//     call.succeed("td_epoch += 1", [&](auto& step) { ... });
//   });
//
// What is one step, and why nothing is lost by it:
//  * A check() reads only what a lock that is held protects, so when it is made makes no difference: it
//    belongs to the next step of the call. If it fails, that is the release of the lock that was taken last;
//    until then the lock is held, as it is while the check is made. A condition that others may change
//    meanwhile is a read(), a step of its own; one that cannot become false again a check_that_stays().
//  * A failed try is a step of its own, and so is each release.
//  * An effect that stores the word which holds the lock (an S-EPT entry) releases it in the same step.
// The order in which a leaf releases is the reverse of that in which it takes. Where the module's differs
// (MEM.RD and WR, MNG.ADDCX: TDR first) nobody can tell: the one lock that is left longer is held shared and
// wanted exclusive by nobody who does not want the other one before, or is that of a page nobody else names.

#include <functional>
#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "protocols/module/locks.h"

namespace tdxcheck::protocols {

// The statuses without their operand; the constants of the enumeration `status`.
[[nodiscard]] dsl::Type status_type();
// The operand that a status names: the constants of the enumeration `operand`.
[[nodiscard]] dsl::Type operand_type();
// A thread's RAX: the status of its last SEAMCALL.
[[nodiscard]] dsl::Variable status_register(dsl::Thread& t);

// Who makes a call.
struct Caller {
  dsl::Thread& t;
  dsl::Variable rax; // the status afterwards
  // The pCPU that executes the call; may be empty where the thread is preemptible and the leaf does not look.
  dsl::Expr cpu = {};
  // Holds the operand that the status names afterwards (BUSY|SEPT_TREE), where the caller tells them apart.
  std::optional<dsl::Variable> operand = {};
};

class Seamcall {
public:
  using Step = std::function<void(dsl::StepWords&)>;

  explicit Seamcall(const Caller& by) : by_(by) {}
  Seamcall(const Seamcall&) = delete;
  Seamcall& operator=(const Seamcall&) = delete;

  // `operand` is what the busy status names: "RCX", "TDR", "KOT", ...
  void take(const ModuleLock& lock, const Mode& mode, const std::string& operand,
            dsl::Location where = dsl::Location::current());
  // SYS_BUSY and its like.
  void take_or(const std::string& busy_status, const ModuleLock& lock, const Mode& mode,
               dsl::Location where = dsl::Location::current());
  // The lock taken last, held shared, becomes exclusive; or its hold is gone.
  void promote(const std::string& operand, dsl::Location where = dsl::Location::current());

  // Protected by what is held. `on_failure`: what the failing step does besides.
  void check(const std::string& text, const dsl::Expr& holds, const std::string& status,
             const Step& on_failure = {}, dsl::Location where = dsl::Location::current());
  // Not protected, but once it is true it stays so while the locks are held (a walk of the tree, TLB
  // tracking): where it holds it belongs to the next step, where it does not that is a step of its own.
  void check_that_stays(const std::string& text, const dsl::Expr& holds, const std::string& status,
                        dsl::Location where = dsl::Location::current());
  // A compare-and-exchange that goes with the next step; where it fails the call answers BUSY.
  void compare(const std::string& text, const dsl::Expr& holds, const std::string& operand,
               dsl::Location where = dsl::Location::current());
  // Not protected: a step of its own, where it is `possible` at all (over parameters).
  void read(const std::string& text, const dsl::Expr& holds, const std::string& status,
            const dsl::Expr& possible = true, dsl::Location where = dsl::Location::current());
  // Nobody decides it but the hardware (an interrupt, entropy), and only where `possible`.
  void may_fail(const std::string& text, const dsl::Expr& possible, const std::string& status,
                const Step& on_failure = {}, dsl::Location where = dsl::Location::current());

  // A step of the call that answers nothing yet.
  void step(const std::string& text, const Step& say, dsl::Location where = dsl::Location::current());
  void step_if(const dsl::Expr& possible, const std::string& text, const Step& say,
               dsl::Location where = dsl::Location::current());
  // The step that succeeds.
  void succeed(const std::string& text, const Step& say, const std::string& status = "SUCCESS",
               dsl::Location where = dsl::Location::current());
  // The step that succeeds stores a whole S-EPT entry, and thereby releases its lock; where
  // `forgets_host_priority` the entry does not remember that a host call waits.
  void succeed_storing_entry(const std::string& text, const ModuleLock& entry,
                             const dsl::Expr& forgets_host_priority, const Step& say,
                             const std::string& status = "SUCCESS",
                             dsl::Location where = dsl::Location::current());
  // Likewise, and answers nothing yet.
  void store_entry(const std::string& text, const ModuleLock& entry, const dsl::Expr& forgets_host_priority,
                   const Step& say, dsl::Location where = dsl::Location::current());
  // Releases the lock that was taken last, before the end of the call; calls that failed while they held it
  // release it on their way, too.
  void release(dsl::Location where = dsl::Location::current());
  // Part of a leaf that is there only where it is `possible` (over parameters); it opens with a step, and
  // ends holding what it began with.
  void only_if(const dsl::Expr& possible, const dsl::Body& body,
               dsl::Location where = dsl::Location::current());
  // A step that also releases the lock that was taken last; there only where it is `possible`.
  void release_with(const dsl::Expr& possible, const std::string& text, const Step& say,
                    dsl::Location where = dsl::Location::current());
  // From here on a call that fails does this on its way, where it is `possible` (over parameters), until
  // keep().
  void undo_on_failure(const dsl::Expr& possible, dsl::Body undo);
  void keep(dsl::Location where = dsl::Location::current());
  // The status is decided here, whatever the step: what is held is released.
  void answer(const std::string& text, const std::string& status, const Step& say = {},
              dsl::Location where = dsl::Location::current());

  // Releases what is held, in reverse order, and comes back. Made by whoever made the call.
  void finish(dsl::Location where = dsl::Location::current());

  [[nodiscard]] dsl::Thread& thread() const { return by_.t; }
  [[nodiscard]] const Caller& by() const { return by_; }

private:
  struct Held {
    ModuleLock lock;
    Mode mode;
    dsl::ThreadBuilder::Place unwinding; // where failures that hold exactly this much and what is below it go
    dsl::Body undo = {};                 // not a lock, but something to be undone
    dsl::Expr possible = true;
  };
  struct Check {
    std::string text;
    dsl::Expr holds, pending;
    std::string status, operand;
    Step on_failure;
    enum class Kind { kept_by_locks, stays, by_hardware } kind;
    dsl::Location where;
  };

  dsl::ThreadBuilder::Place place_for_a_step(dsl::Location where);
  void fail_pending_checks();
  void require_pending(dsl::StepWords& step) const;
  void made_pending_checks(const dsl::Expr& condition);
  void decide(dsl::StepWords& step, const std::string& status, const std::string& operand = {});
  void take_with(const std::string& status, const std::string& operand, const ModuleLock& lock,
                 const Mode& mode, dsl::Location where);
  void take_in(model::LockMode mode, const ModuleLock& lock, const std::string& status,
               const std::string& operand, dsl::Location where);
  void fail_to_unwinding(std::size_t held, dsl::Location where);
  void unwind_failures_down_to(std::size_t lowest, dsl::Location where);
  void release_held(const Held& held, dsl::Location where);

  Caller by_;
  std::vector<Held> held_;
  std::vector<Check> pending_;
  dsl::ThreadBuilder::Place done_;
};

} // namespace tdxcheck::protocols
