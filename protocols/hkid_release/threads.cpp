// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of hkid_release, and the order in which they are declared. The essay is at the head of
// hkid_release.cpp.

#include "protocols/hkid_release/hkid_release.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

void HkidRelease::vcpu_thread(Thread& t) {
  const Cpus::Task on(cpus, t, "vcpu_on_cpu");
  Task k{t, on, status_register(t)};
  const Expr self = t.self();
  when(caller == "init_vm_failed").then([&] { t.end(); });
  t.one_of(
      {[&] {
         t.step("is associated with a pCPU from earlier").some(cpus.set, "c", [&](auto& step, const Expr& c) {
           step.set(td.assoc[self], c).set(vcpu_cpu[self], c).set(listed[self], c).set(ready[self], true);
         });
       },
       [&] { t.step("is not associated").set(ready[self], true); }});
  t.forever([&] {
    t.may_stop_here();
    t.either(
        {{"ioctl(KVM_RUN)", vcpus_enter, [&] { kvm_vcpu_ioctl(k, self, [&] { tdx_vcpu_run(k, self); }); }},
         {"ioctl that reads a field of the vCPU", vcpus_read_metadata,
          [&] {
            kvm_vcpu_ioctl(k, self, [&] {
              on.local_irq_disable(t);
              td.vp_rd(k.on_cpu(on.cpu()), self);
              t.let(k.rax, "SUCCESS");
              on.local_irq_enable(t);
            });
          }},
         {"ioctl that only loads the vCPU", vcpus_load, [&] { kvm_vcpu_ioctl(k, self, [] {}); }},
         {"close(vcpu fd)", true, [&] {
            kvm_vcpu_release(k, self);
            t.leave_loop();
          }}});
  });
}

Expr HkidRelease::all_ready() const {
  return dsl::for_all(vcpu, "v", [&](const Expr& v) { return ready[v]; });
}

void HkidRelease::destroying_thread(Thread& t) {
  const Cpus::Task on(cpus, t, "T0_on_cpu");
  Task k{t, on, status_register(t)};
  const Expr all_closed = dsl::for_all(vcpu, "v", [&](const Expr& v) { return !fds_open[v]; });

  when(caller == "init_vm_failed").then([&] {
    t.one_of({[&] { t.step("KVM_TDX_INIT_VM fails after KEY.CONFIG"); },
              [&] {
                t.step("KVM_TDX_INIT_VM fails before KEY.CONFIG").set(td.lifecycle[vm()], "TD_HKID_ASSIGNED");
              }});
    tdx_mmu_release_hkid(k, vm());
  });
  const auto starts = [&](const std::string& text, const Expr& possible, const Expr& unreferenced) {
    t.may_stop_here();
    t.step(text).when(possible).relies_on("last_reference", unreferenced,
                                          "vCPU fds and guest_memfd hold references to the VM");
  };
  const std::string last_put = "the last reference to the VM is dropped";
  when(caller == "vm_destroy").then([&] {
    starts(last_put, all_ready(), all_closed && gmem_done);
    tdx_mmu_release_hkid(k, vm());
  });
  when(caller == "mmu_notifier").then([&] {
    starts("mmput(): the last user of the mm", all_ready(), true);
    tdx_mmu_release_hkid(k, vm());
  });
  when(caller == "terminate_vm").then([&] {
    starts("ioctl(KVM_TDX_TERMINATE_VM)", all_ready(), true);
    tdx_terminate_vm(k);
  });
  t.step("tdx_mmu_release_hkid() has returned").set(released, true);
  when(caller == "mmu_notifier" || caller == "terminate_vm").then([&] {
    starts(last_put, true, all_closed && gmem_done);
  });
  // KVM_TDX_TERMINATE_VM may have answered -EBUSY; the destruction releases what is left.
  when(caller == "terminate_vm").then([&] { tdx_mmu_release_hkid(k, vm()); });
  when(caller != "init_vm_failed").then([&] {
    kvm_unload_vcpu_mmus(k);
    kvm_destroy_vcpus(k);
  });
  tdx_vm_destroy(k, vm());
  t.step("kvm_arch_free_vm()").set(destroyed, true);
}

void HkidRelease::other_vm_thread(Thread& t) {
  const Cpus::Task on(cpus, t, "other_T0_on_cpu");
  Task k{t, on, status_register(t)};
  when(!other_vm).then([&] { t.end(); });
  t.may_stop_here();
  t.step("the last reference to the other VM is dropped");
  tdx_mmu_release_hkid(k, tds.last());
}

void HkidRelease::gmem_thread(Thread& t) {
  const Cpus::Task on(cpus, t, "gmem_on_cpu");
  Task k{t, on, status_register(t)};
  when(!gmem_release).then([&] { t.end(); });
  t.may_stop_here();
  t.step("close(guest_memfd)");
  kvm_gmem_release(k);
}

void HkidRelease::reboot_thread(Thread& t) {
  when(!reboot).then([&] { t.end(); });
  t.may_stop_here();
  t.step("kvm_rebooting = true").when(all_ready()).set(rebooting, true);
  cpus.call_all(t, disable);
}

void HkidRelease::define() {
  const auto in_handler = [&](Thread& t) { return t.scratch("rax", status_type(), "SUCCESS"); };
  flush_by_destroyer.call =
      cpus.call(*this, "tdx_flush_vp_for_T0", [&, in_handler](Thread& t, const Expr&, const Expr& c) {
        const Variable v = t.scratch("vcpu", dsl::index(vcpu), 0);
        t.step("vcpu = arg->vcpu").set(v, flushed_vcpu);
        tdx_flush_vp(t, v, c, in_handler(t), flush_by_destroyer.failed);
        t.let(v, 0);
      });
  flush_by_vcpu.call =
      cpus.call(*this, "tdx_flush_vp", vcpu, [&, in_handler](Thread& t, const Expr& sender, const Expr& c) {
        tdx_flush_vp(t, sender, c, in_handler(t), flush_by_vcpu.failed[sender]);
      });
  cache_wb = cpus.call(*this, "smp_func_do_phymem_cache_wb", tds,
                       [&, in_handler](Thread& t, const Expr&, const Expr& c) {
                         smp_func_do_phymem_cache_wb(t, c, in_handler(t));
                       });
  disable = cpus.call(*this, "kvm_disable_virtualization_cpu",
                      [&, in_handler](Thread& t, const Expr&, const Expr& c) {
                        tdx_disable_virtualization_cpu(t, c, in_handler(t));
                      });
  disassociate = cpus.call(*this, "tdx_disassociate_vp", [&](Thread& t, const Expr&, const Expr& c) {
    const Variable v = t.scratch("vcpu", dsl::index(vcpu), 0);
    t.step("vcpu = arg->vcpu").set(v, flushed_vcpu);
    tdx_disassociate_vp(t, v, c);
    t.let(v, 0);
  });
  disable.possible = reboot;
  disassociate.possible = free_disassociates;
  flush_by_destroyer.call.possible = caller != "init_vm_failed";
  flush_by_vcpu.call.possible =
      caller != "init_vm_failed" && (vcpus_load || vcpus_enter || vcpus_read_metadata || close_loads);

  thread(
      "T0", [this](Thread& t) { destroying_thread(t); }, "releases the HKID and destroys the VM, once");
  thread(
      "vcpu", vcpu, [this](Thread& t) { vcpu_thread(t); },
      "a user thread: the ioctls that the switches allow, for ever, and one close; or none of it");
  thread(
      "gmem", [this](Thread& t) { gmem_thread(t); }, "closes the guest_memfd, once");
  thread(
      "other_T0", [this](Thread& t) { other_vm_thread(t); }, "releases another VM's HKID, once");
  thread(
      "reboot", [this](Thread& t) { reboot_thread(t); }, "kvm_shutdown, once");
  cpus.declare_handlers(*this,
                        {flush_by_destroyer.call, flush_by_vcpu.call, disassociate, cache_wb, disable});
  claims();
  variants();
}

} // namespace tdxcheck::protocols
