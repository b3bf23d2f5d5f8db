// SPDX-License-Identifier: GPL-2.0-or-later

// Bringing the TDX module up on a machine whose pCPUs come and go: TDH.SYS.INIT once, TDH.SYS.LP.INIT on
// every pCPU, TDH.SYS.CONFIG, TDH.SYS.KEY.CONFIG on every package, TDMRs; all of it in VMX operation, which
// belongs to KVM, or did until 7.1. Then TDs come and go, and pCPUs too.
//
// THE QUESTION. In "Re: [PATCH v19 023/130] KVM: TDX: Initialize the TDX module when loading the KVM intel
// kernel module" (April 2024) Sean Christopherson and Kai Huang look for the right place of VMXON and
// tdx_cpu_enable(): in an IPI while the module is loaded, in kvm_online_cpu(), in tdx_enable() itself, or in
// a hotplug callback of TDX's own. What of a pCPU that comes online later, of the last pCPU of a package, of
// IRQs, of whoever makes a SEAMCALL too early? `form` has the answers that were given, one after the other.
//
// SOURCES. The thread above (22 and 23 April 2024), with what it says of the rule of 2021 that LP.INIT comes
// on every present pCPU right after SYS.INIT; v19 023/130; Linux 6.16 arch/x86/virt/vmx/tdx/tdx.c
// (try_init_module_global, tdx_cpu_enable, tdx_enable) and arch/x86/kvm/vmx/tdx.c (tdx_bringup,
// tdx_online_cpu, tdx_offline_cpu); Linux 7.1, the same file and arch/x86/virt/hw.c (series v3 of February
// 2026); Documentation/virt/kvm/locking.rst for the order of locks. The module's side is in seamcalls.h, CPU
// hotplug in protocols/parts/cpuhp.h.
//
// FORMS
//   v19                 one IPI: VMXON and tdx_cpu_enable(), then tdx_enable(), another IPI: VMXOFF. KVM does
//                       VMXON again for its first VM. kvm_online_cpu() knows of TDX if `online_hook` says so.
//   kai                 KVM's state is installed, kvm_online_cpu() does VMXON and tdx_cpu_enable(), then
//                       tdx_enable() under cpus_read_lock.
//   sean                KVM's state is installed; tdx_enable() takes cpus_read_lock and does tdx_cpu_enable()
//                       by IPI. A pCPU that comes later needs `online_hook`.
//   tdx_callback_first  TDX has a callback of its own, ahead of KVM's: VMXON, tdx_cpu_enable(), VMXOFF.
//   v6_16               KVM's state is installed first, TDX's own (behind KVM's) after it.
//   v7_1                VMX operation is counted per pCPU; TDX's callback takes a reference in an initcall,
//                       KVM takes another one while it has VMs.
//
// THREADS
//   bringup   brings TDX up, once, in the way of `form`.
//   hotplug   root, who takes any pCPU but the first offline or brings it back, for ever, or stops anywhere
//   in
//             between. With 7.1 not before the initcall is done; `offline_at_boot` has one missing by then.
//   td        creates a TD, runs a vCPU on some pCPU once and destroys the TD, for ever; or keeps it.
//   other_vm  creates an ordinary VM and destroys it, for ever (other_vm).
//   user      another user of the module in the kernel, once (second_user): from a task, on each online pCPU
//             and then tdx_enable(); or by IPI on each pCPU at any time.
//   power     reboots or suspends the machine, once (power).
//   ipi[c]    handlers on pCPU c, for ever.
// VMXON and the SEAMCALLs that initialise may fail by themselves, `failures` times in all. Two pCPUs share a
// package, the third is alone in another: it is the one whose leaving can be vetoed.
//
// WHAT NEVER HAPPENS. With one user no TDH.SYS call finds the module's global lock taken (no_sys_busy),
// LP.INIT is not repeated, and KEY.CONFIG meets no package twice: the steps that answer so are unreached in
// the landed forms, as are the failing checks of SEAMCALLs where vmxon_first and lp_init_first hold.
//
// LEFT OUT. Flushing vCPUs from a pCPU that leaves, and the release of an HKID in its own steps
// (vcpu_association, hkid_release): here the release is one step under cpus_read_lock. What the SEAMCALLs on
// a TD do, except that they need VMX operation, LP.INIT, a ready module, and KEY.CONFIG a pCPU in each
// package. The memory hotplug lock, WBINVD, PAMT allocation, static checks before anything is touched.
// Runtime update of the module. What a kexec needs to know of the caches. Unloading of kvm_intel, in which
// the references that 6.16 keeps are dropped. In a reboot KVM's own references of 7.1 are left alone. A
// suspend finds user space frozen outside the kernel, and the module survives it. cpu_add_remove_lock and
// cpuhp_state_mutex: nobody else wants them here. Barriers: memory is sequentially consistent.
//
// A second TDX user does not exist in any kernel that these forms are taken from; what happens to one is a
// deduction from the code he would call.

#include "protocols/cpu_bringup/cpu_bringup.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

CpuBringup::CpuBringup()
    : Protocol("cpu_bringup",
               "TDX module bring-up and CPU hotplug: VMXON, SYS.INIT, LP.INIT, KEY.CONFIG, the last pCPU"),
      pcpus(integer_parameter("pcpus", 3, 2, 4, "pCPUs; the first one cannot go offline")),
      packages(
          integer_parameter("packages", 2, 1, 2, "packages: with two, the last pCPU is alone in the second")),
      hotplug(bool_parameter("hotplug", true, "pCPUs go offline and come back at any time")),
      offline_at_boot(
          bool_parameter("offline_at_boot", false, "one pCPU may be offline when the kernel has booted")),
      td(bool_parameter("td", true, "a TD is created and destroyed at any time once TDX is up")),
      failures(integer_parameter("failures", 0, 0, 2,
                                 "how many of VMXON, SYS.INIT, LP.INIT, CONFIG and KEY.CONFIG may fail")),
      form(enum_parameter("form", {"v7_1", "v6_16", "tdx_callback_first", "sean", "kai", "v19"},
                          "who does VMXON and TDH.SYS.LP.INIT, and when")),
      online_hook(bool_parameter("online_hook", false,
                                 "kvm_online_cpu() does TDH.SYS.LP.INIT for a pCPU that comes online")),
      all_present(bool_parameter("all_present", false,
                                 "the bring-up insists on every present pCPU being online (v19 only)")),
      kvm_lock_order(enum_parameter("kvm_lock_order", {"cpus_lock_first", "kvm_lock_first"},
                                    "how hardware_enable_all() nests its two locks (v19 only)")),
      unsupported(bool_parameter("unsupported", false,
                                 "a check that comes after tdx_enable() finds that KVM cannot use the module "
                                 "(v6_16 only)")),
      cleanup_returns(enum_parameter("cleanup_returns", {"OK", "EINVAL"},
                                     "what the bring-up returns when that check fails")),
      lp_init_window(enum_parameter("lp_init_window", {"any_time", "before_config"},
                                    "when the module allows TDH.SYS.LP.INIT")),
      lp_check(enum_parameter("lp_check", {"every_leaf", "reads_only"},
                              "which SEAMCALLs tell that TDH.SYS.LP.INIT is missing")),
      other_vm(bool_parameter("other_vm", false, "an ordinary VM is created and destroyed at any time")),
      second_user(enum_parameter("second_user", {"none", "task", "smp_call"},
                                 "another user in the kernel brings the module up, too")),
      power(enum_parameter("power", {"stays_on", "reboots", "suspends"},
                           "what else may happen to the machine, once")),
      package(index_set("package", packages)),
      cpus(*this, pcpus),
      hp(*this, cpus, 4, {.name = "cpu_hotplug_lock", .rank = 20, .guard = "cpu_hotplug_lock"}),
      tdx(*this, cpus, package,
          {.lp_init_at_any_time = lp_init_window == "any_time",
           .every_leaf_checks_lp = lp_check == "every_leaf",
           .may_be_interrupted = second_user == "smp_call" || power == "reboots",
           .may_fail = {},
           .tolerates_ud = {},
           .on_failure = {}},
          [this](const Expr& c) { return package_of(c); }),
      kvm_usage_lock(*this, {.name = "kvm_usage_lock",
                             .doc = "keeps kvm_usage_count and what follows from it together",
                             .rank = 10,
                             .guard = "kvm_usage_lock"}),
      kvm_lock(*this, {.name = "kvm_lock", .rank = 30, .guard = "kvm_lock"}),
      tdx_module_lock(*this, {.name = "tdx_module_lock", .rank = 40, .guard = "tdx_module_lock"}),
      sysinit_lock(
          *this, {.name = "sysinit_lock", .doc = "raw spinlock", .rank = 50, .guard = "sysinit_lock"}, false),
      outcome(variable("outcome", dsl::enumeration("outcome", {"PENDING", "ON", "OFF"}), "PENDING",
                       "of the bring-up; ON: KVM creates TDs")),
      sysinit_done(variable("sysinit_done", dsl::boolean(), false, "TDH.SYS.INIT is not tried again")),
      sysinit_ret(variable("sysinit_ret", errno_type(), "OK", "what it returned")),
      lp_initialized(variable("lp_initialized", cpus.set, dsl::boolean(), false,
                              "tdx_lp_initialized: Linux knows that LP.INIT is done there")),
      module_status(variable("tdx_module_status",
                             dsl::enumeration("tdx_module_status", {"UNINITIALIZED", "INITIALIZED", "ERROR"}),
                             "UNINITIALIZED")),
      kvm_usage_count(variable("kvm_usage_count", dsl::integer(0, 3), 0)),
      vmx_refs(variable("vmx_refs", cpus.set, dsl::integer(0, 3), 0, "x86_virt_get_ref(VMX), per pCPU")),
      hkid_in_use(variable("hkid_in_use", dsl::boolean(), false, "nr_configured_hkid, or the key ID pool")),
      keys_needed(variable("keys_needed", dsl::boolean(), false,
                           "the package check passed and the HKID is not released yet")),
      failed(variable("failed", dsl::integer(0, failures), 0, "how many steps failed by themselves")),
      excused(variable("excused", dsl::boolean(), false, "something happened that no bring-up survives")),
      sysinit_called(variable("sysinit_called", dsl::boolean(), false)),
      call_failed(variable("call_failed", dsl::boolean(), false, "a handler of on_each_cpu() failed")),
      vmx_enabled(variable("vmx_enabled", dsl::subset(cpus.set), dsl::empty_set(),
                           "pCPUs that the bring-up put in VMX operation (v19)")),
      rebooting(variable("kvm_rebooting", dsl::boolean(), false)),
      frozen(variable("frozen", dsl::boolean(), false, "user space is frozen for a suspend")) {
  tdx.options.may_fail = failed < failures;
  tdx.options.tolerates_ud = rebooting;
  tdx.options.on_failure = [this](StepWords& step) { step.set(failed, failed + 1).set(excused, true); };
  cpus.interruptible = [this](const Expr& c) { return !tdx.lp_is_busy[c]; };
}

// ---- small words ----

Expr CpuBringup::package_of(const Expr& cpu) const {
  return choose(cpu == cpus.set.last(), package.last(), package.member(0));
}

Expr CpuBringup::is_last_of_its_package(const Expr& cpu) const {
  return !dsl::exists(cpus.set, "other", [&](const Expr& other) {
    return other != cpu && hp.is_online(other) && package_of(other) == package_of(cpu);
  });
}

Expr CpuBringup::every_package_is_online() const {
  return dsl::for_all(package, "p", [&](const Expr& p) {
    return dsl::exists(cpus.set, "c", [&](const Expr& c) { return package_of(c) == p && !hp.is_offline(c); });
  });
}

Expr CpuBringup::has_own_state() const {
  return form == "v7_1" || form == "v6_16" || form == "tdx_callback_first";
}

void CpuBringup::may_fail(const Context& at, const std::string& text, const std::string& error,
                          const std::function<void(StepWords&)>& say) {
  at.t.one_of({[&] { say(at.t.step(text).answers("OK")); },
               [&] {
                 at.t.step(text)
                     .when(failed < failures)
                     .set(failed, failed + 1)
                     .set(excused, true)
                     .set(at.ret, error.c_str())
                     .fair(model::Fairness::none)
                     .answers(error);
               }});
}

// The assembly wrapper makes #UD a status of its own, seamcall_prerr() an error. TDX_KEY_CONFIGURED is none.
void CpuBringup::errno_of(Thread& t, const Variable& rax, const Variable& ret) {
  when(rax == "TDX_SYS_BUSY").then([&] {
    t.step("TDX_SYS_BUSY is an error like any other")
        .asserts("no_sys_busy", false, "no TDH.SYS call meets another one");
  });
  when(rax == "TDX_SEAMCALL_UD").then([&] { t.let(ret, "EACCES"); }).otherwise([&] {
    when(rax != "SUCCESS" && rax != "TDX_KEY_CONFIGURED").then([&] { t.let(ret, "EIO"); });
  });
  t.let(rax, "SUCCESS");
}

void CpuBringup::on_some_cpu(const Task& k, const std::function<void(const Caller&)>& seamcall) {
  k.anywhere->preempt_disable(k.t);
  k.anywhere->pinned(k.t, [&] {
    seamcall({k.t, k.rax, k.anywhere->cpu()});
    k.anywhere->preempt_enable(k.t);
  });
}

// In IRQ context they are off.
void CpuBringup::with_irqs_off(const Context& at, const dsl::Body& body) {
  if (at.bound == nullptr) return body();
  at.t.relying_on("irqs_off", "tdx_cpu_enable() is called with IRQs off",
                  [&] { at.bound->local_irq_disable(at.t); });
  body();
  at.t.relying_on("irqs_off", "tdx_cpu_enable() is called with IRQs off",
                  [&] { at.bound->local_irq_enable(at.t); });
}

// Where the caller has IRQs off, nobody preempts it.
void CpuBringup::with_preemption_off(const Context& at, const dsl::Body& body) {
  if (at.bound == nullptr) return body();
  when(form == "v7_1").then([&] { at.bound->preempt_disable(at.t); });
  body();
  when(form == "v7_1").then([&] { at.bound->preempt_enable(at.t); });
}

// ---- arch/x86/virt/vmx/tdx/tdx.c ----

// The result is kept whatever it is: TDH.SYS.INIT is tried once.
void CpuBringup::try_init_module_global(const Context& at) {
  auto& t = at.t;
  t.function("try_init_module_global", [&] {
    const Variable done = t.scratch("done", dsl::boolean(), false);
    with_preemption_off(at, [&] {
      sysinit_lock.lock(t);
      t.relying_on("sysinit_done", "a second TDH.SYS.INIT is not tried",
                   [&] { t.step("sysinit_done?").set(done, sysinit_done).set(at.ret, sysinit_ret); });
      when(!done).then([&] {
        t.step("seamcall_prerr(TDH_SYS_INIT)")
            .set(sysinit_called, true)
            .asserts("sys_init_once", !sysinit_called, "TDH.SYS.INIT is called once");
        tdx.sys_init({t, at.rax, at.cpu});
        errno_of(t, at.rax, at.ret);
        t.step("sysinit_done = true").set(sysinit_done, true).set(sysinit_ret, at.ret);
      });
      t.let(done, false);
      sysinit_lock.unlock(t);
    });
  });
}

void CpuBringup::tdx_cpu_enable(const Context& at) {
  auto& t = at.t;
  t.function("tdx_cpu_enable", [&] {
    if (at.bound != nullptr) {
      when(form != "v7_1").then([&] {
        t.check("no_warning", cpus.irqs_off[at.cpu], "lockdep_assert_irqs_disabled()");
      });
    }
    t.relying_on("lp_initialized", "TDH.SYS.LP.INIT is not repeated on a pCPU that comes back",
                 [&] { when(lp_initialized[at.cpu]).then([&] { t.return_(); }); });
    try_init_module_global(at);
    when(at.ret != "OK").then([&] { t.return_(); });
    with_preemption_off(at, [&] { tdx.sys_lp_init({t, at.rax, at.cpu}); });
    errno_of(t, at.rax, at.ret);
    when(at.ret == "OK").then([&] { t.step("tdx_lp_initialized = true").set(lp_initialized[at.cpu], true); });
  });
}

// The caller holds cpus_read_lock. An error is final.
void CpuBringup::tdx_enable(const Task& k) {
  auto& t = k.t;
  t.function("tdx_enable", [&] {
    tdx_module_lock.lock(t);
    when(module_status == "ERROR").then([&] { t.let(k.ret, "EINVAL"); }).otherwise([&] {
      when(module_status == "UNINITIALIZED").then([&] {
        init_tdx_module(k);
        when(k.ret == "OK")
            .then([&] { t.step("tdx_module_status = INITIALIZED").set(module_status, "INITIALIZED"); })
            .otherwise([&] { t.step("tdx_module_status = ERROR").set(module_status, "ERROR"); });
      });
    });
    tdx_module_lock.unlock(t);
  });
}

void CpuBringup::init_tdx_module(const Task& k) {
  auto& t = k.t;
  t.function("init_tdx_module", [&] {
    on_some_cpu(k, [&](const Caller& by) { tdx.sys_rd(by); });
    errno_of(t, k.rax, k.ret);
    when(k.ret != "OK").then([&] { t.return_(); });
    on_some_cpu(k, [&](const Caller& by) { tdx.sys_config(by); });
    errno_of(t, k.rax, k.ret);
    when(k.ret != "OK").then([&] { t.return_(); });
    config_global_keyid(k);
    when(k.ret != "OK").then([&] { t.return_(); });
    init_tdmrs(k);
  });
}

// On one online pCPU of each package, one after the other. A package without one is noticed later, when the
// module is not ready.
void CpuBringup::config_global_keyid(const Task& k) {
  auto& t = k.t;
  t.function("config_global_keyid", [&] {
    const Variable done = t.scratch("packages", dsl::subset(package), dsl::empty_set());
    t.for_each(cpus.set, "configuring", [&](const Expr& c) {
      when(!hp.is_offline(c)).then([&] {
        when(!dsl::contains(done, package_of(c))).then([&] {
          t.let(done, dsl::with(done, package_of(c)));
          k.bound->run(t, c, [&] {
            k.bound->preempt_disable(t);
            tdx.sys_key_config({t, k.rax, c});
            k.bound->preempt_enable(t);
          });
          errno_of(t, k.rax, k.ret);
          when(k.ret != "OK").then([&] { t.leave_loop(); });
        });
      });
    });
    when(dsl::count(done) != packages).then([&] { t.step("a package is offline").set(excused, true); });
    t.let(done, dsl::empty_set());
  });
}

void CpuBringup::init_tdmrs(const Task& k) {
  auto& t = k.t;
  t.function("init_tdmrs", [&] {
    t.loop("tdmr").repeat_while(tdx.tdmr_left != 0, [&] {
      on_some_cpu(k, [&](const Caller& by) { tdx.sys_tdmr_init(by); });
      errno_of(t, k.rax, k.ret);
      when(k.ret != "OK").then([&] { t.leave_loop(); });
    });
  });
}

// SYS_BUSY goes away because the first call locks out later ones, an interruption because it makes progress.
void CpuBringup::tdx_shutdown(const Task& k) {
  auto& t = k.t;
  t.function("tdx_shutdown", [&] {
    t.loop("disable").try_and_retry_while(
        k.rax == "TDX_INTERRUPTED_RESUMABLE" || k.rax == "TDX_SYS_BUSY", dsl::unlimited,
        [&] { on_some_cpu(k, [&](const Caller& by) { tdx.sys_disable(by); }); });
    t.let(k.rax, "SUCCESS");
    cpus.call_all(t, shutdown);
  });
}

} // namespace tdxcheck::protocols
