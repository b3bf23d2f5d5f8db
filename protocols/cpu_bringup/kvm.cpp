// SPDX-License-Identifier: GPL-2.0-or-later

// KVM's side of cpu_bringup: its cpuhp callbacks, who enables virtualization, and the bring-up in each of its
// forms. The essay is at the head of cpu_bringup.cpp.

#include "protocols/cpu_bringup/cpu_bringup.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

// ---- virt/kvm/kvm_main.c ----

// KVM's part of a pCPU that comes online, or of KVM's state being installed.
void CpuBringup::kvm_online_cpu(const Context& at) {
  auto& t = at.t;
  const auto enable = [&] {
    when(form == "v7_1").then([&] { x86_virt_get_ref(at); }).otherwise([&] {
      vmx_enable_virtualization_cpu(at);
      when(at.ret == "OK" && online_hook).then([&] {
        with_irqs_off(at, [&] { tdx_cpu_enable(at); });
        when(at.ret != "OK").then([&] { vmx_disable_virtualization_cpu(at); });
      });
    });
  };
  t.function("kvm_online_cpu", [&] {
    when(form == "v19")
        .then([&] {
          kvm_lock.lock(t);
          when(kvm_usage_count != 0).then(enable);
          kvm_lock.unlock(t);
        })
        .otherwise(enable);
  });
}

// Every vCPU that is associated with the pCPU is flushed here, too; then it leaves VMX operation.
void CpuBringup::kvm_offline_cpu(const Context& at) {
  auto& t = at.t;
  const auto disable = [&] {
    when(!has_own_state()).then([&] { veto(at); });
    when(at.ret == "OK").then([&] {
      when(form == "v7_1").then([&] { x86_virt_put_ref(at); }).otherwise([&] {
        vmx_disable_virtualization_cpu(at);
      });
    });
  };
  t.function("kvm_offline_cpu", [&] {
    when(form == "v19")
        .then([&] {
          kvm_lock.lock(t);
          when(kvm_usage_count != 0).then(disable);
          kvm_lock.unlock(t);
        })
        .otherwise(disable);
  });
}

// The first user installs KVM's state, which runs kvm_online_cpu() on every online pCPU.
void CpuBringup::kvm_enable_virtualization(const Task& k) {
  auto& t = k.t;
  t.function("kvm_enable_virtualization", [&] {
    kvm_usage_lock.lock(t);
    const Variable first = t.scratch("first", dsl::boolean(), false);
    t.step("kvm_usage_count++").set(first, kvm_usage_count == 0).set(kvm_usage_count, kvm_usage_count + 1);
    when(first).then([&] {
      hp.cpus_read_lock(t);
      hp.cpuhp_setup_state_cpuslocked(t, *k.bound, kvm_state, k.ret);
      hp.cpus_read_unlock(t);
      when(k.ret != "OK").then([&] {
        t.step("kvm_usage_count--").set(kvm_usage_count, kvm_usage_count - 1);
      });
    });
    kvm_usage_lock.unlock(t);
  });
}

void CpuBringup::kvm_disable_virtualization(const Task& k) {
  auto& t = k.t;
  t.function("kvm_disable_virtualization", [&] {
    kvm_usage_lock.lock(t);
    const Variable last = t.scratch("last", dsl::boolean(), false);
    t.step("kvm_usage_count--").set(last, kvm_usage_count == 1).set(kvm_usage_count, kvm_usage_count - 1);
    when(last).then([&] {
      hp.cpus_read_lock(t);
      hp.cpuhp_remove_state_cpuslocked(t, *k.bound, kvm_state);
      hp.cpus_read_unlock(t);
      t.let(last, false);
    });
    kvm_usage_lock.unlock(t);
  });
}

// Before 6.12: KVM's state is installed for good, and the first VM enables every pCPU by IPI.
void CpuBringup::hardware_enable_all(const Task& k) {
  auto& t = k.t;
  t.function("hardware_enable_all", [&] {
    when(kvm_lock_order == "kvm_lock_first").then([&] { kvm_lock.lock(t); });
    hp.cpus_read_lock(t);
    when(kvm_lock_order == "cpus_lock_first").then([&] { kvm_lock.lock(t); });
    const Variable first = t.scratch("first", dsl::boolean(), false);
    t.step("kvm_usage_count++")
        .set(first, kvm_usage_count == 0)
        .set(kvm_usage_count, kvm_usage_count + 1)
        .set(call_failed, false);
    when(first).then([&] {
      cpus.call_all(t, hardware_enable);
      when(call_failed).then([&] {
        cpus.call_all(t, hardware_disable);
        t.step("kvm_usage_count--").set(kvm_usage_count, kvm_usage_count - 1).set(call_failed, false);
        t.let(k.ret, "EBUSY");
      });
      t.let(first, false);
    });
    when(kvm_lock_order == "cpus_lock_first").then([&] { kvm_lock.unlock(t); });
    hp.cpus_read_unlock(t);
    when(kvm_lock_order == "kvm_lock_first").then([&] { kvm_lock.unlock(t); });
  });
}

void CpuBringup::hardware_disable_all(const Task& k) {
  auto& t = k.t;
  t.function("hardware_disable_all", [&] {
    when(kvm_lock_order == "kvm_lock_first").then([&] { kvm_lock.lock(t); });
    hp.cpus_read_lock(t);
    when(kvm_lock_order == "cpus_lock_first").then([&] { kvm_lock.lock(t); });
    const Variable last = t.scratch("last", dsl::boolean(), false);
    t.step("kvm_usage_count--").set(last, kvm_usage_count == 1).set(kvm_usage_count, kvm_usage_count - 1);
    when(last).then([&] {
      cpus.call_all(t, hardware_disable);
      t.let(last, false);
    });
    when(kvm_lock_order == "cpus_lock_first").then([&] { kvm_lock.unlock(t); });
    hp.cpus_read_unlock(t);
    when(kvm_lock_order == "kvm_lock_first").then([&] { kvm_lock.unlock(t); });
  });
}

// ---- the forms of the bring-up ----

// 7.1, arch/x86/virt/vmx/tdx/tdx.c: an initcall, before user space runs. cpus_read_lock is held while the
// state is installed, not while the module is initialised.
void CpuBringup::tdx_init(const Task& k) {
  auto& t = k.t;
  t.function("tdx_enable", [&] {
    hp.cpus_read_lock(t);
    hp.cpuhp_setup_state_cpuslocked(t, *k.bound, tdx_state, k.ret);
    hp.cpus_read_unlock(t);
    when(k.ret != "OK").then([&] { t.return_(); });
    init_tdx_module(k);
    when(k.ret != "OK").then([&] {
      hp.cpus_read_lock(t);
      t.relying_on("remove_state", "a bring-up that fails takes its cpuhp state out again",
                   [&] { hp.cpuhp_remove_state_cpuslocked(t, *k.bound, tdx_state); });
      hp.cpus_read_unlock(t);
    });
  });
}

// 6.16. Virtualization stays enabled for ever.
void CpuBringup::tdx_bringup(const Task& k) {
  auto& t = k.t;
  const auto disable = [&] {
    t.relying_on("disable_virtualization", "a bring-up that fails gives its reference back",
                 [&] { t.relying_on("vmxon_before_lp_init", "", [&] { kvm_disable_virtualization(k); }); });
  };
  const auto remove_state = [&] {
    t.relying_on("remove_state", "a bring-up that fails takes its cpuhp state out again",
                 [&] { hp.cpuhp_remove_state_nocalls_cpuslocked(t, tdx_state); });
  };
  t.function("tdx_bringup", [&] {
    t.relying_on("vmxon_before_lp_init", "every pCPU is in VMX operation before TDX's state is installed",
                 [&] { kvm_enable_virtualization(k); });
    when(k.ret != "OK").then([&] { t.return_(); });
    hp.cpus_read_lock(t);
    hp.cpuhp_setup_state_cpuslocked(t, *k.bound, tdx_state, k.ret);
    when(k.ret == "OK").then([&] {
      tdx_enable(k);
      when(k.ret != "OK").then(remove_state);
    });
    hp.cpus_read_unlock(t);
    when(k.ret != "OK").then([&] {
      disable();
      t.return_();
    });
    when(unsupported).then([&] {
      t.step("KVM cannot use this module").set(excused, true);
      hp.cpus_read_lock(t);
      remove_state();
      hp.cpus_read_unlock(t);
      disable();
      when(cleanup_returns == "EINVAL").then([&] { t.let(k.ret, "EINVAL"); });
    });
  });
}

// v19 023/130: VMXON and LP.INIT by IPI while the module is loaded, VMXOFF again behind it.
void CpuBringup::tdx_hardware_setup(const Task& k) {
  auto& t = k.t;
  t.function("tdx_hardware_setup", [&] {
    hp.cpus_read_lock(t);
    const Expr present = dsl::for_all(cpus.set, "c", [&](const Expr& c) { return !hp.is_offline(c); });
    when(all_present).then([&] { when(!present).then([&] { t.let(k.ret, "EINVAL"); }); });
    when(k.ret == "OK").then([&] {
      cpus.call_all(t, tdx_on);
      when(call_failed)
          .then([&] {
            t.step("err").set(call_failed, false);
            t.let(k.ret, "EIO");
          })
          .otherwise([&] { tdx_enable(k); });
      cpus.call_all(t, vmx_off);
    });
    hp.cpus_read_unlock(t);
  });
  t.function("kvm_init", [&] {
    hp.cpus_read_lock(t);
    t.step("cpuhp_setup_state_nocalls(kvm/cpu:online)").set(kvm_state.installed, true);
    hp.cpus_read_unlock(t);
  });
}

// The plan at the end of the thread: TDX's own callback comes before KVM's, and leaves VMX operation again.
void CpuBringup::kvm_init_with_early_callback(const Task& k) {
  auto& t = k.t;
  t.function("tdx_init", [&] {
    hp.cpus_read_lock(t);
    hp.cpuhp_setup_state_cpuslocked(t, *k.bound, tdx_early, k.ret);
    hp.cpus_read_unlock(t);
  });
  when(k.ret == "OK").then([&] { enable_with_virtualization_on(k); });
}

// kvm_online_cpu() does tdx_cpu_enable() (online_hook).
void CpuBringup::enable_with_virtualization_on(const Task& k) {
  auto& t = k.t;
  t.function("kvm_init", [&] {
    kvm_enable_virtualization(k);
    when(k.ret != "OK").then([&] { t.return_(); });
    hp.cpus_read_lock(t);
    tdx_enable(k);
    hp.cpus_read_unlock(t);
    when(k.ret != "OK").then([&] {
      t.relying_on("disable_virtualization", "a bring-up that fails gives its reference back",
                   [&] { kvm_disable_virtualization(k); });
    });
  });
}

// tdx_enable() takes cpus_read_lock itself and does LP.INIT by IPI.
void CpuBringup::kvm_init_by_seans_sketch(const Task& k) {
  auto& t = k.t;
  t.function("kvm_init", [&] {
    kvm_enable_virtualization(k);
    when(k.ret != "OK").then([&] { t.return_(); });
    hp.cpus_read_lock(t);
    cpus.call_all(t, lp_init);
    when(call_failed)
        .then([&] {
          t.step("err").set(call_failed, false);
          t.let(k.ret, "EIO");
        })
        .otherwise([&] { tdx_enable(k); });
    hp.cpus_read_unlock(t);
    when(k.ret != "OK").then([&] {
      t.relying_on("disable_virtualization", "a bring-up that fails gives its reference back",
                   [&] { kvm_disable_virtualization(k); });
    });
  });
}

// ---- arch/x86/kvm/vmx/tdx.c ----

// Every package has an online pCPU, and it stays so until the TD's key is in each of them.
void CpuBringup::__tdx_td_init(const Task& k) {
  auto& t = k.t;
  t.function("__tdx_td_init", [&] {
    t.step("nr_configured_hkid++").set(hkid_in_use, true);
    hp.cpus_read_lock(t);
    t.one_of(
        {[&] {
           t.step("every package has an online pCPU").when(every_package_is_online()).set(keys_needed, true);
         },
         [&] { t.step("a package has none: -EIO").when(!every_package_is_online()).set(k.ret, "EIO"); }});
    when(k.ret == "OK").then([&] {
      const Variable done = t.scratch("packages", dsl::subset(package), dsl::empty_set());
      t.for_each(cpus.set, "configuring", [&](const Expr& c) {
        when(!hp.is_offline(c)).then([&] {
          when(!dsl::contains(done, package_of(c))).then([&] {
            t.let(done, dsl::with(done, package_of(c)));
            k.bound->run(t, c, [&] {
              k.bound->preempt_disable(t);
              tdx.mng_key_config({t, k.rax, c});
              k.bound->preempt_enable(t);
            });
            errno_of(t, k.rax, k.ret);
          });
        });
      });
      t.let(done, dsl::empty_set());
      when(k.ret != "OK").then([&] {
        t.step("KVM_BUG_ON: TDH.MNG.KEY.CONFIG failed")
            .asserts("no_kvm_bug", rebooting, "KVM_BUG_ON: TDH.MNG.KEY.CONFIG failed");
      });
    });
    hp.cpus_read_unlock(t);
  });
}

// Wherever the scheduler puts the vCPU.
void CpuBringup::tdx_vcpu_run(const Task& k) {
  auto& t = k.t;
  t.function("tdx_vcpu_run", [&] {
    on_some_cpu(k, [&](const Caller& by) { tdx.vp_enter(by); });
    when(k.rax == "TDX_SEAMCALL_UD").then([&] {
      t.step("KVM_BUG_ON(!kvm_rebooting)")
          .asserts("no_kvm_bug", rebooting, "KVM_BUG_ON: TDH.VP.ENTER is #UD");
    });
    t.let(k.rax, "SUCCESS");
  });
}

// In one step: TDH.PHYMEM.CACHE.WB on a pCPU of each package, TDH.MNG.KEY.FREEID.
void CpuBringup::tdx_mmu_release_hkid(const Task& k) {
  auto& t = k.t;
  t.function("tdx_mmu_release_hkid", [&] {
    hp.cpus_read_lock(t);
    t.step("the HKID is released").set(hkid_in_use, false).set(keys_needed, false);
    hp.cpus_read_unlock(t);
  });
}

} // namespace tdxcheck::protocols
