// SPDX-License-Identifier: GPL-2.0-or-later

// A TD is built by ioctls: KVM_CREATE_VCPU, KVM_TDX_INIT_VCPU (TDH.VP.CREATE, ADDCX, INIT),
// KVM_TDX_INIT_MEM_REGION (TDH.MEM.PAGE.ADD, MR.EXTEND), KVM_TDX_FINALIZE_VM (TDH.MR.FINALIZE). PAGE.ADD,
// MR.EXTEND, MR.FINALIZE and VP.INIT version 1 want the TDR exclusive and so conflict with every other call
// on that TD; KVM takes it for a bug of its own (KVM_BUG_ON, the VM is dead) if VP.CREATE, ADDCX or INIT is
// BUSY.
//
// THE QUESTION. User space may issue these ioctls from several threads in any order. Which locks keep the
// calls apart, and the steps of the TD's life: no vCPU made or initialised, no page measured after FINALIZE?
// In 6.16 the ioctls on the VM hold kvm->lock, those on a vCPU its vcpu->mutex alone. Since 6.19 every one
// that changes the TD takes everything: kvm->lock; then, if no vCPU is being created (created_vcpus ==
// online_vcpus, otherwise -EBUSY), every vcpu->mutex, then slots_lock. What is each of these locks, and the
// check, needed for? And why must the ioctls on a vCPU come without its mutex held (unlocked ioctls)?
//
// SOURCES. Linux 6.16, arch/x86/kvm/vmx/tdx.c: tdx_vcpu_create, tdx_vcpu_ioctl, tdx_td_vcpu_init,
// tdx_vcpu_init_mem_region, tdx_td_finalize; "KVM: TDX: Guard VM state transitions with all the locks",
// October 2025, commit 15945e9ec195 (6.19): tdx_acquire_vm_state_locks, reported by Yan Zhao in August 2025;
// virt/kvm/kvm_main.c: kvm_vm_ioctl_create_vcpu, kvm_lock_all_vcpus; Documentation/virt/kvm/locking.rst for
// the order kvm->lock, vcpu->mutex, slots_lock. Of the module: the leaves of protocols/module. From general
// knowledge of KVM, not from those mails: that KVM_CREATE_VCPU takes kvm->lock twice and makes the vCPU in
// between, holding nothing; that it holds the new vCPU's mutex while it installs the fd; that a vCPU is
// refused by tdx_vcpu_create() once the TD is finalized; that GET_CPUID reads by TDH.MNG.RD.
//
// THE ANSWER. Each lock is needed, and the check, but slots_lock, which here only 6.16 needs: kvm->lock and
// the check for what tdx_vcpu_create() saw to stay true, the mutexes against GET_CPUID, which holds nothing
// else. The findings are at the variants.
//
// THREADS. user[i]: a thread of a hostile process; any of these ioctls on any vCPU that has an fd, for ever,
// or nothing. After KVM_BUG_ON no ioctl gets in any more. KVM_RUN enters the guest once and comes back; the
// guest leaves when the host's timer makes it.
//
// THE BARRIERS. tdx_td_finalize() stores the state, smp_wmb(), pre_fault_allowed; the prefault loads
// pre_fault_allowed, smp_rmb(), the state. Memory is sequentially consistent otherwise; where a barrier is
// missing, the two stores, or the two loads, are made in either order. For two accesses between taking and
// releasing a lock that is all that can be observed: what is late is there when the lock is released.
//
// LEFT OUT. KVM_TDX_INIT_VM: the TD is initialised; before that no vCPU can be made, and TDR is nobody
// else's. mmu_lock: VP.INIT takes it since 6.19 to keep out zaps; it is innermost, and zaps are not here. The
// rest of KVM_TDX_INIT_MEM_REGION, nr_premapped among it (protocols/populate_order). The S-EPT calls of
// faults: TDR shared, and once the TD is finalized KVM tries a BUSY one again; KVM_RUN, which holds TDR
// shared for longer, stands for them. The TDVPR's lock: two calls on one vCPU are kept apart by its mutex, or
// by kvm->lock. A vCPU that sits in the guest for ever: whoever wants every vcpu->mutex then waits until a
// signal ends either. Closing fds and the end of the VM. The chunks of a page: one MR.EXTEND, not sixteen.

#include "protocols/vm_state_locks/vm_state_locks.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

VmStateLocks::VmStateLocks()
    : Protocol("vm_state_locks",
               "The ioctls that build a TD, against each other: who keeps TDR-exclusive SEAMCALLs alone"),
      vcpus(integer_parameter("vcpus", 2, 1, 2, "vCPUs that can be created")),
      users(integer_parameter("users", 3, 1, 3, "threads of user space that issue ioctls")),
      locks(enum_parameter("locks", {"all", "v6_16", "all_in_locked_ioctl", "without_vcpu_mutexes"},
                           "what guards the TD's state: every lock; in 6.16 kvm->lock for ioctls on the VM, "
                           "vcpu->mutex for those on a vCPU; every lock, taken by an ioctl that holds its "
                           "vcpu->mutex already; kvm->lock and slots_lock without the mutexes")),
      creation_check(bool_parameter("creation_check", true,
                                    "whoever takes every lock is told -EBUSY while a vCPU is being created")),
      finalize_busy(
          enum_parameter("finalize_busy", {"EBUSY", "KVM_BUG_ON"}, "what comes of a BUSY TDH.MR.FINALIZE")),
      extend_error(
          enum_parameter("extend_error", {"KVM_BUG_ON", "EIO"}, "what comes of a TDH.MR.EXTEND that fails")),
      wmb(bool_parameter("wmb", true, "smp_wmb() before pre_fault_allowed is set")),
      rmb(bool_parameter("rmb", true, "smp_rmb() after pre_fault_allowed is read")),
      finalizes(bool_parameter("finalizes", true, "user space issues KVM_TDX_FINALIZE_VM")),
      finalizes_without_vcpus(bool_parameter("finalizes_without_vcpus", false,
                                             "user space finalizes also before a vCPU is initialised")),
      populates(bool_parameter("populates", true, "user space issues KVM_TDX_INIT_MEM_REGION")),
      gets_cpuid(bool_parameter("gets_cpuid", true, "user space issues KVM_TDX_GET_CPUID")),
      runs(bool_parameter("runs", true, "user space issues KVM_RUN")),
      prefaults(bool_parameter("prefaults", true, "user space issues KVM_PRE_FAULT_MEMORY")),
      vcpu(index_set("vcpu", vcpus)),
      user(index_set("user", users, dsl::Members::symmetric)),
      page(index_set("page", 1)),
      lp(index_set("lp", 1)),
      module(module_parameter(*this)),
      system(*this, {.module = module, .cpus = lp}),
      td(*this, system, td_spec()),
      kvm_lock(*this, {.name = "kvm->lock", .rank = 10, .guard = "kvm_lock"}),
      vcpu_mutex(*this, {.name = "vcpu->mutex", .rank = 20, .guard = "vcpu_mutex", .per = {vcpu}}),
      slots_lock(*this, {.name = "kvm->slots_lock", .rank = 30, .guard = "slots_lock"}),
      created_vcpus(variable("created_vcpus", dsl::subset(vcpu), dsl::empty_set(),
                             "vCPUs that kvm->created_vcpus counts")),
      online_vcpus(variable("online_vcpus", dsl::subset(vcpu), dsl::empty_set(),
                            "vCPUs that kvm->online_vcpus counts, and that have an fd")),
      initialized(
          variable("initialized", dsl::subset(vcpu), dsl::empty_set(), "vCPUs in VCPU_TD_STATE_INITIALIZED")),
      state(variable("state", dsl::enumeration("td_state", {"TD_STATE_INITIALIZED", "TD_STATE_RUNNABLE"}),
                     "TD_STATE_INITIALIZED", "kvm_tdx->state")),
      pre_fault_allowed(variable("pre_fault_allowed", dsl::boolean(), false)),
      vm_dead(variable("vm_dead", dsl::boolean(), false, "kvm->vm_dead, after KVM_BUG_ON")) {}

// The TDR is what it is about. Nobody takes OP_STATE exclusive.
TdSpec VmStateLocks::td_spec() const {
  TdSpec spec{.vcpus = vcpu, .gfns = page, .callers = users};
  spec.modelled.tdvpr = false;
  spec.modelled.sept_tree = false;
  spec.modelled.sept_entry = false;
  spec.modelled.epoch = false;
  spec.modelled.kot = false;
  spec.modelled.tlb_tracking = false;
  spec.modelled.association = false;
  spec.op_state = op_state("INITIALIZED");
  spec.vcpu_state = vcpu_state("NONE");
  spec.tdvps_pages = 1;
  return spec;
}

// ---- words ----

Variable VmStateLocks::refused(Thread& t) { return t.scratch("refused", dsl::boolean(), false); }
Variable VmStateLocks::status(Thread& t) { return t.scratch("rax", status_type(), "SUCCESS"); }

void VmStateLocks::return_if(Thread& t, const std::string& text, const Expr& condition, Location where) {
  t.step(text, where).set(refused(t), condition);
  when(refused(t)).then([&] {
    t.let(refused(t), false);
    t.return_(where);
  });
}

void VmStateLocks::return_unless_success(Thread& t, const dsl::Body& failure) {
  const Variable rax = status(t);
  when(rax != "SUCCESS").then([&] {
    failure();
    t.let(rax, "SUCCESS");
    t.return_();
  });
}

void VmStateLocks::kvm_bug_on_status(Thread& t, const std::string& text, Location where) {
  t.step(text, where)
      .set(vm_dead, true)
      .asserts("no_kvm_bug", false, text)
      .asserts("nothing_after_finalize", status(t) != "TDX_OP_STATE_INCORRECT",
               "the TD is not finalized yet");
}

// ---- kvm_main.c ----

// The vCPU is made between two sections of kvm->lock. Nobody names it before it has an fd.
void VmStateLocks::kvm_vm_ioctl_create_vcpu(Thread& t, const Variable& v) {
  const Variable error = t.scratch("error", dsl::boolean(), false);
  t.function("kvm_vm_ioctl_create_vcpu", [&] {
    kvm_lock.lock(t);
    t.one_of({[&] {
                t.step("created_vcpus++").some(vcpu, "new", [&](StepWords& step, const Expr& n) {
                  step.when(!contains(created_vcpus, n)).set(created_vcpus, with(created_vcpus, n)).set(v, n);
                });
              },
              [&] {
                t.step("created_vcpus is at its limit: -EINVAL")
                    .when(dsl::for_all(vcpu, "n", [&](const Expr& n) { return contains(created_vcpus, n); }))
                    .set(refused(t), true);
              }});
    kvm_lock.unlock(t);
    when(refused(t)).then([&] {
      t.let(refused(t), false);
      t.return_();
    });
    tdx_vcpu_create(t);
    kvm_lock.lock(t);
    when(error)
        .then([&] { t.step("created_vcpus--").set(created_vcpus, without(created_vcpus, v)); })
        .otherwise([&] {
          vcpu_mutex.of(v).lock(t);
          t.step("create_vcpu_fd(), online_vcpus++")
              .set(online_vcpus, with(online_vcpus, v))
              .asserts("no_vcpu_after_finalize", !is_finalized(), "the TD is not finalized yet");
          vcpu_mutex.of(v).unlock(t);
        });
    t.let(error, false);
    kvm_lock.unlock(t);
  });
}

// Those that are online. A vCPU that is not has a mutex that nobody can take who does not hold kvm->lock, so
// taking it, too, makes no difference. `own` is held already; there are at most two.
void VmStateLocks::kvm_lock_all_vcpus(Thread& t, const Expr& own) {
  t.function("kvm_lock_all_vcpus", [&] {
    const auto every = [&] {
      for (int n = 0; n < 2; ++n) when(vcpus > n).then([&] { vcpu_mutex.of(vcpu.member(n)).lock(t); });
    };
    if (own.empty()) return every();
    when(locks == "all_in_locked_ioctl")
        .then([&] {
          when(vcpus > 1).then(
              [&] { vcpu_mutex.of(choose(own == vcpu.member(0), vcpu.last(), vcpu.member(0))).lock(t); });
        })
        .otherwise(every);
  });
}

void VmStateLocks::kvm_unlock_all_vcpus(Thread& t, const Expr& own) {
  t.function("kvm_unlock_all_vcpus", [&] {
    const auto every = [&] {
      for (int n = 0; n < 2; ++n) when(vcpus > n).then([&] { vcpu_mutex.of(vcpu.member(n)).unlock(t); });
    };
    if (own.empty()) return every();
    when(locks == "all_in_locked_ioctl")
        .then([&] {
          when(vcpus > 1).then(
              [&] { vcpu_mutex.of(choose(own == vcpu.member(0), vcpu.last(), vcpu.member(0))).unlock(t); });
        })
        .otherwise(every);
  });
}

// ---- x86.c, mmu.c ----

// tdx_vcpu_pre_run() looks at both states. BUSY sends the vCPU round its loop.
void VmStateLocks::kvm_arch_vcpu_ioctl_run(Thread& t, const Expr& v) {
  const Variable rax = status(t);
  const Caller by{t, rax};
  vcpu_mutex.of(v).lock(t);
  t.function("kvm_arch_vcpu_ioctl_run", [&] {
    t.relying_on("pre_run_check", "a vCPU is not run before it is initialised and the TD finalized",
                 [&] { return_if(t, "tdx_vcpu_pre_run()", !is_finalized() || !contains(initialized, v)); });
    t.loop("vcpu_run").try_and_retry_while(rax == "TDX_OPERAND_BUSY", dsl::unlimited, [&] {
      t.region("in_guest", [&] { td.vp_enter(by, v); });
    });
    return_unless_success(t, [&] {
      t.step("KVM_EXIT_INTERNAL_ERROR").asserts("enter_succeeds", false, "TDH.VP.ENTER is refused");
    });
  });
  vcpu_mutex.of(v).unlock(t);
}

// The first page that is missing goes to tdx_sept_set_private_spte(), which looks at the TD's state.
void VmStateLocks::kvm_arch_vcpu_pre_fault_memory(Thread& t) {
  const Variable runnable = t.scratch("saw_runnable", dsl::boolean(), false);
  t.function("kvm_arch_vcpu_pre_fault_memory", [&] {
    t.one_of({[&] {
                return_if(t, "pre_fault_allowed?", !pre_fault_allowed);
                t.step("kvm_tdx->state?").set(runnable, is_finalized());
              },
              [&] {
                t.step("kvm_tdx->state, loaded early")
                    .relies_on("smp_rmb", !rmb, "pre_fault_allowed is loaded before the TD's state")
                    .set(runnable, is_finalized());
                t.step("pre_fault_allowed?").set(refused(t), !pre_fault_allowed);
                when(refused(t)).then([&] {
                  t.let(refused(t), false);
                  t.let(runnable, false);
                  t.return_();
                });
              }});
    when(!runnable).then([&] { tdx_sept_set_private_spte(t); }).otherwise([&] {
      t.let(runnable, false);
      t.region("prefaulting", [&] { t.step("map the page, as a fault does"); });
    });
  });
}

} // namespace tdxcheck::protocols
