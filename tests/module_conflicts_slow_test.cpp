// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this the search over all pairs of leaves could miss a pair, or blame a lock that was not in the
// way. What it must find follows from who takes which lock how: the first lock of the newcomer that the
// holder has in a mode that excludes it.
#include "report/write_conflicts.h"
#include "run/run_conflicts.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>

#include <map>

namespace module_conflicts_slow_test {

using namespace tdxcheck;

enum class Has { shared, exclusive };
using Locks = std::vector<std::pair<std::string, Has>>; // in order, those of the TD and of the module

bool begins(const std::string& leaf, const std::string& with) { return leaf.starts_with(with); }

bool one_of(const std::string& leaf, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (leaf == name) return true;
  return false;
}

Has tree_mode(const std::string& leaf, const std::string& module) {
  if (one_of(leaf, {"MEM.RANGE.BLOCK", "MEM.RANGE.UNBLOCK", "MEM.SEPT.REMOVE"})) return Has::exclusive;
  if (leaf == "MEM.PAGE.PROMOTE") return module == "1.5.16" ? Has::shared : Has::exclusive;
  if (leaf == "VP.ENTER.ZERO_STEP") return begins(module, "1.5.20") ? Has::shared : Has::exclusive;
  const bool reads = one_of(leaf, {"MEM.SEPT.RD", "MEM.RD", "MEM.WR"});
  return module == "1.0" && !reads ? Has::exclusive : Has::shared;
}

Locks locks_of(const std::string& leaf, const std::string& module) {
  if (begins(leaf, "SYS.")) {
    if (one_of(leaf, {"SYS.TDMR.INIT", "SYS.LP.SHUTDOWN"})) return {};
    return {{"GLOBAL", leaf == "SYS.LP.INIT" ? Has::shared : Has::exclusive}};
  }
  if (leaf == "PHYMEM.CACHE.WB") return {{"KOT", Has::shared}};
  if (begins(leaf, "PHYMEM.") && leaf != "PHYMEM.PAGE.RECLAIM") return {};
  const bool alone = one_of(leaf, {"MNG.CREATE", "MNG.ADDCX", "MNG.KEY.CONFIG", "MNG.INIT", "MNG.VPFLUSHDONE",
                                   "MNG.KEY.FREEID", "MEM.PAGE.ADD", "MR.EXTEND", "MR.FINALIZE"}) ||
                     (leaf == "VP.INIT" && module != "1.0");
  Locks locks{{"TDR", alone ? Has::exclusive : Has::shared}};
  if (one_of(leaf, {"MNG.CREATE", "MNG.VPFLUSHDONE", "MNG.KEY.FREEID"}))
    locks.push_back({"KOT", Has::exclusive});
  if (begins(leaf, "VP.ENTER")) locks.push_back({"EPOCH", Has::shared});
  if (leaf == "MEM.TRACK") locks.push_back({"EPOCH", Has::exclusive});
  const bool walks = begins(leaf, "MEM.") && !one_of(leaf, {"MEM.TRACK", "MEM.PAGE.ADD"});
  if (walks || leaf == "VP.ENTER.ZERO_STEP") locks.push_back({"SEPT_TREE", tree_mode(leaf, module)});
  return locks;
}

std::vector<std::string> in_the_way(const Locks& holder, const Locks& newcomer) {
  for (const auto& [lock, wanted] : newcomer)
    for (const auto& [held, mode] : holder)
      if (held == lock && (mode == Has::exclusive || wanted == Has::exclusive)) return {lock};
  return {};
}

TEST_CASE("the search finds every pair that shares a lock, and no other, in every generation") {
  for (const std::string module : {"1.0", "1.5.16", "1.5.20", "1.5.20_dpamt"}) {
    CAPTURE(module);
    run::Request request;
    request.set = {"module=" + module};
    const result::ModuleConflicts found = run::run_module_conflicts(request, {});
    CHECK(found.complete);
    CHECK(found.module == module);
    CHECK(found.leaves.size() == 46);
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> pairs;
    for (const auto& pair : found.pairs) pairs[{pair.holder, pair.newcomer}] = pair.locks;
    for (const std::string& holder : found.leaves) {
      for (const std::string& newcomer : found.leaves) {
        CAPTURE(holder);
        CAPTURE(newcomer);
        CHECK(pairs[{holder, newcomer}] == in_the_way(locks_of(holder, module), locks_of(newcomer, module)));
      }
    }
    CHECK(tests::complaints_of_schema("conflicts", report::conflicts_to_json(found)) == "");
  }
}

} // namespace module_conflicts_slow_test
