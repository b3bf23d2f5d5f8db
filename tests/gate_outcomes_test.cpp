// SPDX-License-Identifier: GPL-2.0-or-later
//
// A gate is its exit code. One that passes because nothing was judged, because nothing was decided, or
// because something was mended without anybody noticing, is worse than none.
#include "result/gate.h"
#include "tests/gate_workplace.h"
#include "tests/has_part.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace gate_outcomes_test {

using namespace tdxcheck;
using nlohmann::json;
using tests::gate_check;
using tests::gate_of;
using tests::GateWorkplace;
using tests::has;
using tests::ProgramRun;

int code_of(const GateWorkplace& work, const std::vector<json>& checks,
            std::vector<std::string> options = {}) {
  work.write("gate.json", gate_of(checks));
  std::vector<std::string> words{"gate", "gate.json", "--json", "report.json"};
  words.insert(words.end(), options.begin(), options.end());
  const int code = work.run(words).code;
  if (work.has("report.json"))
    CHECK(tests::complaints_of_schema("gate-result", work.read_json("report.json")) == "");
  return code;
}

const json met = gate_check("mutual_exclusion", "holds");
const json broken = gate_check("mutual_exclusion", "holds", false);
const json fixed = gate_check("mutual_exclusion", "violated");
const json undecided{
    {"target", "large.json"}, {"budget", {{"time", "100ms"}}}, {"expect", {{"counts", "holds"}}}};
const json wrong{{"target", "wrong.json"}, {"expect", {{"counts", "holds"}}}};

json large(const char* property) {
  return {{"target", "large.json"},
          {"budget", {{"time", "60s"}, {"memory", "1G"}}},
          {"expect", {{property, "holds"}}}};
}

std::string counted_property(const GateWorkplace& work) {
  return work.read_json("large.json")["properties"][0]["name"];
}

TEST_CASE("the worst outcome is the exit code: 2 before 1 before 3 before 0") {
  const GateWorkplace work;
  const std::string counts = counted_property(work);
  json unknown = undecided, error = wrong;
  unknown["expect"] = {{counts, "holds"}};
  error["expect"] = {{counts, "holds"}};
  CHECK(code_of(work, {met}) == 0);
  CHECK(code_of(work, {met, broken}) == 1);
  CHECK(code_of(work, {fixed, met}) == 1);
  CHECK(code_of(work, {met, unknown}) == 3);
  CHECK(code_of(work, {unknown, broken, met}) == 1);
  CHECK(code_of(work, {broken, error, unknown}) == 2);
  CHECK(work.read_json("report.json")["outcome"] == "bad input");
}

TEST_CASE("an expectation that nothing violates is not met by a run that was not finished") {
  const GateWorkplace work;
  json unknown = large(counted_property(work).c_str());
  CHECK(code_of(work, {unknown}, {"--time", "0.1s"}) == 3);
  unknown["expect"].begin().value() = "violated";
  CHECK(code_of(work, {unknown}, {"--time", "0.1s"}) == 3);
}

TEST_CASE("unexpectedly fixed is told as loudly as unexpectedly broken, and each can be reproduced") {
  const GateWorkplace work;
  work.write("gate.json", tests::mixed_gate());
  const ProgramRun run = work.run({"gate", "gate.json"});
  CHECK(run.code == 1);
  CHECK(has(run.out, "4 checks: 2 met, 1 unexpectedly broken, 1 unexpectedly fixed"));
  CHECK(has(run.out, "`no_deadlock` holds, where gate.json expects it violated"));
  CHECK(has(run.out, "`mutual_exclusion` is violated, expected to hold"));
  CHECK(has(run.out,
            "  reproduce: tdxcheck check model.json --without exclusion --property mutual_exclusion\n"));
  CHECK(has(run.out, "  reproduce: tdxcheck check model.json --property no_deadlock\n"));
  CHECK(run.out.ends_with("reproduce: tdxcheck gate gate.json\n"));
  CHECK(work.run({"check", "model.json", "--without", "exclusion", "--property", "mutual_exclusion"}).code ==
        1);
}

TEST_CASE("only what is expected is judged, and each check has a budget of its own") {
  const GateWorkplace work;
  const std::string counts = counted_property(work);
  json own{{"target", "large.json"}, {"budget", {{"time", "0.2s"}}}, {"expect", {{counts, "holds"}}}};
  json gate = gate_of({own, met});
  gate["budget"] = {{"time", "30s"}, {"memory", "1G"}};
  work.write("gate.json", gate);
  CHECK(work.run({"gate", "gate.json", "--json", "report.json", "--workers", "1"}).code == 3);
  const json report = work.read_json("report.json");
  CHECK(has(report["checks"][0]["reproduce"], "--time 0.2s --memory 1G"));
  CHECK(has(report["checks"][1]["reproduce"], "--time 30s --memory 1G"));
  CHECK(report["checks"][0]["outcome"] == "unknown");
  CHECK(report["checks"][1]["result"]["properties"].size() == 1);
  CHECK(work.run({"gate", "gate.json", "--json", "report.json", "--time", "0.3s"}).code == 3);
  CHECK(has(work.read_json("report.json")["checks"][0]["reproduce"], "--time 0.3s --memory 1G"));
}

TEST_CASE("the expect of a variant file is a gate of one check") {
  const GateWorkplace work;
  json variant{{"schema", "tdxcheck/variant/1"},
               {"protocol", "sept_zap"},
               {"base", "vcpu_init"},
               {"expect", {{"no_kvm_bug", "violated"}, {"no_deadlock", "holds"}}}};
  work.write("patch.json", variant);
  CHECK(work.run({"gate", "patch.json"}).code == 0);
  variant["expect"]["no_kvm_bug"] = "holds";
  work.write("patch.json", variant);
  CHECK(work.run({"gate", "patch.json"}).code == 1);
  for (const char* nothing : {"{}", "unknown"}) {
    variant["expect"] = nothing[0] == '{' ? json::object() : json{{"no_kvm_bug", nothing}};
    work.write("patch.json", variant);
    const ProgramRun run = work.run({"gate", "patch.json"});
    CHECK(run.code == 2);
    CHECK(has(run.err, "patch.json: /expect"));
  }
  variant.erase("expect");
  work.write("patch.json", variant);
  CHECK(work.run({"gate", "patch.json"}).code == 2);
}

TEST_CASE("a directory is all its files, in order, and refuses what is neither gate nor variant") {
  const GateWorkplace work;
  std::filesystem::create_directory(work.folder / "gates");
  json check = met;
  check["target"] = "../model.json"; // from where the gate file lies
  work.write("gates/b.json", gate_of({check}));
  work.write("gates/a.json", gate_of({check, check}));
  work.write("gates/README.md", std::string("no gate"));
  CHECK(work.run({"gate", "gates", "--json", "report.json"}).code == 0);
  const json report = work.read_json("report.json");
  REQUIRE(report["checks"].size() == 3);
  CHECK(report["checks"][0]["file"] == "gates/a.json");
  CHECK(report["checks"][2]["file"] == "gates/b.json");
  CHECK(report["checks"][0]["name"] == "model.json");
  CHECK(work.run({"gate", "gates", "gates/a.json"}).code == 2);
  work.write("gates/c.json", std::string("{\"schema\": \"tdxcheck/trace/1\"}"));
  const ProgramRun run = work.run({"gate", "gates"});
  CHECK(run.code == 2);
  CHECK(has(run.err, "gates/c.json: /schema: expected `tdxcheck/gate/1` or `tdxcheck/variant/1`"));
}

TEST_CASE("an empty gate, and one that is filtered away, pass nothing") {
  const GateWorkplace work;
  work.write("gate.json", gate_of({met, broken}));
  work.write("empty.json", gate_of({}));
  std::filesystem::create_directory(work.folder / "none");
  CHECK(work.run({"gate", "empty.json"}).code == 2);
  CHECK(work.run({"gate", "none"}).code == 2);
  CHECK(work.run({"gate"}).code == 2);
  CHECK(work.run({"gate", "gate.json", "--only", "nothing*"}).code == 2);
  CHECK(work.run({"gate", "gate.json", "--only", "model.json", "--only", "nothing*"}).code == 2);
  CHECK(work.run({"gate", "gate.json", "--only", "model.json"}).code == 0);
  CHECK(work.run({"gate", "gate.json", "--only", "*--without*"}).code == 1);
  json unjudged = met;
  unjudged["expect"] = json::object();
  CHECK(code_of(work, {unjudged}) == 2);
}

TEST_CASE("an interrupted gate says so, and reports what it has seen") {
  const GateWorkplace work;
  work.write("gate.json", gate_of({met, large(counted_property(work).c_str())}));
  tests::ProgramSettings settings;
  settings.interrupt_after = 1.5;
  const ProgramRun run = work.run({"gate", "gate.json", "--json", "report.json", "--workers", "2"}, settings);
  CHECK(run.code == 130);
  const json report = work.read_json("report.json");
  CHECK(report["interrupted"] == true);
  CHECK(report["checks"][0]["outcome"] == "met");
  CHECK(report["checks"][1]["outcome"] == "unknown");
}

TEST_CASE("outcomes are ordered from best to worst") {
  using result::Outcome;
  result::GateCheck check;
  check.expectations = {{"a", result::Verdict::holds, 1, result::Verdict::holds},
                        {"b", result::Verdict::violated, 1, result::Verdict::unknown}};
  CHECK(check.worst_expectation() == Outcome::unknown);
  check.expectations.push_back({"c", result::Verdict::violated, 1, result::Verdict::holds});
  CHECK(check.worst_expectation() == Outcome::fixed);
  check.expectations.push_back({"d", result::Verdict::holds, 1, result::Verdict::violated});
  CHECK(check.worst_expectation() == Outcome::broken);
}

} // namespace gate_outcomes_test
