// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, a file with 100,000 brackets ends the program by its stack, and of a field given twice the
// second silently wins: `"expect": "violated"` further down turns a gate green.
#include "support/error.h"
#include "support/json_reader.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace json_parse_test {

using tdxcheck::support::InputError;
using tdxcheck::support::parse_json;

std::string refusal(const std::string& text) {
  try {
    (void)parse_json(text, "gate.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST_CASE("a JSON text becomes its value") {
  const nlohmann::json value = parse_json(R"( {"a": [1, -2, 2.5, true, null, "ü\n"]} )", "x");
  CHECK(value == nlohmann::json{{"a", {1, -2, 2.5, true, nullptr, "ü\n"}}});
  CHECK(parse_json("7", "x") == 7);
}

TEST_CASE("a syntax error is told with origin, line and column") {
  struct Row {
    std::string text, start;
  };
  const Row rows[] = {
      {"{\n  \"a\": 1,\n  \"b\" 2\n}", "gate.json:3:7: "},
      {"", "gate.json:1:1: "},
      {"[1, 2", "gate.json:1:6: "},
      {"[1, 2]]", "gate.json:1:7: "},
      {"{} {}", "gate.json:1:4: "},
      {"// no comments\n{}", "gate.json:1:1: "},
      {"{\"a\": 1,}", "gate.json:1:9: "},
      {"[01]", "gate.json:1:3: "},
      {"[1e999]", "gate.json:1:6: "},
      {"[NaN]", "gate.json:1:2: "},
      {"\n\n\"a\x01\"", "gate.json:3:3: "},
      {"[\"\xff\"]", "gate.json:1:3: "},
      {std::string("[1]\0", 4), "gate.json:1:4: "},
      {std::string("[1]\0 and more", 13), "gate.json:1:4: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::string said = refusal(row.text);
    CAPTURE(said);
    CHECK(said.starts_with(row.start));
    CHECK(said.find("json.exception") == std::string::npos);
    CHECK(said.size() > row.start.size() + 5);
  }
}

TEST_CASE("what is said about a bad text is short and fit for a terminal") {
  const std::string said = refusal("[\"" + std::string(5000, '\x1b') + "\xff\xfe");
  CHECK(said.size() < 250);
  for (const char c : said) CHECK((c >= ' ' && c <= '~'));
}

TEST_CASE("a field that is there twice is refused where the second one is") {
  CHECK(refusal("{\n \"a\": 1,\n \"a\": 1}") == "gate.json:3:4: the field `a` is there twice");
  CHECK(refusal(R"([{"b": {"a": 1, "\u0061": 2}}])").find("`a` is there twice") != std::string::npos);
}

TEST_CASE("objects beside and inside each other may have the same fields") {
  CHECK(refusal(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})") == "accepted");
}

TEST_CASE("two hundred levels are read, one more is refused, and no depth crashes") {
  CHECK(refusal(nested(200)) == "accepted");
  CHECK(refusal(nested(201)) == "gate.json:1:201: nested deeper than 200 levels");
  CHECK(refusal(nested(100'000)) == "gate.json:1:201: nested deeper than 200 levels");
  CHECK(refusal(std::string(10'000'000, '[')) == "gate.json:1:201: nested deeper than 200 levels");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK(refusal(objects).find("nested deeper than 200 levels") != std::string::npos);
}

} // namespace json_parse_test
