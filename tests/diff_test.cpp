// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a diff could call a lost verdict a gain, count a claim of one side twice, or pass a regression
// with exit code 0.
#include "report/write_diff.h"
#include "run/run_diff.h"
#include "run_program.h"
#include "schema_check.h"
#include "scratch_folder.h"
#include "support/error.h"
#include "support/read_file.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace diff_test {

using namespace tdxcheck;
using result::Change;

result::Diff diff_of(const run::DiffRequest& request) {
  const result::Diff diff = run::run_diff(request, {});
  CHECK(tests::complaints_of_schema("diff", report::diff_to_json(diff)) == "");
  return diff;
}

const result::VerdictChange& verdict(const result::Diff& diff, const std::string& property) {
  for (const auto& change : diff.verdicts)
    if (change.property == property) return change;
  FAIL("no such claim: ", property);
  return diff.verdicts.front();
}

TEST_CASE("a variant and itself are the same, by simulation") {
  const auto diff = diff_of({"hkid_release@v19", "hkid_release@v19"});
  CHECK(report::outcome_of(diff) == "the same");
  CHECK(diff.runs.answer == result::RunsChange::Answer::none_new);
  CHECK(diff.runs.how == "simulation");
  CHECK(diff.base.states == 10944);
  CHECK(diff.new_edges.empty());
  CHECK(diff.bounds.size() == 5);
}

TEST_CASE("a guard that is dropped is a regression, and a fix is none") {
  const run::DiffRequest dropped{"hkid_release@landed", {}, {}, {"flush_vcpus"}};
  const auto worse = diff_of(dropped);
  CHECK(worse.is_regression());
  CHECK(verdict(worse, "hkid_not_leaked").change == Change::worse);
  REQUIRE(worse.runs.events.size() == 1);
  CHECK(worse.runs.events[0] == result::Event{"T0", "TDH.MNG.VPFLUSHDONE", "TDX_FLUSHVP_NOT_DONE"});
  REQUIRE(worse.runs.run);
  CHECK(worse.runs.run->without == std::vector<std::string>{"flush_vcpus"});
  CHECK(report::write_diff_text(worse, {}).find("worse  hkid_not_leaked") != std::string::npos);
  CHECK(report::write_diff_markdown(worse).starts_with(
      "## hkid_release@landed -> hkid_release@landed without flush_vcpus\n\n**regression**\n"));

  const auto better = diff_of({"hkid_release@v19_free_does_not_disassociate", "hkid_release@v19"});
  CHECK_FALSE(better.is_regression());
  CHECK(better.is_different());
  CHECK(verdict(better, "no_use_after_free").change == Change::better);
}

TEST_CASE("what is set makes the second side of one target; two sides that are one are refused") {
  CHECK_THROWS_AS((void)run::run_diff({"hkid_release", {}}, {}), support::InputError);
  const auto fewer = diff_of({"dynamic_pamt@landed", {}, {"users=2"}});
  CHECK(fewer.now.set == std::vector<std::string>{"users=2 (before: 3)"});
  CHECK(fewer.runs.answer == result::RunsChange::Answer::none_new);
  const auto more = diff_of({"dynamic_pamt@landed", {}, {"users=4"}});
  CHECK(more.runs.answer == result::RunsChange::Answer::some_new);
  REQUIRE(!more.runs.events.empty());
  CHECK(more.runs.events.back().thread == "user[3]");
}

TEST_CASE("a bound that grows is a regression, one that shrinks is none") {
  const auto change_of = [](const std::string& retries) {
    const auto diff = diff_of({"vp_init_against_zap@before", {}, {"zap_retries=" + retries}, {}, {}, false});
    CHECK(diff.runs.answer == result::RunsChange::Answer::not_compared);
    const auto loop = std::ranges::find(diff.bounds, "block", &result::BoundChange::loop);
    REQUIRE(loop != diff.bounds.end());
    REQUIRE(loop->before);
    CHECK(loop->before->value == 1);
    return loop->change;
  };
  CHECK(change_of("2") == Change::worse);
  CHECK(change_of("unlimited") == Change::worse);
  CHECK(change_of("0") == Change::better);
}

TEST_CASE("the exit code says whether it is a regression, any difference, or not known") {
  const std::vector<std::string> fewer{"diff", "dynamic_pamt@landed", "--set", "users=2", "--quiet"};
  const auto with = [](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return tests::run_tdxcheck(words).code;
  };
  CHECK(with(fewer, {}) == 0);
  CHECK(with(fewer, {"--strict"}) == 1);
  CHECK(with(fewer, {"--time", "1ms"}) == 3);
  CHECK(with({"diff", "dynamic_pamt", "dynamic_pamt", "--strict"}, {}) == 0);
  CHECK(with({"diff", "dynamic_pamt"}, {}) == 2);
  CHECK(with({"diff", "dynamic_pamt", "dynamic_pam"}, {}) == 2);
  CHECK(with({"diff", "dynamic_pamt", "dynamic_pamt", "--set", "usres=1"}, {}) == 2);
}

TEST_CASE("the run that is written replays, and reproduce gives the same again") {
  const tests::ScratchFolder folder;
  const std::string trace = folder / "run.json", json = folder / "diff.json";
  const auto run = tests::run_tdxcheck({"diff", "hkid_release@landed", "--without", "flush_vcpus", "--trace",
                                        trace, "--json", json, "--quiet"});
  CHECK(run.code == 1);
  CHECK(run.out.ends_with("reproduce: tdxcheck diff hkid_release@landed --without flush_vcpus\n"));
  const auto written = nlohmann::json::parse(support::read_file(json));
  CHECK(tests::complaints_of_schema("diff", written) == "");
  CHECK(written.at("outcome") == "regression");
  CHECK(nlohmann::json::parse(support::read_file(trace)) == written.at("runs").at("run"));
  CHECK(tests::run_tdxcheck({"replay", trace}).code == 0);
  const auto rendered = tests::run_tdxcheck({"render", trace, "--as", "table"});
  CHECK(rendered.code == 0);
  CHECK(rendered.out.find("VPFLUSHDONE") != std::string::npos);
}

} // namespace diff_test
