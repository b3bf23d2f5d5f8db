// SPDX-License-Identifier: GPL-2.0-or-later

// The zap of a private page: the mirror SPTE first, then TDH.MEM.RANGE.BLOCK, TDH.MEM.TRACK and a kick, then
// TDH.MEM.PAGE.REMOVE, all under mmu_lock held for write. Each of the three may be BUSY; a zap cannot fail,
// so that whoever gives up runs into KVM_BUG_ON.
//
// THE QUESTION. "Re: [PATCH 09/21] KVM: TDX: Retry seamcall when TDX_OPERAND_BUSY with operand SEPT"
// (September 2024): how often is a SEAMCALL to be repeated? Sean Christopherson: two tries, with the vCPUs
// kicked in between, if the lock is a host-priority lock. Paolo Bonzini: five, since the vCPU may come back
// and issue its TDCALL again between kick and retry; or 16; a per-VM spinlock against what the host does to
// itself. Rick Edgecombe: let the fault handler repeat, and see that zero-step is survived. So the number of
// retries (`retries`), which of them kick (`kick`), what keeps the vCPUs out meanwhile (`keep_out`), which
// statuses are repeated (`busy_test`) and the module's generation (`module`) are parameters here. One command
// makes the table of all rules:
//
//   tdxcheck sweep sept_zap --set retries=0,1,4,16,unlimited --set kick=none,before_last,each
//                           --set keep_out=nothing,flag,request
//
// SOURCES. The thread above; Isaku Yamahata's v19 (seamcall_sept(), tdx_track() with tdh_mem_track); "[RFC
// PATCH 0/2] SEPT SEAMCALL retry proposal" (2024-11-21) and the posting of January 2025; Linux 6.16
// arch/x86/kvm/vmx/tdx.c, tdx_sept_remove_private_spte and its callees, tdx_vcpu_run,
// tdx_exit_handlers_fastpath, tdx_handle_ept_violation; arch/x86/kvm/mmu/tdp_mmu.c. Kicks and vcpu->mode:
// protocols/parts/kick.h. The module's side: protocols/module/.
//
// THREADS
//   zapper   punches a hole at page 0 of a guest_memfd, for ever; under `work` = demote it splits a huge
//   page,
//            once; before the TD is finalized (`creates_vcpus`) it removes a page that was added, once.
//   vcpu[v]  enters the guest and handles what comes of it, for ever, or stops. Faults on either page are
//            answered with TDH.MEM.PAGE.AUG. Under `creates_vcpus` it issues KVM_TDX_INIT_VCPU once instead.
//   the guest on it does anything or nothing: ACCEPT of either page in any state, attributes read
//            (`guest_reads_attributes`), touching either page at the same RIP or at another one, so that the
//            zero-step defence of the module may be armed at will. It leaves when an IPI arrives; otherwise
//            nobody makes it leave. Page 1 is never zapped: it is the page that has nothing to do with it.
//
// SIZES. Two vCPUs, each on a pCPU of its own, and the zapper on a third one. zero_step_threshold is 0 in
// most presets: the second fault at one RIP is listed instead of the eighth. All that the threshold does is
// count; a guest that wants to be listed touches a page that it has not accepted eight times instead of
// twice, each fault spurious to KVM, and nothing else remembers it. landed_zero_step_6 has the module's own
// number.
//
// LEFT OUT. How the page tables above the page came to be (sept_install has that), so that every walk reaches
// the entry. TDR, TDVPR, OP_STATE and PAMT locks where nobody takes them exclusive: with vCPUs running, no
// leaf in use does. Association: each vCPU stays on its pCPU. TDH.PHYMEM.PAGE.WBINVD: a lone SEAMCALL on a
// page that nobody else names; it is the step in which the page is given back. The TLB is not modelled as
// such: the claim page_tracked_before_reuse speaks of epochs. smp_mb() pairs: memory is sequentially
// consistent. Interrupts that come by themselves: without them the guest stays inside for as long as it
// likes, which is the worst case for the zap. Which retries happened before KVM_BUG_ON is not logged. Large
// pages are split but not zapped. Prefault, and SEPT.ADD.

#include "protocols/sept_zap/sept_zap.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::kept;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

namespace {

const std::vector<std::string> sptes{"NONPRESENT", "FROZEN", "PRESENT"};
Expr spte(const std::string& state) { return dsl::constant("spte", sptes, state); }

} // namespace

SeptZap::SeptZap()
    : Protocol("sept_zap",
               "Zap of a private page: BLOCK, TRACK, kick, REMOVE under mmu_lock, and who is BUSY"),
      vcpus(integer_parameter("vcpus", 2, 1, 3, "vCPUs of the VM, each on a pCPU of its own")),
      zero_step_threshold(integer_parameter("zero_step_threshold", 0, 0, 6,
                                            "faults at one RIP that the module lets pass before it lists the "
                                            "address; 6 in the module")),
      retries(limit_parameter("retries", 1, 16, "how often a SEAMCALL that is BUSY is repeated")),
      kick_when(enum_parameter("kick", {"before_last", "none", "each"},
                               "which of the retries kicks the vCPUs first; with unlimited retries none is "
                               "the last")),
      keep_out(enum_parameter("keep_out", {"flag", "request", "nothing"},
                              "what keeps vCPUs out of the guest during a retry that kicks, or during the "
                              "last one: wait_for_sept_zap, KVM_REQ_NO_VCPU_ENTER_INPROGRESS")),
      busy_test(enum_parameter("busy_test", {"masked", "exact_sept", "error_bit"},
                               "which statuses are repeated: TDX_OPERAND_BUSY with any operand, with SEPT "
                               "only, or whatever has bit 63 set")),
      track_and_remove(enum_parameter("track_and_remove", {"like_block", "until_not_busy"},
                                      "how TRACK and REMOVE are repeated")),
      track_protocol(enum_parameter("track_protocol", {"track_then_kick", "v19"},
                                    "the order of TRACK and the kick that goes with it")),
      spinlock(enum_parameter("spinlock", {"none", "always", "after_busy"},
                              "a per-VM spinlock round the S-EPT SEAMCALLs, always or once one was BUSY")),
      work(enum_parameter("work", {"remove", "demote"}, "what is done to the page once it is tracked")),
      demote_retries(limit_parameter("demote_retries", dsl::unlimited, 10000,
                                     "how often TDH.MEM.PAGE.DEMOTE is repeated when it is interrupted")),
      fastpath(enum_parameter("fastpath", {"exit_handled", "reenter"},
                              "where a vCPU goes on whose entry was refused or BUSY: the outer run loop, or "
                              "straight back")),
      on_zero_step(enum_parameter("on_zero_step", {"retry", "write_lock", "kick", "tell_fault_handler"},
                                  "what a vCPU does besides when VP.ENTER is BUSY with the S-EPT tree")),
      fault_loop(bool_parameter("fault_loop", true,
                                "a fault that must be repeated is repeated in the handler, without entering "
                                "the guest in between")),
      guest_tdcalls(bool_parameter("guest_tdcalls", true, "the guest may ACCEPT any page")),
      guest_reads_attributes(
          bool_parameter("guest_reads_attributes", false, "the guest may read the attributes of any page")),
      guest_faults(bool_parameter("guest_faults", true, "the guest may touch any page")),
      creates_vcpus(enum_parameter("creates_vcpus", {"done", "unlocked", "under_mmu_lock"},
                                   "the vCPUs run, or the TD is not finalized yet and they are being "
                                   "created: TDH.VP.INIT, which takes TDR exclusive")),
      module(module_parameter(*this, "1.5.16")),
      vcpu(index_set("vcpu", vcpus)),
      gfns(index_set("gfn", 2)),
      system(*this, {.module = module, .cpus = index_set("cpu", 1)}),
      td(*this, system,
         {.vcpus = vcpu,
          .gfns = gfns,
          .modelled = {.tdr = creates_vcpus != "done",
                       .tdvpr = false,
                       .kot = false,
                       .host_priority = true,
                       .tree_host_priority = work == "demote",
                       .association = false,
                       .zero_step = guest_faults,
                       .interrupts = work == "demote"},
          .op_state =
              choose(creates_vcpus == "done", tdxcheck::protocols::op_state("RUNNABLE"), tdxcheck::protocols::op_state("INITIALIZED")),
          .vcpu_state =
              choose(creates_vcpus == "done", tdxcheck::protocols::vcpu_state("READY"), tdxcheck::protocols::vcpu_state("UNINITIALIZED")),
          .entries = choose(creates_vcpus == "done", sept_entry("FREE"), sept_entry("MAPPED")),
          .large_entries = choose(work == "demote", sept_entry("PENDING"), sept_entry("NL_MAPPED")),
          .pending_ve = false,
          .zero_step_threshold = zero_step_threshold}),
      kick(*this, vcpu, [](const Expr& v) { return in_region("fault", v) && !kept("irqs_on_at_mmu_lock"); }),
      mmu_lock(*this, {.name = "mmu_lock", .doc = "kvm->mmu_lock", .rank = 30, .guard = "mmu_lock"}, vcpus,
               choose(on_zero_step == "write_lock", vcpus + 2, 2)),
      seamcall_lock(*this, {.name = "seamcall_lock", .doc = "proposed, per VM", .rank = 40}, false),
      mirror(
          variable("mirror", gfns, dsl::enumeration("spte", sptes),
                   choose(work == "demote" || creates_vcpus != "done", spte("PRESENT"), spte("NONPRESENT")),
                   "the SPTE in the mirror page table")),
      wait_for_sept_zap(variable("wait_for_sept_zap", dsl::boolean(), false, "no vCPU is to enter")),
      no_entry(kick.request(*this, "KVM_REQ_NO_VCPU_ENTER_INPROGRESS", "the vCPU is not to enter")),
      flush_request(kick.request(*this, "KVM_REQ_TLB_FLUSH", "the vCPU is to wait for tdx_track()")),
      tracking(variable("tdh_mem_track", dsl::boolean(), false, "tdx_track() is under way")),
      vm_dead(variable("vm_dead", dsl::boolean(), false, "kvm->vm_bugged: every vCPU is told to stop")) {}

// ---- tdx.c: repeating ----

Expr SeptZap::is_busy(const Task& k) const {
  const Expr busy = k.rax == "TDX_OPERAND_BUSY";
  const Expr error = k.rax != "SUCCESS" && k.rax != "TDX_GPA_RANGE_ALREADY_BLOCKED";
  const Expr only_sept = busy && *k.operand == "SEPT_TREE";
  return choose(busy_test == "exact_sept", only_sept, choose(busy_test == "error_bit", error, busy));
}

// `most` bounds a number that is needed for the last retry only, so that unlimited retries count to one.
void SeptZap::tdh_do_no_vcpus(Task& k, const std::string& loop, const Expr& limit,
                              const dsl::Body& seamcall) {
  auto& t = k.t;
  const Expr most = choose(retries.is_unlimited(), 1, retries);
  tries = t.scratch("tries", dsl::integer(0, most), 0);
  const Expr is_last = limit == retries && !retries.is_unlimited() && tries == retries;
  const Expr guarded = tries > 0 && (kick_when == "each" || is_last);
  t.function("tdh_do_no_vcpus", [&] {
    t.loop(loop).try_and_retry_while(is_busy(k), limit, [&] {
      when(guarded).then([&] { tdx_no_vcpus_enter_start(k); });
      const std::string fresh = "fresh_arguments";
      t.relying_on(fresh, "a retry starts from the caller's arguments, not from what the call left in them",
                   [&] { under_spinlock(k, tries > 0, seamcall); });
      // A try that finds the entry locked returns the entry and its level in RCX and RDX.
      when(!kept(fresh)).then([&] {
        when(tries > 0 && *k.operand == "RCX")
            .then([&] {
              t.step("again, with the entry in place of the GPA").answers("TDX_OPERAND_INVALID|RCX");
              t.let(k.rax, "TDX_OPERAND_INVALID");
            })
            .otherwise([&] { under_spinlock(k, tries > 0, seamcall); });
      });
      when(guarded).then([&] { tdx_no_vcpus_enter_stop(k); });
      t.let(tries, choose(tries < most, tries + 1, tries));
    });
    t.let(tries, 0);
  });
}

void SeptZap::under_spinlock(Task& k, const Expr& after_busy, const dsl::Body& seamcall) {
  when(spinlock == "always" || (spinlock == "after_busy" && after_busy))
      .then([&] {
        seamcall_lock.lock(k.t);
        seamcall();
        seamcall_lock.unlock(k.t);
      })
      .otherwise(seamcall);
}

// The flag before the modes are read, as the vCPU stores its mode before it reads the flag.
void SeptZap::tdx_no_vcpus_enter_start(Task& k) {
  auto& t = k.t;
  t.function("tdx_no_vcpus_enter_start", [&] {
    const auto set_flag = [&] {
      t.relying_on("wait_for_sept_zap", "vCPUs stay out of the guest while a SEAMCALL is repeated",
                   [&] { t.step("WRITE_ONCE(wait_for_sept_zap, true)").set(wait_for_sept_zap, true); });
    };
    const std::string first = "flag_before_kick";
    when(keep_out == "flag").then([&] {
      t.relying_on(first, "the flag is set before the modes are read", set_flag);
    });
    when(kick_when != "none").then([&] {
      t.relying_on("kick", "vCPUs leave the guest before a SEAMCALL is repeated", [&] {
        when(keep_out == "request")
            .then([&] { kick.make_all_cpus_request(t, "KVM_REQ_NO_VCPU_ENTER_INPROGRESS", no_entry); })
            .otherwise([&] { kick.make_all_cpus_request(t, "KVM_REQ_OUTSIDE_GUEST_MODE"); });
      });
    });
    when(keep_out == "flag" && !kept(first)).then(set_flag);
  });
}

void SeptZap::tdx_no_vcpus_enter_stop(Task& k) {
  auto& t = k.t;
  t.function("tdx_no_vcpus_enter_stop", [&] {
    when(keep_out == "flag").then([&] {
      t.relying_on("wait_for_sept_zap", "",
                   [&] { t.step("WRITE_ONCE(wait_for_sept_zap, false)").set(wait_for_sept_zap, false); });
    });
    when(keep_out == "request" && kick_when != "none").then([&] {
      t.for_each(vcpu, "letting_in", [&](const Expr& v) {
        t.step("kvm_clear_request(KVM_REQ_NO_VCPU_ENTER_INPROGRESS)").set(no_entry[v], false);
      });
    });
  });
}

void SeptZap::bug_unless_success(Task& k, const std::string& seamcall, Location where) {
  auto& t = k.t;
  const Variable failed = t.scratch("failed", dsl::boolean(), false);
  when(k.rax != "SUCCESS").then([&] {
    t.step("KVM_BUG_ON(" + seamcall + ")", where)
        .set(vm_dead, true)
        .asserts("no_kvm_bug", false, "KVM_BUG_ON: " + seamcall + " failed");
    t.let(failed, true);
    t.let(k.rax, "SUCCESS");
    t.let(*k.operand, "none");
  });
}

// ---- tdx.c: removal, mmu_lock held for write ----

void SeptZap::tdx_sept_zap_private_spte(Task& k, const SeptEntry& entry) {
  k.t.function("tdx_sept_zap_private_spte", [&] {
    tdh_do_no_vcpus(k, "block", retries, [&] { td.mem_range_block(k, entry); });
    bug_unless_success(k, "TDH.MEM.RANGE.BLOCK");
  });
}

void SeptZap::tdx_track(Task& k) {
  auto& t = k.t;
  const Variable failed = t.scratch("failed", dsl::boolean(), false);
  t.function("tdx_track", [&] {
    // Nobody is in the guest before the TD is finalized.
    when(creates_vcpus != "done").then([&] { t.return_(); });
    tdh_do_no_vcpus(k, "track", choose(track_and_remove == "like_block", retries, dsl::unlimited),
                    [&] { td.mem_track(k); });
    bug_unless_success(k, "TDH.MEM.TRACK");
    when(!failed).then([&] {
      t.relying_on("kick_after_track", "vCPUs of the previous epoch leave the guest",
                   [&] { kick.make_all_cpus_request(t, "KVM_REQ_OUTSIDE_GUEST_MODE"); });
    });
  });
}

// The kick comes first and leaves a request behind; whoever answers it waits until TRACK is through.
void SeptZap::tdx_track_v19(Task& k) {
  auto& t = k.t;
  t.function("tdx_track", [&] {
    const std::string first = "counter_before_kick";
    const auto raise = [&] { t.step("atomic_inc(&tdh_mem_track)").set(tracking, true); };
    t.relying_on(first, "tdh_mem_track is raised before the kick", raise);
    kick.make_all_cpus_request(t, "KVM_REQ_TLB_FLUSH", flush_request);
    when(!kept(first)).then(raise);
    t.loop("track").try_and_retry_while(is_busy(k), dsl::unlimited, [&] { td.mem_track(k); });
    bug_unless_success(k, "TDH.MEM.TRACK");
    t.step("atomic_dec(&tdh_mem_track)").set(tracking, false);
  });
}

void SeptZap::tdx_sept_drop_private_spte(Task& k, const SeptEntry& entry) {
  auto& t = k.t;
  const Variable failed = t.scratch("failed", dsl::boolean(), false);
  t.function("tdx_sept_drop_private_spte", [&] {
    tdh_do_no_vcpus(k, "remove", choose(track_and_remove == "like_block", retries, dsl::unlimited),
                    [&] { td.mem_page_remove(k, entry); });
    bug_unless_success(k, "TDH.MEM.PAGE.REMOVE");
    when(!failed).then(
        [&] { t.region("given_back", [&] { t.step("TDH.PHYMEM.PAGE.WBINVD, put_page()"); }); });
  });
}

void SeptZap::tdx_sept_remove_private_spte(Task& k, const SeptEntry& entry) {
  auto& t = k.t;
  const Variable failed = t.scratch("failed", dsl::boolean(), false);
  t.function("tdx_sept_remove_private_spte", [&] {
    tdx_sept_zap_private_spte(k, entry);
    when(failed).then([&] { t.return_(); });
    when(track_protocol == "v19").then([&] { tdx_track_v19(k); }).otherwise([&] { tdx_track(k); });
    when(failed).then([&] { t.return_(); });
    tdx_sept_drop_private_spte(k, entry);
  });
}

// A huge page becomes small ones. The SPTE stays present.
void SeptZap::tdx_sept_split_private_spte(Task& k, const Expr& table) {
  auto& t = k.t;
  const Variable failed = t.scratch("failed", dsl::boolean(), false);
  t.function("tdx_sept_split_private_spte", [&] {
    tdx_sept_zap_private_spte(k, td.large(table));
    when(failed).then([&] { t.return_(); });
    tdx_track(k);
    when(failed).then([&] { t.return_(); });
    t.loop("demote").try_and_retry_while(k.rax == "TDX_INTERRUPTED_RESTARTABLE", demote_retries, [&] {
      tdh_do_no_vcpus(k, "demote_busy", retries, [&] { td.mem_page_demote(k, table); });
    });
    bug_unless_success(k, "TDH.MEM.PAGE.DEMOTE");
  });
}

// ---- guest_memfd.c, tdp_mmu.c ----

void SeptZap::kvm_gmem_punch_hole(Task& k, const Expr& gfn) {
  auto& t = k.t;
  t.function("kvm_gmem_punch_hole", [&] {
    t.operation("zap", [&] {
      mmu_lock.write_lock(t);
      kvm_tdp_mmu_unmap_gfn_range(k, gfn);
      mmu_lock.write_unlock(t);
    });
  });
}

void SeptZap::kvm_tdp_mmu_unmap_gfn_range(Task& k, const Expr& gfn) {
  auto& t = k.t;
  t.function("kvm_tdp_mmu_unmap_gfn_range", [&] {
    t.one_of({[&] { t.step("the SPTE is not present").when(mirror[gfn] != "PRESENT"); },
              [&] {
                t.step("the SPTE is a present huge page").when(mirror[gfn] == "PRESENT" && work == "demote");
                tdx_sept_split_private_spte(k, td.tables.member(0));
              },
              [&] {
                t.step("the SPTE becomes non-present")
                    .when(mirror[gfn] == "PRESENT" && work == "remove")
                    .set(mirror[gfn], "NONPRESENT");
                t.region("zapping", [&] { tdx_sept_remove_private_spte(k, td.leaf(gfn)); });
              }});
  });
}

// mmu_lock held for read. While the SPTE is frozen everybody else retries.
void SeptZap::kvm_tdp_mmu_map(Task& k, const Expr& gfn) {
  auto& t = k.t;
  const Variable retry = t.scratch("retry", dsl::boolean(), false);
  t.function("kvm_tdp_mmu_map", [&] {
    t.let(retry, false);
    mmu_lock.read_lock(t);
    t.one_of({[&] { t.step("KVM_REQ_VM_DEAD: -EIO").when(vm_dead); },
              [&] { t.step("the SPTE is present: spurious").when(!vm_dead && mirror[gfn] == "PRESENT"); },
              [&] {
                t.step("the SPTE is frozen: RET_PF_RETRY").when(!vm_dead && mirror[gfn] == "FROZEN");
                t.let(retry, true);
              },
              [&] {
                t.step("try_cmpxchg64(sptep, FROZEN_SPTE)")
                    .when(!vm_dead && mirror[gfn] == "NONPRESENT")
                    .set(mirror[gfn], "FROZEN");
                tdx_sept_set_private_spte(k, gfn);
              }});
    mmu_lock.read_unlock(t);
  });
}

void SeptZap::tdx_sept_set_private_spte(Task& k, const Expr& gfn) {
  auto& t = k.t;
  const Variable retry = t.scratch("retry", dsl::boolean(), false);
  const Variable was_busy = t.scratch("was_busy", dsl::boolean(), false);
  t.function("tdx_sept_set_private_spte", [&] {
    under_spinlock(k, was_busy, [&] { td.mem_page_aug(k, td.leaf(gfn)); });
    when(k.rax == "SUCCESS")
        .then([&] { t.step("the SPTE is published").set(mirror[gfn], "PRESENT"); })
        .otherwise([&] {
          when(k.rax == "TDX_OPERAND_BUSY")
              .then([&] {
                t.step("the SPTE is rolled back: RET_PF_RETRY").set(mirror[gfn], "NONPRESENT");
                t.let(retry, true);
                t.let(was_busy, spinlock == "after_busy");
              })
              .otherwise([&] {
                t.step("KVM_BUG_ON(TDH.MEM.PAGE.AUG)")
                    .set(mirror[gfn], "NONPRESENT")
                    .set(vm_dead, true)
                    .asserts("no_kvm_bug", false, "KVM_BUG_ON: TDH.MEM.PAGE.AUG failed");
              });
          t.let(k.rax, "SUCCESS");
          t.let(*k.operand, "none");
        });
  });
}

// ---- tdx.c, x86.c: faults and entry ----

void SeptZap::tdx_handle_ept_violation(Task& k, const Expr& gfn) {
  auto& t = k.t;
  const Variable retry = t.scratch("retry", dsl::boolean(), false);
  const Variable kick_first = t.scratch("kick_first", dsl::boolean(), false);
  t.function("tdx_handle_ept_violation", [&] {
    t.region("fault", [&] {
      when(kick_first).then([&] {
        t.let(kick_first, false);
        kick.make_all_cpus_request(t, "KVM_REQ_OUTSIDE_GUEST_MODE");
      });
      t.loop("fault").try_and_retry_while(retry, choose(fault_loop, dsl::unlimited, 0),
                                          [&] { kvm_tdp_mmu_map(k, gfn); });
      t.let(retry, false);
      t.let(t.scratch("was_busy", dsl::boolean(), false), false);
    });
  });
}

// v19: the handler of the request spins, IRQs on, until TRACK is through.
void SeptZap::tdx_flush_tlb(Task& k) {
  auto& t = k.t;
  t.function("tdx_flush_tlb", [&] {
    t.one_of({[&] { t.step("no KVM_REQ_TLB_FLUSH").when(!flush_request[t.self()]); },
              [&] {
                t.step("kvm_check_request(KVM_REQ_TLB_FLUSH)")
                    .when(flush_request[t.self()])
                    .set(flush_request[t.self()], false);
                t.step("while (atomic_read(&tdh_mem_track))")
                    .when(!tracking)
                    .waits_for("zapper", "tdx_track() to end");
              }});
  });
}

void SeptZap::vcpu_enter_guest(Task& k) {
  auto& t = k.t;
  const Expr self = t.self();
  const Expr refused = k.rax == "TDX_OPERAND_BUSY";
  const Expr exit_request = kick.asked_to_exit(self) || no_entry[self] || flush_request[self];
  t.function("vcpu_enter_guest", [&] {
    when(track_protocol == "v19").then([&] { tdx_flush_tlb(k); });
    // With KVM_REQ_VM_DEAD pending it is over; and user space may stop at any time.
    t.relying_on("mode_before_flag", "vcpu->mode is stored before flags and requests are read", [&] {
      t.may_stop_here();
      kick.enter_guest_mode(t, [&](auto& step) { step.when(!vm_dead); });
    });
    t.forever([&] {
      // Without any of these, an entry that an IPI is on its way to stop leaves the guest at once.
      when(fastpath == "reenter" || keep_out == "request" || track_protocol == "v19").then([&] {
        t.relying_on("exit_request_check", "kvm_vcpu_exit_request() before each entry", [&] {
          t.one_of({[&] {
                      t.step("kvm_vcpu_exit_request()").when(exit_request);
                      t.let(k.rax, "SUCCESS");
                      t.leave_loop();
                    },
                    [&] { t.step("no kvm_vcpu_exit_request()").when(!exit_request); }});
        });
      });
      tdx_vcpu_run(k);
      when(!(fastpath == "reenter" && refused)).then([&] { t.leave_loop(); });
    });
    kick.leave_guest_mode(t);
    when(refused && *k.operand == "SEPT_TREE").then([&] {
      when(on_zero_step == "write_lock").then([&] {
        mmu_lock.write_lock(t);
        mmu_lock.write_unlock(t);
      });
      when(on_zero_step == "kick").then([&] { kick.make_all_cpus_request(t, "KVM_REQ_OUTSIDE_GUEST_MODE"); });
      t.let(t.scratch("kick_first", dsl::boolean(), false), on_zero_step == "tell_fault_handler");
    });
  });
}

void SeptZap::tdx_vcpu_run(Task& k) {
  auto& t = k.t;
  t.function("tdx_vcpu_run", [&] {
    when(keep_out == "flag").then([&] {
      t.relying_on("wait_for_sept_zap", "", [&] {
        t.one_of({[&] {
                    t.step("wait_for_sept_zap: EXIT_FASTPATH_EXIT_HANDLED").when(wait_for_sept_zap);
                    t.let(k.rax, "TDX_OPERAND_BUSY");
                    t.return_();
                  },
                  [&] { t.step("!wait_for_sept_zap").when(!wait_for_sept_zap); }});
      });
    });
    when(!kept("mode_before_flag")).then([&] {
      t.may_stop_here();
      kick.enter_guest_mode(t, [&](auto& step) { step.when(!vm_dead); });
    });
    td.vp_enter(
        k, t.self(), [&](Guest& g) { guest(k, g); },
        t.scratch("exit_gfn", dsl::optional_index(gfns), dsl::none()));
  });
}

// Until the TD is finalized. An error is KVM_BUG_ON, BUSY or not.
void SeptZap::tdx_td_vcpu_init(Task& k) {
  auto& t = k.t;
  t.function("tdx_td_vcpu_init", [&] {
    const Expr locks = creates_vcpus == "under_mmu_lock";
    when(locks).then([&] { mmu_lock.write_lock(t); });
    td.vp_init(k, t.self());
    when(k.rax != "SUCCESS").then([&] {
      t.step("KVM_BUG_ON(TDH.VP.INIT)")
          .set(vm_dead, true)
          .asserts("no_kvm_bug", false, "KVM_BUG_ON: TDH.VP.INIT failed");
      t.let(k.rax, "SUCCESS");
      t.let(*k.operand, "none");
    });
    when(locks).then([&] { mmu_lock.write_unlock(t); });
  });
}

} // namespace tdxcheck::protocols
