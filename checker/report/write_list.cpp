// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_list.h"

#include "model/print.h"
#include "report/columns.h"
#include "report/describe_claim.h"
#include "result/trace_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tdxcheck::report {
namespace {

using Json = nlohmann::ordered_json;

// Rows of one kind, the kind said once at the left.
class Entry {
public:
  explicit Entry(std::size_t width) : width_(width) {}

  void head(const std::string& text) { line(text, 2); }
  void rows(const std::string& kind, const std::vector<std::string>& all) {
    constexpr std::size_t margin = 14;
    for (std::size_t i = 0; i < all.size(); ++i)
      line(padded(i == 0 ? "  " + kind : "", margin) + all[i], margin + 2);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  void line(const std::string& text, std::size_t hanging) {
    for (const std::string& part : wrap(text, width_, hanging)) text_ += part + "\n";
  }

  std::size_t width_;
  std::string text_;
};

std::string parameter_row(const model::Model& model, model::Id<model::Parameter> id) {
  const model::Parameter& parameter = model.parameters[id];
  return fmt::format("{}={} ({}){}{}", parameter.name, print_parameter(model, id, parameter.default_value),
                     print_range(model, id), parameter.doc.empty() ? "" : ": ", parameter.doc);
}

std::string variant_row(const model::Model& model, const model::Variant& variant) {
  std::string row = variant.name;
  if (variant.name == model.default_variant) row += " (default)";
  if (!variant.source.empty()) row += ": " + variant.source;
  if (!variant.expected.empty()) row += "; expected: " + variant.expected;
  return row;
}

template <class Rows, class Text>
std::vector<std::string> texts(const Rows& rows, Text text) {
  std::vector<std::string> result;
  for (const auto& row : rows) result.push_back(text(row));
  return result;
}

template <class Rows>
std::vector<std::string> names(const Rows& rows) {
  return texts(rows, [](const auto& row) { return row.name; });
}

std::string with_doc(const std::string& name, const std::string& doc) {
  return doc.empty() ? name : name + ": " + doc;
}

std::string entry_of(const model::Model& model, std::size_t width) {
  Entry entry(width);
  entry.head(model.summary.empty() ? model.name : model.name + ": " + model.summary);
  entry.rows("variants", texts(model.variants, [&](const auto& v) { return variant_row(model, v); }));
  entry.rows("parameters", texts(model.parameters.ids(), [&](auto id) { return parameter_row(model, id); }));
  entry.rows("properties", texts(model.properties, [&](const model::Property& property) {
               const std::string name(template_name(property.claim));
               return with_doc(property.name == name ? name : property.name + " (" + name + ")",
                               property.doc);
             }));
  const auto with_functions = [](const auto& row) {
    return row.functions.empty() ? row.name
                                 : fmt::format("{} in {}", row.name, fmt::join(row.functions, ", "));
  };
  entry.rows("loops", texts(model.loops, with_functions));
  entry.rows("operations", texts(model.operations, with_functions));
  entry.rows("guards",
             texts(model.guards, [](const auto& guard) { return with_doc(guard.name, guard.doc); }));
  return entry.text();
}

struct TypeToJson {
  const model::Model& model;

  Json operator()(const model::BoolParameter&) const { return {{"type", "bool"}, {"values", {false, true}}}; }
  Json operator()(const model::IntegerParameter& type) const {
    Json json{{"type", "integer"}, {"values", {type.low, type.high}}};
    if (type.may_be_unlimited) json["unlimited"] = true;
    return json;
  }
  Json operator()(const model::EnumParameter& type) const {
    return {{"type", "enum"}, {"values", model.enumerations[type.enumeration].constants}};
  }
};

Json parameter_to_json(const model::Model& model, model::Id<model::Parameter> id) {
  const model::Parameter& parameter = model.parameters[id];
  Json json{{"name", parameter.name}};
  json.update(std::visit(TypeToJson{model}, parameter.type));
  json["default"] = result::value_to_json(print_parameter(model, id, parameter.default_value));
  json["doc"] = parameter.doc;
  return json;
}

Json protocol_to_json(const model::Model& model) {
  Json json{{"name", model.name}, {"summary", model.summary}, {"default_variant", model.default_variant}};
  json["parameters"] = Json::array();
  for (const auto id : model.parameters.ids()) json["parameters"].push_back(parameter_to_json(model, id));
  json["variants"] = Json::array();
  for (const auto& variant : model.variants)
    json["variants"].push_back({{"name", variant.name},
                                {"source", variant.source},
                                {"expected", variant.expected},
                                {"left_out", variant.left_out},
                                {"finding", variant.finding}});
  json["properties"] = Json::array();
  for (const auto& property : model.properties)
    json["properties"].push_back({{"name", property.name}, {"template", template_name(property.claim)}});
  json["loops"] = names(model.loops);
  json["operations"] = names(model.operations);
  json["guards"] = names(model.guards);
  return json;
}

} // namespace

std::string write_list(const std::vector<model::Model>& protocols, std::size_t width) {
  std::string text;
  for (const model::Model& model : protocols) text += (text.empty() ? "" : "\n") + entry_of(model, width);
  return text.empty() ? "no protocol is built in\n" : text;
}

nlohmann::ordered_json list_to_json(const std::vector<model::Model>& protocols) {
  Json json{{"schema", "tdxcheck/list/1"}, {"protocols", Json::array()}};
  for (const model::Model& model : protocols) json["protocols"].push_back(protocol_to_json(model));
  return json;
}

} // namespace tdxcheck::report
