// SPDX-License-Identifier: GPL-2.0-or-later
//
// Scripts read these files. A field that is renamed or left out breaks them silently: they see "not
// violated".
#include "report/write_list.h"
#include "report/write_replay.h"
#include "report/write_result_json.h"
#include "result/trace_json.h"
#include "tests/sample_models.h"
#include "tests/sample_traces.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace result_json_test {

using namespace tdxcheck;
using nlohmann::json;

json read_back(const nlohmann::ordered_json& document) { return json::parse(result::text_of(document)); }

result::CheckResult sample_result() {
  result::CheckResult result;
  result.target = "sample@race";
  result.parameters = {{"retries", "1"}, {"kick", "true"}, {"form", "v19"}};
  result.without = {"mmu_lock"};
  result.verdict = result::Verdict::violated;
  result.complete = true;
  result.states = 12;
  result.transitions = 30;
  result.depth = 4;
  result.seconds = 0.5;
  result.peak_memory_bytes = 1 << 20;
  result.engine.workers = 2;
  result.engine.state_bits = 61;
  result.properties = {
      {"no_kvm_bug",
       "assertion",
       result::Verdict::violated,
       "KVM_BUG_ON(err, kvm)",
       {"evidence"},
       {},
       tests::sample_race()},
      {"no_deadlock",
       "no_deadlock",
       result::Verdict::holds,
       "in all 12 states",
       {},
       {"steps are atomic"},
       {}},
      {"no_livelock", "no_livelock", result::Verdict::unknown, "not judged", {}, {}, {}},
  };
  result.vacuity.idle_guards = {"kick"};
  result.reproduce = "tdxcheck check sample@race --without mmu_lock";
  return result;
}

TEST_CASE("a result conforms to its schema, its traces to theirs") {
  const json document = read_back(report::to_json(sample_result()));
  CHECK(tests::complaints_of_schema("result", document) == "");
  CHECK(tests::complaints_of_schema("trace", document["properties"][0]["trace"]) == "");
}

TEST_CASE("the schema notices a verdict that is none, and a trace that is none") {
  json document = read_back(report::to_json(sample_result()));
  document["properties"][1]["verdict"] = "pass";
  CHECK(tests::complaints_of_schema("result", document) != "");
  document = read_back(report::to_json(sample_result()));
  document["properties"][0]["trace"].erase("steps");
  CHECK(tests::complaints_of_schema("result", document) != "");
}

TEST_CASE("a result says what was found") {
  const json document = read_back(report::to_json(sample_result()));
  CHECK(document["schema"] == "tdxcheck/result/1");
  CHECK(document["parameters"] == json{{"retries", 1}, {"kick", true}, {"form", "v19"}});
  CHECK(document["verdict"] == "violated");
  CHECK(document["properties"][1]["verdict"] == "holds");
  CHECK(document["properties"][1]["trace"] == nullptr);
  CHECK(document["properties"][2]["verdict"] == "unknown");
  CHECK(document["engine"] == json{{"name", "explore"},
                                   {"workers", 2},
                                   {"state_bits", 61},
                                   {"symmetry", false},
                                   {"partial_order", false},
                                   {"as_written", true}});
  CHECK(!document.contains("incomplete_because"));
}

TEST_CASE("a search that stopped says why") {
  result::CheckResult result = sample_result();
  result.complete = false;
  result.incomplete_because = "the time budget ran out";
  const json document = read_back(report::to_json(result));
  CHECK(document["complete"] == false);
  CHECK(document["incomplete_because"] == "the time budget ran out");
  CHECK(tests::complaints_of_schema("result", document) == "");
}

TEST_CASE("the list conforms to its schema and names what there is") {
  const json document =
      read_back(report::list_to_json({tests::two_threads_one_lock(), tests::every_feature()}));
  CHECK(tests::complaints_of_schema("list", document) == "");
  const json& protocol = document["protocols"][0];
  CHECK(
      protocol["parameters"][0] ==
      json{
          {"name", "workers"}, {"type", "integer"}, {"values", {1, 4}}, {"default", 2}, {"doc", "how many"}});
  CHECK(protocol["guards"] == json{"exclusion"});
  CHECK(protocol["properties"][0] == json{{"name", "mutual_exclusion"}, {"template", "always"}});
}

TEST_CASE("an empty list is a list") {
  CHECK(tests::complaints_of_schema("list", read_back(report::list_to_json({}))) == "");
}

TEST_CASE("the answer of replay conforms to its schema") {
  for (const bool valid : {true, false}) {
    const json document =
        read_back(report::replay_to_json(tests::sample_race(), {valid, 2, "why", "caveat"}));
    CHECK(tests::complaints_of_schema("replay", document) == "");
    CHECK(document["valid"] == valid);
  }
}

} // namespace result_json_test
