// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, a misspelt field of a model is ignored and another model is checked than the one that was
// written, or the text of the refusal leads to the wrong place, or a broken file ends the program otherwise
// than with exit 2.
#include "model/limits.h"
#include "model/model_json.h"
#include "support/error.h"
#include "tests/sample_models.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace model_json_refusals_test {

using namespace tdxcheck;
using namespace tdxcheck::tests;
using nlohmann::json;

const json& good() {
  static const json written = json::parse(model::to_json(every_feature()).dump());
  return written;
}

std::string refusal(const json& changed) {
  try {
    (void)model::model_from_json(changed);
  } catch (const support::InputError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_of(const std::string& pointer, const json& value) {
  json changed = good();
  changed[json::json_pointer(pointer)] = value;
  return refusal(changed);
}

std::string refusal_without(const std::string& pointer) {
  json changed = good();
  const json::json_pointer field(pointer);
  changed[field.parent_pointer()].erase(field.back());
  return refusal(changed);
}

std::string refusal_of_claim(const std::string& condition) {
  return refusal_of("/properties/0/condition", json::parse(condition));
}

TEST_CASE("a field that nobody knows is refused with the nearest that somebody does") {
  CHECK(refusal_of("/varables", json::array()) ==
        "/varables: no field `varables`; did you mean `variables`?");
  CHECK(refusal_of("/parameters/0/defalt", 1) ==
        "/parameters/0/defalt: no field `defalt`; did you mean `default`?");
  CHECK(refusal_of("/sets/0/symetric", true) ==
        "/sets/0/symetric: no field `symetric`; did you mean `symmetric`?");
  CHECK(
      refusal_of("/threads/2/steps/1/gaurd", true).starts_with("/threads/2/steps/1/gaurd: no field `gaurd`"));
  CHECK(refusal_of("/threads/0/steps/0/facts/0/mode", "shared")
            .starts_with("/threads/0/steps/0/facts/0/mode: no field"));
  CHECK(refusal_of("/properties/3/condition", true)
            .starts_with("/properties/3/condition: no field `condition`"));
  CHECK(refusal_of("/variables/2/type/bits", 3).starts_with("/variables/2/type/bits: no field `bits`"));
  CHECK(refusal_of_claim(R"({"variable": "users", "on": 1})")
            .starts_with("/properties/0/condition/on: no field `on`"));
  CHECK(refusal_of_claim(R"({"varable": "users"})") ==
        "/properties/0/condition/varable: no field `varable`; did you mean `variable`?");
}

TEST_CASE("a field that is missing is named") {
  for (const std::string field : {"/schema",
                                  "/name",
                                  "/enumerations/0/name",
                                  "/enumerations/0/constants",
                                  "/parameters/1/type",
                                  "/parameters/1/default",
                                  "/sets/0/size",
                                  "/variables/2/type",
                                  "/variables/2/initial",
                                  "/variables/2/scope",
                                  "/locks/0/kind",
                                  "/threads/0/labels",
                                  "/threads/0/start",
                                  "/threads/0/steps",
                                  "/threads/0/labels/1/domain",
                                  "/threads/0/steps/0/from",
                                  "/threads/0/steps/0/to",
                                  "/threads/0/steps/0/guard",
                                  "/threads/0/steps/0/fairness",
                                  "/threads/0/steps/0/choices/0/in",
                                  "/threads/0/steps/0/named/0/condition",
                                  "/threads/0/steps/0/updates/0/value",
                                  "/threads/0/steps/0/facts/2/which",
                                  "/threads/0/steps/3/facts/0/mode",
                                  "/threads/1/steps/0/facts/2/event",
                                  "/threads/1/steps/1/facts/0/amount",
                                  "/threads/1/steps/4/facts/0/holds",
                                  "/regions/0/labels",
                                  "/loops/0/thread",
                                  "/counters/0/value",
                                  "/counters/0/holders",
                                  "/properties/0/template",
                                  "/properties/0/condition",
                                  "/properties/9/to",
                                  "/properties/11/limit",
                                  "/variants/0/settings/0/value",
                                  "/variants/0/name"}) {
    CAPTURE(field);
    CHECK(refusal_without(field) == field + ": this field is missing");
  }
}

TEST_CASE("a value of the wrong type or out of range is refused where it stands") {
  CHECK(refusal_of("/schema", "tdxcheck/model/2") ==
        "/schema: expected `tdxcheck/model/1`, got the text `tdxcheck/model/2`");
  CHECK(refusal_of("/threads", json::object()) == "/threads: expected a list, got an object");
  CHECK(refusal_of("/threads/0", 5) == "/threads/0: expected an object, got 5");
  CHECK(refusal_of("/sets/0/name", "") == "/sets/0/name: expected a name, got the text ``");
  CHECK(refusal_of("/parameters/1/default", 17) ==
        "/parameters/1/default: expected an integer from 0 to 16, got 17");
  CHECK(refusal_of("/parameters/1/default", "many") ==
        "/parameters/1/default: expected an integer, got the text `many`");
  CHECK(refusal_of("/parameters/3/default", "unlimited") ==
        "/parameters/3/default: expected an integer, got the text `unlimited`");
  CHECK(refusal_of("/parameters/2/default", "eech") ==
        "/parameters/2/default: no constant `eech`; did you mean `each`?");
  CHECK(refusal_of("/parameters/0/type", "boolean") ==
        "/parameters/0/type: expected `bool`, or an object, got the text `boolean`");
  CHECK(refusal_of("/parameters/1/type/integer", {1}) ==
        "/parameters/1/type/integer: expected a list of the lower and the upper bound, got a list");
  CHECK(refusal_of("/locks/0/rank", 2147483648) ==
        "/locks/0/rank: expected an integer from -2147483648 to 2147483647, got 2147483648");
  CHECK(refusal_of("/locks/0/kind", "rwlok") ==
        "/locks/0/kind: no lock kind `rwlok`; did you mean `rwlock`?");
  CHECK(refusal_of("/variables/0/initial", "none") ==
        "/variables/0/initial: expected an expression, got the text `none`");
  CHECK(refusal_of("/variables/0/source", "here") ==
        "/variables/0/source: expected a file and a line, such as `protocols/x.cpp:12`, got the text `here`");
  CHECK(refusal_of("/variables/0/source", "x:4294967296").starts_with("/variables/0/source: expected"));
  CHECK(refusal_of("/threads/0/steps/0/choices/0/some", "c")
            .starts_with("/threads/0/steps/0/choices/0/some: expected"));
  CHECK(refusal_of("/threads/0/steps/0/choices/0/some", "c#-1")
            .starts_with("/threads/0/steps/0/choices/0/some: expected"));
  CHECK(refusal_of("/threads/0/steps/0/facts/0", json::object())
            .starts_with("/threads/0/steps/0/facts/0: expected a fact"));
}

TEST_CASE("a name that leads nowhere is refused with the nearest that leads somewhere") {
  CHECK(refusal_of("/threads/0/start", "idel") == "/threads/0/start: no label `idel`; did you mean `idle`?");
  CHECK(refusal_of("/threads/0/steps/0/to", "begin")
            .starts_with("/threads/0/steps/0/to: no label `begin`; known: idle"));
  CHECK(refusal_of("/threads/0/over", "vcpus") == "/threads/0/over: no set `vcpus`; did you mean `vcpu`?");
  CHECK(refusal_of("/threads/0/steps/0/updates/0/variable", "vcpu.cpus")
            .starts_with(
                "/threads/0/steps/0/updates/0/variable: no variable `vcpu.cpus`; did you mean `vcpu.cpu`"));
  CHECK(refusal_of("/regions/0/labels/0", "idle!")
            .starts_with("/regions/0/labels/0: no label `idle!`; did you mean `idle`?"));
  CHECK(refusal_of("/regions/0/thread", "vcp").starts_with("/regions/0/thread: no thread `vcp`"));
  CHECK(refusal_of("/properties/11/loop", "blok") ==
        "/properties/11/loop: no loop `blok`; did you mean `block`?");
  CHECK(refusal_of("/properties/11/thread", "vcpu") == "/properties/11/loop: no loop `block`; there is none");
  CHECK(refusal_of("/properties/12/counter", "user") ==
        "/properties/12/counter: no counter `user`; did you mean `users`?");
  CHECK(refusal_of("/properties/0/template", "allways") ==
        "/properties/0/template: no template `allways`; did you mean `always`?");
  CHECK(refusal_of("/variants/0/settings/0/parameter", "retry")
            .starts_with("/variants/0/settings/0/parameter: no parameter"));
  CHECK(refusal_of_claim(R"({"parameter": "retrys"})") ==
        "/properties/0/condition/parameter: no parameter `retrys`; did you mean `retries`?");
  CHECK(refusal_of_claim(R"({"kept": "kick"})") ==
        "/properties/0/condition/kept: no guard `kick`; did you mean `kicked`?");
}

TEST_CASE("a name that is there twice is refused") {
  CHECK(refusal_of("/variables/1/name", "vm_dead") ==
        "/variables/1/name: the variable `vm_dead` is there twice");
  CHECK(refusal_of("/threads/0/labels/1/name", "idle") ==
        "/threads/0/labels/1/name: the label `idle` is there twice");
  json changed = good();
  changed["loops"].push_back(changed["loops"][0]);
  CHECK(refusal(changed) == "/loops/1/name: the loop `block` is there twice in one thread");
}

TEST_CASE("an expression is a truth value, an integer, an operator or a form that is known") {
  CHECK(refusal_of_claim("1.5") == "/properties/0/condition: expected an expression, got 1.5");
  CHECK(refusal_of_claim("null") == "/properties/0/condition: expected an expression, got null");
  CHECK(refusal_of_claim("{}") == "/properties/0/condition: expected an expression, got an object");
  CHECK(refusal_of_claim("[]") == "/properties/0/condition: an operator and its operands are missing");
  CHECK(refusal_of_claim(R"([true, true])") == "/properties/0/condition/0: expected a text, got true");
  CHECK(refusal_of_claim(R"(["andd", true, true])") ==
        "/properties/0/condition/0: no operator `andd`; did you mean `and`?");
  CHECK(refusal_of_claim(R"(["and", true])") ==
        "/properties/0/condition: `and` has 2 operands or more, not 1");
  CHECK(refusal_of_claim(R"(["==", 1, 2, 3])") == "/properties/0/condition: `==` has 2 operands, not 3");
  CHECK(refusal_of_claim(R"(["not", true, true])") == "/properties/0/condition: `not` has 1 operand, not 2");
  CHECK(refusal_of_claim(R"(["and", true, ["or", 1, {"self": true}]])")
            .starts_with("/properties/0/condition/2/2: `self` means nothing here"));
  CHECK(refusal_of_claim(R"({"bound": "v#9"})") == "/properties/0/condition: `v#9` is not bound here");
  CHECK(refusal_of_claim(R"({"exists": "v#9", "in": "cpu", "holds": {"bound": "w#9"}})") ==
        "/properties/0/condition/holds: `w#9` is not bound here");
  CHECK(refusal_of_claim(R"({"index": 63, "of": "cpu"})") ==
        "/properties/0/condition/index: expected an integer from 0 to 62, got 63");
  CHECK(refusal_of_claim(R"({"subset": [1, 1], "of": "cpu"})") ==
        "/properties/0/condition/subset/1: the member is there twice");
  CHECK(refusal_of_claim(R"({"subset": [62], "of": "cpu"})")
            .starts_with("/properties/0/condition/subset/0: expected"));
  CHECK(refusal_of_claim(R"({"bits": -1})")
            .starts_with("/properties/0/condition/bits: expected an integer from 0"));
  CHECK(refusal_of_claim(R"({"bits": 99999999999999999999})")
            .starts_with("/properties/0/condition/bits: expected an integer"));
}

TEST_CASE("an expression that is nested too deeply is refused, not followed") {
  json deep = true, levels = true, chain = json::array({"and"});
  for (std::size_t i = 0; i < model::most_expression_levels; ++i) deep = json::array({"not", deep});
  for (int i = 0; i < 5000; ++i) levels = json::array({"not", std::move(levels)});
  for (std::size_t i = 0; i < model::deepest_expression + 1; ++i) chain.push_back(true);
  for (const json& each : {deep, levels, chain}) {
    const std::string said = refusal_of("/properties/0/condition", each);
    CHECK(said.find("nested too deeply") != std::string::npos);
    CHECK(said.starts_with("/properties/0/condition"));
  }
}

// Every value of the document, by its pointer.
void collect(const json& value, const json::json_pointer& at, std::vector<json::json_pointer>& pointers) {
  if (!at.empty()) pointers.push_back(at);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i) collect(value[i], at / i, pointers);
  if (value.is_object())
    for (const auto& [key, item] : value.items()) collect(item, at / key, pointers);
}

// One of them contains the other.
bool on_one_path(const std::string& a, const std::string& b) {
  const std::string& longer = a.size() < b.size() ? b : a;
  const std::string& shorter = a.size() < b.size() ? a : b;
  return longer.starts_with(shorter) && (longer.size() == shorter.size() || longer[shorter.size()] == '/');
}

TEST_CASE("whatever is put in the place of any value is refused there, or accepted by the schema too") {
  std::vector<json::json_pointer> pointers;
  collect(good(), json::json_pointer(), pointers);
  REQUIRE(pointers.size() > 1000);
  const json others[] = {nullptr,       "nonsense",     12345678901, -7,  2.5,
                         json::array(), json::object(), {{"x", 1}},  true};
  const std::size_t few = std::size(others);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < pointers.size(); ++i) {
    json changed = good();
    changed[pointers[i]] = others[i % few];
    const std::string said = refusal(changed);
    CAPTURE(pointers[i].to_string());
    CAPTURE(said);
    if (said == "accepted") {
      CHECK(complaints_of_schema("model", changed) == "");
      ++compared;
    } else if (others[i % few] != "nonsense" &&
               others[i % few] != json::array()) { // what is gone is missed elsewhere
      CHECK(on_one_path(said.substr(0, said.find(": ")), pointers[i].to_string()));
    }
  }
  CHECK(compared > 20);
}

TEST_CASE("what the schema refuses the reader refuses") {
  std::vector<json::json_pointer> pointers;
  collect(good(), json::json_pointer(), pointers);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < pointers.size(); i += 7) {
    json changed = good();
    json& parent = changed[pointers[i].parent_pointer()];
    if (!parent.is_object()) continue;
    parent.erase(pointers[i].back());
    if (complaints_of_schema("model", changed).empty()) continue;
    ++refused;
    CAPTURE(pointers[i].to_string());
    CHECK(refusal(changed) != "accepted");
  }
  CHECK(refused > 10);
}

} // namespace model_json_refusals_test
