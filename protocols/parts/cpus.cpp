// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/cpus.h"

namespace tdxcheck::protocols {

using dsl::contains;
using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using model::ContextAction;
using model::CostKind;
using model::Fairness;

Cpus::Cpus(dsl::Protocol& protocol, const Expr& number)
    : set(protocol.index_set("cpu", number)),
      preempt_off(protocol.variable("preempt_off", set, dsl::boolean(), false, "a thread is pinned there")),
      irqs_off(protocol.variable("irqs_off", set, dsl::boolean(), false, "the pinned thread has IRQs off")),
      in_irq(protocol.variable("in_irq", set, dsl::boolean(), false, "an IPI handler runs there")) {}

// ---- Task ----

Cpus::Task::Task(const Cpus& cpus, Thread& t, const std::string& region)
    : cpus_(&cpus), cpu_(t.local("cpu", dsl::index(cpus.set), 0)), region_(region) {
  const auto over = t.builder().thread().over;
  const Expr pinned = over ? dsl::in_region(region, t.self()) : dsl::in_region(region);
  t.runs_on(dsl::only_if(pinned, cpu_));
}

void Cpus::Task::preempt_disable(Thread& t, Location where) const {
  t.step("preempt_disable()", where).some(cpus_->set, "c", [&](dsl::StepWords& step, const Expr& c) {
    if (cpus_->places_threads) step.when(cpus_->places_threads(c));
    step.when(!cpus_->preempt_off[c])
        .set(cpus_->preempt_off[c], true)
        .set(cpu_, c)
        .context(ContextAction::preempt_off);
  });
}

void Cpus::Task::preempt_enable(Thread& t, Location where) const {
  t.step("preempt_enable()", where)
      .set(cpus_->preempt_off[cpu_], false)
      .set(cpu_, 0)
      .context(ContextAction::preempt_on);
}

void Cpus::Task::local_irq_disable(Thread& t, Location where) const {
  t.step("local_irq_disable()", where).set(cpus_->irqs_off[cpu_], true).context(ContextAction::irqs_off);
}

void Cpus::Task::local_irq_enable(Thread& t, Location where) const {
  t.step("local_irq_enable()", where).set(cpus_->irqs_off[cpu_], false).context(ContextAction::irqs_on);
}

void Cpus::Task::pinned(Thread& t, const dsl::Body& body) const {
  t.region(region_, [&] { t.only_while(!cpus_->in_irq[cpu_], body); });
}

// ---- Bound ----

Cpus::Bound::Bound(const Cpus& cpus, Thread& t, const std::string& region)
    : cpus_(&cpus),
      cpu_(t.local("bound_to", dsl::index(cpus.set), 0)),
      pinned_(t.local("pinned", dsl::boolean(), false)),
      region_(region) {
  const auto over = t.builder().thread().over;
  const Expr there = over ? dsl::in_region(region, t.self()) : dsl::in_region(region);
  t.runs_on(dsl::only_if(there, cpu_));
}

void Cpus::Bound::run(Thread& t, const Expr& cpu, const dsl::Body& body) const {
  t.let(cpu_, cpu);
  t.region(region_,
           [&] { t.only_while(!cpus_->in_irq[cpu_] && (pinned_ || !cpus_->preempt_off[cpu_]), body); });
  t.let(cpu_, 0);
}

void Cpus::Bound::preempt_disable(Thread& t, Location where) const {
  t.step("preempt_disable()", where)
      .set(cpus_->preempt_off[cpu_], true)
      .set(pinned_, true)
      .context(ContextAction::preempt_off);
}

void Cpus::Bound::preempt_enable(Thread& t, Location where) const {
  t.step("preempt_enable()", where)
      .set(cpus_->preempt_off[cpu_], false)
      .set(pinned_, false)
      .context(ContextAction::preempt_on);
}

// With IRQs off nobody preempts it either.
void Cpus::Bound::local_irq_disable(Thread& t, Location where) const {
  t.step("local_irq_disable()", where)
      .set(cpus_->preempt_off[cpu_], true)
      .set(cpus_->irqs_off[cpu_], true)
      .set(pinned_, true)
      .context(ContextAction::irqs_off);
}

void Cpus::Bound::local_irq_enable(Thread& t, Location where) const {
  t.step("local_irq_enable()", where)
      .set(cpus_->preempt_off[cpu_], false)
      .set(cpus_->irqs_off[cpu_], false)
      .set(pinned_, false)
      .context(ContextAction::irqs_on);
}

// ---- calls ----

Cpus::Call Cpus::call(dsl::Protocol& protocol, const std::string& function,
                      std::function<void(Thread&, const Expr&, const Expr&)> handler) const {
  return {function,
          protocol.variable("posted(" + function + ")", dsl::subset(set), dsl::empty_set(),
                            "pCPUs whose handler has not run yet"),
          {},
          std::move(handler)};
}

Cpus::Call Cpus::call(dsl::Protocol& protocol, const std::string& function, const dsl::IndexSet& senders,
                      std::function<void(Thread&, const Expr&, const Expr&)> handler) const {
  return {function,
          protocol.variable("posted(" + function + ")", senders, dsl::subset(set), dsl::empty_set(),
                            "pCPUs whose handler has not run yet"),
          {senders},
          std::move(handler),
          protocol.variable("waiting(" + function + ")", set, dsl::subset(senders), dsl::empty_set(),
                            "senders whose handler has not run there yet")};
}

void Cpus::post(dsl::StepWords& step, const Call& call, const Expr& cpu, const Expr& sender,
                const Expr& condition) const {
  const dsl::Variable posted = sender.empty() ? call.posted : call.posted[sender];
  step.set_if(condition, posted, with(posted, cpu)).costs(CostKind::ipis);
  if (!sender.empty()) step.set_if(condition, call.waiting[cpu], with(call.waiting[cpu], sender));
}

void Cpus::wait_until_done(Thread& t, const Call& call, const dsl::Variable& posted, Location where) const {
  t.step("wait for " + call.function, where)
      .when(posted == dsl::empty_set())
      .waits_for("ipi", set, "the handler on that pCPU", [&](const Expr& c) { return contains(posted, c); });
}

// One step whether or not the pCPU is there: it is the sender's turn either way.
void Cpus::call_single(Thread& t, const Call& call, const Expr& cpu, const Expr& sender,
                       Location where) const {
  t.step("IPI: " + call.function, where).some(set, "c", [&](dsl::StepWords& step, const Expr& c) {
    step.when(cpu == c);
    post(step, call, c, sender, receives_ipis ? receives_ipis(c) : Expr(true));
  });
  wait_until_done(t, call, sender.empty() ? call.posted : call.posted[sender], where);
}

void Cpus::call_all(Thread& t, const Call& call, const Expr& sender, Location where) const {
  t.for_each(set, "posting", [&](const Expr& c) {
    auto step = t.step("IPI: " + call.function, where);
    post(step, call, c, sender, receives_ipis ? receives_ipis(c) : Expr(true));
  });
  wait_until_done(t, call, sender.empty() ? call.posted : call.posted[sender], where);
}

Expr Cpus::is_posted(const Call& call, const Expr& cpu) {
  if (call.senders.empty()) return contains(call.posted, cpu);
  return dsl::exists(call.senders.front(), "s",
                     [&](const Expr& sender) { return contains(call.posted[sender], cpu); });
}

void Cpus::declare_handlers(dsl::Protocol& protocol, const std::vector<Call>& calls) const {
  protocol.thread(
      "ipi", set,
      [&](Thread& t) {
        t.runs_on(t.self());
        std::vector<dsl::Variable> sender_of, batch_of;
        for (const auto& call : calls) {
          if (call.senders.empty()) {
            sender_of.emplace_back();
            batch_of.emplace_back();
          } else {
            batch_of.push_back(
                t.local("batch(" + call.function + ")", dsl::subset(call.senders.front()), dsl::empty_set()));
            sender_of.push_back(
                t.local("sender(" + call.function + ")", dsl::index(call.senders.front()), 0));
          }
        }
        const auto deliver = [&](const Call& call, const dsl::Variable& from, const dsl::Variable& batch) {
          auto arrives = t.step("interrupt: " + call.function);
          arrives.fair(Fairness::strong)
              .when(call.possible)
              .when(!irqs_off[t.self()])
              .when(interruptible ? interruptible(t.self()) : Expr(true))
              .set(in_irq[t.self()], true)
              .context(ContextAction::irq_enter)
              .waits_for_cpu(t.self());
          if (call.senders.empty()) {
            arrives.when(contains(call.posted, t.self()));
          } else {
            arrives.some(call.senders.front(), "s", [&](dsl::StepWords& step, const Expr& s) {
              const Expr now = choose(batch == dsl::empty_set(), call.waiting[t.self()], batch);
              step.when(contains(now, s)).set(from, s).set(batch, without(now, s));
            });
          }
        };
        const auto finish = [&](const Call& call, const dsl::Variable& from) {
          const dsl::Variable posted = call.senders.empty() ? call.posted : call.posted[from];
          auto done = t.step("return from " + call.function);
          done.set(posted, without(posted, t.self()))
              .set(in_irq[t.self()], false)
              .context(ContextAction::irq_exit);
          if (!call.senders.empty()) {
            const dsl::Variable waiting = call.waiting[t.self()];
            done.set(from, 0).set(waiting, without(waiting, from));
          }
        };
        t.forever([&] {
          t.may_stop_here();
          std::vector<dsl::Body> bodies;
          for (std::size_t i = 0; i < calls.size(); ++i) {
            bodies.emplace_back([&, i] {
              deliver(calls[i], sender_of[i], batch_of[i]);
              calls[i].handler(t, sender_of[i], t.self());
              finish(calls[i], sender_of[i]);
            });
          }
          t.one_of(bodies);
        });
      },
      "runs the handlers of a pCPU, for ever, whenever something is posted");
}

} // namespace tdxcheck::protocols
