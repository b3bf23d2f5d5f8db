// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model_json_writing.h"

#include "model/limits.h"
#include "model/model_json_words.h"
#include "support/contract.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tdxcheck::model::json_writing {
namespace {

struct Writer {
  const Model& model;

  Json write(const Expr& e) const {
    support::expects(!e.empty(), "an expression that is written is not empty");
    if (const auto* literal = std::get_if<Literal>(&e.node().kind))
      return write_literal(e.sort(), literal->value);
    return std::visit(*this, e.node().kind);
  }

  Json write_literal(const Sort& sort, Value value) const {
    const auto set = [&] { return model.sets[Id<IndexSet>{sort.of}].name; };
    switch (sort.kind) {
    case SortKind::boolean: return value != 0;
    case SortKind::integer: return value;
    case SortKind::bits: return {{"bits", value}};
    case SortKind::enumeration: {
      const Enumeration& enumeration = model.enumerations[Id<Enumeration>{sort.of}];
      return {{"constant", enumeration.constants.at(static_cast<std::size_t>(value))},
              {"of", enumeration.name}};
    }
    case SortKind::index: return {{"index", value}, {"of", set()}};
    case SortKind::optional_index:
      return {{"optional_index", value == no_member ? Json(nullptr) : Json(value)}, {"of", set()}};
    case SortKind::subset: return {{"subset", members_of(value)}, {"of", set()}};
    }
    return {};
  }

  static Json members_of(Value subset) {
    Json members = Json::array();
    for (Value member = 0; member < most_members; ++member)
      if ((subset >> member & 1) != 0) members.push_back(member);
    return members;
  }

  Json operator()(const Literal& e) const { return e.value; }
  Json operator()(const ParameterRef& e) const { return {{"parameter", model.parameters[e.parameter].name}}; }
  Json operator()(const Kept& e) const { return {{"kept", model.guards[e.guard].name}}; }
  Json operator()(const VariableRef& e) const {
    Json json = {{"variable", model.variables[e.variable].name}};
    put_list(json, "at", write_expressions(model, e.at));
    return json;
  }
  Json operator()(const Self&) const { return {{"self", true}}; }
  Json operator()(const BoundRef& e) const { return {{"bound", write_bound(e.bound)}}; }

  Json operator()(const Unary& e) const {
    return Json::array({json_words::word_of(json_words::unary_operators, e.op), write(e.operand)});
  }

  Json operator()(const Binary& e) const {
    std::vector<const Expr*> operands{&e.right};
    const Expr* left = &e.left;
    while (forms_chains(e.op)) {
      const auto* inner = left->empty() ? nullptr : std::get_if<Binary>(&left->node().kind);
      if (inner == nullptr || inner->op != e.op) break;
      operands.push_back(&inner->right);
      left = &inner->left;
    }
    Json json = Json::array({json_words::word_of(json_words::binary_operators, e.op), write(*left)});
    for (auto operand = operands.rbegin(); operand != operands.rend(); ++operand)
      json.push_back(write(**operand));
    return json;
  }

  Json operator()(const Conditional& e) const {
    return {{"if", write(e.condition)}, {"then", write(e.then)}, {"else", write(e.otherwise)}};
  }
  Json operator()(const Wrap& e) const { return {{"wrap", write(e.operand)}, {"width", write(e.width)}}; }
  Json operator()(const Quantified& e) const {
    const std::string kind(json_words::word_of(json_words::quantifiers, e.kind));
    return {{kind, write_bound(e.bound)}, {"in", model.sets[e.over].name}, {"holds", write(e.body)}};
  }
  Json operator()(const InRegion& e) const {
    Json json = {{"region", model.regions[e.region].name}};
    put_list(json, "member", write_expressions(model, e.member));
    return json;
  }
};

} // namespace

Json write_expression(const Model& model, const Expr& expression) { return Writer{model}.write(expression); }

Json write_expressions(const Model& model, const std::vector<Expr>& expressions) {
  Json list = Json::array();
  for (const Expr& e : expressions) list.push_back(write_expression(model, e));
  return list;
}

std::string write_bound(const BoundName& name) { return fmt::format("{}#{}", name.name, name.number); }

void put_text(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

void put_flag(Json& object, const char* key, bool flag) {
  if (flag) object[key] = true;
}

void put_list(Json& object, const char* key, Json list) {
  if (!list.empty()) object[key] = std::move(list);
}

void put_expression(Json& object, const char* key, const Model& model, const Expr& expression) {
  if (!expression.empty()) object[key] = write_expression(model, expression);
}

void put_source(Json& object, const Source& source) {
  if (source != Source{}) object["source"] = fmt::format("{}:{}", source.file, source.line);
}

} // namespace tdxcheck::model::json_writing
