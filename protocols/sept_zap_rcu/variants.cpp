// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of sept_zap_rcu. The essay is at the head of sept_zap_rcu.cpp.

#include "protocols/sept_zap_rcu/sept_zap_rcu.h"

namespace tdxcheck::protocols {

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

const std::string january = "Re: [PATCH v11 018/113] KVM: TDX: create/destroy VM structure, January 2023: ";
const std::string nobody = "nobody's posting: ";

Settings with_more(Settings settings, const Settings& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

} // namespace

void SeptZapRcu::variants() {
  as_proposed();
  leaves_first();
  pages_only();
}

void SeptZapRcu::as_proposed() {
  const std::string finding =
      "The callback fails without anybody's help: the branch's own entry is blocked, a walk stops there, and "
      "the first RANGE.BLOCK of a page below answers TDX_EPT_WALK_FAILED. What Sean says of the upper levels "
      "(they must stay reachable) holds for blocking, too, so the parent cannot be what pruning blocks. That "
      "the tree lock makes the callback and faults BUSY comes on top.";
  variant({.name = "proposal",
           .set = {{"guests_in_branch", "true"}},
           .source = january + "Sean Christopherson, 2023-01-26",
           .expected = "the callback has the branch to itself and acts as if it held mmu_lock for write",
           .finding = finding});
  default_variant("proposal");
  variant(
      {.name = "proposal_1_0",
       .set = {{"module", "1.0"}},
       .source = january + "likewise, on the module that the specification of the day describes (Kai Huang)",
       .expected = "violated: the SEAMCALLs want the whole tree, and conflict with faults elsewhere",
       .finding = finding});
}

void SeptZapRcu::leaves_first() {
  const Settings leaves{{"prune", "unlink_only"}};
  const std::string walkable = january +
                               "Sean Christopherson: upper levels stay reachable until what is below "
                               "them is gone; nothing is blocked when the branch is pruned";
  variant({.name = "leaves_first",
           .set = leaves,
           .source = walkable,
           .expected = "Kai Huang: violated, the tree is wanted exclusive and faults elsewhere hold it"});
  variant({.name = "leaves_first_1_5_16",
           .set = with_more(leaves, {{"module", "1.5.16"}}),
           .source = walkable + "; a tree lock without host priority",
           .expected = "as leaves_first"});
  variant({.name = "leaves_first_1_0",
           .set = with_more(leaves, {{"module", "1.0"}}),
           .source = walkable + "; every leaf takes the tree exclusive",
           .expected = "as leaves_first"});
  variant({.name = "leaves_first_spin",
           .set = with_more(leaves, {{"retries", "unlimited"}}),
           .source = walkable + "; the callback repeats a SEAMCALL that is BUSY, for ever",
           .expected = "for the checker to decide",
           .finding =
               "It never fails and may never end: faults elsewhere that keep coming keep the tree, and no "
               "lock of the module is handed over in turn."});
  variant({.name = "leaves_first_retry_16",
           .set = with_more(leaves, {{"retries", "16"}}),
           .source = walkable + "; at most 16 times",
           .expected = "for the checker to decide",
           .finding = "Sixteen are as good as none: the next fault is there each time."});
  variant({.name = "leaves_first_kick",
           .set = with_more(leaves, {{"retries", "1"}, {"callback_kicks", "kick"}}),
           .source = walkable + "; the callback kicks the vCPUs before it repeats a SEAMCALL",
           .expected = "for the checker to decide",
           .finding =
               "A kick empties the guests, which TLB tracking needs, but a vCPU that handles a fault is "
               "not in the guest: it holds the tree all the same. And an RCU callback must not wait for "
               "the IPIs."});
  variant(
      {.name = "leaves_first_workqueue",
       .set = with_more(leaves, {{"retries", "1"}, {"callback_kicks", "keep_out"}, {"context", "workqueue"}}),
       .source = walkable + "; a workqueue behind the callback, with the landed rule for BUSY",
       .expected = "for the checker to decide",
       .finding = "Keeping vCPUs out of the guest does not keep them out of the fault handler. Only mmu_lock "
                  "held for write does, which is what the callback was to do without."});
  const Settings fine{{"prune", "unlink_only"}, {"tree_lock", "none"}};
  const std::string fine_locks =
      january + "Sean Christopherson: does the module not lock only what it reads and what it changes?";
  variant({.name = "fine_locks",
           .set = fine,
           .source = fine_locks,
           .expected = "for the checker to decide",
           .finding =
               "Faults elsewhere are no trouble then, TLB tracking is: what the callback blocks must be "
               "tracked again, TRACK meets TDH.VP.ENTER at the epoch, and a vCPU that stays in the guest "
               "is still counted. A flush made when the branch was pruned does not help, because nothing "
               "was blocked at the time."});
  variant(
      {.name = "fine_locks_workqueue",
       .set = with_more(fine, {{"retries", "1"}, {"callback_kicks", "keep_out"}, {"context", "workqueue"}}),
       .source = fine_locks + " With a workqueue that keeps vCPUs out of the guest",
       .expected = "for the checker to decide",
       .finding =
           "Then the landed rule does: whatever was BUSY or not tracked yet was a vCPU in the guest or "
           "at its door."});
}

void SeptZapRcu::pages_only() {
  const Settings blocked{{"prune", "block_leaves"}};
  const std::string kept =
      nobody + "the pages are blocked and tracked when the branch is pruned, under mmu_lock";
  variant({.name = "blocked_leaves",
           .set = blocked,
           .source = kept,
           .expected = "for the checker to decide",
           .finding =
               "The pages go without trouble from 1.5 on; blocking and removing the table wants the tree "
               "exclusive again."});
  const Settings pages{{"prune", "block_leaves"}, {"removes_table", "false"}};
  variant({.name = "pages_only",
           .set = pages,
           .source = kept + "; the callback removes them and leaves the table where it is",
           .expected = "for the checker to decide",
           .finding = "This much works: PAGE.REMOVE shares the tree from 1.5 on, and nobody is in the way."});
  variant({.name = "pages_only_1_0",
           .set = with_more(pages, {{"module", "1.0"}}),
           .source = "pages_only, where every leaf takes the tree exclusive",
           .expected = "for the checker to decide"});
  variant({.name = "pages_only_guests",
           .set = with_more(pages, {{"guests_in_branch", "true"}, {"faults_elsewhere", "false"}}),
           .source = "pages_only, and guests accept the pages that go",
           .expected = "for the checker to decide",
           .finding =
               "TDG.MEM.PAGE.ACCEPT takes the lock of an entry that is blocked, too, before it looks at "
               "its state: PAGE.REMOVE is BUSY."});
  variant({.name = "pages_only_workqueue",
           .set = with_more(pages, {{"guests_in_branch", "true"},
                                    {"faults_elsewhere", "false"},
                                    {"retries", "1"},
                                    {"callback_kicks", "keep_out"},
                                    {"context", "workqueue"}}),
           .source = "pages_only_guests with a workqueue and the landed rule for BUSY",
           .expected = "for the checker to decide",
           .finding = "This works: PAGE.REMOVE may be BUSY once, and the second try has the entry to itself, "
                      "because only guests were in the way. A workqueue may wait for the IPIs."});
  variant({.name = "pages_only_walks",
           .set = with_more(pages, {{"lockless_walks", "true"}, {"faults_elsewhere", "false"}}),
           .source = "pages_only, and the mirror is walked under RCU alone",
           .expected = "the grace period keeps the page tables for the walkers"});
  variant({.name = "pages_only_slot_comes_back",
           .set = with_more(pages, {{"slot_comes_back", "true"}, {"faults_elsewhere", "false"}}),
           .source = "pages_only, and a new memslot covers the branch at once",
           .expected = "for the checker to decide",
           .finding =
               "A fault finds no branch in the mirror and adds a page table where the S-EPT still has one: "
               "TDX_EPT_ENTRY_STATE_INCORRECT, KVM_BUG_ON. A table that was pruned cannot be replaced "
               "before it is gone: there is one S-EPT."});
}

} // namespace tdxcheck::protocols
