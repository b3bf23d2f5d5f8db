// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/canonical_form.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace tdxcheck::explore {
namespace {

using model::SortKind;
using model::Value;

constexpr unsigned bits_of_a_word = 64;

Word mask_of(unsigned width) { return width == bits_of_a_word ? ~Word{0} : (Word{1} << width) - 1; }

} // namespace

CanonicalForm::CanonicalForm(const InterpretedSystem& system, const model::Symmetry& symmetry,
                             std::size_t candidates)
    : system_(system),
      fields_(system, symmetry),
      most_(candidates),
      values_(fields_.cells.size()),
      renamed_values_(fields_.cells.size()),
      candidate_(system.words()),
      best_(system.instance()) {
  choose_searched_sets();
  lay_out_keys();
  number_colours();
  for (std::size_t b = 0; b < fields_.blocks.size(); ++b) {
    const std::size_t size = fields_.blocks[b].members.size();
    keys_.emplace_back(size * key_words_[b]);
    order_.emplace_back(size);
  }
  for (const SymmetricSet& set : fields_.sets) to_.emplace_back(set.block_of.size());
}

// ---- what is sorted, and what is searched

// As few permutations as possible such that no relation is left between members of sorted sets.
void CanonicalForm::choose_searched_sets() {
  const std::size_t sets = fields_.sets.size();
  std::vector<std::vector<bool>> related(sets, std::vector<bool>(sets, false));
  for (const RelationCell& cell : fields_.cells) {
    std::vector<std::size_t> ends;
    for (const RelationCell::Index& index : cell.at) ends.push_back(index.set);
    if (const int values = fields_.relations[cell.relation].values; values >= 0)
      ends.push_back(static_cast<std::size_t>(values));
    for (std::size_t i = 0; i < ends.size(); ++i)
      for (std::size_t j = i + 1; j < ends.size(); ++j)
        related[ends[i]][ends[j]] = related[ends[j]][ends[i]] = true;
  }
  std::vector<double> permutations(sets, 1);
  for (const Block& block : fields_.blocks)
    for (std::size_t n = 2; n <= block.members.size(); ++n) permutations[block.set] *= static_cast<double>(n);
  double least = 0;
  constexpr std::size_t most_sets = 16;
  for (std::size_t chosen = 0; chosen < std::size_t{1} << std::min(sets, most_sets); ++chosen) {
    const auto is_chosen = [&](std::size_t set) { return set >= most_sets || (chosen >> set & 1) != 0; };
    double cost = 1;
    bool enough = true;
    for (std::size_t a = 0; a < sets; ++a) {
      if (is_chosen(a)) cost *= permutations[a];
      for (std::size_t b = a; b < sets; ++b)
        enough = enough && (!related[a][b] || is_chosen(a) || is_chosen(b));
    }
    if (!enough || (least > 0 && cost >= least)) continue;
    least = cost;
    searched_.resize(sets);
    for (std::size_t set = 0; set < sets; ++set) searched_[set] = is_chosen(set);
  }
  searches_ = std::ranges::count(searched_, true) > 0;
}

void CanonicalForm::lay_out_keys() {
  for (const Block& block : fields_.blocks) key_words_.push_back(block.key_words);
  index_parts_.resize(fields_.cells.size());
  value_parts_.resize(fields_.cells.size());
  std::vector<unsigned> used(fields_.blocks.size(), bits_of_a_word); // of the last word
  const auto room = [&](std::uint32_t block, unsigned width) {
    if (used[block] + width > bits_of_a_word) ++key_words_[block], used[block] = 0;
    used[block] += width;
    return KeyPart{block, static_cast<std::uint32_t>(key_words_[block] - 1), 0,
                   static_cast<std::uint8_t>(used[block] - width), static_cast<std::uint8_t>(width)};
  };
  // Cells that differ in the member of a block alone have one place in the keys of its members.
  std::map<std::pair<std::uint32_t, std::size_t>, KeyPart> shared;
  for (std::size_t c = 0; c < fields_.cells.size(); ++c) {
    const RelationCell& cell = fields_.cells[c];
    for (const RelationCell::Index& index : cell.at) {
      const SymmetricSet& set = fields_.sets[index.set];
      const std::uint32_t block = set.block_of[index.member];
      if (searched_[index.set] || block == no_block) continue;
      const std::size_t of_first = c - (index.member - fields_.blocks[block].members[0]) * index.stride;
      auto found = shared.find({block, of_first});
      if (found == shared.end())
        found = shared.emplace(std::pair{block, of_first}, room(block, cell.field.width)).first;
      KeyPart part = found->second;
      part.position = set.position[index.member];
      index_parts_[c].push_back(part);
    }
    const int values = fields_.relations[cell.relation].values;
    if (values < 0 || searched_[static_cast<std::size_t>(values)]) continue;
    for (std::uint32_t block = 0; block < fields_.blocks.size(); ++block)
      if (fields_.blocks[block].set == static_cast<std::size_t>(values))
        value_parts_[c].push_back(room(block, 1));
  }
}

// ---- one state

void CanonicalForm::gather(StateView state) {
  for (std::size_t b = 0; b < fields_.blocks.size(); ++b) {
    const Block& block = fields_.blocks[b];
    std::ranges::fill(keys_[b], Word{0});
    for (std::size_t m = 0; m < block.members.size(); ++m) {
      Word* const to = key(b, m);
      for (std::size_t r = 0; r < block.runs.size(); ++r) {
        const Run& run = block.runs[r];
        const Position& place = block.places[m][r];
        to[run.key_word] |= (state[place.word] >> place.shift & mask_of(run.width)) << run.key_shift;
      }
    }
  }
  for (std::size_t c = 0; c < fields_.cells.size(); ++c)
    values_[c] = fields_.cells[c].field.read(state.data());
}

void CanonicalForm::load_order(std::size_t block) {
  std::iota(order_[block].begin(), order_[block].end(), std::uint8_t{0});
}

void CanonicalForm::rename(std::size_t b) {
  const Block& block = fields_.blocks[b];
  for (std::size_t i = 0; i < block.members.size(); ++i)
    to_[block.set][block.members[order_[b][i]]] = block.members[i];
}

std::size_t CanonicalForm::renamed(const RelationCell& cell) const {
  std::size_t result = cell.base;
  for (const RelationCell::Index& index : cell.at)
    result += to_[index.set][index.member] * std::size_t{index.stride};
  return result;
}

Value CanonicalForm::renamed_value(const Relation& relation, Value value) const {
  if (relation.values < 0 || value == model::no_member) return value;
  const std::vector<std::uint8_t>& to = to_[static_cast<std::size_t>(relation.values)];
  if (relation.sort.kind != SortKind::subset) return to[static_cast<std::size_t>(value)];
  Value result = 0;
  for (std::size_t member = 0; value >> member != 0; ++member)
    if ((value >> member & 1) != 0) result |= Value{1} << to[member];
  return result;
}

void CanonicalForm::rename_relations() {
  for (std::size_t c = 0; c < values_.size(); ++c) {
    const RelationCell& cell = fields_.cells[c];
    renamed_values_[renamed(cell)] = renamed_value(fields_.relations[cell.relation], values_[c]);
  }
}

bool CanonicalForm::is_less(std::size_t block, std::size_t a, std::size_t b) {
  const Word *const x = key(block, a), *const y = key(block, b);
  for (std::size_t w = 0; w < key_words_[block]; ++w)
    if (x[w] != y[w]) return x[w] < y[w];
  return false;
}

void CanonicalForm::sort_block(std::size_t block) {
  std::vector<std::uint8_t>& order = order_[block];
  for (std::size_t i = 1; i < order.size(); ++i) {
    const std::uint8_t member = order[i];
    std::size_t at = i;
    for (; at > 0 && is_less(block, member, order[at - 1]); --at) order[at] = order[at - 1];
    order[at] = member;
  }
}

// The sorted sets, as the relations are now.
void CanonicalForm::sort_all() {
  for (std::size_t b = 0; b < fields_.blocks.size(); ++b) {
    if (searched_[fields_.blocks[b].set]) continue;
    load_order(b);
    const std::size_t columns = fields_.blocks[b].key_words;
    for (std::size_t m = 0; columns < key_words_[b] && m < order_[b].size(); ++m) {
      // A run may share its last word with nothing: relations begin in a word of their own.
      std::fill(key(b, m) + columns, key(b, m) + key_words_[b], Word{0});
    }
  }
  for (std::size_t c = 0; c < renamed_values_.size(); ++c) {
    const RelationCell& cell = fields_.cells[c];
    const Relation& relation = fields_.relations[cell.relation];
    const Value value = renamed_values_[c];
    for (const KeyPart& part : index_parts_[c])
      key(part.block, part.position)[part.word] |=
          (static_cast<Word>(value) - static_cast<Word>(cell.field.low)) << part.shift;
    for (const KeyPart& part : value_parts_[c]) {
      const SymmetricSet& set = fields_.sets[static_cast<std::size_t>(relation.values)];
      const auto show = [&](std::size_t member) {
        if (set.block_of[member] == part.block)
          key(part.block, set.position[member])[part.word] |= Word{1} << part.shift;
      };
      if (relation.sort.kind != SortKind::subset) {
        if (value != model::no_member) show(static_cast<std::size_t>(value));
      } else {
        for (std::size_t member = 0; value >> member != 0; ++member)
          if ((value >> member & 1) != 0) show(member);
      }
    }
  }
  for (std::size_t b = 0; b < fields_.blocks.size(); ++b) {
    if (searched_[fields_.blocks[b].set]) continue;
    sort_block(b);
    rename(b);
  }
}

bool CanonicalForm::is_in_order() const {
  return std::ranges::all_of(order_, [](const auto& order) { return std::ranges::is_sorted(order); });
}

void CanonicalForm::find(StateView state, Word* form, Renaming* renaming) {
  gather(state);
  for (auto& to : to_) std::iota(to.begin(), to.end(), std::uint8_t{0});
  if (!searches_) {
    renamed_values_ = values_;
    sort_all();
    if (is_in_order()) std::ranges::copy(state, form);
    else write(state, form);
    if (renaming != nullptr) keep_best(nullptr, renaming);
    return;
  }
  order_searched();
  std::size_t candidates = 0;
  do {
    for (auto& to : to_) std::iota(to.begin(), to.end(), std::uint8_t{0});
    for (std::size_t b = 0; b < fields_.blocks.size(); ++b)
      if (searched_[fields_.blocks[b].set]) rename(b);
    rename_relations();
    sort_all();
    write(state, candidate_.data());
    if (candidates++ == 0 ||
        std::lexicographical_compare(candidate_.begin(), candidate_.end(), form, form + candidate_.size()))
      keep_best(form, renaming);
  } while (candidates < most_ && next_candidate());
}

void CanonicalForm::keep_best(Word* form, Renaming* renaming) {
  if (form != nullptr) std::ranges::copy(candidate_, form);
  if (renaming == nullptr) return;
  renaming->become_identity();
  for (std::size_t s = 0; s < to_.size(); ++s)
    for (std::size_t m = 0; m < to_[s].size(); ++m)
      (*renaming)(fields_.sets[s].id, static_cast<Value>(m)) = to_[s][m];
}

void CanonicalForm::write(StateView state, Word* form) {
  std::ranges::copy(state, form);
  for (std::size_t b = 0; b < fields_.blocks.size(); ++b) {
    const Block& block = fields_.blocks[b];
    for (std::size_t i = 0; i < block.members.size(); ++i) {
      if (order_[b][i] == i) continue;
      const Word* const from = key(b, order_[b][i]);
      for (std::size_t r = 0; r < block.runs.size(); ++r) {
        const Run& run = block.runs[r];
        const Position& place = block.places[i][r];
        const Word mask = mask_of(run.width);
        form[place.word] = (form[place.word] & ~(mask << place.shift)) |
                           ((from[run.key_word] >> run.key_shift & mask) << place.shift);
      }
    }
  }
  for (std::size_t c = 0; c < values_.size(); ++c) {
    const RelationCell& cell = fields_.cells[c];
    const Value value = renamed_value(fields_.relations[cell.relation], values_[c]);
    fields_.cells[renamed(cell)].field.write(form, value);
  }
}

} // namespace tdxcheck::explore
