// SPDX-License-Identifier: GPL-2.0-or-later
//
// What CI systems read is read here by others' parsers: KTAP by Perl's TAP::Parser (and by the kernel's own,
// where its source is installed, in gate_ktap_by_the_kernel_nightly_test.cpp), JUnit by python3-junitparser
// and xmllint, SARIF by the classes that were generated from the published schema. A report that they read as
// fewer failures than there are is a false pass.
#include "report/write_github.h"
#include "report/write_junit.h"
#include "report/write_ktap.h"
#include "report/write_sarif.h"
#include "run/run_gate.h"
#include "support/error.h"
#include "tests/gate_workplace.h"
#include "tests/has_part.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace gate_reports_test {

using namespace tdxcheck;
using nlohmann::json;
using tests::GateWorkplace;
using tests::has;
using tests::run_command;

std::string reader(const char* name) {
  return fmt::format("{}/tests/report_readers/{}", TDXCHECK_SOURCE_DIR, name);
}

// Met, broken by a path, broken by a lasso, fixed, a model error, a budget that runs out.
struct Judged {
  Judged() {
    const std::string counts = work.read_json("large.json")["properties"][0]["name"];
    json gate = tests::mixed_gate();
    gate["checks"].push_back(
        {{"target", "sharex_lock@module_retrying"}, {"expect", {{"no_livelock", "holds"}}}});
    gate["checks"].push_back({{"target", "wrong.json"}, {"expect", {{counts, "holds"}}}});
    gate["checks"].push_back(
        {{"target", "large.json"}, {"budget", {{"time", "50ms"}}}, {"expect", {{counts, "holds"}}}});
    work.write("gate #1 <&\">.json", gate);
    work.write("second.json", tests::gate_of({tests::gate_check("no_deadlock", "holds")}));
    result = run::run_gate(run::read_gates({work.path("gate #1 <&\">.json"), work.path("second.json")}), {});
    result.reproduce = "tdxcheck gate";
    work.write("ktap", report::write_ktap(result));
    work.write("junit.xml", report::write_junit(result, {"host & co", "2026-01-02T03:04:05"}));
    sarif = json::parse(report::write_sarif(result, "0.1.0", 2).dump());
    work.write("sarif.json", sarif);
  }
  GateWorkplace work;
  result::GateResult result;
  json sarif;
};

const Judged& judged() {
  static const Judged once;
  return once;
}

TEST_CASE("KTAP: Perl's TAP::Parser counts the gate files that are met and not met") {
  const auto run = run_command("perl " + reader("tap_counts.pl") + " " + judged().work.path("ktap"));
  CHECK(run.out == "plan 1..2 passed 1 failed 1 errors 0\n");
}

TEST_CASE("KTAP: the subtests of a file, taken by themselves, are TAP as well") {
  std::string inner;
  std::istringstream lines(judged().work.read("ktap"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("not ok 1 - ")) break;
    if (line.starts_with("  ")) inner += line.substr(2) + "\n";
  }
  judged().work.write("inner", inner);
  const auto run = run_command("perl " + reader("tap_counts.pl") + " " + judged().work.path("inner"));
  CHECK(run.out == "plan 1..7 passed 2 failed 5 errors 0\n");
  CHECK(has(inner, "not ok 6 - "));
  CHECK(has(inner, "# TIMEOUT\n"));
}

TEST_CASE("JUnit: python3-junitparser finds each failure and each error") {
  const auto run =
      run_command("/usr/bin/python3 " + reader("junit_counts.py") + " " + judged().work.path("junit.xml"));
  INFO(run.out);
  CHECK(run.code == 0);
  CHECK(has(run.out, "gate #1 <&\">.json tests 7/7 failures 3/3 errors 2/2\n"));
  CHECK(has(run.out, "second.json tests 1/1 failures 0/0 errors 0/0\n"));
  CHECK(has(run.out, "| no_livelock holds | ['Failure'] | `no_livelock` is violated, expected to hold"));
  CHECK(has(run.out, "['Error'] | model error: "));
  CHECK(has(run.out, "['Error'] | `within` is not decided: the time budget ran out"));
}

TEST_CASE("JUnit: xmllint reads it, and it has what every reader asks for") {
  const auto run =
      run_command("xmllint --noout --schema " + reader("junit.xsd") + " " + judged().work.path("junit.xml"));
  CHECK(run.out == judged().work.path("junit.xml") + " validates\n");
}

TEST_CASE("SARIF: the classes generated from the published schema hold it") {
  const auto run =
      run_command("/usr/bin/python3 " + reader("sarif_types.py") + " " + judged().work.path("sarif.json"));
  INFO(run.out);
  CHECK(run.code == 0);
  CHECK(has(run.out, "results 4 flows 2 "));
  CHECK(has(run.out, "successful False exit 2"));
}

TEST_CASE("SARIF: it is of the shape, and has the words, of the specification") {
  CHECK(tests::complaints_of_schema("../../tests/report_readers/sarif", judged().sarif) == "");
}

TEST_CASE("SARIF: each step of a run is there, at its file and line, in order") {
  const auto& check = judged().result.checks[4];
  const auto& trace = *check.property("no_livelock")->trace;
  json flow;
  for (const json& result : judged().sarif["runs"][0]["results"])
    if (result["ruleId"] == "no_livelock") flow = result["codeFlows"][0]["threadFlows"][0]["locations"];
  REQUIRE(flow.size() == trace.steps.size());
  for (std::size_t i = 0; i < flow.size(); ++i) {
    const json& place = flow[i]["location"]["physicalLocation"];
    CHECK(fmt::format("{}:{}", place["artifactLocation"]["uri"].get<std::string>(),
                      place["region"]["startLine"].get<int>()) == trace.steps[i].source);
    CHECK(flow[i]["executionOrder"] == i + 1);
    CHECK(flow[i]["location"]["message"]["text"].get<std::string>().starts_with(trace.steps[i].thread));
  }
}

TEST_CASE("SARIF: where the expectation is written is named, as a URI") {
  const json& first = judged().sarif["runs"][0]["results"][0];
  const json& place = first["relatedLocations"][0]["physicalLocation"];
  const std::string uri = place["artifactLocation"]["uri"];
  CHECK(has(uri, "gate%20%231%20%3C%26%22%3E.json"));
  CHECK(place["region"]["startLine"] > 1);
}

TEST_CASE("GitHub: one annotation for each failure, on one line, nothing where all is met") {
  const std::string text = report::write_github_annotations(judged().result);
  CHECK(std::ranges::count(text, '\n') == 5);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.starts_with("::error file="));
  CHECK(has(text, "%0Areproduce: tdxcheck check "));
  CHECK(has(text, "title=sharex_lock@module_retrying%3A unexpectedly broken::`no_livelock` is violated"));
  CHECK(has(text, "file=protocols/sharex_lock/"));
  result::GateResult met;
  met.checks.push_back(judged().result.checks.front());
  CHECK(report::write_github_annotations(met).empty());
}

TEST_CASE("GitHub: the summary is appended to the job's, and its table has a row for each check") {
  const GateWorkplace work;
  work.write("gate.json", tests::mixed_gate());
  work.write("summary", std::string("before\n"));
  tests::ProgramSettings settings;
  settings.environment["GITHUB_STEP_SUMMARY"] = work.path("summary");
  const auto run = work.run({"gate", "gate.json", "--github", "--ktap", "-"}, settings);
  CHECK(run.code == 1);
  CHECK(run.out.starts_with("KTAP version 1\n"));
  CHECK(!has(run.out, "::error"));
  CHECK(has(run.err, "::error file=gate.json,line="));
  const std::string summary = work.read("summary");
  CHECK(summary.starts_with("before\n## tdxcheck gate: unexpectedly broken\n"));
  CHECK(has(summary, "| met | `model.json` |"));
  CHECK(has(summary, "| **unexpectedly fixed** | `model.json` |"));
  settings.environment["GITHUB_STEP_SUMMARY"] = work.path("");
  CHECK(work.run({"gate", "gate.json", "--github"}, settings).code == 2);
}

TEST_CASE("artifacts: result, trace and rendered trace of every failure, which replays") {
  const GateWorkplace work;
  work.write("gate.json", tests::mixed_gate());
  CHECK(work.run({"gate", "gate.json", "--artifacts", "art"}).code == 1);
  const std::string broken = "art/model_json_--without_exclusion/";
  CHECK(tests::complaints_of_schema("result", work.read_json(broken + "result.json")) == "");
  CHECK(tests::complaints_of_schema("trace", work.read_json(broken + "mutual_exclusion.json")) == "");
  CHECK(work.run({"replay", broken + "mutual_exclusion.json"}).code == 0);
  CHECK(has(work.read(broken + "mutual_exclusion.txt"), "violates mutual_exclusion"));
  CHECK(has(work.read(broken + "mutual_exclusion.html"), "<html"));
  CHECK(has(work.read("art/summary.md"), "unexpectedly fixed"));
  CHECK(work.has("art/model_json/result.json"));
}

TEST_CASE("KTAP has no '#' in a description, and no line that a diagnostic breaks") {
  std::istringstream lines(judged().work.read("ktap"));
  for (std::string line; std::getline(lines, line);) {
    const std::string text = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    const bool is_test = text.starts_with("ok ") || text.starts_with("not ok ");
    CHECK(
        (is_test || text.starts_with("#") || text.starts_with("KTAP version 1") || text.starts_with("1..")));
    if (is_test && has(text, "#")) CHECK((has(text, " # TIMEOUT") || has(text, " # ERROR")));
  }
}

} // namespace gate_reports_test
