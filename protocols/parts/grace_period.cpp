// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/grace_period.h"

#include <stdexcept>

#include <stdexcept>

namespace tdxcheck::protocols {

using dsl::contains;
using dsl::Expr;
using dsl::Thread;
using dsl::Variable;

GracePeriods::GracePeriods(dsl::Protocol& protocol, const std::string& name,
                           const std::vector<Readers>& readers, const std::vector<std::string>& waiters,
                           dsl::Location where)
    : name_(name) {
  for (const auto& group : readers) {
    const bool many = !group.per.empty();
    const dsl::Type type = many ? dsl::subset(group.per.front()) : dsl::boolean();
    const Expr nobody = many ? dsl::empty_set() : Expr(false);
    const std::string of = many ? "(" + group.thread + ")" : "[" + group.thread + "]";
    Group& added = groups_.emplace_back(
        Group{group,
              protocol.variable(name + ".readers" + of, type, nobody, "who is inside a read section", where),
              {}});
    for (const auto& waiter : waiters) {
      added.awaited[waiter] = protocol.variable(name + ".awaited_by_" + waiter + of, type, nobody,
                                                "readers that " + waiter + " still waits for", where);
    }
  }
}

const GracePeriods::Group& GracePeriods::group_of(const std::string& thread) const {
  for (const auto& group : groups_)
    if (group.readers.thread == thread) return group;
  throw std::logic_error(name_ + " was not told that the thread " + thread + " reads");
}

void GracePeriods::enter(dsl::StepWords& step, Thread& t) const {
  const auto& thread = t.builder().thread();
  const Group& group = group_of(thread.name);
  if (group.readers.per.empty()) {
    step.set(group.reading, true);
  } else {
    step.set(group.reading, with(group.reading, t.self()));
  }
}

void GracePeriods::leave(dsl::StepWords& step, Thread& t) const {
  const auto& thread = t.builder().thread();
  const Group& group = group_of(thread.name);
  if (group.readers.per.empty()) {
    step.set(group.reading, false);
    for (const auto& [waiter, awaited] : group.awaited) step.set(awaited, false);
  } else {
    step.set(group.reading, without(group.reading, t.self()));
    for (const auto& [waiter, awaited] : group.awaited) step.set(awaited, without(awaited, t.self()));
  }
}

void GracePeriods::snapshot(dsl::StepWords& step, const std::string& waiter) const {
  for (const auto& group : groups_) step.set(group.awaited.at(waiter), group.reading);
}

Expr GracePeriods::over(const std::string& waiter) const {
  Expr all_left = true;
  for (const auto& group : groups_) {
    const Variable& awaited = group.awaited.at(waiter);
    all_left = all_left && (group.readers.per.empty() ? !awaited : awaited == dsl::empty_set());
  }
  return all_left;
}

void GracePeriods::say_for_whom(dsl::StepWords& step, const std::string& waiter) const {
  const std::string text = "the end of its " + name_ + " read section";
  for (const auto& group : groups_) {
    const Variable& awaited = group.awaited.at(waiter);
    if (group.readers.per.empty()) {
      step.waits_for(group.readers.thread, text, awaited);
    } else {
      step.waits_for(group.readers.thread, group.readers.per.front(), text,
                     [&](const Expr& member) { return contains(awaited, member); });
    }
  }
}

Expr GracePeriods::reading(const std::string& thread) const { return group_of(thread).reading; }

Expr GracePeriods::reading(const std::string& thread, const Expr& member) const {
  return contains(group_of(thread).reading, member);
}

} // namespace tdxcheck::protocols
