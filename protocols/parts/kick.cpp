// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/kick.h"

namespace tdxcheck::protocols {

using dsl::contains;
using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

Kick::Kick(dsl::Protocol& protocol, const dsl::IndexSet& all_vcpus, dsl::Predicate irqs_off_outside)
    : vcpus(all_vcpus),
      mode(protocol.variable(
          "vcpu->mode", vcpus,
          dsl::enumeration("vcpu_mode", {"OUTSIDE_GUEST_MODE", "IN_GUEST_MODE", "EXITING_GUEST_MODE"}),
          "OUTSIDE_GUEST_MODE")),
      pending_(protocol.variable("ipi_pending", dsl::subset(vcpus), dsl::empty_set(),
                                 "vCPUs whose pCPU has not taken the kick's IPI yet")),
      irqs_off_outside_(std::move(irqs_off_outside)) {}

Variable Kick::request(dsl::Protocol& protocol, const std::string& name, const std::string& doc) const {
  return protocol.variable(name, vcpus, dsl::boolean(), false, doc);
}

Expr Kick::irqs_on(const Expr& vcpu) const {
  const Expr outside = mode[vcpu] == "OUTSIDE_GUEST_MODE";
  return irqs_off_outside_ ? outside && !irqs_off_outside_(vcpu) : outside;
}

void Kick::enter_guest_mode(Thread& t, const std::function<void(dsl::StepWords&)>& besides,
                            Location where) const {
  auto step = t.step("local_irq_disable(); vcpu->mode = IN_GUEST_MODE", where);
  step.set(mode[t.self()], "IN_GUEST_MODE");
  if (besides) besides(step);
}

void Kick::leave_guest_mode(Thread& t, const std::function<void(dsl::StepWords&)>& besides,
                            Location where) const {
  auto step = t.step("vcpu->mode = OUTSIDE_GUEST_MODE; local_irq_enable()", where);
  step.set(mode[t.self()], "OUTSIDE_GUEST_MODE").set(pending_, dsl::without(pending_, t.self()));
  if (besides) besides(step);
}

// First every mode is read, then the IPIs go out together.
void Kick::read_mode_and_send(Thread& t, const std::function<void(const Expr&)>& store_request,
                              Location where) const {
  const Variable mask = t.scratch("kicked", dsl::subset(vcpus), dsl::empty_set());
  t.for_each(vcpus, "kicking", [&](const Expr& v) {
    store_request(v);
    t.step("cmpxchg(&vcpu->mode, IN_GUEST_MODE, EXITING_GUEST_MODE)", where)
        .set_if(mode[v] == "IN_GUEST_MODE", mode[v], "EXITING_GUEST_MODE")
        .set_if(mode[v] != "OUTSIDE_GUEST_MODE", mask, with(mask, v));
  });
  when(mask != dsl::empty_set()).then([&] {
    t.step("kvm_kick_many_cpus()", where)
        .set(pending_, pending_ | mask)
        .costs(model::CostKind::ipis, count(mask));
    t.step("wait until the IPI was taken", where)
        .when(for_all(
            vcpus, "v",
            [&](const Expr& v) { return !contains(mask, v) || !contains(pending_, v) || irqs_on(v); }))
        .set(mask, dsl::empty_set())
        .fair(model::Fairness::strong)
        .waits_for("vcpu", vcpus, "its pCPU takes the IPI",
                   [&](const Expr& v) { return contains(mask, v) && contains(pending_, v) && !irqs_on(v); });
  });
}

void Kick::make_all_cpus_request(Thread& t, const std::string& name, Location where) const {
  t.function("kvm_make_all_cpus_request(" + name + ")", [&] {
    read_mode_and_send(
        t, [](const Expr&) {}, where);
  });
}

void Kick::make_all_cpus_request(Thread& t, const std::string& name, const Variable& request,
                                 Location where) const {
  t.function("kvm_make_all_cpus_request(" + name + ")", [&] {
    read_mode_and_send(
        t, [&](const Expr& v) { t.step("kvm_make_request(" + name + ")", where).set(request[v], true); },
        where);
  });
}

} // namespace tdxcheck::protocols
