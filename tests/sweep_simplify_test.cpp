// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the formula of a sweep could claim cells that nobody explored or decided, or a wrong verdict
// at its boundary go unnoticed.

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "report/write_failing_sets.h"
#include "report/write_sweep.h"
#include "run/corners.h"
#include "run/simplify_sweep.h"
#include "run_program.h"
#include "schema_check.h"
#include "support/error.h"

namespace sweep_simplify_test {

using namespace tdxcheck;
using result::Verdict;

using Names = result::Names;

// A sweep whose verdicts are made up; nothing is explored. No verdict: the claim is not made.
run::Sweep made_up(const std::string& target, const std::vector<std::string>& settings,
                   const std::function<std::optional<Verdict>(const Names&)>& verdict) {
  run::Sweep sweep;
  sweep.target = target;
  sweep.swept = run::parse_sweep(settings);
  std::size_t cells = 1;
  for (const auto& parameter : sweep.swept) cells *= parameter.values.size();
  for (std::size_t i = 0; i < cells; ++i) {
    result::CheckResult cell;
    const auto values = sweep.values_of(i);
    for (std::size_t p = 0; p < values.size(); ++p) cell.parameters[sweep.swept[p].name] = values[p];
    cell.complete = true;
    cell.verdict = Verdict::holds;
    if (const auto judged = verdict(cell.parameters)) {
      cell.properties.push_back({"claim", "always", *judged, "", {}, {}, {}});
      cell.verdict = *judged;
    }
    sweep.cells.push_back(std::move(cell));
  }
  return sweep;
}

const model::Model& sept_zap() {
  static const model::Model model = run::resolve({"sept_zap"}).model;
  return model;
}

long number(const std::string& text) { return text == "unlimited" ? 1'000'000 : std::stol(text); }

TEST_CASE("the failing set of a sweep is stated as its shortest formula") {
  const run::Sweep sweep = made_up(
      "sept_zap", {"retries=unlimited,0..16", "kick=none,before_last,each", "keep_out=nothing,flag,request"},
      [](const Names& at) {
        const bool fails =
            at.at("retries") == "0" ||
            (at.at("retries") != "unlimited" && (at.at("kick") == "none" || at.at("keep_out") == "nothing"));
        return fails ? Verdict::violated : Verdict::holds;
      });
  const result::SimplifiedSweep simplified = run::simplify(sweep, sept_zap());
  REQUIRE(simplified.sets.size() == 2);
  const result::FailingSet& set = simplified.sets[0];
  CHECK(set.claim == "claim");
  CHECK(set.is_shortest);
  std::vector<std::string> terms;
  for (const auto& term : *set.where) terms.push_back(text_of(term));
  std::ranges::sort(terms);
  CHECK(terms == std::vector<std::string>{"retries != unlimited and keep_out == nothing",
                                          "retries != unlimited and kick == none", "retries == 0"});
  CHECK(simplified.sets[1].claim == "");
  CHECK(simplified.sets[1].where == set.where);
  CHECK(report::domain_of(simplified.over) == "retries in {0..16, unlimited}, kick in {none, before_last, "
                                              "each}, keep_out in {nothing, flag, request}");
}

TEST_CASE("cells that were not decided are named, and make no formula longer") {
  const run::Sweep sweep =
      made_up("sept_zap", {"retries=0..8"}, [](const Names& at) -> std::optional<Verdict> {
        const long retries = number(at.at("retries"));
        if (retries == 2 || retries == 5) return Verdict::unknown;
        return retries < 5 ? Verdict::violated : Verdict::holds;
      });
  const result::FailingSet set = run::simplify(sweep, sept_zap()).sets[0];
  CHECK(set.where->size() == 1);
  CHECK(text_of(*set.open) == "retries == 2 or retries == 5");
  CHECK(set.violated == 4);
  CHECK(set.undecided == 2);
  const auto simplified = run::simplify(sweep, sept_zap());
  const std::string text = report::write_failing_sets_text(simplified, 300);
  CHECK(text.find("not decided, and nothing said of it, where retries == 2 or retries == 5") !=
        std::string::npos);
}

TEST_CASE("cells in which the claim is not made are not spoken of") {
  const run::Sweep sweep = made_up("sept_zap", {"retries=0..3,unlimited", "kick=none,each"},
                                   [](const Names& at) -> std::optional<Verdict> {
                                     if (at.at("retries") != "unlimited") return {};
                                     return at.at("kick") == "none" ? Verdict::violated : Verdict::holds;
                                   });
  const result::FailingSet set = run::simplify(sweep, sept_zap()).sets[0];
  CHECK(text_of(*set.where) == "kick == none");
  CHECK(text_of(*set.claimed) == "retries == unlimited");
  CHECK(set.not_claimed == 8);
}

TEST_CASE("numbers between those swept are in no range") {
  const auto where = [](const std::vector<std::string>& settings, long low, long high) {
    const run::Sweep sweep = made_up("sept_zap", settings, [&](const Names& at) {
      const long retries = number(at.at("retries"));
      return low <= retries && retries <= high ? Verdict::violated : Verdict::holds;
    });
    return text_of(*run::simplify(sweep, sept_zap()).sets[0].where);
  };
  CHECK(where({"retries=0,2,5,9"}, 2, 5) == "retries in {2, 5}");
  CHECK(where({"retries=0..9"}, 2, 5) == "retries in 2..5");
  CHECK(where({"retries=0..9"}, 0, 5) == "retries <= 5");
  CHECK(where({"retries=0..9"}, 3, 9) == "retries >= 3");
  CHECK(where({"retries=0..9,unlimited"}, 3, 9) == "retries in 3..9");
  CHECK(where({"retries=0..9,unlimited"}, 0, 9) == "retries != unlimited");
  CHECK(where({"retries=0..9"}, 0, 9) == "always");
  CHECK(where({"retries=0..9"}, 10, 12) == "never");
}

TEST_CASE("corners lie at the ends of each range, and across them where the claim holds") {
  const run::Sweep sweep = made_up("sept_zap", {"retries=0..9", "kick=none,each"}, [](const Names& at) {
    return number(at.at("retries")) >= 3 && at.at("kick") == "none" ? Verdict::violated : Verdict::holds;
  });
  std::vector<std::string> corners;
  const result::SimplifiedSweep simplified = run::simplify(sweep, sept_zap());
  for (const std::size_t cell : simplified.sets[0].corners)
    corners.push_back(sweep.cells[cell].parameters.at("retries") + sweep.cells[cell].parameters.at("kick"));
  CHECK(corners == std::vector<std::string>{"2none", "3none", "3each", "9none", "9each"});
}

TEST_CASE("a real sweep: formulas, corners and JSON") {
  const run::Request request{
      "vp_init_against_zap@before", {"finalizes=false,true", "mmu_lock_in_finalize=false,true"}, {}};
  run::Sweep sweep = run::run_sweep(request, {}, [](std::size_t, std::size_t) {});
  const result::SimplifiedSweep simplified = run::simplify(sweep, request, {});
  CHECK(simplified.corners.cells > 0);
  CHECK(simplified.corners.confirmed == simplified.corners.cells);
  report::SweepTable table{
      sweep.target, {"finalizes", "mmu_lock_in_finalize"}, {}, sweep.computed, sweep.reproduce, &simplified};
  for (std::size_t i = 0; i < sweep.cells.size(); ++i)
    table.rows.push_back({sweep.values_of(i), &sweep.cells[i]});
  CHECK(tests::complaints_of_schema("sweep", report::write_sweep_json(table)) == "");
  CHECK(report::write_sweep_markdown(table).find("* any claim: ") != std::string::npos);

  // A verdict that a search as written does not find is a bug of ours.
  result::CheckResult& lie = sweep.cells[simplified.sets.back().corners.front()];
  auto& told = lie.properties.front();
  told.verdict = told.verdict == Verdict::holds ? Verdict::violated : Verdict::holds;
  CHECK_THROWS_AS((void)run::confirm_corners(sweep, simplified, request, {}), support::InternalError);
}

TEST_CASE("CSV has no place for a formula") {
  const auto run = tests::run_tdxcheck(
      {"sweep", "vp_init_against_zap", "--set", "finalizes=false,true", "--simplify", "--as", "csv"});
  CHECK(run.code == 2);
  CHECK(run.err.find("--simplify") != std::string::npos);
}

} // namespace sweep_simplify_test
