// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a sweep could leave out the last value of a range, or put a verdict into its neighbour's cell.

#include <doctest/doctest.h>

#include "report/write_sweep.h"
#include "run/run_sweep.h"
#include "schema_check.h"
#include "support/error.h"

using namespace tdxcheck;

namespace {

report::SweepTable table_of(const run::Sweep& sweep) {
  report::SweepTable table{sweep.target, {}, {}};
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

} // namespace

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
