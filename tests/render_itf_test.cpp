// SPDX-License-Identifier: GPL-2.0-or-later
//
// What trace viewers rely on: one record a state with every variable in it, integers that do not lose digits,
// and the state to which a lasso returns.
#include "report/render_itf.h"

#include "tests/sample_traces.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace render_itf_test {

using namespace tdxcheck;
using Json = nlohmann::json;

// Every record below, this one included.
template <class F>
void each_record(const Json& json, F&& f) {
  if (json.is_object()) f(json);
  if (json.is_structured())
    for (const Json& inner : json) each_record(inner, f);
}

void check_format(const result::Trace& trace) {
  const Json itf = Json::parse(report::render_itf(trace));
  CHECK(itf["#meta"]["format"] == "ITF");
  REQUIRE(itf["states"].size() == trace.steps.size() + 1);
  CHECK(itf["vars"].size() == trace.initial.size() + 1);
  for (std::size_t i = 0; i < itf["states"].size(); ++i) {
    const Json& state = itf["states"][i];
    CHECK(state["#meta"]["index"] == i);
    for (const Json& name : itf["vars"]) CHECK(state.contains(name.get<std::string>()));
    for (const auto& [name, value] : state.items()) CHECK((name == "#meta" || !value.is_number()));
  }
  each_record(itf, [](const Json& record) {
    CHECK_FALSE((record.contains("tag") && record.contains("value")));
    if (record.contains("#bigint")) CHECK((record.size() == 1 && record["#bigint"].is_string()));
  });
  CHECK(itf.contains("loop") == (trace.shape == result::TraceShape::lasso));
  if (itf.contains("loop")) CHECK(itf["loop"] < itf["states"].size());
}

TEST_CASE("paths, lassos and long runs are written in the format") {
  check_format(tests::sample_race());
  check_format(tests::sample_lasso());
  check_format(tests::sample_crowd(3, 4));
}

TEST_CASE("an integer beyond what viewers count in keeps its digits") {
  result::Trace trace = tests::sample_race();
  trace.initial["tsc"] = "9007199254740993";
  const Json itf = Json::parse(report::render_itf(trace));
  CHECK(itf["states"][0]["tsc"]["#bigint"] == "9007199254740993");
}

TEST_CASE("variables called tag and value make no variant") {
  result::Trace trace = tests::sample_race();
  trace.initial["tag"] = "1";
  trace.initial["value"] = "2";
  check_format(trace);
}

TEST_CASE("a lasso names the state that it returns to") {
  const result::Trace trace = tests::sample_lasso();
  const Json itf = Json::parse(report::render_itf(trace));
  Json first = itf["states"][itf["loop"].get<std::size_t>()], last = itf["states"].back();
  for (Json* state : {&first, &last}) {
    state->erase("#meta");
    state->erase("what happened");
  }
  CHECK(first == last);
}

} // namespace render_itf_test
