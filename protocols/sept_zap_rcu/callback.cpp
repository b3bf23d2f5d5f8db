// SPDX-License-Identifier: GPL-2.0-or-later

// sept_zap_rcu: the proposal, R1 to R6. The essay is at the head of sept_zap_rcu.cpp.

#include "protocols/sept_zap_rcu/sept_zap_rcu.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::when;

void SeptZapRcu::kvm_bug(Task& k, const std::string& text, Location where) {
  k.t.step(text, where).set(vm_dead, true).asserts("no_kvm_bug", false, text);
  k.t.let(k.failed, true);
}

// R1 to R4. From here on no fault finds the branch in the mirror.
void SeptZapRcu::prune_branch(Task& k) {
  auto& t = k.t;
  t.function("prune_branch", [&] {
    mmu_lock.write_lock(t);
    write_spte(t, "SPTE of the branch", mirror_branch, "SHADOW_NONPRESENT");
    when(prune == "block_parent").then([&] { block_parent(k); });
    when(prune == "block_leaves").then([&] { block_leaves(k); });
    when(prune != "unlink_only" && !k.failed).then([&] {
      track(k);
      kick_vcpus(k);
    });
    rcu.call(t, "free_branch");
    mmu_lock.write_unlock(t);
  });
}

// R6, after the grace period: whoever might still walk the branch in software has left. What fails is leaked.
void SeptZapRcu::free_branch(Task& k) {
  auto& t = k.t;
  const auto stop_if_failed = [&] { when(k.failed).then([&] { t.return_(); }); };
  t.function("free_branch", [&] {
    t.operation("free_branch", [&] {
      when(prune != "block_leaves").then([&] {
        block_leaves(k);
        stop_if_failed();
        track(k);
        stop_if_failed();
      });
      remove_leaves(k);
      stop_if_failed();
      when(removes_table).then([&] {
        when(prune != "block_parent").then([&] {
          block_parent(k);
          stop_if_failed();
          track(k);
          stop_if_failed();
        });
        remove_parent(k);
        stop_if_failed();
      });
      t.step("free the page tables of the branch").set(sp_freed, true);
    });
  });
}

void SeptZapRcu::block_leaves(Task& k) {
  for (const Expr& child : children())
    seamcall(k, "block", [&] { td.mem_range_block(caller(k), td.leaf(child)); });
}

void SeptZapRcu::block_parent(Task& k) {
  seamcall(k, "block_parent", [&] { td.mem_range_block(caller(k), td.large(branch())); });
}

void SeptZapRcu::track(Task& k) {
  seamcall(k, "track", [&] { td.mem_track(caller(k)); });
}

void SeptZapRcu::remove_leaves(Task& k) {
  for (const Expr& child : children())
    seamcall(k, "remove", [&] { td.mem_page_remove(caller(k), td.leaf(child)); });
}

void SeptZapRcu::remove_parent(Task& k) {
  seamcall(k, "remove_table", [&] { td.mem_sept_remove(caller(k), branch()); });
}

// Under mmu_lock the landed rule: one more try with the vCPUs kept out. The callback's rule is a parameter.
// It tries again for whatever may be different next time.
void SeptZapRcu::seamcall(Task& k, const std::string& loop, const dsl::Body& call) {
  auto& t = k.t;
  const Expr may_change = k.rax == "TDX_OPERAND_BUSY" || k.rax == "TDX_PREVIOUS_TLB_EPOCH_BUSY" ||
                          k.rax == "TDX_TLB_TRACKING_NOT_DONE";
  when(!k.failed).then([&] {
    call();
    if (k.is_callback) {
      t.check("callback_undisturbed", k.rax != "TDX_OPERAND_BUSY", "no SEAMCALL of the callback is BUSY");
      t.loop(loop).retry_while(may_change, retries, [&] {
        when(callback_kicks == "kick").then([&] { kick_vcpus(k); });
        when(callback_kicks == "keep_out").then([&] { tdx_no_vcpus_enter_start(k); });
        call();
        when(callback_kicks == "keep_out").then([&] { tdx_no_vcpus_enter_stop(k); });
      });
      t.check("no_walk_failure", k.rax != "TDX_EPT_WALK_FAILED", "the walk reaches what is to be removed");
    } else {
      t.loop(loop + "_under_mmu_lock").retry_while(may_change, 1, [&] {
        tdx_no_vcpus_enter_start(k);
        call();
        tdx_no_vcpus_enter_stop(k);
      });
    }
    when(k.rax != "SUCCESS").then([&] { kvm_bug(k, "KVM_BUG_ON: the branch cannot be removed"); });
    t.let(k.rax, "SUCCESS");
  });
}

// Waits until every vCPU was out of the guest.
void SeptZapRcu::kick_vcpus(Task& k) {
  if (k.is_callback) {
    k.t.check("callback_never_waits", context == "workqueue", "an RCU callback does not wait for IPIs");
  }
  kick.make_all_cpus_request(k.t, "KVM_REQ_OUTSIDE_GUEST_MODE");
}

void SeptZapRcu::tdx_no_vcpus_enter_start(Task& k) {
  k.t.step("wait_for_sept_zap = true").set(wait_for_sept_zap, true);
  kick_vcpus(k);
}

void SeptZapRcu::tdx_no_vcpus_enter_stop(Task& k) {
  k.t.step("wait_for_sept_zap = false").set(wait_for_sept_zap, false);
}

} // namespace tdxcheck::protocols
