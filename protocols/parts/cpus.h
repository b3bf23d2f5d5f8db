// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// pCPUs, as far as locking protocols need them: who keeps one to itself, where IRQs are off, where a handler
// runs.
//
// A thread is *pinned* between preempt_disable() and preempt_enable(): it is current on its pCPU, no other
// thread can be pinned there, and while a handler runs there it does not move. With IRQs off no handler runs
// there.
//
// A preemptible thread is placed nowhere: the scheduler may run it on any pCPU at any time, also on one that
// the model does not have. That is exact as long as the machine has a pCPU to spare; a system in which every
// last pCPU spins with preemption off is not modelled. Nor are NMIs, softirqs and threaded handlers.
//
// smp_call(): the sender posts to the target pCPUs and waits until their handlers have run (wait = 1).
// Handlers of one pCPU run one after the other, those of one interrupt in any order: the kernel's queue is
// first in, first out, so this allows more than the kernel does. What is posted meanwhile waits for the next
// interrupt (llist_del_all), so nobody is overtaken for ever.
//
// All pCPUs are online unless parts/cpuhp.h is used, which says where threads are placed and IPIs arrive. An
// IPI to an offline pCPU fails silently: its handler does not run, and nobody waits for it.

#include <functional>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

class Cpus {
public:
  Cpus(dsl::Protocol& protocol, const dsl::Expr& number);

  // What a thread that can be pinned needs. Declare it once per thread, before the first step.
  class Task {
  public:
    Task(const Cpus& cpus, dsl::Thread& t, const std::string& region);
    // preempt_disable() on whatever pCPU the scheduler put the thread.
    void preempt_disable(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
    void preempt_enable(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
    void local_irq_disable(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
    void local_irq_enable(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
    // Steps of a pinned thread with IRQs on do not happen while a handler runs on its pCPU.
    void pinned(dsl::Thread& t, const dsl::Body& body) const;
    [[nodiscard]] const dsl::Variable& cpu() const { return cpu_; }

  private:
    const Cpus* cpus_;
    dsl::Variable cpu_;
    std::string region_;
  };

  // A kernel thread that is bound to one pCPU at a time, for what a protocol lets another thread do in its
  // place: cpuhp/N in a hotplug callback, a worker in smp_call_on_cpu(). Preemptible, IRQs on: its steps
  // happen only while nobody is pinned there and no handler runs there. Declare it once per thread.
  class Bound {
  public:
    Bound(const Cpus& cpus, dsl::Thread& t, const std::string& region);
    // `cpu` reads nothing but the thread's own locals.
    void run(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Body& body) const;
    void preempt_disable(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
    void preempt_enable(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
    // From preemptible context.
    void local_irq_disable(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
    void local_irq_enable(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
    [[nodiscard]] const dsl::Variable& cpu() const { return cpu_; }

  private:
    const Cpus* cpus_;
    dsl::Variable cpu_, pinned_;
    std::string region_;
  };

  // A function that is called on other pCPUs by IPI, by one sender or by one per member of `senders`.
  struct Call {
    std::string function;
    dsl::Variable posted;               // per sender: subset of pCPUs that have not run it yet
    std::vector<dsl::IndexSet> senders; // one set, or none for a single sender
    // Runs in IRQ context on `cpu`, for `sender` (empty for a single one).
    std::function<void(dsl::Thread&, const dsl::Expr& sender, const dsl::Expr& cpu)> handler;
    dsl::Variable waiting = {}; // [cpu]: subset of senders that wait for it, where there are several
    dsl::Expr possible = true;  // over parameters: somebody may send it at all
  };
  [[nodiscard]] Call
  call(dsl::Protocol& protocol, const std::string& function,
       std::function<void(dsl::Thread&, const dsl::Expr&, const dsl::Expr&)> handler) const;
  [[nodiscard]] Call
  call(dsl::Protocol& protocol, const std::string& function, const dsl::IndexSet& senders,
       std::function<void(dsl::Thread&, const dsl::Expr&, const dsl::Expr&)> handler) const;

  // smp_call_function_single(cpu, ..., wait = 1). `cpu` is an optional index that is some pCPU here.
  void call_single(dsl::Thread& t, const Call& call, const dsl::Expr& cpu, const dsl::Expr& sender = {},
                   dsl::Location where = dsl::Location::current()) const;
  // on_each_cpu(): all of them, wait = 1.
  void call_all(dsl::Thread& t, const Call& call, const dsl::Expr& sender = {},
                dsl::Location where = dsl::Location::current()) const;
  // The thread `ipi[c]` that runs the handlers of pCPU c. Declare it when all calls are known.
  void declare_handlers(dsl::Protocol& protocol, const std::vector<Call>& calls) const;
  // Somebody waits for a handler of `call` on `cpu`.
  [[nodiscard]] static dsl::Expr is_posted(const Call& call, const dsl::Expr& cpu);

  dsl::IndexSet set;
  dsl::Variable preempt_off, irqs_off, in_irq;
  // Where the scheduler places threads, where an IPI arrives, and where one is taken at once (a SEAMCALL is
  // not interrupted). Empty: everywhere.
  dsl::Predicate places_threads, receives_ipis, interruptible;

private:
  void post(dsl::StepWords& step, const Call& call, const dsl::Expr& cpu, const dsl::Expr& sender,
            const dsl::Expr& condition) const;
  void wait_until_done(dsl::Thread& t, const Call& call, const dsl::Variable& posted,
                       dsl::Location where) const;
};

} // namespace tdxcheck::protocols
