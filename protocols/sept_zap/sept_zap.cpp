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
//   zapper   punches a hole at page 0 of a guest_memfd, for ever or never; under `work` = demote it splits
//            a huge page, once; before the TD is finalized (`creates_vcpus`) it removes a page that was
//            added, once.
//   vcpu[v]  enters the guest and handles what comes of it, for ever, or stops. Faults on either page are
//            answered with TDH.MEM.PAGE.AUG. Under `creates_vcpus` it issues KVM_TDX_INIT_VCPU once instead.
//   guest    on the vCPU: anything or nothing. ACCEPT of either page in any state, attributes read
//            (`guest_reads_attributes`), touching a page at the same RIP or at another one (`guest_faults`),
//            so that the zero-step defence of the module may be armed at will; leaving by the host's timer or
//            by a hypercall, or never. An IPI makes it leave. Page 1 is never zapped: it is the page that has
//            nothing to do with it, and the one that guests step on; landed_any_page lets them step on page
//            0, too. Both pages are there at first, not accepted. A PENDING page that is touched is an EPT
//            violation, as for a TD that disables #VE there.
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
// consistent. Large pages are split but not zapped. The TD exit of a guest that host
// priority turned away for too long: it may leave at any time. Prefault, and SEPT.ADD.
//
// WHAT WAS FOUND, in the table that the sweep prints and in the variants. With a limit on the retries, a zap
// never ends in KVM_BUG_ON if, and only if, a retry kicks and something keeps the vCPUs out until it is
// through. Two tries are enough then, and a higher limit is no better. Otherwise no limit is enough: a vCPU
// may be inside TDH.VP.ENTER (EPOCH, or the tree) or an ACCEPT at every try, and without a limit the zap need
// not end. Sean's limit of two holds for BLOCK on the premise he names, a lock that only guests take from the
// host (the entry's), and whose host priority is not forgotten (1.5.20): sean_two_entry_lock. What makes his
// rule fail is TRACK, whose lock VP.ENTER takes.
//
// GUARDS. kick, wait_for_sept_zap, flag_before_kick, mode_before_flag, kick_after_track, mmu_lock and
// fresh_arguments: no_kvm_bug of landed. irqs_on_at_mmu_lock: no_deadlock of landed. exit_request_check:
// no_kvm_bug of rfc_request. counter_before_kick: no_kvm_bug of v19_track.

#include "protocols/sept_zap/sept_zap.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::kept;

namespace {

const std::vector<std::string> sptes{"NONPRESENT", "FROZEN", "PRESENT"};

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
      guest_faults(enum_parameter("guest_faults", {"stepping_on_other_page", "any", "moving_on", "none"},
                                  "which pages the guest may touch at the RIP of its last fault: the one "
                                  "that is not zapped, any, or none; at another RIP it touches any, or none "
                                  "at all")),
      watches_entries(bool_parameter("watches_entries", false,
                                     "claim that a vCPU that the zero-step check keeps out gets in")),
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
                       .priority_timeout = false,
                       .tree_host_priority = work == "demote",
                       .association = false,
                       .zero_step = guest_faults == "any" || guest_faults == "stepping_on_other_page",
                       .interrupts = work == "demote"},
          .op_state = choose(creates_vcpus == "done", tdxcheck::protocols::op_state("RUNNABLE"),
                             tdxcheck::protocols::op_state("INITIALIZED")),
          .vcpu_state = choose(creates_vcpus == "done", tdxcheck::protocols::vcpu_state("READY"),
                               tdxcheck::protocols::vcpu_state("UNINITIALIZED")),
          .entries = choose(creates_vcpus == "done", sept_entry("PENDING"), sept_entry("MAPPED")),
          .large_entries = choose(work == "demote", sept_entry("PENDING"), sept_entry("NL_MAPPED")),
          .pending_ve = false,
          .zero_step_threshold = zero_step_threshold}),
      kick(*this, vcpu, [](const Expr& v) { return in_region("fault", v) && !kept("irqs_on_at_mmu_lock"); }),
      mmu_lock(*this, {.name = "mmu_lock", .doc = "kvm->mmu_lock", .rank = 30, .guard = "mmu_lock"}, vcpus,
               choose(on_zero_step == "write_lock" || creates_vcpus == "under_mmu_lock", vcpus + 1, 1)),
      seamcall_lock(*this, {.name = "seamcall_lock", .doc = "proposed, per VM", .rank = 40}, false),
      mirror(variable("mirror", gfns, dsl::enumeration("spte", sptes), "PRESENT",
                      "the SPTE in the mirror page table")),
      wait_for_sept_zap(variable("wait_for_sept_zap", dsl::boolean(), false, "no vCPU is to enter")),
      no_entry(kick.request(*this, "KVM_REQ_NO_VCPU_ENTER_INPROGRESS", "the vCPU is not to enter")),
      flush_request(kick.request(*this, "KVM_REQ_TLB_FLUSH", "the vCPU is to wait for tdx_track()")),
      tracking(variable("tdh_mem_track", dsl::boolean(), false, "tdx_track() is under way")),
      vm_dead(variable("vm_dead", dsl::boolean(), false, "kvm->vm_bugged: every vCPU is told to stop")) {}

} // namespace tdxcheck::protocols
