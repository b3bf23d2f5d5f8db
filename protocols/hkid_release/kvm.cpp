// SPDX-License-Identifier: GPL-2.0-or-later

// hkid_release: arch/x86/kvm/x86.c and virt/kvm.

#include "protocols/hkid_release/hkid_release.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::when;

// vcpu_load() .. vcpu_put(). In between the thread is pinned: a preempted one would be put and loaded again,
// which is the same as leaving and coming back.
void HkidRelease::vcpu_load(Task& k, const Expr& v, const FlushCall& flush, const Expr& sender,
                            const dsl::Body& loaded) {
  k.t.function("vcpu_load", [&] { k.on.preempt_disable(k.t); });
  k.on.pinned(k.t, [&] {
    tdx_vcpu_load(k, v, flush, sender);
    loaded();
    k.t.function("vcpu_put", [&] { k.on.preempt_enable(k.t); });
  });
}

void HkidRelease::kvm_vcpu_ioctl(Task& k, const Expr& v, const dsl::Body& body) {
  auto& t = k.t;
  const Expr contended = caller == "terminate_vm"; // otherwise nobody else takes a vCPU's mutex
  t.function("kvm_vcpu_ioctl", [&] {
    const auto unlock = [&] { when(contended).then([&] { vcpu_mutex.of(v).unlock(t); }); };
    when(contended).then([&] { vcpu_mutex.of(v).lock(t); });
    t.relying_on("vm_dead_check", "ioctls on a dead VM are refused", [&] {
      when(vm_dead).then([&] {
        t.step("return -EIO");
        unlock();
        t.return_();
      });
    });
    vcpu_load(k, v, flush_by_vcpu, v, body);
    unlock();
  });
}

void HkidRelease::kvm_vcpu_release(Task& k, const Expr& v) {
  k.t.function("kvm_vcpu_release", [&] {
    when(close_loads).then([&] { vcpu_load(k, v, flush_by_vcpu, v, [] {}); });
    k.t.step("kvm_put_kvm()").set(fds_open[v], false);
  });
}

void HkidRelease::kvm_unload_vcpu_mmus(Task& k) {
  k.t.function("kvm_unload_vcpu_mmus", [&] {
    when(unload_loads).then([&] {
      k.t.for_each(vcpu, "unloading", [&](const Expr& v) { vcpu_load(k, v, flush_by_destroyer, {}, [] {}); });
    });
  });
}

void HkidRelease::kvm_destroy_vcpus(Task& k) {
  auto& t = k.t;
  t.function("kvm_destroy_vcpus", [&] {
    t.for_each(vcpu, "destroying", [&](const Expr& v) {
      tdx_vcpu_free(k, v);
      t.step("kmem_cache_free(vcpu)")
          .set(vcpu_freed[v], true)
          .asserts("no_use_after_free", is_none(listed[v]),
                   "a vCPU is not linked in a list when it is freed");
    });
  });
}

void HkidRelease::kvm_gmem_release(Task& k) {
  auto& t = k.t;
  t.function("kvm_gmem_release", [&] {
    mmu_lock.write_lock(t);
    tdx_sept_remove_private_spte(k);
    mmu_lock.write_unlock(t);
    t.step("kvm_put_kvm()").set(gmem_done, true);
  });
}

} // namespace tdxcheck::protocols
