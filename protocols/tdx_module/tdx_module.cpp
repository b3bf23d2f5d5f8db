// SPDX-License-Identifier: GPL-2.0-or-later

// Two SEAMCALLs on one TD at the same time. Which lock makes which of them BUSY?
//
// THE QUESTION. On the list the answer has been a table, made by reading the module (Yan Zhao, "Re: [PATCH
// 09/21] KVM: TDX: Retry seamcall when TDX_OPERAND_BUSY with operand SEPT", 2024-09-13; "[RFC PATCH 0/2] SEPT
// SEAMCALL retry proposal", 2024-11-21). Here it is searched for: two threads, each with any one leaf, in
// every state of the TD in which one of them gets anywhere, in every interleaving. `tdxcheck conflicts`
// without a target lists what was found, for each version of the module.
//
// SOURCES. The TDX module's source, tags and versions as in protocols/module/generation.h; the leaves are in
// protocols/module/.
//
// THREADS. holder and newcomer are the same: each makes one call, once. The two names only say whose view is
// taken; `holder` and `newcomer` may be set to one leaf each. Before, holder chooses the state of the TD, and
// each thread puts its own operands (a vCPU, a page, a table of its own) into the state that the leaf is for.
// The pages lie in different ranges of 1 GiB, the vCPUs are different ones: what conflicts then is a lock of
// the TD or of the module.
//
// VP.ENTER.ZERO_STEP is VP.ENTER with a page listed as faulting, which is mapped by now: the check passes,
// and takes the tree lock. VP.INIT is version 1, or where the module has no such version, version 0.
// PHYMEM.PAGE.RECLAIM is that of a private page.
//
// LEFT OUT. Two calls on the same page, vCPU or package; the compare-and-exchange of MNG.WR, which answers
// BUSY when another write came first, held or not; service TDs and migration, which take OP_STATE exclusive;
// a guest's TDCALLs, which take no lock that the whole TD has. SYS.SHUTDOWN counts nobody inside the module
// here, so what it answers because of that is not a lock's.

#include "protocols/tdx_module/tdx_module.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;

namespace {

const std::vector<std::string> names_of_leaves{"any",
                                               "SYS.INIT",
                                               "SYS.LP.INIT",
                                               "SYS.CONFIG",
                                               "SYS.KEY.CONFIG",
                                               "SYS.TDMR.INIT",
                                               "SYS.SHUTDOWN",
                                               "SYS.UPDATE",
                                               "SYS.LP.SHUTDOWN",
                                               "MNG.CREATE",
                                               "MNG.ADDCX",
                                               "MNG.KEY.CONFIG",
                                               "MNG.INIT",
                                               "MNG.RD",
                                               "MNG.WR",
                                               "MNG.VPFLUSHDONE",
                                               "MNG.KEY.FREEID",
                                               "VP.CREATE",
                                               "VP.ADDCX",
                                               "VP.INIT",
                                               "VP.ENTER",
                                               "VP.ENTER.ZERO_STEP",
                                               "VP.FLUSH",
                                               "VP.RD",
                                               "VP.WR",
                                               "MEM.SEPT.ADD",
                                               "MEM.SEPT.REMOVE",
                                               "MEM.SEPT.RD",
                                               "MEM.PAGE.ADD",
                                               "MEM.PAGE.AUG",
                                               "MEM.PAGE.REMOVE",
                                               "MEM.PAGE.RELOCATE",
                                               "MEM.PAGE.PROMOTE",
                                               "MEM.PAGE.DEMOTE",
                                               "MEM.RANGE.BLOCK",
                                               "MEM.RANGE.UNBLOCK",
                                               "MEM.TRACK",
                                               "MEM.RD",
                                               "MEM.WR",
                                               "MR.EXTEND",
                                               "MR.FINALIZE",
                                               "PHYMEM.CACHE.WB",
                                               "PHYMEM.PAGE.RECLAIM",
                                               "PHYMEM.PAGE.WBINVD",
                                               "PHYMEM.PAGE.RDMD",
                                               "PHYMEM.PAMT.ADD",
                                               "PHYMEM.PAMT.REMOVE"};

} // namespace

TdxModule::TdxModule()
    : Protocol("tdx_module", "Two SEAMCALLs on one TD at the same time: which lock makes which of them BUSY"),
      module(module_parameter(*this)),
      holder(enum_parameter("holder", names_of_leaves, "the call that may be inside already")),
      newcomer(enum_parameter("newcomer", names_of_leaves, "the call that may find it there")),
      cpus(index_set("cpu", 2)),
      vcpus(index_set("vcpu", 2)),
      gfns(index_set("gfn", 2)),
      tables(index_set("table", 2)),
      system(*this, {.module = module, .cpus = cpus, .callers = 2, .comes_up = true, .tdmrs = 2}),
      td(*this, system, td_spec()),
      ready(variable("ready", dsl::boolean(), false, "the state of the TD was chosen")),
      holder_answered(variable("holder_answered", status_type(), "TDX_OPERAND_INVALID",
                               "what the holder was told; nothing yet: TDX_OPERAND_INVALID")),
      newcomer_answered(variable("newcomer_answered", status_type(), "TDX_OPERAND_INVALID")) {}

TdSpec TdxModule::td_spec() const {
  TdSpec spec{.vcpus = vcpus, .gfns = gfns, .tables = tables, .callers = 2};
  spec.table_of = [this](const Expr& gfn) {
    return choose(gfn == gfns.member(0), tables.member(0), tables.member(1));
  };
  spec.modelled.op_state = spec.modelled.pamt = spec.modelled.pamt_ancestors = true;
  spec.modelled.zero_step = true;
  return spec;
}

// As far as one leaf or another asks for it. The TD's HKID goes with its life cycle.
void TdxModule::choose_the_state(Thread& t) {
  const Expr vm = td.vm();
  const auto state = [&](const std::string& text, const std::string& sys_state, const std::string& lifecycle,
                         const std::string& hkid, const std::string& op_state, const Expr& tdcs,
                         const Expr& lps_initialised = true) {
    return [=, this, &t] {
      auto step = t.step(text);
      step.set(system.sys_state, sys_state.c_str())
          .set(td.lifecycle[vm], lifecycle.c_str())
          .set(td.hkid_state[vm], hkid.c_str())
          .set(td.op_state[vm], op_state.c_str())
          .set(td.tdcs[vm], tdcs)
          .set(ready, true);
      for (const int cpu : {0, 1}) step.set(system.lp_is_init[cpus.member(cpu)], lps_initialised);
      // Every package has written back, for KEY.FREEID.
      step.set(td.written_back[vm], with(with(td.written_back[vm], cpus.member(0)), cpus.member(1)));
    };
  };
  const std::string up = "SYS_READY", keys = "TD_KEYS_CONFIGURED", assigned = "HKID_ASSIGNED",
                    none = "UNINITIALIZED";
  t.one_of({state("the module waits for SYS.INIT", "SYSINIT_PENDING", "TD_NONE", "HKID_FREE", none, 0, false),
            state("LPs are being initialised", "SYSINIT_DONE", "TD_NONE", "HKID_FREE", none, 0, false),
            state("every LP is initialised", "SYSINIT_DONE", "TD_NONE", "HKID_FREE", none, 0),
            state("the module is configured", "SYSCONFIG_DONE", "TD_NONE", "HKID_FREE", none, 0),
            state("there is no TD", up, "TD_NONE", "HKID_FREE", none, 0),
            state("the TD has an HKID", up, "TD_HKID_ASSIGNED", assigned, none, 0),
            state("the TD has keys", up, keys, assigned, none, 0),
            state("the TD has its TDCS", up, keys, assigned, none, 1),
            state("the TD is being built", up, keys, assigned, "INITIALIZED", 1),
            state("the TD runs", up, keys, assigned, "RUNNABLE", 1),
            state("the TD is blocked", up, "TD_BLOCKED", "HKID_FLUSHED", "RUNNABLE", 1),
            state("the TD is torn down", up, "TD_TEARDOWN", "HKID_FREE", "RUNNABLE", 1)});
}

void TdxModule::make_a_call(Thread& t, const dsl::Parameter& which, int member, const Variable& answered) {
  const Variable rax = status_register(t);
  const Side side{t,
                  {t, rax, cpus.member(member)},
                  vcpus.member(member),
                  gfns.member(member),
                  tables.member(member),
                  system.tdmrs.member(member)};
  std::vector<dsl::Body> ways;
  for (const Leaf& leaf : all_leaves()) {
    ways.emplace_back([&, leaf] {
      t.function(leaf.name, [&] {
        {
          auto step = t.step("operands of " + leaf.name);
          step.when(ready && (which == "any" || which == leaf.name.c_str()));
          leaf.operands(step, side);
        }
        leaf.call(side);
      });
    });
  }
  t.one_of(ways);
  t.step("the call has returned").set(answered, rax).set(rax, "SUCCESS");
}

void TdxModule::define() {
  thread(
      "holder",
      [this](Thread& t) {
        choose_the_state(t);
        make_a_call(t, holder, 0, holder_answered);
      },
      "chooses the state of the TD, then makes one call");
  thread(
      "newcomer", [this](Thread& t) { make_a_call(t, newcomer, 1, newcomer_answered); }, "makes one call");
  claims();
  variants();
}

void TdxModule::claims() {
  using namespace properties;
  no_deadlock(*this);
  lock_discipline(*this);
  sometimes(*this, "holder_succeeds", holder_answered == "SUCCESS");
  sometimes(*this, "newcomer_succeeds", newcomer_answered == "SUCCESS");
}

} // namespace tdxcheck::protocols
