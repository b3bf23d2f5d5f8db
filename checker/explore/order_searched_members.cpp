// SPDX-License-Identifier: GPL-2.0-or-later
//
// Members that are related to each other, in an order that does not depend on what they are called, as far as
// that is cheap: what still ties is permuted (canonical_form.h).
#include "explore/canonical_form.h"

#include <algorithm>

namespace tdxcheck::explore {
namespace {

using model::SortKind;
using model::Value;

constexpr Word mixed(Word a, Word b) {
  a = (a ^ b) * 0xff51afd7ed558ccd;
  a = (a ^ (a >> 32)) * 0xc4ceb9fe1a85ec53;
  return a ^ (a >> 29);
}

} // namespace

void CanonicalForm::number_colours() {
  for (const SymmetricSet& set : fields_.sets) {
    std::vector<std::uint32_t>& slots = slots_.emplace_back();
    for (std::size_t member = 0; member < set.block_of.size(); ++member) {
      slots.push_back(static_cast<std::uint32_t>(colours_.size()));
      colours_.push_back(0);
    }
  }
  next_colours_.resize(colours_.size());
  for (const RelationCell& cell : fields_.cells) labels_.push_back(mixed(cell.base, cell.relation + 1));
}

Word& CanonicalForm::colour_of(std::size_t block, std::size_t position) {
  const Block& b = fields_.blocks[block];
  return colours_[slots_[b.set][b.members[position]]];
}

void CanonicalForm::colour_by_columns() {
  // What keeps its name has a colour of its own.
  for (std::size_t slot = 0; slot < colours_.size(); ++slot) colours_[slot] = mixed(~Word{0}, slot);
  for (std::size_t b = 0; b < fields_.blocks.size(); ++b) {
    const Block& block = fields_.blocks[b];
    for (std::size_t m = 0; m < block.members.size(); ++m) {
      Word colour = b + 1;
      for (std::size_t w = 0; w < block.key_words; ++w) colour = mixed(colour, key(b, m)[w]);
      colour_of(b, m) = colour;
    }
  }
}

// Some members are related, whose colours are at these places; the label says in which way.
void CanonicalForm::tell_each_other(const std::uint32_t* slots, std::size_t count, Word label) {
  constexpr Word odd = 0x9e3779b97f4a7c15;
  Word total = label;
  for (std::size_t i = 0; i < count; ++i) {
    total += colours_[slots[i]] * (odd + 2 * i);
    // A member that is related to itself is unlike one that is related to another that looks the same.
    for (std::size_t j = 0; j < i; ++j)
      if (slots[i] == slots[j]) total += odd * (64 * i + j);
  }
  total = mixed(total, label);
  for (std::size_t i = 0; i < count; ++i) next_colours_[slots[i]] += total * (odd + 2 * i + 64);
}

// How each member is related to the others, whatever they are called.
void CanonicalForm::refine_colours() {
  next_colours_ = colours_;
  std::uint32_t slots[8];
  for (std::size_t c = 0; c < fields_.cells.size(); ++c) {
    const RelationCell& cell = fields_.cells[c];
    const Relation& relation = fields_.relations[cell.relation];
    const Value value = values_[c];
    std::size_t count = 0;
    for (const RelationCell::Index& index : cell.at)
      if (count < std::size(slots) - 1) slots[count++] = slots_[index.set][index.member];
    if (relation.values < 0) {
      tell_each_other(slots, count, mixed(labels_[c], static_cast<Word>(value)));
      continue;
    }
    const std::vector<std::uint32_t>& of_value = slots_[static_cast<std::size_t>(relation.values)];
    if (relation.sort.kind != SortKind::subset) {
      if (value == model::no_member) continue; // what is none says so by what it does not say
      slots[count] = of_value[static_cast<std::size_t>(value)];
      tell_each_other(slots, count + 1, labels_[c]);
      continue;
    }
    for (std::size_t member = 0; value >> member != 0; ++member) {
      if ((value >> member & 1) == 0) continue;
      slots[count] = of_value[member];
      tell_each_other(slots, count + 1, labels_[c]);
    }
  }
  colours_.swap(next_colours_);
}

bool CanonicalForm::are_twins(const Block& block, std::size_t a, std::size_t b) const {
  const std::uint8_t x = block.members[a], y = block.members[b];
  const auto exchanged = [&](std::uint8_t member) { return member == x ? y : member == y ? x : member; };
  for (std::size_t c = 0; c < values_.size(); ++c) {
    const RelationCell& cell = fields_.cells[c];
    const Relation& relation = fields_.relations[cell.relation];
    std::size_t to = cell.base;
    for (const RelationCell::Index& index : cell.at)
      to += (index.set == block.set ? exchanged(index.member) : index.member) * std::size_t{index.stride};
    Value value = values_[c];
    if (relation.values == static_cast<int>(block.set) && value != model::no_member) {
      if (relation.sort.kind != SortKind::subset) {
        value = exchanged(static_cast<std::uint8_t>(value));
      } else if ((value >> x & 1) != (value >> y & 1)) {
        value ^= Value{1} << x | Value{1} << y;
      }
    }
    if (values_[to] != value) return false;
  }
  return true;
}

// Sorts positions first .. last - 1 of the block's order, and notes what ties and is not the same.
template <class Before>
void CanonicalForm::split(const Ties& part, const Before& before, std::vector<Ties>& ties) {
  const auto order = order_[part.block].begin();
  std::sort(order + static_cast<std::ptrdiff_t>(part.first), order + static_cast<std::ptrdiff_t>(part.last),
            [&](std::uint8_t x, std::uint8_t y) { return before(x, y) || (!before(y, x) && x < y); });
  for (std::size_t first = part.first; first < part.last;) {
    std::size_t last = first + 1;
    bool twins = true;
    for (; last < part.last && !before(order_[part.block][first], order_[part.block][last]); ++last)
      twins = twins &&
              are_twins(fields_.blocks[part.block], order_[part.block][last - 1], order_[part.block][last]);
    if (!twins) ties.push_back({part.block, first, last});
    first = last;
  }
}

// By columns; where that is not enough, by colours; where that is not enough, by better ones.
void CanonicalForm::order_searched() {
  ties_.clear();
  for (std::size_t b = 0; b < fields_.blocks.size(); ++b) {
    if (!searched_[fields_.blocks[b].set]) continue;
    load_order(b);
    split(
        {b, 0, order_[b].size()}, [&](std::uint8_t x, std::uint8_t y) { return is_less(b, x, y); }, ties_);
  }
  constexpr int rounds = 2;
  if (!ties_.empty()) colour_by_columns();
  for (int round = 0; round < rounds && !ties_.empty(); ++round) {
    refine_colours();
    parts_.swap(ties_);
    ties_.clear();
    for (const Ties& part : parts_)
      split(
          part,
          [&](std::uint8_t x, std::uint8_t y) { return colour_of(part.block, x) < colour_of(part.block, y); },
          ties_);
  }
}

// Counts through the permutations of all ties like an odometer; false after the last.
bool CanonicalForm::next_candidate() {
  for (const Ties& ties : ties_) {
    const auto order = order_[ties.block].begin();
    if (std::next_permutation(order + static_cast<std::ptrdiff_t>(ties.first),
                              order + static_cast<std::ptrdiff_t>(ties.last)))
      return true;
  }
  return false;
}

} // namespace tdxcheck::explore
