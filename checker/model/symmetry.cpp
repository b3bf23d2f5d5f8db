// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/symmetry.h"

#include <algorithm>
#include <numeric>

namespace tdxcheck::model {

Symmetry::Symmetry(const Instance& instance)
    : reasons_(instance.model().sets.size()),
      ordered_(instance.model().sets.size(), false),
      read_(instance.model().variables.size(), false) {
  for (auto set : instance.model().sets.ids())
    blocks_.emplace_back(static_cast<std::size_t>(instance.size(set)), 0);
}

bool Symmetry::is_trivial(Id<IndexSet> set) const {
  const auto& blocks = blocks_[set.value];
  for (std::uint32_t member = 0; member < blocks.size(); ++member)
    if (blocks[member] != member) return false;
  return true;
}

bool Symmetry::is_trivial() const {
  for (std::uint32_t set = 0; set < blocks_.size(); ++set)
    if (!is_trivial(Id<IndexSet>{set})) return false;
  return true;
}

void Symmetry::separate(Id<IndexSet> set, Value mask, const std::string& reason) {
  std::vector<std::uint32_t>& blocks = blocks_[set.value];
  std::vector<std::uint32_t> finer(blocks.size());
  const auto is_in = [&](std::uint32_t member) { return (mask >> member & 1) != 0; };
  for (std::uint32_t member = 0; member < blocks.size(); ++member) {
    std::uint32_t first = 0;
    while (blocks[first] != blocks[member] || is_in(first) != is_in(member)) ++first;
    finer[member] = first;
  }
  if (finer != blocks && reasons_[set.value].empty()) reasons_[set.value] = reason;
  blocks = std::move(finer);
}

void Symmetry::single_out(Id<IndexSet> set, Value member, const std::string& reason) {
  if (member >= 0 && member < static_cast<Value>(blocks_[set.value].size()))
    separate(set, Value{1} << member, reason);
}

void Symmetry::separate_all(Id<IndexSet> set, const std::string& reason) {
  std::vector<std::uint32_t>& blocks = blocks_[set.value];
  // Which is why none of them has a place; what was said of single members matters less.
  if (blocks.size() > 1 && !ordered_[set.value]) reasons_[set.value] = reason;
  ordered_[set.value] = true;
  std::iota(blocks.begin(), blocks.end(), 0U);
}

} // namespace tdxcheck::model
