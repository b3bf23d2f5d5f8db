// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a change to sept_zap or to the engine could turn a cell of examples/SEPT_ZAP_RETRIES.md, and
// the page still say what it said. Some minutes.

#include <doctest/doctest.h>

#include <algorithm>

#include <fmt/format.h>

#include "retries_page.h"
#include "run/run_sweep.h"
#include "run/simplify_sweep.h"

namespace sept_zap_retries_page_nightly_test {

using namespace tdxcheck;
using result::Verdict;

const result::PropertyResult& of(const result::CheckResult& cell, const std::string& claim) {
  return *std::ranges::find(cell.properties, claim, &result::PropertyResult::name);
}

std::string said_today(const result::CheckResult& cell) {
  const auto& bug = of(cell, "no_kvm_bug");
  if (bug.verdict == Verdict::violated) return fmt::format("bug ({})", bug.trace->steps.size());
  if (of(cell, "no_livelock").verdict == Verdict::violated) return "endless";
  for (const char* claim : {"two_tries_block", "two_tries_track", "two_tries_remove"})
    if (of(cell, claim).verdict == Verdict::violated) return "ends";
  return "two tries";
}

TEST_CASE(
    "every cell of the page is what the checker decides, and the formulas are confirmed at their corners") {
  const tests::RetriesPage page = tests::read_retries_page();
  const run::Request request{"sept_zap",
                             {"module=1.5.16", "retries=0..16,unlimited", "kick=none,before_last,each",
                              "keep_out=nothing,flag,request"}};
  run::CheckOptions options;
  options.search.properties = {"no_kvm_bug", "no_livelock", "two_tries_block", "two_tries_track",
                               "two_tries_remove"};
  const run::Sweep sweep = run::run_sweep(request, options, [](std::size_t, std::size_t) {});
  REQUIRE(sweep.cells.size() == page.cells.size());
  for (const tests::RetriesCell& cell : page.cells) {
    const auto same = std::ranges::find_if(sweep.cells, [&](const result::CheckResult& one) {
      return std::ranges::all_of(
          cell.at, [&](const auto& named) { return one.parameters.at(named.first) == named.second; });
    });
    REQUIRE(same != sweep.cells.end());
    // Between two numbers that the page names, each retry adds as many steps.
    if (cell.says == "bug") CHECK(said_today(*same).starts_with("bug"));
    else CHECK(said_today(*same) == cell.says);
  }
  const auto simplified = run::simplify(sweep, request, options);
  CHECK(simplified.corners.confirmed == simplified.corners.cells);
  for (const result::FailingSet& set : simplified.sets)
    if (!set.claim.empty()) CHECK(page.formulas.at(set.claim) == text_of(*set.where));
}

} // namespace sept_zap_retries_page_nightly_test
