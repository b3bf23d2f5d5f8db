// SPDX-License-Identifier: GPL-2.0-or-later
//
// A trace that lost a field on its way through a file would still replay, or would be refused, for the wrong
// reason; and a reader that ignores what it does not know would confirm a trace that says something else.
#include "result/trace_json.h"

#include "support/error.h"
#include "support/json_reader.h"
#include "tests/sample_traces.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace trace_json_test {

using namespace tdxcheck;
using nlohmann::json;

json written(const result::Trace& trace) { return json::parse(result::text_of(result::to_json(trace))); }

std::string complaint_about(const json& document) {
  try {
    (void)result::trace_from_json(document);
  } catch (const support::InputError& error) {
    return error.what();
  }
  return "";
}

// What reader and schema say about a trace that was changed.
std::string complaint_after(const std::function<void(json&)>& change) {
  json document = written(tests::sample_race());
  change(document);
  const std::string complaint = complaint_about(document);
  CHECK_MESSAGE(complaint.empty() == tests::complaints_of_schema("trace", document).empty(), complaint);
  return complaint;
}

TEST_CASE("a trace read back is the trace that was written") {
  for (const auto& trace :
       {tests::sample_race(), tests::sample_lasso(), tests::sample_crowd(3, 2), result::Trace{}})
    CHECK(result::trace_from_json(written(trace)) == trace);
}

TEST_CASE("a written trace conforms to its schema") {
  for (const auto& trace :
       {tests::sample_race(), tests::sample_lasso(), tests::sample_crowd(3, 2), result::Trace{}})
    CHECK(tests::complaints_of_schema("trace", written(trace)) == "");
}

TEST_CASE("integers and truth values are JSON's own, everything else is text") {
  const json trace = written(tests::sample_race());
  CHECK(trace["parameters"] == json{{"retries", 1}, {"kick", true}, {"form", "v19"}, {"limit", "unlimited"}});
  CHECK(trace["initial"]["owner"] == "none");
  CHECK(trace["initial"]["waiting"] == "{0,2}");
  CHECK(trace["initial"]["assoc[0]"] == 0);
}

TEST_CASE("a text that only resembles a number is left alone") {
  for (const char* text : {"007", "-0", "+1", "1.0", "0x10", " 1", "99999999999999999999", "", "True"}) {
    CHECK(result::value_to_json(text).is_string());
    const json value = json::parse(result::value_to_json(text).dump());
    CHECK(result::value_from_json(support::JsonReader(value)) == text);
  }
  CHECK(result::value_to_json("-9223372036854775808").is_number_integer());
}

TEST_CASE("a field that is not known is refused with its path") {
  CHECK(complaint_after([](json& t) { t["extra"] = 1; }).starts_with("/extra: no field `extra`"));
  CHECK(complaint_after([](json& t) { t["steps"][2]["thraed"] = "x"; }).starts_with("/steps/2/thraed: "));
  CHECK(complaint_after([](json& t) {
          t["steps"][0]["locks"][0]["kind"] = "x";
        }).starts_with("/steps/0/locks/0/kind: "));
}

TEST_CASE("a field that is missing is refused with its path") {
  for (const char* field :
       {"schema", "target", "parameters", "without", "property", "shape", "initial", "steps", "final"})
    CHECK(complaint_after([&](json& t) { t.erase(field); }) ==
          "/" + std::string(field) + ": this field is missing");
  for (const char* field : {"thread", "from", "to", "choices", "changed"})
    CHECK(complaint_after([&](json& t) { t["steps"][1].erase(field); }) ==
          "/steps/1/" + std::string(field) + ": this field is missing");
}

TEST_CASE("a field of the wrong kind is refused with its path") {
  CHECK(complaint_after([](json& t) { t["steps"] = "x"; }).starts_with("/steps: "));
  CHECK(complaint_after([](json& t) { t["shape"] = "circle"; }).starts_with("/shape: "));
  CHECK(complaint_after([](json& t) { t["schema"] = "tdxcheck/trace/2"; }).starts_with("/schema: "));
  CHECK(complaint_after([](json& t) { t["without"] = {1}; }).starts_with("/without/0: "));
  CHECK(complaint_after([](json& t) { t["steps"][0]["cpu"] = -1; }).starts_with("/steps/0/cpu: "));
  CHECK(complaint_after([](json& t) { t["steps"][0]["cpu"] = 1.5; }).starts_with("/steps/0/cpu: "));
  CHECK(complaint_after([](json& t) {
          t["steps"][0]["changed"]["x"] = nullptr;
        }).starts_with("/steps/0/changed/x: "));
  CHECK(complaint_after([](json& t) { t["initial"]["x"] = json::array(); }).starts_with("/initial/x: "));
  CHECK(complaint_after([](json& t) {
          t["steps"][0]["locks"][0]["event"] = "steal";
        }).starts_with("/steps/0/locks/0/event: "));
  CHECK(complaint_after([](json& t) { t["loop"] = -1; }).starts_with("/loop: "));
}

TEST_CASE("what a hand-written trace may leave out is not asked for") {
  CHECK(complaint_after([](json& t) {
          t.erase("loop");
          for (const char* field :
               {"cpu", "domain", "text", "function", "call", "status", "source", "locks", "failed"})
            t["steps"][0].erase(field);
        }) == "");
}

TEST_CASE("a loop outside the steps is for replay to judge, not for the reader") {
  CHECK(complaint_after([](json& t) { t["shape"] = "lasso", t["loop"] = 99; }) == "");
}

TEST_CASE("a text that is not UTF-8 is written as JSON all the same") {
  result::Trace trace = tests::sample_race();
  trace.steps[0].text = "\xff\xfe";
  CHECK(written(trace)["steps"][0]["text"] == "\xef\xbf\xbd\xef\xbf\xbd");
}

} // namespace trace_json_test
