// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, a misspelt field of a gate or variant file is ignored and its check silently not made, or
// the message names a place that is not the offending one.
#include "support/error.h"
#include "support/json_reader.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

namespace json_reader_test {

using tdxcheck::support::InputError;
using tdxcheck::support::JsonReader;

std::string refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

const nlohmann::json gate = nlohmann::json::parse(R"({
  "schema": "tdxcheck/gate/1",
  "checks": [{"target": "a@b"}, {"target": 7, "limits": {"a/b": 1, "c~d": 2}, "on": "yes", "empty": ""}],
  "none": null,
  "big": 18446744073709551615,
  "half": 0.5
})");

TEST_CASE("fields are found by name and elements in order") {
  const JsonReader file(gate);
  const auto checks = file.required("checks").array();
  REQUIRE(checks.size() == 2);
  CHECK(checks[0].required("target").string() == "a@b");
  CHECK(checks[1].path() == "/checks/1");
  CHECK(checks[1].required("limits").members().size() == 2);
  CHECK(file.required("half").number() == 0.5);
  CHECK(file.required("none").is_null());
  CHECK_FALSE(file.optional("budget"));
  CHECK(file.has("big"));
  CHECK_FALSE(checks[1].required("target").has("anything"));
}

TEST_CASE("a refusal starts with the JSON pointer of the offending field") {
  const JsonReader file(gate);
  const JsonReader check = file.required("checks").array()[1];
  const auto said = [&](const std::function<void()>& read) { return refusal(read); };
  CHECK(said([&] { (void)check.required("target").string(); }) == "/checks/1/target: expected a text, got 7");
  CHECK(said([&] { (void)check.required("expect"); }) == "/checks/1/expect: this field is missing");
  CHECK(said([&] { (void)check.required("on").boolean(); }) ==
        "/checks/1/on: expected true or false, got the text `yes`");
  CHECK(said([&] { (void)check.required("empty").name(); }) ==
        "/checks/1/empty: expected a name, got the text ``");
  CHECK(said([&] { (void)check.required("limits").array(); }) ==
        "/checks/1/limits: expected a list, got an object");
  CHECK(said([&] { (void)file.required("checks").required("x"); }) ==
        "/checks: expected an object, got a list");
  CHECK(said([&] { (void)file.array(); }) == "/: expected a list, got an object");
  CHECK(said([&] { (void)file.required("none").string(); }) == "/none: expected a text, got null");
  CHECK(said([&] { file.fail("nothing to do"); }) == "/: nothing to do");
}

TEST_CASE("slashes and tildes in a field's name are escaped in the pointer") {
  const JsonReader limits = JsonReader(gate).required("checks").array()[1].required("limits");
  CHECK(limits.required("a/b").path() == "/checks/1/limits/a~1b");
  CHECK(limits.required("c~d").path() == "/checks/1/limits/c~0d");
}

TEST_CASE("an integer is neither a fraction nor out of range") {
  const JsonReader file(gate);
  CHECK(refusal([&] { (void)file.required("half").integer(); }) == "/half: expected an integer, got 0.5");
  CHECK(
      refusal([&] { (void)file.required("big").integer(); }).starts_with("/big: expected an integer from "));
  const JsonReader seven = file.required("checks").array()[1].required("target");
  CHECK(seven.integer(7, 7) == 7);
  CHECK(refusal([&] { (void)seven.integer(8, 9); }) ==
        "/checks/1/target: expected an integer from 8 to 9, got 7");
  const nlohmann::json least = std::numeric_limits<std::int64_t>::min();
  CHECK(JsonReader(least).integer() == std::numeric_limits<std::int64_t>::min());
  const nlohmann::json real = 1.0;
  CHECK(refusal([&] { (void)JsonReader(real).integer(); }) == "/: expected an integer, got 1.0");
}

TEST_CASE("a field that nobody knows is refused with what may have been meant") {
  const JsonReader file(gate);
  CHECK(refusal([&] { file.no_unknown_fields({"schema", "checks", "none", "big", "half"}); }) == "accepted");
  CHECK(refusal([&] {
          file.no_unknown_fields({"schema", "check", "none", "big", "half"});
        }) == "/checks: no field `checks`; did you mean `check`?");
  CHECK(refusal([&] { file.required("checks").no_unknown_fields({}); }) ==
        "/checks: expected an object, got a list");
}

TEST_CASE("a word is one of those known") {
  const nlohmann::json word = "vioalted";
  CHECK(refusal([&] {
          (void)JsonReader(word).one_of("verdict", {"holds", "violated"});
        }) == "/: no verdict `vioalted`; did you mean `violated`?");
  CHECK(JsonReader(word).one_of("verdict", {"holds", "vioalted"}) == 1);
}

TEST_CASE("the schema must be the one expected") {
  CHECK(refusal([&] { JsonReader(gate).schema("tdxcheck/gate/1"); }) == "accepted");
  CHECK(refusal([&] { JsonReader(gate).schema("tdxcheck/gate/2"); }) ==
        "/schema: expected `tdxcheck/gate/2`, got the text `tdxcheck/gate/1`");
}

TEST_CASE("a value deeper than 200 levels is refused however it came about") {
  nlohmann::json value = 1;
  for (int i = 0; i < 200; ++i) value = nlohmann::json::array({value});
  JsonReader reader(value);
  for (int i = 0; i < 200; ++i) reader = reader.array()[0];
  CHECK(reader.integer() == 1);
  const nlohmann::json deeper = nlohmann::json::array({value});
  const std::string said = refusal([&] {
    JsonReader inside(deeper);
    for (int i = 0; i < 201; ++i) inside = inside.array()[0];
  });
  CHECK(said.find("nested deeper than 200 levels") != std::string::npos);
}

TEST_CASE("long texts are cut between characters") {
  std::string long_text(59, 'a');
  long_text += "üüü";
  const nlohmann::json value = long_text;
  CHECK(refusal([&] { (void)JsonReader(value).integer(); }) ==
        "/: expected an integer, got the text `" + std::string(59, 'a') + "...`");
}

} // namespace json_reader_test
