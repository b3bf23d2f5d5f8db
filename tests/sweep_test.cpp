// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a sweep could leave out the last value of a range, or put a verdict into its neighbour's cell.

#include <atomic>

#include <doctest/doctest.h>

#include "report/write_sweep.h"
#include "run/run_check.h"
#include "run/run_sweep.h"
#include "schema_check.h"
#include "support/error.h"

namespace sweep_test {

using namespace tdxcheck;

report::SweepTable table_of(const run::Sweep& sweep) {
  report::SweepTable table{sweep.target, {}, {}, sweep.computed, sweep.reproduce};
  for (const auto& parameter : sweep.swept) table.parameters.push_back(parameter.name);
  for (std::size_t i = 0; i < sweep.cells.size(); ++i)
    table.rows.push_back({sweep.values_of(i), &sweep.cells[i]});
  return table;
}

run::Sweep sweep_of(const std::vector<std::string>& settings) {
  run::CheckOptions options;
  options.search.properties = {"no_kvm_bug", "no_use_after_free"};
  return run::run_sweep({"hkid_release@v19", settings, {}}, options, [](std::size_t, std::size_t) {});
}

TEST_CASE("ranges include both ends, lists keep their order") {
  const auto swept = run::parse_sweep({"retries=0..3", "retry=everything,none", "vcpus=1,3..4"});
  CHECK(swept[0].values == std::vector<std::string>{"0", "1", "2", "3"});
  CHECK(swept[1].values == std::vector<std::string>{"everything", "none"});
  CHECK(swept[2].values == std::vector<std::string>{"1", "3", "4"});
}

TEST_CASE("a sweep that makes no sense is refused before the first check") {
  CHECK_THROWS_AS((void)run::parse_sweep({"retries"}), support::InputError);
  CHECK_THROWS_AS((void)run::parse_sweep({"retries=3..1"}), support::InputError);
  CHECK_THROWS_AS((void)run::parse_sweep({"retries=1,,2"}), support::InputError);
  CHECK_THROWS_AS((void)run::parse_sweep({"retries=0..99999999"}), support::InputError);
  CHECK_THROWS_AS((void)sweep_of({"retrys=1,2"}), support::InputError);
}

TEST_CASE("each cell of a sweep is the verdict of that variant") {
  const run::Sweep sweep = sweep_of({"retry=none,everything", "free_disassociates=true,false"});
  REQUIRE(sweep.cells.size() == 4);
  CHECK(sweep.values_of(1) == std::vector<std::string>{"none", "false"});
  CHECK(sweep.cells[0].verdict == result::Verdict::holds);
  CHECK(sweep.cells[1].verdict == result::Verdict::violated);
  CHECK(sweep.cells[2].verdict == result::Verdict::holds);
  CHECK(sweep.cells[3].verdict == result::Verdict::violated);
  CHECK(tests::complaints_of_schema("sweep", report::write_sweep_json(table_of(sweep))) == "");
  const std::string markdown = report::write_sweep_markdown(table_of(sweep));
  CHECK(markdown.starts_with("| retry | free_disassociates | no_kvm_bug | no_use_after_free | states |\n"));
}

// Without this a parameter that matters could be taken for one that does not, and its verdict be copied.
TEST_CASE("cells that fold to the same model are checked once, and answer as if they had been checked") {
  const auto sweep_with = [](unsigned workers) {
    run::CheckOptions options;
    options.workers = workers;
    return run::run_sweep(
        {"vp_init_against_zap@before", {"finalizes=false,true", "mmu_lock_in_finalize=false,true"}, {}},
        options, [](std::size_t, std::size_t) {});
  };
  const run::Sweep sweep = sweep_with(2), alone = sweep_with(1);
  REQUIRE(sweep.cells.size() == 4);
  CHECK(sweep.computed == 3); // where nothing is finalised, it makes no difference under which lock
  CHECK(alone.computed == 3);
  for (std::size_t cell = 0; cell < sweep.cells.size(); ++cell) {
    run::Request request{"vp_init_against_zap@before", {}, {}};
    for (std::size_t i = 0; i < sweep.swept.size(); ++i)
      request.set.push_back(sweep.swept[i].name + "=" + sweep.values_of(cell)[i]);
    const run::Target target = run::resolve(request);
    const result::CheckResult checked = run::run_check(target, request, {});
    for (const result::CheckResult* one : {&sweep.cells[cell], &alone.cells[cell]}) {
      CHECK(one->states == checked.states);
      CHECK(one->parameters == checked.parameters);
      CHECK(one->reproduce == checked.reproduce);
      REQUIRE(one->properties.size() == checked.properties.size());
      for (std::size_t p = 0; p < checked.properties.size(); ++p) {
        CHECK(one->properties[p].verdict == checked.properties[p].verdict);
        CHECK(one->properties[p].trace == checked.properties[p].trace);
      }
    }
  }
}

TEST_CASE("an interrupted sweep knows what each of its cells claims, and nothing of whether it holds") {
  const std::atomic<bool> interrupted = true;
  run::CheckOptions options;
  options.search.interrupted = &interrupted;
  const run::Sweep sweep = run::run_sweep({"vp_init_against_zap", {"finalizes=false,true"}, {}}, options,
                                          [](std::size_t, std::size_t) {});
  for (const result::CheckResult& cell : sweep.cells) {
    CHECK(cell.verdict == result::Verdict::unknown);
    CHECK(cell.incomplete_because == "interrupted");
    CHECK(!cell.properties.empty());
  }
  CHECK(report::write_sweep_text(table_of(sweep), 100).find("2 cells; 2 were not finished\n") !=
        std::string::npos);
}

} // namespace sweep_test
