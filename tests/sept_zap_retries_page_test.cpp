// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the formulas of examples/SEPT_ZAP_RETRIES.md could say something else than its table: the line
// that people will quote is derived again from the 162 cells that the page shows. What each cell is, is
// judged again by sept_zap_retries_page_nightly_test.cpp.

#include <doctest/doctest.h>

#include "retries_page.h"
#include "run/simplify_sweep.h"

namespace sept_zap_retries_page_test {

using namespace tdxcheck;

TEST_CASE("the formulas of the page are those of its table") {
  const tests::RetriesPage page = tests::read_retries_page();
  REQUIRE(page.cells.size() == 162);
  run::Sweep sweep;
  sweep.target = "sept_zap";
  sweep.swept = {{"retries", {}}, {"kick", {}}, {"keep_out", {}}};
  for (const tests::RetriesCell& cell : page.cells) {
    result::CheckResult& result = sweep.cells.emplace_back();
    result.parameters = cell.at;
    const auto judged = [&](const char* claim, bool violated) {
      result.properties.push_back(
          {claim, "", violated ? result::Verdict::violated : result::Verdict::holds, "", {}, {}, {}});
    };
    judged("no_kvm_bug", cell.says.starts_with("bug"));
    judged("no_livelock", cell.says == "endless");
  }
  const auto simplified = run::simplify(sweep, run::resolve({"sept_zap"}).model);
  for (const result::FailingSet& set : simplified.sets) {
    if (set.claim.empty()) continue;
    CHECK(set.is_shortest);
    CHECK(page.formulas.at(set.claim) == text_of(*set.where));
  }
}

} // namespace sept_zap_retries_page_test
