// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model_json.h"

#include "model/model_json_reading.h"
#include "model/model_json_words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace tdxcheck::model {
namespace json_reading {
namespace {

// A row that has its name and nothing else yet.
template <class Row>
Row& declare(Table<Row>& table, std::string_view kind, const JsonReader& json) {
  const JsonReader name = json.required("name");
  Row row;
  row.name = name.name();
  if (std::ranges::find(table, row.name, &Row::name) != table.end())
    name.fail(fmt::format("the {} `{}` is there twice", kind, row.name));
  return table[table.add(std::move(row))];
}

class ModelReader {
public:
  Model read(const JsonReader& json) {
    json.schema(json_words::schema);
    json.no_unknown_fields({"schema", "name", "summary", "essay", "default_variant", "enumerations",
                            "parameters", "guards", "sets", "variables", "locks", "threads", "regions",
                            "loops", "operations", "counters", "properties", "variants"});
    model_.name = json.required("name").string();
    model_.summary = text_of(json, "summary");
    model_.essay = text_of(json, "essay");
    model_.default_variant = text_of(json, "default_variant");
    declare_rows(json);
    fill_rows(json);
    return std::move(model_);
  }

private:
  // All that an expression may name, and what its sort follows from.
  void declare_rows(const JsonReader& json) {
    for (const JsonReader& item : list_of(json, "enumerations")) read_enumeration(item);
    for (const JsonReader& item : list_of(json, "parameters")) read_parameter(item);
    for (const JsonReader& item : list_of(json, "guards")) read_guard(item);
    for (const JsonReader& item : list_of(json, "sets")) declare(model_.sets, "set", item);
    for (const JsonReader& item : list_of(json, "threads")) {
      Thread& thread = declare(model_.threads, "thread", item);
      if (const auto over = item.optional("over")) thread.over = find(model_.sets, "set", *over);
    }
    for (const JsonReader& item : list_of(json, "variables"))
      declare(model_.variables, "variable", item).type.scalar = read_type(item.required("type"), model_);
    for (const JsonReader& item : list_of(json, "locks")) read_lock(item);
    for (const JsonReader& item : list_of(json, "regions")) declare(model_.regions, "region", item);
    for (const JsonReader& item : list_of(json, "loops")) read_stretch(model_.loops, "loop", item);
    for (const JsonReader& item : list_of(json, "operations"))
      read_stretch(model_.operations, "operation", item);
    for (const JsonReader& item : list_of(json, "counters")) declare(model_.counters, "counter", item);
  }

  void fill_rows(const JsonReader& json) {
    each(json, "sets", model_.sets, &ModelReader::fill_set);
    each(json, "variables", model_.variables, &ModelReader::fill_variable);
    each(json, "threads", model_.threads, &ModelReader::fill_thread);
    each(json, "regions", model_.regions, &ModelReader::fill_region);
    each(json, "counters", model_.counters, &ModelReader::fill_counter);
    for (const JsonReader& item : list_of(json, "properties"))
      model_.properties.push_back(read_property(item, model_));
    for (const JsonReader& item : list_of(json, "variants")) model_.variants.push_back(read_variant(item));
  }

  template <class Row>
  void each(const JsonReader& json, std::string_view key, const Table<Row>& table,
            void (ModelReader::*fill)(Id<Row>, const JsonReader&)) {
    const std::vector<JsonReader> items = list_of(json, key);
    for (const Id<Row> id : table.ids()) (this->*fill)(id, items[id.value]);
  }

  // ---- rows that refer to nothing declared after them
  // ---------------------------------------------------------

  void read_enumeration(const JsonReader& json) {
    json.no_unknown_fields({"name", "constants"});
    Enumeration& enumeration = declare(model_.enumerations, "enumeration", json);
    for (const JsonReader& constant : json.required("constants").array())
      enumeration.constants.push_back(constant.name());
  }

  void read_parameter(const JsonReader& json) {
    json.no_unknown_fields({"name", "type", "default", "doc", "source"});
    Parameter& parameter = declare(model_.parameters, "parameter", json);
    parameter.type = read_parameter_type(json.required("type"), model_);
    parameter.default_value = read_value(json.required("default"), model_, parameter.type);
    parameter.doc = text_of(json, "doc");
    parameter.source = source_of(json);
  }

  void read_guard(const JsonReader& json) {
    json.no_unknown_fields({"name", "doc", "source"});
    GuardName& guard = declare(model_.guards, "guard", json);
    guard.doc = text_of(json, "doc");
    guard.source = source_of(json);
  }

  void read_lock(const JsonReader& json) {
    json.no_unknown_fields({"name", "kind", "over", "sleeping", "module", "rank", "doc", "source"});
    Lock& lock = declare(model_.locks, "lock", json);
    lock.kind = read_name(json.required("kind"), "lock kind", json_words::lock_kinds);
    lock.over = find_all(model_.sets, "set", list_of(json, "over"));
    lock.sleeping = flag_of(json, "sleeping");
    lock.module = flag_of(json, "module");
    if (const auto rank = json.optional("rank"))
      lock.rank =
          static_cast<int>(rank->integer(std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
    lock.doc = text_of(json, "doc");
    lock.source = source_of(json);
  }

  // A loop or an operation: told apart within its thread.
  template <class Row>
  void read_stretch(Table<Row>& table, std::string_view kind, const JsonReader& json) {
    json.no_unknown_fields({"name", "thread", "functions", "source"});
    Row row;
    row.name = json.required("name").name();
    row.thread = find(model_.threads, "thread", json.required("thread"));
    for (const Row& other : table)
      if (other.name == row.name && other.thread == row.thread)
        json.required("name").fail(fmt::format("the {} `{}` is there twice in one thread", kind, row.name));
    for (const JsonReader& item : list_of(json, "functions")) row.functions.push_back(item.string());
    row.source = source_of(json);
    table.add(std::move(row));
  }

  // ---- the rest of the rows
  // -----------------------------------------------------------------------------------

  void fill_set(Id<IndexSet> id, const JsonReader& json) {
    json.no_unknown_fields({"name", "size", "symmetric", "source"});
    IndexSet& set = model_.sets[id];
    set.size = ExpressionReader(model_).read(json.required("size"));
    set.symmetric = flag_of(json, "symmetric");
    set.source = source_of(json);
  }

  void fill_variable(Id<Variable> id, const JsonReader& json) {
    json.no_unknown_fields({"name", "type", "array_of", "initial", "scope", "doc", "source"});
    Variable& variable = model_.variables[id];
    read_bounds(variable.type.scalar, json.required("type"), model_);
    variable.type.array_of = find_all(model_.sets, "set", list_of(json, "array_of"));
    const JsonReader initial = json.required("initial");
    if (!initial.is_string() || initial.string() != "any")
      variable.initial = ExpressionReader(model_).read(initial);
    variable.scope = read_scope(json.required("scope"), model_);
    variable.doc = text_of(json, "doc");
    variable.source = source_of(json);
  }

  void fill_thread(Id<Thread> id, const JsonReader& json) {
    model_.threads[id] = read_thread(json, model_, id);
  }

  void fill_region(Id<Region> id, const JsonReader& json) {
    json.no_unknown_fields({"name", "thread", "labels"});
    Region& region = model_.regions[id];
    region.thread = find(model_.threads, "thread", json.required("thread"));
    region.labels = find_all(model_.threads[region.thread].labels, "label", json.required("labels").array());
  }

  void fill_counter(Id<Counter> id, const JsonReader& json) {
    json.no_unknown_fields({"name", "value", "holders", "freed", "source"});
    Counter& counter = model_.counters[id];
    counter.value = ExpressionReader(model_).read(json.required("value"));
    counter.holders = ExpressionReader(model_).read(json.required("holders"));
    if (const auto freed = json.optional("freed")) counter.freed = ExpressionReader(model_).read(*freed);
    counter.source = source_of(json);
  }

  Variant read_variant(const JsonReader& json) const {
    json.no_unknown_fields({"name", "settings", "source", "expected", "left_out", "finding"});
    Variant variant;
    variant.name = json.required("name").name();
    for (const JsonReader& item : list_of(json, "settings")) {
      item.no_unknown_fields({"parameter", "value"});
      const Id<Parameter> id = find(model_.parameters, "parameter", item.required("parameter"));
      variant.settings.push_back(
          {id, read_value(item.required("value"), model_, model_.parameters[id].type)});
    }
    variant.source = text_of(json, "source");
    variant.expected = text_of(json, "expected");
    variant.left_out = text_of(json, "left_out");
    variant.finding = text_of(json, "finding");
    return variant;
  }

  Model model_;
};

} // namespace

} // namespace json_reading

Model model_from_json(const nlohmann::json& json) {
  return json_reading::ModelReader().read(support::JsonReader(json));
}

} // namespace tdxcheck::model
