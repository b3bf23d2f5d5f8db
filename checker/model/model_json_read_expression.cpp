// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model_json_reading.h"

#include "model/limits.h"
#include "model/model_json_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tdxcheck::model::json_reading {

// An object is recognised by its first field, and has the others.
struct ExpressionReader::Form {
  std::string_view head;
  std::vector<std::string_view> fields;
  Expr (ExpressionReader::*read)(const JsonReader&, Place);
};

Expr ExpressionReader::read(const JsonReader& json) { return read(json, {}); }

std::vector<Expr> ExpressionReader::read_list(const JsonReader& object, std::string_view key) {
  return read_list(object, key, {});
}

Expr ExpressionReader::read(const JsonReader& json, Place place) {
  if (place.levels >= most_expression_levels || place.depth >= deepest_expression)
    json.fail(
        fmt::format("the expression is nested too deeply (more than {} levels)", most_expression_levels));
  if (json.is_boolean()) return truth(json.boolean());
  if (json.is_integer()) return integer(json.integer());
  if (json.is_array()) return read_operator(json, place);
  if (json.is_object()) return read_object(json, place);
  json.refuse("an expression");
}

std::vector<Expr> ExpressionReader::read_list(const JsonReader& object, std::string_view key, Place place) {
  std::vector<Expr> expressions;
  for (const JsonReader& item : list_of(object, key)) expressions.push_back(read(item, place));
  return expressions;
}

Expr ExpressionReader::read_object(const JsonReader& json, Place place) {
  static const std::vector<Form> forms{
      {"parameter", {}, &ExpressionReader::parameter},
      {"kept", {}, &ExpressionReader::kept},
      {"variable", {"at"}, &ExpressionReader::variable},
      {"self", {}, &ExpressionReader::self},
      {"bound", {}, &ExpressionReader::bound},
      {"if", {"then", "else"}, &ExpressionReader::conditional},
      {"wrap", {"width"}, &ExpressionReader::wrap},
      {"for_all", {"in", "holds"}, &ExpressionReader::for_all},
      {"exists", {"in", "holds"}, &ExpressionReader::exists},
      {"count", {"in", "holds"}, &ExpressionReader::count},
      {"region", {"member"}, &ExpressionReader::region},
      {"bits", {}, &ExpressionReader::bits},
      {"constant", {"of"}, &ExpressionReader::constant},
      {"index", {"of"}, &ExpressionReader::index},
      {"optional_index", {"of"}, &ExpressionReader::optional_index},
      {"subset", {"of"}, &ExpressionReader::subset},
  };
  const auto form = std::ranges::find_if(forms, [&](const Form& each) { return json.has(each.head); });
  if (form == forms.end()) {
    std::vector<std::string_view> heads;
    for (const Form& each : forms) heads.push_back(each.head);
    json.no_unknown_fields(heads);
    json.refuse("an expression");
  }
  std::vector<std::string_view> known = form->fields;
  known.push_back(form->head);
  json.no_unknown_fields(known);
  return (this->*form->read)(json, place);
}

Expr ExpressionReader::read_operator(const JsonReader& json, Place place) {
  const std::vector<JsonReader> items = json.array();
  if (items.empty()) json.fail("an operator and its operands are missing");
  const std::string word = items.front().string();
  const std::size_t operands = items.size() - 1;
  for (const auto& [op, name] : json_words::unary_operators) {
    if (name != word) continue;
    if (operands != 1) json.fail(fmt::format("`{}` has 1 operand, not {}", word, operands));
    return unary(op, read(items[1], place.inside()));
  }
  const BinaryOp op = read_word(items.front(), "operator", json_words::binary_operators);
  if (operands < 2 || (operands > 2 && !forms_chains(op)))
    json.fail(
        fmt::format("`{}` has 2 operands{}, not {}", word, forms_chains(op) ? " or more" : "", operands));
  return read_chain(op, items, place);
}

// [op, a, b, c] is (a op b) op c: the further left, the deeper.
Expr ExpressionReader::read_chain(BinaryOp op, const std::vector<JsonReader>& items, Place place) {
  const std::size_t last = items.size() - 1;
  const auto operand = [&](std::size_t i) {
    const std::size_t nodes_above = i == 1 ? last - 1 : last - i + 1;
    return read(items[i], {place.levels + 1, place.depth + nodes_above});
  };
  Expr chain = operand(1);
  for (std::size_t i = 2; i <= last; ++i) chain = binary(op, std::move(chain), operand(i));
  return chain;
}

Expr ExpressionReader::parameter(const JsonReader& json, Place) {
  const Id<Parameter> id = find(model_.parameters, "parameter", json.required("parameter"));
  return make(sort_of(model_.parameters[id]), ParameterRef{id});
}

Expr ExpressionReader::kept(const JsonReader& json, Place) {
  return make({SortKind::boolean, 0}, Kept{find(model_.guards, "guard", json.required("kept"))});
}

Expr ExpressionReader::variable(const JsonReader& json, Place place) {
  const Id<Variable> id = find(model_.variables, "variable", json.required("variable"));
  return make(sort_of(model_.variables[id].type.scalar),
              VariableRef{id, read_list(json, "at", place.inside())});
}

Expr ExpressionReader::self(const JsonReader& json, Place) {
  const JsonReader field = json.required("self");
  if (!field.boolean()) field.refuse("true");
  if (!self_) json.fail("`self` means nothing here: only the steps of a thread with a set have one");
  return make({SortKind::index, self_->value}, Self{});
}

Expr ExpressionReader::bound(const JsonReader& json, Place) {
  const BoundName name = read_bound(json.required("bound"));
  const auto found =
      std::find_if(bound_.rbegin(), bound_.rend(), [&](const auto& each) { return each.first == name; });
  if (found == bound_.rend()) json.fail(fmt::format("`{}#{}` is not bound here", name.name, name.number));
  return make({SortKind::index, found->second.value}, BoundRef{name});
}

Expr ExpressionReader::conditional(const JsonReader& json, Place place) {
  Expr condition = read(json.required("if"), place.inside());
  Expr then = read(json.required("then"), place.inside());
  return model::conditional(std::move(condition), std::move(then),
                            read(json.required("else"), place.inside()));
}

Expr ExpressionReader::wrap(const JsonReader& json, Place place) {
  Expr operand = read(json.required("wrap"), place.inside());
  return make({SortKind::bits, 0}, Wrap{read(json.required("width"), place.inside()), std::move(operand)});
}

Expr ExpressionReader::quantified(QuantifierKind kind, std::string_view key, const JsonReader& json,
                                  Place place) {
  const BoundName name = read_bound(json.required(key));
  const Id<IndexSet> set = find(model_.sets, "set", json.required("in"));
  bind(name, set);
  Expr body = read(json.required("holds"), place.inside());
  bound_.pop_back();
  const SortKind sort = kind == QuantifierKind::count ? SortKind::integer : SortKind::boolean;
  return make({sort, 0}, Quantified{kind, name, set, std::move(body)});
}

Expr ExpressionReader::for_all(const JsonReader& json, Place place) {
  return quantified(QuantifierKind::for_all, "for_all", json, place);
}
Expr ExpressionReader::exists(const JsonReader& json, Place place) {
  return quantified(QuantifierKind::exists, "exists", json, place);
}
Expr ExpressionReader::count(const JsonReader& json, Place place) {
  return quantified(QuantifierKind::count, "count", json, place);
}

Expr ExpressionReader::region(const JsonReader& json, Place place) {
  const Id<Region> id = find(model_.regions, "region", json.required("region"));
  return make({SortKind::boolean, 0}, InRegion{id, read_list(json, "member", place.inside())});
}

Expr ExpressionReader::bits(const JsonReader& json, Place) {
  return literal({SortKind::bits, 0}, json.required("bits").integer(0, (Value{1} << widest_bits) - 1));
}

Expr ExpressionReader::constant(const JsonReader& json, Place) {
  const Id<Enumeration> id = find(model_.enumerations, "enumeration", json.required("of"));
  const Enumeration& enumeration = model_.enumerations[id];
  const std::size_t constant = json.required("constant").one_of("constant", enumeration.constants);
  return literal({SortKind::enumeration, id.value}, static_cast<Value>(constant));
}

Expr ExpressionReader::index(const JsonReader& json, Place) {
  const Id<IndexSet> set = find(model_.sets, "set", json.required("of"));
  return literal({SortKind::index, set.value}, json.required("index").integer(0, most_members));
}

Expr ExpressionReader::optional_index(const JsonReader& json, Place) {
  const Id<IndexSet> set = find(model_.sets, "set", json.required("of"));
  const JsonReader member = json.required("optional_index");
  return literal({SortKind::optional_index, set.value},
                 member.is_null() ? no_member : member.integer(0, most_members));
}

Expr ExpressionReader::subset(const JsonReader& json, Place) {
  const Id<IndexSet> set = find(model_.sets, "set", json.required("of"));
  Value members = 0;
  for (const JsonReader& item : json.required("subset").array()) {
    const Value member = Value{1} << item.integer(0, most_members - 1);
    if ((members & member) != 0) item.fail("the member is there twice");
    members |= member;
  }
  return literal({SortKind::subset, set.value}, members);
}

BoundName read_bound(const JsonReader& json) {
  const std::string text = json.string();
  const std::size_t mark = text.rfind('#');
  if (mark == std::string::npos) json.refuse("a bound name with its number, such as `v#3`");
  BoundName name{0, text.substr(0, mark)};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + mark + 1, end, name.number);
  if (error != std::errc() || stopped != end) json.refuse("a bound name with its number, such as `v#3`");
  return name;
}

} // namespace tdxcheck::model::json_reading
