// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One or more TDs as the TDX module sees them, and the leaves on them, one function each: locks in order and
// mode, checks in order with their statuses, effects. File names at the functions are those of the module's
// source (tag TDX_1.5.01). mng.cpp, vp.cpp, mem.cpp, mem_resize.cpp, mr.cpp, phymem.cpp, tdg.cpp.
//
// Every vCPU and every private page belongs to TD 0; a further TD has none of them. Each pCPU is a package of
// its own, so the write-back of a package runs on that pCPU.
//
// A protocol pays for what it declares. A variable that nothing reads is dropped, so state that no leaf in
// use looks at costs nothing; steps are what costs, and TdSpec::modelled says which locks take steps.
//
// A vCPU is always entered by the same thread (vcpu->mutex), so what VP.ENTER keeps of the zero-step defence
// are locals of that thread.
//
// THE EPOCH. td_epoch is a 64-bit number that only grows, so it is not stored. What anybody asks of it is
// relative to it: which vCPUs inside the guest entered with the current value (`inside_now`) and which with
// the one before (`inside_before`): these are refcount[td_epoch & 1] and refcount[1 - (td_epoch & 1)], by
// name instead of by number. There are no older ones, because MEM.TRACK refuses to go on while the older
// counter is not zero. Likewise PAMT.BEPOCH of a page is the current epoch (`blocked_now`), the one before
// (`blocked_before`), or older. MEM.TRACK shifts both. This is exact, and zaps may go on for ever.
//
// LEFT OUT everywhere: operand validity (addresses, alignment, page types that cannot be wrong here), L2 VMs,
// migration, service TDs, the 1 GiB level. A page that a call is offered (ADDCX, SEPT.ADD, VP.ADDCX) is named
// by no other call at the time, so its PAMT entry is not locked here; that of the page behind a gfn is
// (modelled.pamt). A leaf PAMT_1G is never taken exclusive, so it is not there at all.

#include <functional>
#include <optional>
#include <string>

#include "dsl/dsl.h"
#include "protocols/module/generation.h"
#include "protocols/module/system.h"

namespace tdxcheck::protocols {

struct TdSpec {
  // Sets that are not given have one member and cost nothing unless a leaf in use is about them.
  std::optional<dsl::IndexSet> tds = {}, vcpus = {};
  std::optional<dsl::IndexSet> gfns = {};   // leaf entries of 4 KiB
  std::optional<dsl::IndexSet> tables = {}; // entries of 2 MiB: a table of leaf entries, or one large leaf
  // The table a gfn's entry lies in; by default the first.
  std::function<dsl::Expr(const dsl::Expr& gfn)> table_of = {};
  // How many calls (running vCPUs included) may hold a TD-wide lock shared at once.
  dsl::Expr callers = 4;

  // What takes steps, over parameters. Leaving a lock out is exact where, in the protocol at hand, nobody
  // takes it in a mode that conflicts with another thread's.
  struct Modelled {
    dsl::Expr tdr = true;        // exclusive in MNG.*, PAGE.ADD, MR.*, VP.INIT v1, PAGE.RECLAIM of the TDR
    dsl::Expr tdvpr = true;      // exclusive in VP.CREATE, ADDCX, INIT, FLUSH: conflicts on one vCPU only
    dsl::Expr op_state = false;  // shared by all leaves here; exclusive in migration alone, which is left out
    dsl::Expr sept_tree = true;  // the readers are AUG, SEPT.ADD, REMOVE; BLOCK, UNBLOCK, SEPT.REMOVE write
    dsl::Expr sept_entry = true; // conflicts on one gfn only: two host calls, or a guest's ACCEPT
    dsl::Expr epoch = true;      // EPOCH: TRACK exclusive, VP.ENTER shared for a moment
    dsl::Expr kot = true;        // the key ownership table, with CACHE.WB
    dsl::Expr pamt = false;      // PAMT entry of the page behind a gfn: two calls on that physical page
    dsl::Expr pamt_ancestors = false; // PAMT_2M: conflicts where a 2 MiB operation is in the same range
    dsl::Expr host_priority = false;  // guests take entry locks: the bit that turns them away is kept
    // A guest that is turned away again and again leaves in the end; without, it does so when it likes.
    dsl::Expr priority_timeout = true;
    dsl::Expr tree_host_priority = false; // 1.5.20: DEMOTE or PROMOTE are there, which look at the tree's bit
    dsl::Expr tlb_tracking = true;        // epochs; without, REMOVE and its kind find every page tracked
    dsl::Expr association = true;         // without, no vCPU is ever owned by another pCPU
    dsl::Expr zero_step = false;
    dsl::Expr fatal = false;      // TDR.FATAL may be set
    dsl::Expr interrupts = false; // an interrupt may stop a call that looks for one
    dsl::Expr metadata = false;   // MNG.WR races with another on the same field
  } modelled = {};

  // First values.
  dsl::Expr lifecycle = "TD_KEYS_CONFIGURED";
  dsl::Expr op_state = "RUNNABLE";
  dsl::Expr tdcs_pages = 1;              // pages that MNG.ADDCX adds (the module: at least 6)
  dsl::Expr tdvps_pages = 1;             // pages that VP.ADDCX adds
  dsl::Expr vcpu_state = "READY";        // "NONE": VP.CREATE is to come
  dsl::Expr entries = "FREE";            // of every gfn
  dsl::Expr large_entries = "NL_MAPPED"; // of every table
  // An access to a PENDING page is a #VE in the guest; otherwise an EPT violation, a TD exit.
  dsl::Expr pending_ve = true;
  dsl::Expr accept_chunks = 1; // parts of an ACCEPT of 2 MiB between which an interrupt may stop it
  // Refaults at one RIP that arm the zero-step check (STEPPING_EPF_THRESHOLD). A preset that scales it down
  // says so: fewer faults then arm what otherwise takes six, and nothing else changes.
  dsl::Expr zero_step_threshold = 6;
  dsl::Expr write_back_blocks = 1; // parts of a package's write-back between which an interrupt may stop it
};

// Constants for TdSpec, where it is a parameter that decides.
[[nodiscard]] dsl::Expr lifecycle_state(const std::string& state);
[[nodiscard]] dsl::Expr vcpu_state(const std::string& state);
[[nodiscard]] dsl::Expr op_state(const std::string& state);
[[nodiscard]] dsl::Expr sept_entry(const std::string& state);

// An S-EPT entry: the leaf of a gfn, or the entry of a table.
struct SeptEntry {
  dsl::Variable state;
  ModuleLock lock;
  dsl::Expr walk_reaches;                    // the walk from above gets here
  dsl::Variable blocked_now, blocked_before; // subsets, of which `member` is one
  dsl::Expr member, table;
  ModuleLock page; // PAMT entry of the page behind it
  bool is_leaf = true;
};

class Td;

// What a vCPU does between VM entry and TD exit, as the body of vp_enter() says it. Words that may end the
// guest's run go on behind them only where it goes on.
class Guest {
public:
  // Reads or writes the page: goes on if it is mapped, else exits with an EPT violation. `at_another_rip`:
  // the guest has moved since VM entry (a condition on locals).
  void access(const dsl::Expr& gfn, const dsl::Expr& at_another_rip,
              dsl::Location where = dsl::Location::current());
  // Any other exit, when `possible`; the guest's RIP has moved or not.
  void exits(const std::string& text, const dsl::Expr& possible = true,
             const dsl::Expr& at_another_rip = true, const std::string& status = "SUCCESS",
             model::Fairness fairness = model::Fairness::none,
             dsl::Location where = dsl::Location::current());
  // An exit that the host forces: an IPI, its timer. It comes where it is `possible`.
  void interrupted(const std::string& text, const dsl::Expr& possible = true,
                   const dsl::Expr& at_another_rip = true, dsl::Location where = dsl::Location::current());
  // TDG.MEM.PAGE.*: `rax` of the guest is SUCCESS, TDX_OPERAND_BUSY or TDX_PAGE_ALREADY_ACCEPTED afterwards,
  // or TDX_INTERRUPTED_RESUMABLE where an interrupt stopped an ACCEPT of 2 MiB and the guest is to repeat it.
  // tdg_mem_page_accept.c, for 4 KiB or, of a table, for 2 MiB.
  void tdg_mem_page_accept(const SeptEntry& entry, const dsl::Variable& rax,
                           const dsl::Expr& at_another_rip = false);
  void tdg_mem_page_attr_rd(const SeptEntry& entry, const dsl::Variable& rax,
                            const dsl::Expr& at_another_rip = false);
  void tdg_mem_page_attr_wr(const SeptEntry& entry, const dsl::Variable& rax,
                            const dsl::Expr& at_another_rip = false);
  [[nodiscard]] const dsl::Expr& vcpu() const { return vcpu_; }

private:
  friend class Td;
  Guest(const Td& td, const Caller& by, dsl::Expr vcpu, std::optional<dsl::Variable> exit_gfn)
      : td_(&td), by_(by), vcpu_(std::move(vcpu)), exit_gfn_(std::move(exit_gfn)) {}
  void leave(dsl::Location where);
  // An EPT violation TD exit; a true one counts for the zero-step check, one that a TDCALL makes does not.
  enum class Violation { by_access, by_tdcall };
  void violate(dsl::StepWords& step, const SeptEntry& entry, const dsl::Expr& at_another_rip,
               Violation violation) const;
  void moves(dsl::StepWords& step, const dsl::Expr& at_another_rip, const dsl::Expr& faulting_gfn) const;
  // A TDCALL on one entry.
  struct Tdcall {
    std::string name;
    const SeptEntry& entry;
    const dsl::Variable& rax;
    dsl::Expr at_another_rip;
  };
  using Locked = std::function<void(bool has_lock)>;
  void tdcall(const Tdcall& call, const Locked& locked);
  void try_the_lock(const Tdcall& call, const dsl::Expr& reached, const dsl::Body& locked,
                    dsl::ThreadBuilder::Place& done);
  void let_go(dsl::StepWords& step, const Tdcall& call, bool has_lock) const;
  void attr(const Tdcall& call, const dsl::Expr& fine);

  const Td* td_;
  Caller by_;
  dsl::Expr vcpu_;
  std::optional<dsl::Variable> exit_gfn_;
  dsl::ThreadBuilder::Place exit_;
};

class Td {
public:
  Td(dsl::Protocol& protocol, const System& system, const TdSpec& spec);
  virtual ~Td() = default;

  [[nodiscard]] SeptEntry leaf(const dsl::Expr& gfn) const;
  [[nodiscard]] SeptEntry large(const dsl::Expr& table) const;

  // TDH.MNG.*
  virtual void mng_create(const Caller& by, const dsl::Expr& td) const;
  virtual void mng_addcx(const Caller& by, const dsl::Expr& td) const;
  virtual void mng_key_config(const Caller& by, const dsl::Expr& td) const;
  virtual void mng_init(const Caller& by, const dsl::Expr& td) const;
  virtual void mng_rd(const Caller& by, const dsl::Expr& td) const;
  virtual void mng_wr(const Caller& by, const dsl::Expr& td) const;
  virtual void mng_vpflushdone(const Caller& by, const dsl::Expr& td) const;
  virtual void mng_key_freeid(const Caller& by, const dsl::Expr& td) const;
  // TDH.VP.*
  virtual void vp_create(const Caller& by, const dsl::Expr& vcpu) const;
  virtual void vp_addcx(const Caller& by, const dsl::Expr& vcpu) const;
  virtual void vp_init(const Caller& by, const dsl::Expr& vcpu, int version = 1) const;
  // Up to and including the TD exit. The guest may write down in `exit_gfn` (an optional index of gfns) where
  // an EPT violation was, a true one or the zero-step check's.
  virtual void vp_enter(const Caller& by, const dsl::Expr& vcpu,
                        const std::function<void(Guest&)>& guest = {},
                        const std::optional<dsl::Variable>& exit_gfn = {}) const;
  virtual void vp_flush(const Caller& by, const dsl::Expr& vcpu) const;
  virtual void vp_rd(const Caller& by, const dsl::Expr& vcpu) const;
  virtual void vp_wr(const Caller& by, const dsl::Expr& vcpu) const;
  // TDH.MEM.*
  virtual void mem_sept_add(const Caller& by, const dsl::Expr& table) const;
  virtual void mem_sept_remove(const Caller& by, const dsl::Expr& table) const;
  virtual void mem_sept_rd(const Caller& by, const SeptEntry& entry) const;
  virtual void mem_page_add(const Caller& by, const dsl::Expr& gfn) const;
  virtual void mem_page_aug(const Caller& by, const SeptEntry& entry) const;
  virtual void mem_page_remove(const Caller& by, const SeptEntry& entry) const;
  virtual void mem_page_relocate(const Caller& by, const dsl::Expr& gfn) const;
  virtual void mem_page_promote(const Caller& by, const dsl::Expr& table) const;
  virtual void mem_page_demote(const Caller& by, const dsl::Expr& table) const;
  virtual void mem_range_block(const Caller& by, const SeptEntry& entry) const;
  virtual void mem_range_unblock(const Caller& by, const SeptEntry& entry) const;
  virtual void mem_track(const Caller& by) const;
  virtual void mem_rd(const Caller& by, const dsl::Expr& gfn) const;
  virtual void mem_wr(const Caller& by, const dsl::Expr& gfn) const;
  // TDH.MR.*
  virtual void mr_extend(const Caller& by, const dsl::Expr& gfn) const;
  virtual void mr_finalize(const Caller& by) const;
  // TDH.PHYMEM.*
  virtual void phymem_cache_wb(const Caller& by, const dsl::Expr& resume) const;
  virtual void phymem_page_reclaim_tdvpr(const Caller& by, const dsl::Expr& vcpu) const;
  virtual void phymem_page_reclaim_tdr(const Caller& by, const dsl::Expr& td) const;
  virtual void phymem_page_reclaim_private(const Caller& by, const SeptEntry& entry) const;
  virtual void phymem_page_wbinvd(const Caller& by, const dsl::Expr& gfn) const;
  virtual void phymem_page_rdmd(const Caller& by, const dsl::Expr& gfn) const;
  virtual void phymem_pamt_add(const Caller& by, const dsl::Expr& table) const;
  virtual void phymem_pamt_remove(const Caller& by, const dsl::Expr& table) const;

  // What claims ask.
  [[nodiscard]] dsl::Expr associated(const dsl::Expr& vcpu) const { return is_some(assoc[vcpu]); }
  [[nodiscard]] dsl::Expr associated_vcpus(const dsl::Expr& td) const; // TDCS.num_assoc_vcpus
  [[nodiscard]] dsl::Expr every_package_wrote_back(const dsl::Expr& td) const;
  [[nodiscard]] dsl::Expr keys_configured(const dsl::Expr& td) const {
    return lifecycle[td] == "TD_KEYS_CONFIGURED";
  }
  [[nodiscard]] dsl::Expr is_active(const dsl::Expr& vcpu) const { return vcpu_state[vcpu] == "ACTIVE"; }
  // last_epf_gpa_list of the vCPU that the thread enters: not empty, VP.ENTER looks whether it would fault.
  [[nodiscard]] dsl::Variable suspects(dsl::Thread& t) const { return stepping(t).suspects; }
  // No vCPU that is in the guest may still have the entry in its TLB: BEPOCH against td_epoch and refcount.
  [[nodiscard]] dsl::Expr is_tlb_tracked(const SeptEntry& entry) const;
  [[nodiscard]] dsl::Expr is_runnable() const { return op_state[vm()] == "RUNNABLE"; }
  [[nodiscard]] dsl::Expr vm() const { return tds.member(0); }

  Generation module;
  dsl::IndexSet tds, vcpus, gfns, tables;
  dsl::Variable lifecycle;                 // [td]: TDR.lifecycle; TD_NONE before MNG.CREATE
  dsl::Variable fatal;                     // [td]: TDR.FATAL
  dsl::Variable hkid_state;                // [td]: KOT[hkid]
  dsl::Variable written_back;              // [td]: packages whose bit in wbinvd_bitmap is clear again
  dsl::Variable keyed;                     // [td]: packages that MNG.KEY.CONFIG was on
  dsl::Variable tdcs;                      // [td]: TDCS pages added
  dsl::Variable op_state;                  // [td]
  dsl::Variable assoc;                     // [vcpu]: pCPU
  dsl::Variable vcpu_state;                // [vcpu]
  dsl::Variable tdvps;                     // [vcpu]: TDVPS pages added
  dsl::Variable vcpu_pages;                // [vcpu]: the TDVPR page belongs to the TD
  dsl::Variable tdr_page;                  // [td]: likewise the TDR
  dsl::Variable entry;                     // [gfn]: leaf entry
  dsl::Variable large_entry;               // [table]
  dsl::Variable inside_now, inside_before; // vCPUs counted in refcount[]
  // vCPUs whose vcpu_epoch is td_epoch: others flush their TLB when they enter.
  dsl::Variable epoch_is_current;
  dsl::Variable blocked_now, blocked_before;             // gfns by BEPOCH
  dsl::Variable large_blocked_now, large_blocked_before; // tables
  dsl::Variable pamt_present; // dynamic PAMT: 2 MiB ranges that have their page pair

private:
  friend class Guest;
  using Leaf = System::Leaf;
  void seamcall(const Caller& by, const std::string& name, const Leaf& leaf) const;
  // Of the vCPU that the thread enters.
  struct Stepping {
    dsl::Variable faults;      // at one RIP, up to the threshold
    dsl::Variable suspects;    // last_epf_gpa_list
    dsl::Variable turned_away; // the guest's last TDCALL was turned away by host priority
  };
  [[nodiscard]] Stepping stepping(dsl::Thread& t) const;
  // The parts that leaves have in common.
  void take_tdr(Seamcall& call, const dsl::Expr& td, const Mode& mode, const std::string& operand) const;
  void check_keys(Seamcall& call, const dsl::Expr& td) const;
  void check_tdcs(Seamcall& call, const dsl::Expr& td) const;
  void check_op_state(Seamcall& call, const dsl::Expr& allowed) const;
  void open_td(Seamcall& call, const std::string& operand, const dsl::Expr& allowed) const;
  void open_vcpu(Seamcall& call, const dsl::Expr& vcpu, const Mode& tdvpr, const Mode& tdr,
                 const std::string& operand) const;
  void take_entry(Seamcall& call, const SeptEntry& entry, const Mode& tree,
                  const std::string& walk_status = "TDX_EPT_WALK_FAILED") const;
  void take_page_behind(Seamcall& call, const SeptEntry& entry, const std::string& operand) const;
  void take_offered_page(Seamcall& call, const SeptEntry& entry, const std::string& operand) const;
  void check_blocked_and_tracked(Seamcall& call, const SeptEntry& entry) const;
  void stop_if_asked_to(Seamcall& call) const;
  void associate(Seamcall& call, const dsl::Expr& vcpu, const dsl::Expr& ready) const;
  void zero_step_check(Seamcall& call, const std::optional<dsl::Variable>& exit_gfn) const;
  void td_exit(Seamcall& call, const dsl::Expr& vcpu, bool by_itself, bool counted) const;
  void write_back_blocks(Seamcall& call) const;
  void set_children(Seamcall& call, const dsl::Expr& table, const std::string& text,
                    const dsl::Expr& state) const;
  void lock_children(Seamcall& call, const dsl::Expr& table) const;
  void unlock_children(Seamcall& call) const;
  [[nodiscard]] Mode tree_mode(model::LockMode from_1_5) const;
  [[nodiscard]] dsl::Expr would_fault(const dsl::Expr& gfn) const;
  [[nodiscard]] dsl::Expr table_of(const dsl::Expr& gfn) const;
  [[nodiscard]] dsl::Expr forgets_host_priority() const { return module.up_to_1_5_16(); }

  const System* system_;
  TdSpec spec_;
  ModuleLock tdr_, tdvpr_, op_state_lock_, sept_tree_, sept_entry_, large_entry_lock_, epoch_, kot_, wbt_,
      page_, large_page_, pamt_2m_;
  dsl::Variable metadata_;            // [td]: a field that MNG.WR writes
  dsl::Variable snapshot_, progress_; // [cpu]: of a package's write-back
  dsl::Variable accepted_;            // [table]: parts that an interrupted ACCEPT has done
};

} // namespace tdxcheck::protocols
