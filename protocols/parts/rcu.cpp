// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/rcu.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;

namespace {

std::vector<std::string> joined(std::vector<std::string> all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

} // namespace

Rcu::Rcu(dsl::Protocol& protocol, const HostLockSpec& spec, const std::vector<Readers>& readers,
         const std::vector<std::string>& synchronizers, const std::vector<std::string>& callbacks,
         const std::vector<std::string>& kinds, const std::string& grace_guard, Location where)
    : spec_(spec),
      grace_guard_(grace_guard),
      grace_(protocol, spec.name, readers, joined(joined(synchronizers, callbacks), kinds), where),
      lock_(protocol.lock(
          {.name = spec.name, .kind = model::LockKind::rcu, .rank = spec.rank, .doc = spec.doc}, where)) {
  for (const auto& callback : callbacks) {
    pending_[callback] =
        protocol.variable("call_rcu(" + callback + ")", dsl::boolean(), false,
                          "the callback was given to call_rcu() and has not returned", where);
  }
}

void Rcu::read_lock(Thread& t, Location where) const {
  rely_on(t, spec_.guard, [&] {
    auto step = t.step("rcu_read_lock()", where);
    grace_.enter(step, t);
    step.tries(lock_, dsl::shared);
  });
}

void Rcu::read_unlock(Thread& t, Location where) const {
  rely_on(t, spec_.guard, [&] {
    auto step = t.step("rcu_read_unlock()", where);
    grace_.leave(step, t);
    step.releases(lock_, dsl::shared);
  });
}

void Rcu::grace_period_ends(dsl::StepWords& step, const std::string& waiter, Location where) const {
  if (grace_guard_.empty()) {
    step.when(grace_.over(waiter));
  } else {
    step.relies_on(grace_guard_, grace_.over(waiter), "what is waited for is a grace period of RCU", where);
  }
  grace_.say_for_whom(step, waiter);
}

void Rcu::synchronize(Thread& t, Location where) const {
  const std::string waiter = t.builder().thread().name;
  {
    auto begin = t.step("synchronize_rcu() begins", where);
    grace_.snapshot(begin, waiter);
    begin.acquires(lock_, dsl::exclusive).releases(lock_, dsl::exclusive);
  }
  auto end = t.step("synchronize_rcu() ends", where);
  grace_period_ends(end, waiter, where);
}

void Rcu::call(Thread& t, const std::string& callback, const std::function<void(dsl::StepWords&)>& also,
               Location where) const {
  auto step = t.step("call_rcu(" + callback + ")", where);
  grace_.snapshot(step, callback);
  step.set(pending_.at(callback), true);
  if (also) also(step);
}

void Rcu::barrier(Thread& t, Location where) const {
  Expr none_pending = true;
  for (const auto& [callback, pending] : pending_) none_pending = none_pending && !pending;
  auto step = t.step("rcu_barrier()", where);
  step.when(none_pending);
  for (const auto& [callback, pending] : pending_) step.waits_for(callback, "the callback's return", pending);
}

void Rcu::declare_callback(dsl::Protocol& protocol, const std::string& callback,
                           const std::function<void(Thread&)>& body, const std::string& doc,
                           Location where) const {
  const dsl::Variable& pending = pending_.at(callback);
  protocol.thread(
      callback,
      [&](Thread& t) {
        t.forever([&] {
          t.may_stop_here(where);
          {
            auto start = t.step("a grace period is over", where);
            start.when(pending);
            grace_period_ends(start, callback, where);
          }
          body(t);
          t.step("the callback returns", where).set(pending, false);
        });
      },
      doc, where);
}

// ---- objects of one kind ----

Rcu::ObjectsToFree Rcu::objects_to_free(dsl::Protocol& protocol, const std::string& callback,
                                        const dsl::IndexSet& objects, Location where) const {
  const auto some_objects = [&](const std::string& name, const std::string& doc) {
    return protocol.variable("call_rcu(" + callback + ")." + name, dsl::subset(objects), dsl::empty_set(),
                             doc, where);
  };
  return {callback, objects, some_objects("queued", "they wait for the grace period after the present one"),
          some_objects("waiting", "they are freed when the present grace period ends")};
}

void Rcu::ObjectsToFree::barrier(Thread& t, Location where) const {
  t.step("rcu_barrier()", where)
      .when(queued == dsl::empty_set() && waiting == dsl::empty_set())
      .waits_for(callback, "the callbacks' return");
}

void Rcu::declare_callback(dsl::Protocol& protocol, const ObjectsToFree& kind,
                           const std::function<void(dsl::StepWords&, const Expr& object)>& free_one,
                           const std::string& doc, Location where) const {
  protocol.thread(
      kind.callback,
      [&](Thread& t) {
        t.forever([&] {
          t.may_stop_here(where);
          {
            auto begin = t.step("a grace period begins", where);
            begin.when(kind.queued != dsl::empty_set())
                .set(kind.waiting, kind.queued)
                .set(kind.queued, dsl::empty_set());
            grace_.snapshot(begin, kind.callback);
          }
          {
            auto end = t.step("a grace period ends", where);
            grace_period_ends(end, kind.callback, where);
          }
          t.forever([&] {
            t.one_of({[&] {
                        t.step(kind.callback, where)
                            .some(kind.objects, "object", [&](dsl::StepWords& step, const Expr& object) {
                              step.when(contains(kind.waiting, object))
                                  .set(kind.waiting, without(kind.waiting, object));
                              free_one(step, object);
                            });
                      },
                      [&] {
                        t.step("all are freed", where).when(kind.waiting == dsl::empty_set());
                        t.leave_loop();
                      }},
                     where);
          });
        });
      },
      doc, where);
}

} // namespace tdxcheck::protocols
