// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model_json_reading.h"

#include <charconv>

namespace tdxcheck::model::json_reading {
namespace {

// A type is a word, or an object whose first field says which.
std::string_view head_of(const JsonReader& json, std::initializer_list<std::string_view> heads) {
  for (const std::string_view head : heads)
    if (json.has(head)) return head;
  json.no_unknown_fields(heads);
  json.refuse("a type");
}

bool is_the_word(const JsonReader& json, std::string_view word) {
  if (!json.is_string()) return false;
  if (json.string() != word) json.refuse(std::string("`").append(word).append("`, or an object"));
  return true;
}

std::pair<JsonReader, JsonReader> bounds_of(const JsonReader& json) {
  const std::vector<JsonReader> bounds = json.array();
  if (bounds.size() != 2) json.refuse("a list of the lower and the upper bound");
  return {bounds[0], bounds[1]};
}

struct ReadValue {
  const JsonReader& json;
  const Model& model;

  Value operator()(const BoolParameter&) const { return json.boolean() ? 1 : 0; }
  Value operator()(const IntegerParameter& type) const {
    if (type.may_be_unlimited && json.is_string() && json.string() == "unlimited") return unlimited;
    return json.integer(type.low, type.high);
  }
  Value operator()(const EnumParameter& type) const {
    return static_cast<Value>(json.one_of("constant", model.enumerations[type.enumeration].constants));
  }
};

} // namespace

ParameterType read_parameter_type(const JsonReader& json, const Model& model) {
  if (is_the_word(json, "bool")) return BoolParameter{};
  if (head_of(json, {"integer", "enum"}) == "enum") {
    json.no_unknown_fields({"enum"});
    return EnumParameter{find(model.enumerations, "enumeration", json.required("enum"))};
  }
  json.no_unknown_fields({"integer", "unlimited"});
  const auto [low, high] = bounds_of(json.required("integer"));
  return IntegerParameter{low.integer(), high.integer(), flag_of(json, "unlimited")};
}

Value read_value(const JsonReader& json, const Model& model, const ParameterType& type) {
  return std::visit(ReadValue{json, model}, type);
}

ScalarType read_type(const JsonReader& json, const Model& model) {
  if (is_the_word(json, "bool")) return BoolType{};
  const std::string_view head =
      head_of(json, {"integer", "bits", "enum", "index", "optional_index", "subset"});
  json.no_unknown_fields({head});
  const JsonReader argument = json.required(head);
  if (head == "integer") return IntegerType{};
  if (head == "bits") return BitsType{};
  if (head == "enum") return EnumType{find(model.enumerations, "enumeration", argument)};
  const Id<IndexSet> set = find(model.sets, "set", argument);
  if (head == "index") return IndexType{set};
  if (head == "optional_index") return OptionalIndexType{set};
  return SubsetType{set};
}

void read_bounds(ScalarType& type, const JsonReader& json, const Model& model) {
  if (auto* integers = std::get_if<IntegerType>(&type)) {
    const auto [low, high] = bounds_of(json.required("integer"));
    integers->low = ExpressionReader(model).read(low);
    integers->high = ExpressionReader(model).read(high);
  }
  if (auto* bits = std::get_if<BitsType>(&type))
    bits->width = ExpressionReader(model).read(json.required("bits"));
}

Scope read_scope(const JsonReader& json, const Model& model) {
  if (is_the_word(json, "global")) return GlobalScope{};
  if (json.has("local")) {
    json.no_unknown_fields({"local"});
    return LocalScope{find(model.threads, "thread", json.required("local"))};
  }
  json.no_unknown_fields({"per_member", "local"});
  return MemberScope{find(model.sets, "set", json.required("per_member"))};
}

std::string text_of(const JsonReader& object, std::string_view key) {
  const auto field = object.optional(key);
  return field ? field->string() : "";
}

bool flag_of(const JsonReader& object, std::string_view key) {
  const auto field = object.optional(key);
  return field && field->boolean();
}

std::vector<JsonReader> list_of(const JsonReader& object, std::string_view key) {
  const auto field = object.optional(key);
  return field ? field->array() : std::vector<JsonReader>{};
}

Source source_of(const JsonReader& object) {
  const auto field = object.optional("source");
  if (!field) return {};
  const std::string text = field->string();
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) field->refuse("a file and a line, such as `protocols/x.cpp:12`");
  Source source{text.substr(0, colon), 0};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, source.line);
  if (error != std::errc() || stopped != end)
    field->refuse("a file and a line, such as `protocols/x.cpp:12`");
  return source;
}

} // namespace tdxcheck::model::json_reading
