// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What SRCU and RCU have in common: threads read, and a wait ends when those have left that were reading when
// it began. A reader that comes later, or again, is not waited for; so a wait may end while somebody reads.
//
// Readers and waiters are known by the name of their thread. Each waiter owns one snapshot: a waiter waits
// for one thing at a time, and must be a single thread, not one per member of a set.
//
// Left out: the callbacks' batching (a grace period may be longer in the kernel, never shorter), and nesting:
// a read section inside one of the same kind is one section.

#include <map>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

// A thread that reads, or one per member of a set.
struct Readers {
  std::string thread;
  std::vector<dsl::IndexSet> per = {};
};

class GracePeriods {
public:
  GracePeriods(dsl::Protocol& protocol, const std::string& name, const std::vector<Readers>& readers,
               const std::vector<std::string>& waiters, dsl::Location where);

  // Parts of a step: the thread is a reader from here on, or no longer.
  void enter(dsl::StepWords& step, dsl::Thread& t) const;
  void leave(dsl::StepWords& step, dsl::Thread& t) const;
  // Who reads now is who the waiter waits for.
  void snapshot(dsl::StepWords& step, const std::string& waiter) const;
  // Those have left.
  [[nodiscard]] dsl::Expr over(const std::string& waiter) const;
  // Said of the step that is guarded by over().
  void say_for_whom(dsl::StepWords& step, const std::string& waiter) const;

  [[nodiscard]] dsl::Expr reading(const std::string& thread) const;
  [[nodiscard]] dsl::Expr reading(const std::string& thread, const dsl::Expr& member) const;

private:
  struct Group {
    Readers readers;
    dsl::Variable reading;                        // bool, or subset of `per`
    std::map<std::string, dsl::Variable> awaited; // by waiter: of the same type
  };
  [[nodiscard]] const Group& group_of(const std::string& thread) const;

  std::string name_;
  std::vector<Group> groups_;
};

} // namespace tdxcheck::protocols
