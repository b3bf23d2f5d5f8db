// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a leaf could take its locks in another order or mode than the module does, name the wrong
// operand when it finds one busy, or lose a status, and every protocol above it would be judged on a module
// that does not exist.
#include "run/target.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

namespace module_follows_the_facts_test {

using namespace tdxcheck;

const std::string always = "1.0 1.5.16 1.5.20 1.5.20_dpamt", since_1_5 = "1.5.16 1.5.20 1.5.20_dpamt",
                  since_1_5_20 = "1.5.20 1.5.20_dpamt";
const std::string built = "OP_STATE_INCORRECT TDCS_NOT_ALLOCATED TD_KEYS_NOT_CONFIGURED",
                  tracked = "GPA_RANGE_NOT_BLOCKED TLB_TRACKING_NOT_DONE";

struct Row {
  std::string leaf, generations;
  std::string locks;                 // in order; mode; the operand that BUSY names, or the whole status
  std::vector<std::string> statuses; // besides success, BUSY and the dispatcher's
};

// From the module's source by way of its tables, leaf by leaf. SEPT_ENTRY_2M and PAGE_2M are the entry lock
// and the PAMT entry one level up; a page that no other call names has no row.
const std::vector<Row> facts{
    {"SYS.INIT", always, "GLOBAL ex TDX_SYS_BUSY", {"SYS_INIT_NOT_PENDING"}},
    {"SYS.LP.INIT", always, "GLOBAL sh TDX_SYS_BUSY", {"SYS_LP_INIT_DONE SYS_LP_INIT_NOT_PENDING"}},
    {"SYS.CONFIG", always, "GLOBAL ex TDX_SYS_BUSY", {"SYS_CONFIG_NOT_PENDING"}},
    {"SYS.KEY.CONFIG", always, "GLOBAL ex TDX_SYS_BUSY", {"KEY_CONFIGURED SYS_KEY_CONFIG_NOT_PENDING"}},
    {"SYS.TDMR.INIT", always, "TDMR ex RCX", {"TDMR_ALREADY_INITIALIZED"}},
    {"SYS.SHUTDOWN", always, "GLOBAL ex TDX_SYS_BUSY", {""}},
    {"SYS.UPDATE", always, "GLOBAL ex TDX_SYS_BUSY", {"SYS_STATE_INCORRECT"}},
    {"SYS.LP.SHUTDOWN", always, "", {""}},
    {"MNG.CREATE", always, "TDR ex RCX, KOT ex KOT", {"HKID_NOT_FREE PAGE_METADATA_INCORRECT"}},
    {"MNG.ADDCX", always, "TDR ex RDX", {"TDCX_NUM_INCORRECT TD_KEYS_NOT_CONFIGURED"}},
    {"MNG.KEY.CONFIG", always, "TDR ex RCX", {"KEY_CONFIGURED LIFECYCLE_STATE_INCORRECT"}},
    {"MNG.INIT", always, "TDR ex RCX", {built}},
    {"MNG.RD", always, "TDR sh RCX, OP_STATE sh OP_STATE", {built}},
    {"MNG.WR", always, "TDR sh RCX, OP_STATE sh OP_STATE", {built}},
    {"MNG.VPFLUSHDONE", always, "TDR ex RCX, KOT ex KOT", {"FLUSHVP_NOT_DONE LIFECYCLE_STATE_INCORRECT"}},
    {"MNG.KEY.FREEID", always, "TDR ex RCX, KOT ex KOT", {"LIFECYCLE_STATE_INCORRECT WBCACHE_NOT_COMPLETE"}},
    {"VP.CREATE",
     always,
     "TDR sh RDX, OP_STATE sh OP_STATE, TDVPR ex RCX",
     {built, "PAGE_METADATA_INCORRECT"}},
    {"VP.ADDCX",
     always,
     "TDVPR ex RDX, TDR sh TDR, OP_STATE sh OP_STATE",
     {built, "PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_STATE_INCORRECT"}},
    {"VP.INIT",
     "1.0",
     "TDVPR ex RCX, TDR sh TDR, OP_STATE sh OP_STATE",
     {built, "PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_STATE_INCORRECT"}},
    {"VP.INIT",
     since_1_5,
     "TDVPR ex RCX, TDR ex TDR, OP_STATE sh OP_STATE",
     {built, "PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_STATE_INCORRECT"}},
    {"VP.ENTER",
     "1.0 1.5.16",
     "TDVPR sh RCX, TDR sh TDR, OP_STATE sh OP_STATE, EPOCH sh TD_EPOCH, SEPT_TREE ex SEPT_TREE",
     {built,
      "EXIT_EPT_VIOLATION PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_ASSOCIATED VCPU_STATE_INCORRECT"}},
    {"VP.ENTER",
     since_1_5_20,
     "TDVPR sh RCX, TDR sh TDR, OP_STATE sh OP_STATE, EPOCH sh TD_EPOCH, SEPT_TREE sh SEPT_TREE",
     {built,
      "EXIT_EPT_VIOLATION PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_ASSOCIATED VCPU_STATE_INCORRECT"}},
    {"VP.ENTER.ZERO_STEP",
     "1.0 1.5.16",
     "TDVPR sh RCX, TDR sh TDR, OP_STATE sh OP_STATE, EPOCH sh TD_EPOCH, SEPT_TREE ex SEPT_TREE",
     {built,
      "EXIT_EPT_VIOLATION PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_ASSOCIATED VCPU_STATE_INCORRECT"}},
    {"VP.ENTER.ZERO_STEP",
     since_1_5_20,
     "TDVPR sh RCX, TDR sh TDR, OP_STATE sh OP_STATE, EPOCH sh TD_EPOCH, SEPT_TREE sh SEPT_TREE",
     {built,
      "EXIT_EPT_VIOLATION PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_ASSOCIATED VCPU_STATE_INCORRECT"}},
    {"VP.FLUSH",
     always,
     "TDVPR ex RCX, TDR sh TDR",
     {"PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT TD_KEYS_NOT_CONFIGURED VCPU_NOT_ASSOCIATED"}},
    {"VP.RD",
     always,
     "TDVPR sh RCX, TDR sh TDR, OP_STATE sh OP_STATE",
     {built, "PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_ASSOCIATED VCPU_STATE_INCORRECT"}},
    {"VP.WR",
     always,
     "TDVPR sh RCX, TDR sh TDR, OP_STATE sh OP_STATE",
     {built, "PAGE_METADATA_INCORRECT TDCX_NUM_INCORRECT VCPU_ASSOCIATED VCPU_STATE_INCORRECT"}},
    {"MEM.SEPT.ADD",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE",
     {built, "EPT_ENTRY_STATE_INCORRECT"}},
    {"MEM.SEPT.ADD",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY_2M ex RCX",
     {built, "EPT_ENTRY_STATE_INCORRECT"}},
    {"MEM.SEPT.REMOVE",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, PAGE_2M ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_PAGE_NOT_FREE"}},
    {"MEM.SEPT.REMOVE",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, SEPT_ENTRY_2M ex RCX, PAGE_2M ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_PAGE_NOT_FREE"}},
    {"MEM.SEPT.RD",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE",
     {built, "EPT_WALK_FAILED"}},
    {"MEM.SEPT.RD",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY ex RCX",
     {built, "EPT_WALK_FAILED"}},
    {"MEM.PAGE.ADD",
     "1.0",
     "TDR ex RDX, SEPT_TREE ex SEPT_TREE, PAMT_2M sh R8, PAGE ex R8",
     {built, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED"}},
    {"MEM.PAGE.ADD",
     since_1_5,
     "TDR ex RDX, PAMT_2M sh R8, PAGE ex R8",
     {built, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED"}},
    {"MEM.PAGE.AUG",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, PAMT_2M sh R8, PAGE ex R8",
     {built, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED"}},
    {"MEM.PAGE.AUG",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY ex RCX, PAMT_2M sh R8, PAGE ex R8",
     {built, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED"}},
    {"MEM.PAGE.REMOVE",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, PAGE ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED"}},
    {"MEM.PAGE.REMOVE",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY ex RCX, PAGE ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED"}},
    {"MEM.PAGE.RELOCATE",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, PAGE ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED"}},
    {"MEM.PAGE.RELOCATE",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY ex RCX, PAGE ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED"}},
    {"MEM.PAGE.PROMOTE",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, PAGE_2M ex RCX, PAMT_2M ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_INVALID_PROMOTE_CONDITIONS"}},
    {"MEM.PAGE.PROMOTE",
     "1.5.16",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY_2M ex RCX, PAGE_2M ex RCX, "
     "PAMT_2M ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_INVALID_PROMOTE_CONDITIONS"}},
    {"MEM.PAGE.PROMOTE",
     since_1_5_20,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, SEPT_ENTRY_2M ex RCX, PAGE_2M ex RCX, "
     "PAMT_2M ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT EPT_INVALID_PROMOTE_CONDITIONS"}},
    {"MEM.PAGE.DEMOTE",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, PAMT_2M ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT"}},
    {"MEM.PAGE.DEMOTE",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY_2M ex RCX, PAMT_2M ex RCX",
     {built, tracked, "EPT_ENTRY_STATE_INCORRECT"}},
    {"MEM.RANGE.BLOCK",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE",
     {built, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED GPA_RANGE_ALREADY_BLOCKED"}},
    {"MEM.RANGE.BLOCK",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, SEPT_ENTRY ex RCX",
     {built, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED GPA_RANGE_ALREADY_BLOCKED"}},
    {"MEM.RANGE.UNBLOCK",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE",
     {built, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED TLB_TRACKING_NOT_DONE"}},
    {"MEM.RANGE.UNBLOCK",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE ex SEPT_TREE, SEPT_ENTRY ex RCX",
     {built, "EPT_ENTRY_STATE_INCORRECT EPT_WALK_FAILED TLB_TRACKING_NOT_DONE"}},
    {"MEM.TRACK",
     always,
     "TDR sh RCX, OP_STATE sh OP_STATE, EPOCH ex TD_EPOCH",
     {built, "PREVIOUS_TLB_EPOCH_BUSY"}},
    {"MEM.RD",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE",
     {built, "EPT_ENTRY_NOT_PRESENT EPT_ENTRY_STATE_INCORRECT"}},
    {"MEM.RD",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY ex RCX",
     {built, "EPT_ENTRY_NOT_PRESENT EPT_ENTRY_STATE_INCORRECT"}},
    {"MEM.WR",
     "1.0",
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE",
     {built, "EPT_ENTRY_NOT_PRESENT EPT_ENTRY_STATE_INCORRECT"}},
    {"MEM.WR",
     since_1_5,
     "TDR sh RDX, OP_STATE sh OP_STATE, SEPT_TREE sh SEPT_TREE, SEPT_ENTRY ex RCX",
     {built, "EPT_ENTRY_NOT_PRESENT EPT_ENTRY_STATE_INCORRECT"}},
    {"MR.EXTEND", always, "TDR ex RDX", {built, "EPT_ENTRY_NOT_PRESENT"}},
    {"MR.FINALIZE", always, "TDR ex RCX", {built, "NO_VCPUS"}},
    {"PHYMEM.CACHE.WB",
     always,
     "WBT ex WBCACHE, KOT sh KOT",
     {"INTERRUPTED_RESUMABLE NO_HKID_READY_TO_WBCACHE"}},
    {"PHYMEM.PAGE.RECLAIM",
     always,
     "PAMT_2M sh RCX, PAGE ex RCX, TDR sh TDR",
     {"LIFECYCLE_STATE_INCORRECT PAGE_METADATA_INCORRECT"}},
    {"PHYMEM.PAGE.WBINVD", always, "PAMT_2M sh RCX, PAGE sh RCX", {"PAGE_METADATA_INCORRECT"}},
    {"PHYMEM.PAGE.RDMD", always, "PAMT_2M sh RCX, PAGE sh RCX", {""}},
    {"PHYMEM.PAMT.ADD", "1.0 1.5.16 1.5.20", "", {"OPERAND_INVALID"}},
    {"PHYMEM.PAMT.ADD", "1.5.20_dpamt", "PAMT_2M sh RCX, PAMT_2M ex RCX", {"HPA_RANGE_NOT_FREE"}},
    {"PHYMEM.PAMT.REMOVE", "1.0 1.5.16 1.5.20", "", {"OPERAND_INVALID"}},
    {"PHYMEM.PAMT.REMOVE",
     "1.5.20_dpamt",
     "PAMT_2M sh RCX, PAMT_2M ex RCX",
     {"NO_PAMT_PAGE_PAIR PAMT_PAGE_NOT_EMPTY"}},
};

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Every leaf at once, called by the holder; a step says which leaf it is part of.
const model::Model& all_leaves_of(const std::string& generation) {
  static std::map<std::string, model::Model> models;
  if (const auto found = models.find(generation); found != models.end()) return found->second;
  run::Request request;
  request.target = "tdx_module";
  request.set = {"module=" + generation, "newcomer=SYS.LP.SHUTDOWN"};
  return models[generation] = run::instantiated(run::resolve(request));
}

struct Seen {
  std::string locks;
  std::set<std::string> statuses;
};

Seen seen_in(const std::string& leaf, const std::string& generation) {
  const model::Model& model = all_leaves_of(generation);
  const auto& thread = *std::ranges::find(model.threads, "holder", &model::Thread::name);
  std::vector<std::string> taken;
  std::map<std::string, std::string> busy;
  Seen seen;
  for (const model::Step& step : thread.steps) {
    if (step.function != leaf) continue;
    if (!step.status.empty())
      seen.statuses.insert(step.status.substr(step.status.starts_with("TDX_") ? 4 : 0));
    for (const model::Fact& fact : step.facts) {
      const auto* event = std::get_if<model::LockEvent>(&fact);
      if (event == nullptr || event->action == model::LockAction::release) continue;
      const std::string lock =
          model.locks[event->lock].name + (event->mode == model::LockMode::shared ? " sh" : " ex");
      if (event->action == model::LockAction::busy) busy[lock] = step.status;
      else if (std::ranges::find(taken, lock) == taken.end()) taken.push_back(lock);
    }
  }
  for (const std::string& lock : taken) {
    const std::string status = busy[lock];
    const auto bar = status.find('|');
    seen.locks += (seen.locks.empty() ? "" : ", ") + lock + " " +
                  (bar == std::string::npos ? status : status.substr(bar + 1));
  }
  std::erase_if(seen.statuses, [](const std::string& status) {
    return status == "SUCCESS" || status == "SYS_BUSY" || status == "SYS_NOT_READY" ||
           status.starts_with("OPERAND_BUSY");
  });
  return seen;
}

TEST_CASE("every leaf takes its locks in the module's order and mode, and answers its statuses") {
  for (const Row& row : facts) {
    for (const std::string& generation : words(row.generations)) {
      CAPTURE(row.leaf);
      CAPTURE(generation);
      const Seen seen = seen_in(row.leaf, generation);
      CHECK(seen.locks == row.locks);
      std::set<std::string> statuses;
      for (const std::string& some : row.statuses)
        for (const std::string& status : words(some)) statuses.insert(status);
      CHECK(seen.statuses == statuses);
    }
  }
}

TEST_CASE("the table has a row for every leaf in every generation") {
  std::map<std::string, std::size_t> rows;
  for (const Row& row : facts) rows[row.leaf] += words(row.generations).size();
  run::Request request;
  request.target = "tdx_module";
  const run::Target target = run::resolve(request);
  for (const model::Parameter& parameter : target.model.parameters) {
    if (parameter.name != "holder") continue;
    for (const std::string& leaf : target.model.enumerations[{model::sort_of(parameter).of}].constants) {
      CAPTURE(leaf);
      CHECK(rows[leaf] == (leaf == "any" ? 0 : 4));
    }
  }
}

} // namespace module_follows_the_facts_test
