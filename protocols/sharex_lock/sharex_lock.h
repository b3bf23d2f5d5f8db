// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The TDX module's shared/exclusive lock without host priority, at the level of single atomic operations on
// the lock word. The essay is at the head of sharex_lock.cpp.
//
// One member per function of the module; a file of your own may derive from SharexLockWord and replace one.

#include <functional>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

class SharexLockWord : public dsl::Protocol {
public:
  SharexLockWord();

protected:
  // A logical processor that executes a SEAMCALL, and what the lock function answered it.
  struct Caller {
    dsl::Thread& t;
    dsl::Variable status;
  };

  void define() override;

  // src/common/helpers/tdx_locks.h
  virtual void acquire_sharex_lock_sh(Caller& c);
  virtual void acquire_sharex_lock_ex(Caller& c);
  virtual void release_sharex_lock_sh(Caller& c);
  virtual void release_sharex_lock_ex(Caller& c);
  virtual void promote_sharex_lock(Caller& c);
  virtual void demote_sharex_lock(Caller& c);

  virtual void host_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();

  // The first instruction of a call: nothing begins once a sanity check has shut the module down.
  void first_atomic(Caller& c, const std::string& text, const std::function<void(dsl::StepWords&)>& say,
                    dsl::Location where = dsl::Location::current());
  // Tries until it has the lock where hosts retry, else once; then does `held`.
  void seamcall(Caller& c, const std::string& name, const dsl::Body& attempt, const dsl::Body& held);
  void holding_shared(Caller& c);
  void holding_exclusive(Caller& c);
  [[nodiscard]] dsl::Expr exclusive_bit() const { return (word & 1) != 0; }
  [[nodiscard]] dsl::Expr no_readers() const { return (word >> 1) == 0; }
  [[nodiscard]] dsl::Expr full() const { return ((~word) >> 1) == 0; }
  [[nodiscard]] dsl::Expr some_host(const std::string& region) const;

  dsl::Parameter hosts;
  dsl::Parameter takes_shared, takes_exclusive, promotes, demotes, for_ever, retries;
  dsl::Parameter counter_width;

  dsl::IndexSet host;
  dsl::Variable word;
  dsl::Variable shut_down;
};

} // namespace tdxcheck::protocols
