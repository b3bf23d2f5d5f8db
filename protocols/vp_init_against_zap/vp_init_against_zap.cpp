// SPDX-License-Identifier: GPL-2.0-or-later

// KVM_TDX_INIT_VCPU issues TDH.VP.INIT of version 1, which holds TDR exclusive. guest_memfd may punch a hole
// at any time, also while the TD is being built; the zap holds TDR shared inside TDH.MEM.RANGE.BLOCK and
// TDH.MEM.PAGE.REMOVE. Whoever comes second is told TDX_OPERAND_BUSY.
//
// THE QUESTION. A zap repeats a SEAMCALL that is BUSY once, after a kick, because whoever is in its way is
// thought to be a vCPU in the guest. A vCPU that is being initialised is in no guest: the kick waits for
// nobody. And an error of TDH.VP.INIT is a bug at once. "KVM: TDX: Take MMU lock around tdh_vp_init()"
// (2025-10-27) keeps them apart by mmu_lock, which every zap holds for write. Is that needed, is it enough,
// and would more retries do?
//
// SOURCES. That mail; Linux 6.16 and the tree of about v7.1, arch/x86/kvm/vmx/tdx.c: tdx_vcpu_init,
// tdx_td_vcpu_init, tdx_td_finalize, tdx_sept_remove_private_spte. That an error of TDH.VP.CREATE, ADDCX and
// INIT ends in KVM_BUG_ON, and BUSY of TDH.MR.FINALIZE in -EBUSY, is from there. The module's side is in
// protocols/module/.
//
// THREADS
//   vcpu[v]   KVM_TDX_INIT_VCPU on its vCPU, once.
//   punch     punches a hole over every page, once; the pages were added before.
//   finalize  KVM_TDX_FINALIZE_VM, if `finalizes`; -EBUSY is tried again, for ever.
//
// LEFT OUT. The VM state locks ("Guard VM state transitions with all the locks") are one mutex here,
// kvm->lock, which they include and which decides; vm_state_locks is about them. vCPUs do not run, because
// the TD does not yet, so a kick is no step, TRACK is skipped, and no epoch is modelled. KVM_BUG_ON kills the
// VM; one is enough. Of the module's locks TDR alone has two kinds of holders here: the tree is the zap's
// own, and each TDVPR has one thread.

#include "protocols/vp_init_against_zap/vp_init_against_zap.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

VpInitAgainstZap::VpInitAgainstZap()
    : Protocol("vp_init_against_zap", "TDH.VP.INIT holds TDR exclusive while a punched hole is zapped"),
      vcpus(integer_parameter("vcpus", 2, 1, 4, "vCPUs that are being initialised")),
      pages(integer_parameter("pages", 2, 1, 4, "pages that are zapped")),
      mmu_lock_in_vp_init(
          bool_parameter("mmu_lock_in_vp_init", true, "mmu_lock is held for write around TDH.VP.INIT")),
      vp_init_version(integer_parameter("vp_init_version", 1, 0, 1, "version of TDH.VP.INIT")),
      state_locks(bool_parameter("state_locks", true, "KVM_TDX_INIT_VCPU and FINALIZE_VM hold kvm->lock")),
      finalizes(bool_parameter("finalizes", false, "the measurement is finalised meanwhile")),
      mmu_lock_in_finalize(
          bool_parameter("mmu_lock_in_finalize", false, "mmu_lock is held for write around TDH.MR.FINALIZE")),
      zap_retries(limit_parameter("zap_retries", 1, 16, "how often a zap repeats a SEAMCALL that is BUSY")),
      cpus(index_set("cpu", 1)),
      vcpu(index_set("vcpu", vcpus)),
      gfns(index_set("gfn", pages)),
      system(*this, {.module = module_parameter(*this), .cpus = cpus}),
      td(*this, system, td_spec()),
      kvm_lock(*this, {.name = "kvm->lock", .doc = "stands for the VM state locks", .rank = 10}),
      mmu_lock(*this, {.name = "mmu_lock", .doc = "kvm->mmu_lock", .rank = 20}, 0, vcpus + 2),
      vcpu_done(variable("vcpu_initialised", vcpu, dsl::boolean(), false, "KVM_TDX_INIT_VCPU has succeeded")),
      zapped(variable("zapped", dsl::boolean(), false, "the hole is punched")) {}

TdSpec VpInitAgainstZap::td_spec() const {
  TdSpec spec{.vcpus = vcpu, .gfns = gfns, .callers = vcpus + 2};
  auto& modelled = spec.modelled;
  modelled.tdvpr = modelled.sept_tree = modelled.sept_entry = modelled.kot = false;
  modelled.tlb_tracking = modelled.association = false;
  spec.op_state = op_state("INITIALIZED");
  spec.vcpu_state = vcpu_state("NONE");
  spec.entries = sept_entry("MAPPED");
  return spec;
}

void VpInitAgainstZap::bug_unless_success(Task& k, const std::string& text, Location where) {
  when(k.rax != "SUCCESS", where).then([&] {
    k.t.let(k.rax, "SUCCESS");
    k.t.step("KVM_BUG_ON: " + text, where).asserts("no_kvm_bug", false, "KVM_BUG_ON: " + text);
    k.t.return_();
  });
}

void VpInitAgainstZap::tdx_vcpu_init(Task& k, const Expr& v) {
  k.t.function("tdx_vcpu_init", [&] {
    when(state_locks).then([&] { kvm_lock.lock(k.t); });
    tdx_td_vcpu_init(k, v);
    when(state_locks).then([&] { kvm_lock.unlock(k.t); });
  });
}

// A TD that is finalised takes no further vCPU.
void VpInitAgainstZap::tdx_td_vcpu_init(Task& k, const Expr& v) {
  auto& t = k.t;
  t.function("tdx_td_vcpu_init", [&] {
    when(finalizes).then([&] { when(td.is_runnable()).then([&] { t.return_(); }); });
    td.vp_create(k.caller(), v);
    bug_unless_success(k, "TDH.VP.CREATE failed");
    td.vp_addcx(k.caller(), v);
    bug_unless_success(k, "TDH.VP.ADDCX failed");
    const auto around = [&](const dsl::Body& take_or_release) {
      when(mmu_lock_in_vp_init).then([&] {
        t.relying_on("mmu_lock_around_vp_init", "TDH.VP.INIT holds TDR exclusive: no zap may be on the TD",
                     take_or_release);
      });
    };
    around([&] { mmu_lock.write_lock(t); });
    when(vp_init_version == 1).then([&] { td.vp_init(k.caller(), v, 1); }).otherwise([&] {
      td.vp_init(k.caller(), v, 0);
    });
    around([&] { mmu_lock.write_unlock(t); });
    bug_unless_success(k, "TDH.VP.INIT failed");
    t.step("vCPU state: initialised").set(vcpu_done[v], true);
  });
}

// TDX_OPERAND_BUSY, and that there is no vCPU yet, go to user space, which tries again.
void VpInitAgainstZap::tdx_td_finalize(Task& k) {
  auto& t = k.t;
  t.function("tdx_td_finalize", [&] {
    t.loop("finalize").try_and_retry_while(k.rax != "SUCCESS", dsl::unlimited, [&] {
      when(state_locks).then([&] { kvm_lock.lock(t); });
      when(mmu_lock_in_finalize).then([&] { mmu_lock.write_lock(t); });
      td.mr_finalize(k.caller());
      when(mmu_lock_in_finalize).then([&] { mmu_lock.write_unlock(t); });
      when(state_locks).then([&] { kvm_lock.unlock(t); });
    });
  });
}

void VpInitAgainstZap::kvm_gmem_punch_hole(Task& k) {
  auto& t = k.t;
  t.function("kvm_gmem_punch_hole", [&] {
    mmu_lock.write_lock(t);
    t.for_each(gfns, "zapping", [&](const Expr& gfn) { tdx_sept_remove_private_spte(k, gfn); });
    mmu_lock.write_unlock(t);
    t.step("the hole is punched").set(zapped, true);
  });
}

void VpInitAgainstZap::tdx_sept_remove_private_spte(Task& k, const Expr& gfn) {
  auto& t = k.t;
  const SeptEntry page = td.leaf(gfn);
  t.function("tdx_sept_remove_private_spte", [&] {
    t.loop("block").try_and_retry_while(k.rax == "TDX_OPERAND_BUSY", zap_retries,
                                        [&] { td.mem_range_block(k.caller(), page); });
    bug_unless_success(k, "TDH.MEM.RANGE.BLOCK failed");
    t.loop("remove").try_and_retry_while(k.rax == "TDX_OPERAND_BUSY", zap_retries,
                                         [&] { td.mem_page_remove(k.caller(), page); });
    bug_unless_success(k, "TDH.MEM.PAGE.REMOVE failed");
  });
}

void VpInitAgainstZap::define() {
  thread(
      "vcpu", vcpu,
      [this](Thread& t) {
        Task k{t, status_register(t)};
        t.operation("init_vcpu", [&] { tdx_vcpu_init(k, t.self()); });
      },
      "initialises its vCPU, once");
  thread(
      "punch",
      [this](Thread& t) {
        Task k{t, status_register(t)};
        t.operation("punch_hole", [&] { kvm_gmem_punch_hole(k); });
      },
      "punches a hole over every page, once");
  thread(
      "finalize",
      [this](Thread& t) {
        Task k{t, status_register(t)};
        when(!finalizes).then([&] { t.end(); });
        // Without a vCPU there is nothing to finalise, and one that failed may have been the last.
        t.may_stop_here();
        t.step("ioctl(KVM_TDX_FINALIZE_VM)").when(dsl::exists(vcpu, "v", [&](const Expr& v) {
          return vcpu_done[v];
        }));
        t.operation("finalize", [&] { tdx_td_finalize(k); });
      },
      "finalises the measurement once a vCPU is there");
  claims();
  variants();
}

// ---- claims and variants ----

void VpInitAgainstZap::claims() {
  using namespace properties;
  no_deadlock(*this);
  lock_discipline(*this);
  lock_order(*this);
  no_livelock(*this, "no call is told BUSY for ever while nothing else makes progress");
  assertion(*this, "no_kvm_bug", "no KVM_BUG_ON: nobody who takes BUSY for a bug is ever told BUSY");
  sometimes(*this, "all_initialised_and_zapped",
            zapped && dsl::for_all(vcpu, "v", [&](const Expr& v) { return vcpu_done[v]; }) &&
                dsl::for_all(gfns, "g", [&](const Expr& g) { return td.entry[g] == "FREE"; }));
}

void VpInitAgainstZap::variants() {
  const std::string mail = "KVM: TDX: Take MMU lock around tdh_vp_init(), 2025-10-27";
  const std::string before = "the tree before " + mail;
  variant({.name = "landed",
           .set = {},
           .source = mail,
           .expected = "VP.INIT and a zap are never inside the module together"});
  default_variant("landed");
  variant({.name = "before",
           .set = {{"mmu_lock_in_vp_init", "false"}},
           .source = before,
           .expected = "violated: VP.INIT or the zap is BUSY and ends in KVM_BUG_ON"});
  variant({.name = "before_more_retries",
           .set = {{"mmu_lock_in_vp_init", "false"}, {"zap_retries", "16"}},
           .source = before + ", with the zap's retry limit of the first postings; nobody's posting",
           .expected = "for the checker to decide",
           .finding =
               "No limit helps: VP.INIT itself is BUSY while the zap is inside, and takes that for a bug; "
               "and a call inside the module may take longer than any number of tries."});
  variant({.name = "before_version_0",
           .set = {{"mmu_lock_in_vp_init", "false"}, {"vp_init_version", "0"}},
           .source = before + ", with TDH.VP.INIT of version 0, which holds TDR shared; nobody's posting",
           .expected = "mmu_lock is needed for version 1 alone"});
  variant({.name = "without_state_locks",
           .set = {{"state_locks", "false"}},
           .source = mail + ", without \"Guard VM state transitions with all the locks\"",
           .expected = "for the checker to decide",
           .finding =
               "mmu_lock keeps VP.INIT from a zap and from another vCPU's VP.INIT, but not from another "
               "vCPU's VP.CREATE or ADDCX, which hold TDR shared outside mmu_lock."});
  variant({.name = "landed_finalize",
           .set = {{"finalizes", "true"}},
           .source = mail + "; TDH.MR.FINALIZE holds TDR exclusive, too, and is not under mmu_lock; nobody's "
                            "posting",
           .expected = "for the checker to decide",
           .finding =
               "While TDH.MR.FINALIZE is inside, the zap's TDH.MEM.RANGE.BLOCK or PAGE.REMOVE is BUSY, and "
               "again on its one retry: a punched hole takes none of the locks that KVM_TDX_FINALIZE_VM "
               "holds. finalize_under_mmu_lock mends it."});
  variant({.name = "finalize_under_mmu_lock",
           .set = {{"finalizes", "true"}, {"mmu_lock_in_finalize", "true"}},
           .source = "landed_finalize with mmu_lock around TDH.MR.FINALIZE; nobody's posting",
           .expected = "mends what no_kvm_bug finds in landed_finalize"});
}

} // namespace tdxcheck::protocols
