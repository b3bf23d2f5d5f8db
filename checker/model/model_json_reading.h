// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The parts of model_from_json. Names are looked up in the model as far as it has been read: first every
// table gets its rows with their names and sorts, then what refers to them is filled in.

#include "model/model.h"
#include "support/json_reader.h"
#include "support/near_miss.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tdxcheck::model::json_reading {

using support::JsonReader;

class ExpressionReader {
public:
  explicit ExpressionReader(const Model& model, std::optional<Id<IndexSet>> self = {})
      : model_(model), self_(self) {}

  // From here on the name is known; of these there is no end, a step's choices hold for all of it.
  void bind(const BoundName& name, Id<IndexSet> set) { bound_.emplace_back(name, set); }

  [[nodiscard]] Expr read(const JsonReader& json);
  [[nodiscard]] std::vector<Expr> read_list(const JsonReader& object,
                                            std::string_view key); // may be left out

private:
  struct Form;
  struct Place { // as in limits.h
    std::size_t levels = 0, depth = 0;
    [[nodiscard]] Place inside() const { return {levels + 1, depth + 1}; }
  };

  Expr read(const JsonReader& json, Place place);
  Expr read_object(const JsonReader& json, Place place);
  Expr read_operator(const JsonReader& json, Place place);
  Expr read_chain(BinaryOp op, const std::vector<JsonReader>& items, Place place);
  std::vector<Expr> read_list(const JsonReader& object, std::string_view key, Place place);
  Expr parameter(const JsonReader& json, Place place);
  Expr kept(const JsonReader& json, Place place);
  Expr variable(const JsonReader& json, Place place);
  Expr self(const JsonReader& json, Place place);
  Expr bound(const JsonReader& json, Place place);
  Expr conditional(const JsonReader& json, Place place);
  Expr wrap(const JsonReader& json, Place place);
  Expr quantified(QuantifierKind kind, std::string_view key, const JsonReader& json, Place place);
  Expr for_all(const JsonReader& json, Place place);
  Expr exists(const JsonReader& json, Place place);
  Expr count(const JsonReader& json, Place place);
  Expr region(const JsonReader& json, Place place);
  Expr bits(const JsonReader& json, Place place);
  Expr constant(const JsonReader& json, Place place);
  Expr index(const JsonReader& json, Place place);
  Expr optional_index(const JsonReader& json, Place place);
  Expr subset(const JsonReader& json, Place place);

  const Model& model_;
  std::optional<Id<IndexSet>> self_;
  std::vector<std::pair<BoundName, Id<IndexSet>>> bound_;
};

[[nodiscard]] BoundName read_bound(const JsonReader& json); // "v#3"
[[nodiscard]] Thread read_thread(const JsonReader& json, const Model& model, Id<Thread> id);
[[nodiscard]] Property read_property(const JsonReader& json, const Model& model);

[[nodiscard]] ParameterType read_parameter_type(const JsonReader& json, const Model& model);
[[nodiscard]] Value read_value(const JsonReader& json, const Model& model, const ParameterType& type);
[[nodiscard]] Scope read_scope(const JsonReader& json, const Model& model);
// A type is read twice: what references to the variable need to know of it, then its bounds, which are
// expressions.
[[nodiscard]] ScalarType read_type(const JsonReader& json, const Model& model);
void read_bounds(ScalarType& type, const JsonReader& json, const Model& model);

// Fields that may be left out.
[[nodiscard]] std::string text_of(const JsonReader& object, std::string_view key);
[[nodiscard]] bool flag_of(const JsonReader& object, std::string_view key);
[[nodiscard]] std::vector<JsonReader> list_of(const JsonReader& object, std::string_view key);
[[nodiscard]] Source source_of(const JsonReader& object);

// The row that a text names.
template <class Row>
[[nodiscard]] Id<Row> find(const Table<Row>& table, std::string_view kind, const JsonReader& name) {
  const std::string wanted = name.string();
  const auto found = std::ranges::find(table, wanted, &Row::name);
  if (found != table.end()) return {static_cast<std::uint32_t>(found - table.begin())};
  std::vector<std::string> known;
  for (const Row& row : table) known.push_back(row.name);
  name.fail(support::did_you_mean(kind, wanted, known));
}

template <class Row>
[[nodiscard]] std::vector<Id<Row>> find_all(const Table<Row>& table, std::string_view kind,
                                            const std::vector<JsonReader>& names) {
  std::vector<Id<Row>> ids;
  for (const JsonReader& name : names) ids.push_back(find(table, kind, name));
  return ids;
}

// Loops and operations are told apart within their thread.
template <class Row>
[[nodiscard]] Id<Row> find_in_thread(const Table<Row>& table, std::string_view kind, Id<Thread> thread,
                                     const JsonReader& name) {
  const std::string wanted = name.string();
  std::vector<std::string> known;
  for (const Id<Row> id : table.ids()) {
    if (table[id].thread != thread) continue;
    if (table[id].name == wanted) return id;
    known.push_back(table[id].name);
  }
  name.fail(support::did_you_mean(kind, wanted, known));
}

// The enumerator that a text names: among those of model_json_words.h, or those that print.h names.
template <class Words>
[[nodiscard]] auto read_word(const JsonReader& json, std::string_view kind, const Words& words) {
  std::vector<std::string> names;
  for (const auto& [value, word] : words) names.emplace_back(word);
  return words[json.one_of(kind, names)].first;
}

template <class Enums>
[[nodiscard]] auto read_name(const JsonReader& json, std::string_view kind, const Enums& enums) {
  std::vector<std::string> names;
  for (const auto value : enums) names.emplace_back(name_of(value));
  return enums[json.one_of(kind, names)];
}

} // namespace tdxcheck::model::json_reading
