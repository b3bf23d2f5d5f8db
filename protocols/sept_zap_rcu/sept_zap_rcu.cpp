// SPDX-License-Identifier: GPL-2.0-or-later

// A branch of the S-EPT (a page table and its pages) is pruned under mmu_lock, and what hangs from it is
// taken apart later, by an RCU callback that holds no lock: the way in which the TDP MMU frees page tables
// that no SEAMCALL stands behind.
//
// THE QUESTION. "Re: [PATCH v11 018/113] KVM: TDX: create/destroy VM structure" (January 2023). Sean
// Christopherson: once the branch is pruned nobody else can reach it, so the callback may act as if it held
// mmu_lock for write, and no TLB has to be flushed again. Kai Huang: the SEAMCALLs that really zap the branch
// want the whole S-EPT tree exclusive, so they conflict with faults elsewhere (and he quotes the
// specification: every function that manages the S-EPT does). Sean: does the module not lock only what it
// changes? And even so it has to walk the upper levels, which must therefore stay reachable until what is
// below them is gone. The thread leaves it there, because KVM does not remove page tables of a TD that runs.
// So what pruning does
// (`prune`), what the callback does about BUSY (`retries`, `callback_kicks`; it may neither fail nor sleep,
// unless it is a workqueue: `context`), and what the module locks (`module`, `tree_lock`) are parameters
// here.
//
// THE STEPS. R1 the mirror's SPTE of the branch becomes non-present and, with block_parent, the S-EPT entry
// it mirrors is blocked; R2 TRACK and a kick; R3 call_rcu(); R4 mmu_lock is released and faults go on
// elsewhere; R5 the grace period; R6 the callback blocks and removes the pages, leaves first, then the table.
// TRACK is made again wherever something was blocked since.
//
// SOURCES. The thread above, 2023-01-23 (Message-ID Y87GzHrx8vxZLBEJ) and 2023-01-26 (Y9K4Mnx/Je4j+RsD). The
// module's side is in protocols/module/td.h: in 1.0 every leaf takes the tree exclusive; from 1.5 on BLOCK
// and SEPT.REMOVE do.
//
// THREADS
//   vcpu[v]      a user thread, for ever, or stopping at any time between two: the guest touches a page
//                elsewhere that nobody touched before (`faults_elsewhere`), or touches or accepts a page of
//                the branch (`guests_in_branch`, `slot_comes_back`); or the mirror is walked under RCU alone
//                (`lockless_walks`).
//   pruner       deletes the memslot of the branch: R1 to R4, once.
//   free_branch  the callback, R6, once.
//
// The branch has one page table and two pages, which are mapped at first. Pages elsewhere are never the same
// twice: a page that was faulted in is of no interest any more, and its GFN is used again for the next.
//
// LEFT OUT. SEPT.ADD for faults elsewhere: in every generation it takes the tree as PAGE.AUG does. A prune
// under mmu_lock held for read (children are frozen then, and what follows is the same). Locks that nobody
// takes here in a mode that conflicts: TDR, OP_STATE, TDVPR, and the PAMT entries. The zero-step defence and
// host priority: sept_zap has both. Signals and events: the fault loop goes on without. PHYMEM.PAGE.WBINVD
// and the RECLAIM of the table's page. vCPUs stay on their pCPUs; who may interrupt whom on a pCPU is left
// out but for `callback_never_waits`. Barriers: memory is sequentially consistent.

#include "protocols/sept_zap_rcu/sept_zap_rcu.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;

SeptZapRcu::SeptZapRcu()
    : Protocol("sept_zap_rcu", "An RCU callback takes a pruned branch of the S-EPT apart, without mmu_lock"),
      faults_elsewhere(bool_parameter("faults_elsewhere", true, "vCPUs fault on pages outside the branch")),
      guests_in_branch(bool_parameter("guests_in_branch", false,
                                      "guests issue TDG.MEM.PAGE.ACCEPT on pages of the branch")),
      slot_comes_back(bool_parameter(
          "slot_comes_back", false,
          "a memslot covers the branch again at once: guests touch its pages, and faults there are "
          "handled")),
      lockless_walks(bool_parameter("lockless_walks", false, "vCPU threads walk the mirror under RCU alone")),
      prune(enum_parameter("prune", {"block_parent", "unlink_only", "block_leaves"},
                           "what happens to the S-EPT under mmu_lock: the branch's own entry is blocked; "
                           "nothing; the pages below are blocked")),
      removes_table(bool_parameter("removes_table", true, "the callback removes the page table, too")),
      retries(limit_parameter("retries", 0, 16, "how often the callback repeats a SEAMCALL")),
      callback_kicks(
          enum_parameter("callback_kicks", {"never", "kick", "keep_out"},
                         "before it repeats one: nothing; it kicks the vCPUs; it keeps them out of "
                         "the guest meanwhile, too")),
      context(enum_parameter("context", {"softirq", "workqueue"}, "where the callback runs")),
      module(module_parameter(*this)),
      tree_lock(enum_parameter("tree_lock", {"as_module", "none"},
                               "what the module locks: the tree as its generation does, or only the entries "
                               "it changes")),
      cpu(index_set("cpu", 1)),
      vcpu(index_set("vcpu", 2)),
      gfn(index_set("gfn", 4)),
      table(index_set("table", 2)),
      system(*this, {.module = module, .cpus = cpu}),
      td(*this, system, td_spec()),
      mmu_lock(*this, {.name = "mmu_lock", .doc = "kvm->mmu_lock", .rank = 10, .guard = "mmu_lock"},
               vcpu.size(), 1),
      rcu(*this, {.name = "rcu", .guard = "rcu_read_lock"}, {{"vcpu", {vcpu}}}, {}, {"free_branch"}, {},
          "grace_period"),
      kick(*this, vcpu),
      mirror_branch(
          variable("mirror_2m", mirror_spte_type(), "PRESENT", "mirror SPTE that the branch hangs from")),
      wait_for_sept_zap(variable("wait_for_sept_zap", dsl::boolean(), false)),
      vm_dead(variable("vm_dead", dsl::boolean(), false, "kvm->vm_dead")),
      sp_freed(variable("sp_freed", dsl::boolean(), false, "the branch's page tables were given back")) {}

TdSpec SeptZapRcu::td_spec() const {
  TdSpec spec{.vcpus = vcpu, .gfns = gfn, .tables = table, .callers = vcpu.size() + 2};
  spec.table_of = [this](const Expr& g) { return choose(is_child(g), table.member(0), table.member(1)); };
  spec.modelled.tdr = false;
  spec.modelled.tdvpr = false;
  spec.modelled.sept_tree = tree_lock == "as_module";
  spec.modelled.kot = false;
  spec.modelled.association = false;
  spec.entries = "MAPPED";
  spec.guest_steps = model::Fairness::weak;
  return spec;
}

SeptZapRcu::Task SeptZapRcu::task(Thread& t, bool is_callback) const {
  return {t, status_register(t), t.local("failed", dsl::boolean(), false), is_callback};
}

Caller SeptZapRcu::caller(Task& k) const { return {.t = k.t, .rax = k.rax, .cpu = cpu.member(0)}; }

std::vector<Expr> SeptZapRcu::children() const { return {gfn.member(0), gfn.member(1)}; }

Expr SeptZapRcu::is_child(const Expr& g) const { return g == gfn.member(0) || g == gfn.member(1); }

Expr SeptZapRcu::next_page(Thread& t) const {
  return choose(t.self() == vcpu.member(0), gfn.member(2), gfn.member(3));
}

} // namespace tdxcheck::protocols
