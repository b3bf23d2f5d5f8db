// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The TDX module's shared/exclusive lock with host priority, at the level of single atomic operations on the
// lock word. The essay is at the head of sharex_hp_lock.cpp.
//
// One member per function of the module; a file of your own may derive from SharexHpLock and replace one.

#include <functional>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

class SharexHpLock : public dsl::Protocol {
public:
  SharexHpLock();

protected:
  // A logical processor that executes a SEAMCALL or a TDCALL, and what the lock function answered it.
  struct Caller {
    dsl::Thread& t;
    dsl::Variable status;
    bool is_guest;
    [[nodiscard]] std::string shared() const { return is_guest ? "guest_shared" : "host_shared"; }
    [[nodiscard]] std::string exclusive() const { return is_guest ? "guest_exclusive" : "host_exclusive"; }
  };

  void define() override;

  // src/common/helpers/tdx_locks.h
  virtual void acquire_sharex_lock_hp_sh(Caller& c);
  virtual void acquire_sharex_lock_hp_ex(Caller& c);
  virtual void release_sharex_lock_hp_sh(Caller& c);
  virtual void release_sharex_lock_hp_ex(Caller& c);
  virtual void promote_sharex_lock_hp(Caller& c);

  virtual void host_thread(dsl::Thread& t);
  virtual void guest_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();
  void users_of_the_lock();
  void questions();

  void acquire_as_guest_sh(Caller& c, const dsl::Expr& retreats);
  // The first instruction of a call: nothing begins once a sanity check has shut the module down.
  void first_atomic(Caller& c, const std::string& text, const std::function<void(dsl::StepWords&)>& say,
                    dsl::Location where = dsl::Location::current());
  static void some_call(dsl::Thread& t, const std::vector<dsl::Alternative>& kinds);
  void set_host_priority(Caller& c, dsl::Location where = dsl::Location::current());
  // Tries until it has the lock where hosts retry, else once; then does `held`.
  void seamcall(Caller& c, const std::string& name, const dsl::Body& attempt, const dsl::Body& held);

  [[nodiscard]] dsl::Expr exclusive_bit() const { return (word & 1) != 0; }
  [[nodiscard]] dsl::Expr host_priority() const { return (word & 2) != 0; }
  [[nodiscard]] dsl::Expr no_readers() const { return (word >> 2) == 0; }
  [[nodiscard]] dsl::Expr full() const { return ((~word) >> 2) == 0; }
  [[nodiscard]] dsl::Expr some_host(const std::string& region) const;
  [[nodiscard]] dsl::Expr some_guest(const std::string& region) const;
  [[nodiscard]] dsl::Expr somebody_holds() const;

  dsl::Parameter hosts, guests;
  // What they call.
  dsl::Parameter host_takes_shared, host_takes_exclusive, host_promotes, guest_takes_shared,
      guest_takes_exclusive, for_ever, host_retries;
  // The lock.
  dsl::Parameter counter_width, guest_retreats;

  dsl::IndexSet host, guest;
  dsl::Variable word;
  dsl::Variable shut_down;
};

} // namespace tdxcheck::protocols
