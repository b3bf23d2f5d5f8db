// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a number of states up to symmetry could be read as one of states, and nobody would learn why
// a check is slower than it could be.
#include "report/write_result_json.h"
#include "report/write_text.h"
#include "run/run_check.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace symmetry_is_told_test {

using namespace tdxcheck;

result::CheckResult checked(const std::string& target, const std::vector<std::string>& properties,
                            bool symmetry = true) {
  run::CheckOptions options;
  options.search.properties = properties;
  options.symmetry = symmetry;
  const run::Request request{target};
  return run::run_check(run::resolve(request), request, options);
}

TEST_CASE("states up to symmetry are said to be that, with the sets") {
  const auto result = checked("sharex_lock", {"mutual_exclusion", "no_deadlock"});
  CHECK(result.engine.symmetry);
  CHECK(result.engine.symmetric_sets == std::vector<std::string>{"host (4)"});
  CHECK(result.states < checked("sharex_lock", {"mutual_exclusion", "no_deadlock"}, false).states);
  const auto json = report::to_json(result);
  CHECK(tests::complaints_of_schema("result", nlohmann::json::parse(json.dump())).empty());
  CHECK(json["engine"]["symmetric_sets"] == nlohmann::ordered_json{"host (4)"});
  CHECK(report::write_text(result, {}, {}).find("states up to symmetry of host (4)") != std::string::npos);
}

TEST_CASE("what switches symmetry off is named") {
  const auto result = checked("sharex_lock", {"mutual_exclusion", "no_livelock"});
  CHECK(!result.engine.symmetry);
  CHECK(result.engine.no_symmetry_because == "no_livelock follows single members");
  CHECK(checked("sharex_lock", {"mutual_exclusion"}, false).engine.no_symmetry_because == "--no-symmetry");
}

TEST_CASE("what keeps members apart is named") {
  const auto result = checked("sept_zap", {"no_kvm_bug"});
  CHECK(!result.engine.symmetry);
  CHECK(result.engine.no_symmetry_because.find("vcpu: `zapper.kicking") != std::string::npos);
}

} // namespace symmetry_is_told_test
