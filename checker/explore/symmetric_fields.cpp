// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/symmetric_fields.h"

#include <algorithm>

#include <fmt/format.h>

namespace tdxcheck::explore {
namespace {

using model::SortKind;
using model::Value;
using SetId = model::Id<model::IndexSet>;

constexpr unsigned bits_of_a_word = 64;

bool holds_members(const model::Sort& sort) {
  return sort.kind == SortKind::index || sort.kind == SortKind::optional_index ||
         sort.kind == SortKind::subset;
}

bool holds_any_member(const Field& field, const model::Sort& sort, Value size) {
  const Value last = sort.kind == SortKind::subset ? (Value{1} << size) - 1 : size - 1;
  return field.low <= 0 && field.high >= last;
}

} // namespace

SymmetricFields::SymmetricFields(const InterpretedSystem& system, const model::Symmetry& symmetry) {
  const model::Instance& instance = system.instance();
  add_sets(instance, symmetry);
  for (const Block& block : blocks) columns_.emplace_back(block.members.size());
  for (std::size_t t = 0; t < instance.threads().size(); ++t) {
    const model::ThreadInstance& who = instance.threads()[t];
    const auto& over = instance.model().threads[who.thread].over;
    const int set = over ? position_of(*over) : -1;
    if (set < 0) continue;
    const SymmetricSet& of = sets[static_cast<std::size_t>(set)];
    const auto member = static_cast<std::size_t>(who.member);
    if (of.block_of[member] != no_block)
      columns_[of.block_of[member]][of.position[member]].push_back(system.layout().label(t));
  }
  for (auto variable : instance.model().variables.ids()) add_variable(system, variable);
  add_columns(system);
}

int SymmetricFields::position_of(SetId set) const {
  const auto found = std::ranges::find(sets, set, &SymmetricSet::id);
  return found == sets.end() ? -1 : static_cast<int>(found - sets.begin());
}

void SymmetricFields::add_sets(const model::Instance& instance, const model::Symmetry& symmetry) {
  for (auto id : instance.model().sets.ids()) {
    if (symmetry.is_trivial(id)) continue;
    const std::vector<std::uint32_t>& of = symmetry.blocks(id);
    SymmetricSet set{id, std::vector<std::uint32_t>(of.size(), no_block),
                     std::vector<std::uint8_t>(of.size(), 0)};
    for (std::uint32_t first = 0; first < of.size(); ++first) {
      Block block;
      block.set = sets.size();
      for (std::uint32_t member = first; member < of.size(); ++member)
        if (of[member] == first) block.members.push_back(static_cast<std::uint8_t>(member));
      if (block.members.size() < 2) continue;
      for (std::size_t i = 0; i < block.members.size(); ++i) {
        set.block_of[block.members[i]] = static_cast<std::uint32_t>(blocks.size());
        set.position[block.members[i]] = static_cast<std::uint8_t>(i);
      }
      blocks.push_back(std::move(block));
    }
    sets.push_back(std::move(set));
  }
}

void SymmetricFields::add_variable(const InterpretedSystem& system, model::Id<model::Variable> variable) {
  const model::Instance& instance = system.instance();
  const std::size_t first = instance.first_cell(variable);
  const auto is_its_own = [&](std::size_t c) {
    return c < instance.cells().size() && instance.cells()[c].variable == variable;
  };
  if (!is_its_own(first) || system.layout().cell(first).width == 0) return;
  const model::Sort sort = instance.sort(first);
  const int values = holds_members(sort) ? position_of(SetId{sort.of}) : -1;
  const auto& dimensions = instance.dimensions(variable);
  const auto indices = std::ranges::count_if(dimensions, [&](SetId set) { return position_of(set) >= 0; });
  if (values >= 0 || indices > 1) return add_relation(system, {variable, sort, values});
  if (indices == 0) return;
  const auto at = std::ranges::find_if(dimensions, [&](SetId set) { return position_of(set) >= 0; });
  const SymmetricSet& set = sets[static_cast<std::size_t>(position_of(*at))];
  for (std::size_t c = first; is_its_own(c); ++c) {
    const auto member =
        static_cast<std::size_t>(instance.cells()[c].at[static_cast<std::size_t>(at - dimensions.begin())]);
    if (set.block_of[member] != no_block)
      columns_[set.block_of[member]][set.position[member]].push_back(system.layout().cell(c));
  }
}

void SymmetricFields::add_relation(const InterpretedSystem& system, const Relation& relation) {
  const model::Instance& instance = system.instance();
  const auto& dimensions = instance.dimensions(relation.variable);
  const std::size_t first = instance.first_cell(relation.variable);
  const std::size_t start = cells.size();
  for (std::size_t c = first;
       c < instance.cells().size() && instance.cells()[c].variable == relation.variable; ++c) {
    RelationCell cell{static_cast<std::uint32_t>(relations.size()), system.layout().cell(c), {}, 0};
    std::uint32_t stride = 1;
    auto base = static_cast<std::uint32_t>(start + (c - first));
    for (std::size_t d = dimensions.size(); d-- > 0;) {
      const auto member = static_cast<std::uint8_t>(instance.cells()[c].at[d]);
      if (const int set = position_of(dimensions[d]); set >= 0) {
        cell.at.push_back({static_cast<std::size_t>(set), member, stride});
        base -= member * stride;
      }
      stride *= static_cast<std::uint32_t>(instance.size(dimensions[d]));
    }
    cell.base = base;
    cells.push_back(std::move(cell));
  }
  relations.push_back(relation);
}

// Fields that follow each other in the word of every member make one run.
void SymmetricFields::add_columns(const InterpretedSystem&) {
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    Block& block = blocks[b];
    std::vector<std::vector<Field>>& columns = columns_[b];
    block.places.resize(columns.size());
    std::vector<std::size_t> order;
    for (std::size_t f = 0; f < columns[0].size(); ++f)
      if (columns[0][f].width > 0) order.push_back(f);
    std::ranges::sort(order, [&](std::size_t x, std::size_t y) {
      const Field &a = columns[0][x], &c = columns[0][y];
      return a.word != c.word ? a.word < c.word : a.shift < c.shift;
    });
    unsigned used = bits_of_a_word; // of the last key word
    for (std::size_t i = 0; i < order.size();) {
      unsigned width = columns[0][order[i]].width;
      std::size_t next = i + 1;
      const auto follows = [&](const std::vector<Field>& column) {
        const Field &a = column[order[i]], &c = column[order[next]];
        return c.word == a.word && c.shift == a.shift + width;
      };
      while (next < order.size() && std::ranges::all_of(columns, follows))
        width += columns[0][order[next++]].width;
      if (used + width > bits_of_a_word) ++block.key_words, used = 0;
      block.runs.push_back({static_cast<std::uint32_t>(block.key_words - 1), static_cast<std::uint8_t>(used),
                            static_cast<std::uint8_t>(width)});
      for (std::size_t m = 0; m < columns.size(); ++m)
        block.places[m].push_back({columns[m][order[i]].word, columns[m][order[i]].shift});
      used += width;
      i = next;
    }
  }
  columns_.clear();
}

void respect_layout(model::Symmetry& symmetry, const InterpretedSystem& system) {
  const model::Instance& instance = system.instance();
  for (std::size_t c = 0; c < instance.cells().size(); ++c) {
    const model::Sort sort = instance.sort(c);
    const Field& field = system.layout().cell(c);
    const auto id = instance.cells()[c].variable;
    if (!holds_members(sort) || (field.width == 0 && !symmetry.is_read(id))) continue;
    const SetId set{sort.of};
    if (holds_any_member(field, sort, instance.size(set))) continue;
    const model::Variable& variable = instance.model().variables[id];
    const std::string reason = fmt::format("{} starts with it and has few other values", variable.name);
    const Value start =
        variable.initial ? model::evaluate_constant(instance.model(), instance.valuation(), *variable.initial)
                         : model::no_member;
    if (!variable.initial) symmetry.separate_all(set, reason);
    else if (sort.kind == SortKind::subset) symmetry.separate(set, start, reason);
    else if (start != model::no_member) symmetry.single_out(set, start, reason);
  }
}

} // namespace tdxcheck::explore
