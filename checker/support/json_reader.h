// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Reading JSON that somebody else wrote: every reader of a file refuses what it does not know, and says
// where.
//
//   const nlohmann::json parsed = parse_json(text, "gate.json");
//   const JsonReader file(parsed);
//   file.schema("tdxcheck/gate/1");
//   file.no_unknown_fields({"schema", "budget", "checks"});
//   for (const JsonReader& check : file.required("checks").array()) target =
//   check.required("target").string();
//
// Each refusal is an InputError "/checks/3/target: expected a text, got 7": the JSON pointer of the offending
// field ("/" for the whole file), then what is wrong with it. Whoever knows the file's name puts it in front.

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tdxcheck::support {

// Deeper lists and objects are refused, by the parser and by JsonReader: whoever reads them may recurse.
inline constexpr std::size_t most_json_levels = 200;

// The value that `text` spells, or an InputError "ORIGIN:LINE:COLUMN: what is wrong". Refuses a field that an
// object has twice, anything after the value, and too many levels (before any tree is built).
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& origin);

// A JSON value and where it was found. Refers to the value, which must outlive it.
class JsonReader {
public:
  explicit JsonReader(const nlohmann::json& value);
  explicit JsonReader(const nlohmann::json&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; } // "/checks/3"; "/" for the root
  [[nodiscard]] const nlohmann::json& value() const { return *value_; }
  [[noreturn]] void fail(std::string_view english) const;

  // Objects. A field that is null is there.
  [[nodiscard]] JsonReader required(std::string_view key) const;
  [[nodiscard]] std::optional<JsonReader> optional(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  void no_unknown_fields(std::initializer_list<std::string_view> known) const;
  void no_unknown_fields(std::span<const std::string_view> known) const;
  void schema(std::string_view name) const; // the field "schema" is there and says `name`
  [[nodiscard]] std::vector<std::pair<std::string, JsonReader>> members() const; // where any key is allowed

  // Lists.
  [[nodiscard]] std::vector<JsonReader> array() const;

  // Plain values.
  [[nodiscard]] std::string string() const;
  [[nodiscard]] std::string name() const; // a text that is not empty
  [[nodiscard]] std::int64_t integer(std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                                     std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
  [[nodiscard]] double number() const;
  [[nodiscard]] bool boolean() const;
  // The position among `names` of the text found here; a refusal names the near misses ("no lock kind `mutx`;
  // ...").
  [[nodiscard]] std::size_t one_of(std::string_view kind, std::span<const std::string> names) const;
  [[nodiscard]] std::size_t one_of(std::string_view kind,
                                   std::initializer_list<std::string_view> names) const;

  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool is_string() const;
  [[nodiscard]] bool is_integer() const;
  [[nodiscard]] bool is_boolean() const;
  [[nodiscard]] bool is_null() const;

  // "expected WANTED, got the text `x`"
  [[noreturn]] void refuse(std::string_view wanted) const;

private:
  JsonReader(const nlohmann::json& value, std::string path, std::size_t level);
  [[nodiscard]] JsonReader child(const nlohmann::json& value, std::string_view step) const;
  [[nodiscard]] std::string path_of(std::string_view step) const;

  const nlohmann::json* value_;
  std::string path_ = "/";
  std::size_t level_ = 0; // lists and objects around it
};

} // namespace tdxcheck::support
