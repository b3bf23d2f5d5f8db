// SPDX-License-Identifier: GPL-2.0-or-later

// sept_zap: the zap, from the hole that is punched down to the SEAMCALLs and their repetition. The essay is
// at the head of sept_zap.cpp.

#include "protocols/sept_zap/sept_zap.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::kept;
using dsl::Location;
using dsl::Variable;
using dsl::when;

// ---- tdx.c: repeating ----

// Where TRACK and REMOVE are repeated until they are not BUSY, any operand will do.
Expr SeptZap::is_busy(const Task& k, const Expr& with_any_operand) const {
  const Expr busy = k.rax == "TDX_OPERAND_BUSY";
  const Expr error = k.rax != "SUCCESS" && k.rax != "TDX_GPA_RANGE_ALREADY_BLOCKED";
  const Expr only_sept = busy && *k.operand == "SEPT_TREE";
  const Expr by_test = choose(busy_test == "error_bit", error, busy);
  return choose(busy_test == "exact_sept" && !with_any_operand, only_sept, by_test);
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
    t.loop(loop).try_and_retry_while(is_busy(k, limit != retries), limit, [&] {
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
    t.loop("track").try_and_retry_while(is_busy(k, true), dsl::unlimited, [&] { td.mem_track(k); });
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
        [&] { t.region("done_with_page", [&] { t.step("TDH.PHYMEM.PAGE.WBINVD, put_page()"); }); });
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
    when(!failed).then([&] { t.region("done_with_page", [&] { t.step("the new page table is linked"); }); });
  });
}

// ---- guest_memfd.c, tdp_mmu.c ----

void SeptZap::kvm_gmem_punch_hole(Task& k, const Expr& gfn) {
  auto& t = k.t;
  t.function("kvm_gmem_punch_hole", [&] {
    t.operation("zap", [&] {
      t.region("zap", [&] {
        mmu_lock.write_lock(t);
        kvm_tdp_mmu_unmap_gfn_range(k, gfn);
        mmu_lock.write_unlock(t);
      });
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

} // namespace tdxcheck::protocols
