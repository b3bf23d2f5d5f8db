// SPDX-License-Identifier: GPL-2.0-or-later
//
// A gate file that is misread passes what it should not. Every field of a good file is dropped, renamed and
// given values of other kinds in turn: each time the file is refused with the path of the field and exit code
// 2, or the schema accepts it as well.
#include "run/gate_file.h"
#include "support/error.h"
#include "support/line_of.h"
#include "tests/gate_workplace.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>

#include <set>

namespace gate_file_refusals_test {

using namespace tdxcheck;
using nlohmann::json;
using tests::GateWorkplace;

json good_gate() {
  return json::parse(R"({
    "schema": "tdxcheck/gate/1",
    "summary": "for the reader",
    "budget": {"time": "45s", "memory": "2G"},
    "checks": [
      {"target": "model.json", "set": {"workers": 3}, "without": ["exclusion"], "fair": ["weak"],
       "budget": {"time": "1m"}, "why": "because", "expect": {"mutual_exclusion": "violated"}},
      {"target": "sept_zap@vcpu_init", "expect": {"no_kvm_bug": "violated", "no_deadlock": "holds"}}
    ]})");
}

// Every place in a JSON value.
void places_of(const json& value, const json::json_pointer& here, std::vector<json::json_pointer>& places) {
  places.push_back(here);
  if (value.is_object())
    for (const auto& [key, field] : value.items()) places_of(field, here / key, places);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i) places_of(value[i], here / i, places);
}

// What reading the gate complains of; empty if it is fine.
std::string complaint(const GateWorkplace& work, const json& gate) {
  work.write("gate.json", gate);
  try {
    (void)run::read_gates({work.path("gate.json")});
    return "";
  } catch (const support::InputError& error) {
    return error.what();
  }
}

struct Altered {
  json::json_pointer field;
  json gate;
};

std::vector<Altered> altered_gates() {
  const json good = good_gate();
  const std::vector<json> others{nullptr,
                                 true,
                                 -7,
                                 3.5,
                                 "",
                                 "nonsense",
                                 "unknown",
                                 json::array(),
                                 json::object(),
                                 json::array({1}),
                                 json::object({{"nonsense", "holds"}})};
  std::vector<json::json_pointer> places;
  places_of(good, json::json_pointer(), places);
  std::vector<Altered> altered;
  for (const auto& place : places) {
    for (const json& other : others) {
      json gate = good;
      gate[place] = other;
      if (gate != good) altered.push_back({place, gate});
    }
    if (place.empty()) continue;
    json dropped = good, renamed = good;
    json& parent = dropped[place.parent_pointer()];
    if (!parent.is_object()) continue;
    parent.erase(place.back());
    altered.push_back({place.parent_pointer(), dropped});
    json& other = renamed[place.parent_pointer()];
    other[place.back() + "x"] = other[place.back()];
    other.erase(place.back());
    altered.push_back({place.parent_pointer(), renamed});
  }
  return altered;
}

TEST_CASE("the good gate is good") {
  const GateWorkplace work;
  CHECK(complaint(work, good_gate()) == "");
  CHECK(tests::complaints_of_schema("gate", good_gate()) == "");
  const auto planned = run::read_gates({work.path("gate.json")});
  REQUIRE(planned.size() == 2);
  CHECK(planned[0].check.name ==
        work.path("model.json") + " --set workers=3 --without exclusion --fair weak");
  CHECK(planned[0].budget.seconds == 60);
  CHECK(planned[0].budget.memory_bytes == std::uint64_t{2} << 30);
  CHECK(planned[1].budget.seconds == 45);
  CHECK(planned[1].check.field == "/checks/1");
}

TEST_CASE("every field that is dropped, renamed or of another kind is refused with its path") {
  const GateWorkplace work;
  std::size_t refused = 0, accepted = 0;
  for (const Altered& altered : altered_gates()) {
    const json& gate = altered.gate;
    const std::string said = complaint(work, gate);
    INFO(gate.dump());
    if (said.empty()) {
      ++accepted;
      CHECK(tests::complaints_of_schema("gate", gate) == "");
      continue;
    }
    ++refused;
    const std::string prefix = work.path("gate.json") + ": ";
    INFO(said);
    REQUIRE(said.starts_with(prefix));
    const std::string path = said.substr(prefix.size(), said.find(": ", prefix.size()) - prefix.size());
    CHECK(path.starts_with("/"));
    // The field itself, something in it, or what it belongs to.
    const std::string where = altered.field.to_string();
    CHECK((path.starts_with(where) || where.starts_with(path)));
  }
  MESSAGE("altered gates: ", refused, " refused, ", accepted, " accepted by the schema, too");
  CHECK(refused > 200);
}

TEST_CASE("the program refuses with exit code 2, says where, and writes nothing") {
  const GateWorkplace work;
  const auto altered = altered_gates();
  std::size_t tried = 0;
  for (std::size_t i = 0; i < altered.size(); i += 17) {
    if (complaint(work, altered[i].gate).empty()) continue;
    work.write("gate.json", altered[i].gate);
    const auto run = work.run({"gate", "gate.json", "--junit", "report.xml", "--artifacts", "art"});
    CHECK(run.code == 2);
    CHECK(run.err.find("gate.json: /") != std::string::npos);
    CHECK(!work.has("report.xml"));
    CHECK(!work.has("art"));
    ++tried;
  }
  MESSAGE("gates refused by the program: ", tried);
  CHECK(tried > 10);
}

TEST_CASE("a file that is cut off anywhere is refused with its line and column") {
  const GateWorkplace work;
  const std::string whole = good_gate().dump(2);
  std::size_t refused = 0;
  for (std::size_t length = 0; length < whole.size(); length += 3) {
    work.write("gate.json", whole.substr(0, length));
    CHECK_THROWS_AS((void)run::read_gates({work.path("gate.json")}), support::InputError);
    ++refused;
  }
  MESSAGE("gates cut off: ", refused);
  work.write("gate.json", whole.substr(0, whole.size() / 2));
  CHECK(work.run({"gate", "gate.json"}).code == 2);
}

TEST_CASE("what is nearly right is named") {
  const GateWorkplace work;
  const auto says = [&](const json& gate, const char* where, const char* near) {
    const std::string said = complaint(work, gate);
    INFO(said);
    CHECK(said.find(where) != std::string::npos);
    CHECK(said.find(near) != std::string::npos);
  };
  json gate = good_gate();
  gate["checks"][1]["expect"] = {{"no_kvm_bugs", "holds"}};
  says(gate, "/checks/1/expect/no_kvm_bugs: ", "did you mean `no_kvm_bug`?");
  gate = good_gate();
  gate["checks"][1]["target"] = "sept_zip@vcpu_init";
  says(gate, "/checks/1/target: ", "did you mean `sept_zap`?");
  gate = good_gate();
  gate["checks"][0]["set"] = {{"worker", 3}};
  says(gate, "/checks/0/set/worker: ", "did you mean `workers`?");
  gate = good_gate();
  gate["checks"][1]["target"] = "sept_zap@vcpu_int";
  says(gate, "/checks/1/target: ", "did you mean `vcpu_init`?");
  gate = good_gate();
  gate["budget"]["time"] = "45 sec";
  says(gate, "/budget/time: ", "`45 sec` is no duration");
  gate = good_gate();
  gate["checks"][1]["expect"]["no_deadlock"] = "unknown";
  says(gate, "/checks/1/expect/no_deadlock: ", "unknown is never a pass");
}

TEST_CASE("a field is found on its line") {
  const std::string text =
      "{\"a\": [1,\n {\"b/c\": \"}\\\"]\",\n  \"d\": {\n\"e\": -1.5e3}}],\n\n\"f\": null}\n";
  CHECK(support::line_of(text, "/a") == 1);
  CHECK(support::line_of(text, "/a/1") == 2);
  CHECK(support::line_of(text, "/a/1/b~1c") == 2);
  CHECK(support::line_of(text, "/a/1/d") == 3);
  CHECK(support::line_of(text, "/a/1/d/e") == 4);
  CHECK(support::line_of(text, "/f") == 6);
  CHECK(support::line_of(text, "/nowhere") == 1);
}

} // namespace gate_file_refusals_test
