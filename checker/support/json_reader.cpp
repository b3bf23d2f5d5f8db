// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/json_reader.h"

#include "support/error.h"
#include "support/near_miss.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace tdxcheck::support {
namespace {

constexpr std::size_t most_shown = 60;

std::string clipped(std::string text) {
  if (text.size() <= most_shown) return text;
  std::size_t end = most_shown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end; // not inside a character
  return text.substr(0, end) + "...";
}

std::string description(const nlohmann::json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_string()) return fmt::format("the text `{}`", clipped(value.get<std::string>()));
  return value.dump();
}

// RFC 6901: the two characters that a pointer cannot hold plainly.
std::string escaped(std::string_view step) {
  std::string result;
  for (const char c : step) {
    if (c == '~') result += "~0";
    else if (c == '/') result += "~1";
    else result += c;
  }
  return result;
}

std::vector<std::string> copies(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

} // namespace

JsonReader::JsonReader(const nlohmann::json& value) : value_(&value) {}

JsonReader::JsonReader(const nlohmann::json& value, std::string path, std::size_t level)
    : value_(&value), path_(std::move(path)), level_(level) {}

std::string JsonReader::path_of(std::string_view step) const {
  return (level_ == 0 ? "" : path_) + "/" + escaped(step);
}

JsonReader JsonReader::child(const nlohmann::json& value, std::string_view step) const {
  if (level_ >= most_json_levels) fail(fmt::format("nested deeper than {} levels", most_json_levels));
  return {value, path_of(step), level_ + 1};
}

void JsonReader::fail(std::string_view english) const {
  throw InputError(fmt::format("{}: {}", path_, english));
}

void JsonReader::refuse(std::string_view wanted) const {
  fail(fmt::format("expected {}, got {}", wanted, description(*value_)));
}

JsonReader JsonReader::required(std::string_view key) const {
  if (auto field = optional(key)) return *std::move(field);
  throw InputError(fmt::format("{}: this field is missing", path_of(key)));
}

std::optional<JsonReader> JsonReader::optional(std::string_view key) const {
  if (!is_object()) refuse("an object");
  const auto found = value_->find(key);
  if (found == value_->end()) return std::nullopt;
  return child(*found, key);
}

bool JsonReader::has(std::string_view key) const { return is_object() && value_->contains(key); }

void JsonReader::no_unknown_fields(std::initializer_list<std::string_view> known) const {
  no_unknown_fields(std::span(known.begin(), known.size()));
}

void JsonReader::no_unknown_fields(std::span<const std::string_view> known) const {
  if (!is_object()) refuse("an object");
  for (const auto& [key, value] : value_->items())
    if (std::ranges::find(known, key) == known.end())
      throw InputError(
          fmt::format("{}: {}", path_of(clipped(key)), did_you_mean("field", clipped(key), copies(known))));
}

void JsonReader::schema(std::string_view name) const {
  const JsonReader field = required("schema");
  if (field.string() != name) field.refuse(fmt::format("`{}`", name));
}

std::vector<std::pair<std::string, JsonReader>> JsonReader::members() const {
  if (!is_object()) refuse("an object");
  std::vector<std::pair<std::string, JsonReader>> result;
  for (const auto& [key, value] : value_->items()) result.emplace_back(key, child(value, key));
  return result;
}

std::vector<JsonReader> JsonReader::array() const {
  if (!is_array()) refuse("a list");
  std::vector<JsonReader> result;
  result.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i) result.push_back(child((*value_)[i], std::to_string(i)));
  return result;
}

std::string JsonReader::string() const {
  if (!is_string()) refuse("a text");
  return value_->get<std::string>();
}

std::string JsonReader::name() const {
  std::string text = string();
  if (text.empty()) refuse("a name");
  return text;
}

std::int64_t JsonReader::integer(std::int64_t low, std::int64_t high) const {
  if (!is_integer()) refuse("an integer");
  const bool too_large =
      value_->is_number_unsigned() &&
      value_->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (too_large || value_->get<std::int64_t>() < low || value_->get<std::int64_t>() > high)
    refuse(fmt::format("an integer from {} to {}", low, high));
  return value_->get<std::int64_t>();
}

double JsonReader::number() const {
  if (!value_->is_number()) refuse("a number");
  return value_->get<double>();
}

bool JsonReader::boolean() const {
  if (!is_boolean()) refuse("true or false");
  return value_->get<bool>();
}

std::size_t JsonReader::one_of(std::string_view kind, std::span<const std::string> names) const {
  const std::string text = string();
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) fail(did_you_mean(kind, clipped(text), names));
  return static_cast<std::size_t>(found - names.begin());
}

std::size_t JsonReader::one_of(std::string_view kind, std::initializer_list<std::string_view> names) const {
  return one_of(kind, copies(std::span(names.begin(), names.size())));
}

bool JsonReader::is_object() const { return value_->is_object(); }
bool JsonReader::is_array() const { return value_->is_array(); }
bool JsonReader::is_string() const { return value_->is_string(); }
bool JsonReader::is_integer() const { return value_->is_number_integer(); }
bool JsonReader::is_boolean() const { return value_->is_boolean(); }
bool JsonReader::is_null() const { return value_->is_null(); }

} // namespace tdxcheck::support
