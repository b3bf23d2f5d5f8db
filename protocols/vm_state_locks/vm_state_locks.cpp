// SPDX-License-Identifier: GPL-2.0-or-later

// A TD is being built: vCPUs are created and initialised, pages are added and measured, the measurement is
// finalised; and guest_memfd may zap a page meanwhile. Several of these hold TDR exclusive inside the module,
// so whoever else is on the TD then is told TDX_OPERAND_BUSY, and most of these callers take that for a bug.
//
// THE QUESTION. Which locks of the host keep them apart? Yan Zhao (August 2025) reported TDH.VP.CREATE
// against TDH.MR.EXTEND and TDH.MR.FINALIZE: vCPU ioctls run under vcpu->mutex, the VM's under kvm->lock. The
// answer was "KVM: TDX: Guard VM state transitions with all the locks" (October 2025): kvm->lock, every
// vcpu->mutex, slots_lock, taken by ioctls that come without vcpu->mutex, because the generic code would take
// that before kvm->lock. And TDH.VP.INIT of version 1 against the zap of a punched hole, which holds none of
// those: "KVM: TDX: Take MMU lock around tdh_vp_init()" (2025-10-27). Is each needed, and are both enough?
//
// SOURCES. Linux 6.16 and the tree of about v7.1, arch/x86/kvm/vmx/tdx.c: tdx_vcpu_init, tdx_td_vcpu_init,
// tdx_vcpu_init_mem_region, tdx_gmem_post_populate, tdx_td_finalize, tdx_acquire_vm_state_locks. That an
// error of VP.CREATE, ADDCX, INIT and MR.EXTEND is KVM_BUG_ON, and of FINALIZE -EBUSY, is from there; that
// PAGE.ADD answers -EBUSY is general knowledge. The module's side is in protocols/module/.
//
// THREADS
//   vcpu[v]   creates its vCPU and initialises it, once; where it is told -EBUSY it tries again, for ever.
//   builder   adds and measures one page on vCPU 0's fd, then finalises the measurement; -EBUSY likewise.
//   punch     punches a hole into the range of another page, which was added before, once.
//   prefault  asks whether it may pre-fault, once.
//
// LEFT OUT. guest_memfd's own locks but the inode's; vCPUs do not run, because the TD does not; the rest of
// KVM_BUG_ON (ioctls on a dead VM): one is enough. The kick of the zap's retry: nobody is in the guest.
// Memory is sequentially consistent, except where a barrier is the point: without smp_wmb the two stores of
// FINALIZE come in either order, without smp_rmb the two loads of the reader do.

#include "protocols/vm_state_locks/vm_state_locks.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

namespace {

constexpr int most_vcpus = 3;

} // namespace

VmStateLocks::VmStateLocks()
    : Protocol("vm_state_locks", "Building a TD: which locks keep VP.CREATE, VP.INIT, MR.* and a zap apart"),
      vcpus(integer_parameter("vcpus", 2, 1, most_vcpus, "vCPUs that are created and initialised")),
      state_locks(
          enum_parameter("state_locks", {"all", "inverted", "none"},
                         "the VM state locks: taken by ioctls that come without vcpu->mutex; by ioctls "
                         "that hold it; or not at all (6.16)")),
      mmu_lock_in_vp_init(
          bool_parameter("mmu_lock_in_vp_init", true, "mmu_lock is held for write around TDH.VP.INIT")),
      mmu_lock_in_page_add(
          bool_parameter("mmu_lock_in_page_add", true,
                         "TDH.MEM.PAGE.ADD is issued while the page is mapped, under mmu_lock "
                         "for read; otherwise after that (6.16)")),
      mmu_lock_in_mr(bool_parameter("mmu_lock_in_mr", false,
                                    "mmu_lock is held for write around TDH.MR.EXTEND and TDH.MR.FINALIZE")),
      vp_init_version(integer_parameter("vp_init_version", 1, 0, 1, "version of TDH.VP.INIT")),
      zaps(bool_parameter("zaps", true, "a hole is punched meanwhile")),
      same_inode(bool_parameter(
          "same_inode", true, "the hole is in the inode whose page is being added: filemap_invalidate_lock")),
      zap_retries(limit_parameter("zap_retries", 1, 16, "how often a zap repeats a SEAMCALL that is BUSY")),
      cpus(index_set("cpu", 1)),
      vcpu(index_set("vcpu", vcpus)),
      gfns(index_set("gfn", 2)),
      system(*this, {.module = module_parameter(*this, "1.5.16"), .cpus = cpus}),
      td(*this, system, td_spec()),
      kvm_lock(*this, {.name = "kvm->lock", .rank = 10}),
      vcpu_mutex(*this, {.name = "vcpu->mutex", .rank = 20, .per = {vcpu}}),
      slots_lock(*this, {.name = "slots_lock", .rank = 30}),
      filemap_invalidate_lock(*this, {.name = "filemap_invalidate_lock", .rank = 40}),
      mmu_lock(*this, {.name = "mmu_lock", .rank = 50}, 1, vcpus + 2),
      created(variable("created_vcpus", dsl::integer(0, vcpus), 0)),
      online(variable("online_vcpus", dsl::integer(0, vcpus), 0)),
      vcpu_done(variable("vcpu_initialised", vcpu, dsl::boolean(), false, "KVM_TDX_INIT_VCPU has succeeded")),
      building_done(variable("page_added", dsl::boolean(), false, "KVM_TDX_INIT_MEM_REGION has succeeded")),
      zapped(variable("zapped", dsl::boolean(), false, "the hole is punched")),
      finalized(variable("finalized", dsl::boolean(), false, "KVM_TDX_FINALIZE_VM has succeeded")),
      kvm_state_runnable(variable("state_is_runnable", dsl::boolean(), false, "kvm_tdx->state")),
      pre_fault_allowed(variable("pre_fault_allowed", dsl::boolean(), false, "kvm->arch.pre_fault_allowed")) {
}

// Who conflicts holds TDR, so that is the one TD-wide lock that has to be there; the tree has one writer, the
// zap, and no reader, and each vCPU its own thread.
TdSpec VmStateLocks::td_spec() const {
  TdSpec spec{.vcpus = vcpu, .gfns = gfns, .callers = vcpus + 2};
  auto& modelled = spec.modelled;
  modelled.tdvpr = modelled.sept_tree = modelled.sept_entry = modelled.kot = false;
  modelled.tlb_tracking = modelled.association = false;
  spec.op_state = op_state("INITIALIZED");
  spec.vcpu_state = vcpu_state("NONE");
  return spec;
}

void VmStateLocks::kvm_bug(Thread& t, const std::string& text, Location where) {
  t.step(text, where).asserts("no_kvm_bug", false, text);
}

void VmStateLocks::for_every_mutex(const std::function<void(const Mutex&)>& body) const {
  for (int v = 0; v < most_vcpus; ++v) when(vcpus > v).then([&] { body(vcpu_mutex.of(vcpu.member(v))); });
}

// ---- kvm_main.c ----

// Two sections under kvm->lock; in between the vCPU is counted and not yet there.
void VmStateLocks::kvm_vm_ioctl_create_vcpu(Thread& t) {
  t.function("kvm_vm_ioctl_create_vcpu", [&] {
    kvm_lock.lock(t);
    t.step("created_vcpus++").set(created, created + 1);
    kvm_lock.unlock(t);
    kvm_lock.lock(t);
    t.step("online_vcpus++").set(online, online + 1);
    kvm_lock.unlock(t);
  });
}

// ---- tdx.c ----

void VmStateLocks::tdx_acquire_vm_state_locks(Thread& t, const dsl::Body& locked, const dsl::Body& busy) {
  t.function("tdx_acquire_vm_state_locks", [&] {
    kvm_lock.lock(t);
    when(created != online).then([&] {
      kvm_lock.unlock(t);
      busy();
      t.return_();
    });
    for_every_mutex([&](const Mutex& mutex) { mutex.lock(t); });
    slots_lock.lock(t);
    locked();
    slots_lock.unlock(t);
    for (int v = most_vcpus - 1; v >= 0; --v)
      when(vcpus > v).then([&] { vcpu_mutex.of(vcpu.member(v)).unlock(t); });
    kvm_lock.unlock(t);
  });
}

void VmStateLocks::tdx_vcpu_init(Task& k, const Expr& v) {
  auto& t = k.t;
  const Variable again = t.scratch("again", dsl::boolean(), false);
  t.function("tdx_vcpu_init", [&] {
    t.operation("init_vcpu", [&] {
      t.loop("init_vcpu").try_and_retry_while(again, dsl::unlimited, [&] {
        t.let(again, false);
        when(state_locks == "all")
            .then([&] {
              tdx_acquire_vm_state_locks(
                  t, [&] { tdx_td_vcpu_init(k, v); }, [&] { t.let(again, true); });
            })
            .otherwise([&] {
              vcpu_mutex.of(v).lock(t);
              // The generic vCPU ioctl holds vcpu->mutex already.
              when(state_locks == "inverted").then([&] { kvm_lock.lock(t); });
              tdx_td_vcpu_init(k, v);
              when(state_locks == "inverted").then([&] { kvm_lock.unlock(t); });
              vcpu_mutex.of(v).unlock(t);
            });
      });
    });
  });
}

void VmStateLocks::tdx_td_vcpu_init(Task& k, const Expr& v) {
  auto& t = k.t;
  t.function("tdx_td_vcpu_init", [&] {
    when(kvm_state_runnable).then([&] { t.return_(); });
    const auto bug_unless_success = [&](const std::string& text) {
      when(k.rax != "SUCCESS").then([&] {
        t.let(k.rax, "SUCCESS");
        kvm_bug(t, text);
        t.return_();
      });
    };
    td.vp_create(k.caller(), v);
    bug_unless_success("KVM_BUG_ON: TDH.VP.CREATE failed");
    td.vp_addcx(k.caller(), v);
    bug_unless_success("KVM_BUG_ON: TDH.VP.ADDCX failed");
    when(mmu_lock_in_vp_init).then([&] {
      t.relying_on("mmu_lock_around_vp_init", "TDH.VP.INIT holds TDR exclusive: a zap must not be on the TD",
                   [&] { mmu_lock.write_lock(t); });
    });
    when(vp_init_version == 1).then([&] { td.vp_init(k.caller(), v, 1); }).otherwise([&] {
      td.vp_init(k.caller(), v, 0);
    });
    when(mmu_lock_in_vp_init).then([&] {
      t.relying_on("mmu_lock_around_vp_init", "TDH.VP.INIT holds TDR exclusive: a zap must not be on the TD",
                   [&] { mmu_lock.write_unlock(t); });
    });
    bug_unless_success("KVM_BUG_ON: TDH.VP.INIT failed");
    t.step("vCPU state: initialised").set(vcpu_done[v], true);
  });
}

// On vCPU 0's fd. The page is added under the inode's lock.
void VmStateLocks::tdx_vcpu_init_mem_region(Task& k) {
  auto& t = k.t;
  const Variable again = t.scratch("again", dsl::boolean(), false);
  const Mutex first = vcpu_mutex.of(vcpu.member(0));
  t.function("tdx_vcpu_init_mem_region", [&] {
    t.operation("init_mem_region", [&] {
      t.loop("init_mem_region").try_and_retry_while(again, dsl::unlimited, [&] {
        t.let(again, false);
        const auto populate = [&] {
          filemap_invalidate_lock.lock(t);
          tdx_gmem_post_populate(k);
          filemap_invalidate_lock.unlock(t);
          when(k.rax == "TDX_OPERAND_BUSY").then([&] { t.let(again, true); });
          t.let(k.rax, "SUCCESS");
        };
        when(state_locks == "none").then([&] {
          first.lock(t);
          slots_lock.lock(t);
          populate();
          slots_lock.unlock(t);
          first.unlock(t);
        });
        when(state_locks == "all").then([&] {
          tdx_acquire_vm_state_locks(t, populate, [&] { t.let(again, true); });
        });
        // The generic vCPU ioctl holds vcpu->mutex already, so the state locks go without that one.
        when(state_locks == "inverted").then([&] {
          first.lock(t);
          kvm_lock.lock(t);
          slots_lock.lock(t);
          populate();
          slots_lock.unlock(t);
          kvm_lock.unlock(t);
          first.unlock(t);
        });
      });
    });
  });
}

void VmStateLocks::tdx_gmem_post_populate(Task& k) {
  auto& t = k.t;
  const Expr gfn = gfns.member(0);
  t.function("tdx_gmem_post_populate", [&] {
    when(mmu_lock_in_page_add).then([&] { mmu_lock.read_lock(t); });
    td.mem_page_add(k.caller(), gfn);
    when(mmu_lock_in_page_add).then([&] { mmu_lock.read_unlock(t); });
    when(k.rax == "TDX_OPERAND_BUSY").then([&] { t.return_(); });
    when(mmu_lock_in_mr).then([&] { mmu_lock.write_lock(t); });
    td.mr_extend(k.caller(), gfn);
    when(mmu_lock_in_mr).then([&] { mmu_lock.write_unlock(t); });
    when(k.rax != "SUCCESS").then([&] {
      t.let(k.rax, "SUCCESS");
      kvm_bug(t, "KVM_BUG_ON: TDH.MR.EXTEND failed");
    });
    t.step("the page is measured").set(building_done, true);
  });
}

// BUSY goes to user space. The reader of pre_fault_allowed looks at the state next.
void VmStateLocks::tdx_td_finalize(Task& k) {
  auto& t = k.t;
  const Variable again = t.scratch("again", dsl::boolean(), false);
  t.function("tdx_td_finalize", [&] {
    t.operation("finalize", [&] {
      t.loop("finalize").try_and_retry_while(again, dsl::unlimited, [&] {
        t.let(again, false);
        const auto finalize = [&] {
          when(mmu_lock_in_mr).then([&] { mmu_lock.write_lock(t); });
          td.mr_finalize(k.caller());
          when(mmu_lock_in_mr).then([&] { mmu_lock.write_unlock(t); });
          when(k.rax == "SUCCESS")
              .then([&] {
                const auto state = [&] { t.step("state = TD_STATE_RUNNABLE").set(kvm_state_runnable, true); };
                const auto allow = [&] { t.step("pre_fault_allowed = true").set(pre_fault_allowed, true); };
                const Expr ordered = dsl::kept("smp_wmb", "the state is seen before pre_fault_allowed");
                when(ordered)
                    .then([&] {
                      t.relying_on("smp_wmb", "the state is seen before pre_fault_allowed", state);
                      allow();
                    })
                    .otherwise([&] {
                      t.one_of({[&] {
                                  state();
                                  allow();
                                },
                                [&] {
                                  allow();
                                  state();
                                }});
                    });
                t.step("return 0").set(finalized, true);
              })
              .otherwise([&] {
                t.let(again, true);
                t.let(k.rax, "SUCCESS");
              });
        };
        when(state_locks == "all")
            .then([&] { tdx_acquire_vm_state_locks(t, finalize, [&] { t.let(again, true); }); })
            .otherwise([&] {
              kvm_lock.lock(t);
              when(state_locks == "inverted").then([&] {
                for_every_mutex([&](const Mutex& m) { m.lock(t); });
              });
              slots_lock.lock(t);
              finalize();
              slots_lock.unlock(t);
              when(state_locks == "inverted").then([&] {
                for (int v = most_vcpus - 1; v >= 0; --v)
                  when(vcpus > v).then([&] { vcpu_mutex.of(vcpu.member(v)).unlock(t); });
              });
              kvm_lock.unlock(t);
            });
      });
    });
  });
}

// ---- the zap, and the reader ----

void VmStateLocks::kvm_gmem_punch_hole(Task& k) {
  auto& t = k.t;
  t.function("kvm_gmem_punch_hole", [&] {
    when(same_inode).then([&] { filemap_invalidate_lock.lock(t); });
    mmu_lock.write_lock(t);
    tdx_sept_remove_private_spte(k);
    mmu_lock.write_unlock(t);
    when(same_inode).then([&] { filemap_invalidate_lock.unlock(t); });
    t.step("the hole is punched").set(zapped, true);
  });
}

// The TD does not run yet, so TRACK is skipped. One retry per SEAMCALL.
void VmStateLocks::tdx_sept_remove_private_spte(Task& k) {
  auto& t = k.t;
  const SeptEntry page = td.leaf(gfns.member(1));
  const auto bug_unless_success = [&](const std::string& text) {
    when(k.rax != "SUCCESS").then([&] {
      t.let(k.rax, "SUCCESS");
      kvm_bug(t, text);
      t.return_();
    });
  };
  t.function("tdx_sept_remove_private_spte", [&] {
    t.loop("block").try_and_retry_while(k.rax == "TDX_OPERAND_BUSY", zap_retries,
                                        [&] { td.mem_range_block(k.caller(), page); });
    bug_unless_success("KVM_BUG_ON: TDH.MEM.RANGE.BLOCK failed");
    t.loop("remove").try_and_retry_while(k.rax == "TDX_OPERAND_BUSY", zap_retries,
                                         [&] { td.mem_page_remove(k.caller(), page); });
    bug_unless_success("KVM_BUG_ON: TDH.MEM.PAGE.REMOVE failed");
  });
}

void VmStateLocks::kvm_tdx_pre_fault(Thread& t) {
  const Variable allowed = t.scratch("allowed", dsl::boolean(), false);
  const Variable runnable = t.scratch("runnable", dsl::boolean(), false);
  const auto read_allowed = [&] { t.step("read pre_fault_allowed").set(allowed, pre_fault_allowed); };
  const auto read_state = [&] { t.step("read the state").set(runnable, kvm_state_runnable); };
  t.function("kvm_tdx_pre_fault", [&] {
    const std::string why = "pre_fault_allowed is read before the state";
    when(dsl::kept("smp_rmb", why))
        .then([&] {
          t.relying_on("smp_rmb", why, read_allowed);
          read_state();
        })
        .otherwise([&] {
          t.one_of({[&] {
                      read_allowed();
                      read_state();
                    },
                    [&] {
                      read_state();
                      read_allowed();
                    }});
        });
    t.check("allowed_means_runnable", implies(allowed, runnable),
            "whoever may pre-fault finds the TD runnable");
  });
}

void VmStateLocks::define() {
  thread(
      "vcpu", vcpu,
      [this](Thread& t) {
        Task k{t, status_register(t)};
        kvm_vm_ioctl_create_vcpu(t);
        tdx_vcpu_init(k, t.self());
      },
      "creates its vCPU and initialises it, once");
  thread(
      "builder",
      [this](Thread& t) {
        Task k{t, status_register(t)};
        t.may_stop_here(); // vCPU 0 may have ended in KVM_BUG_ON
        t.step("vCPU 0 is there").when(vcpu_done[vcpu.member(0)]);
        tdx_vcpu_init_mem_region(k);
        tdx_td_finalize(k);
      },
      "adds and measures a page on vCPU 0's fd, then finalises");
  thread(
      "punch",
      [this](Thread& t) {
        Task k{t, status_register(t)};
        when(!zaps).then([&] { t.end(); });
        t.step("the page of the hole was added before").set(td.entry[gfns.member(1)], "MAPPED");
        kvm_gmem_punch_hole(k);
      },
      "punches a hole, once");
  thread(
      "prefault", [this](Thread& t) { kvm_tdx_pre_fault(t); }, "asks whether it may pre-fault, once");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
