// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/seen_table.h"

#include <algorithm>
#include <bit>

namespace tdxcheck::prove {
namespace {

constexpr std::size_t word = 64;

bool meet(const SeenTable::Row& a, const SeenTable::Row& b) {
  for (std::size_t w = 0; w < a.size(); ++w)
    if ((a[w] & b[w]) != 0) return true;
  return false;
}

} // namespace

SeenTable::SeenTable(const Features& features, const SeenStates& seen) : features_(features) {
  std::size_t rows = 0;
  for (std::size_t a = 0; a < features.aspects().size(); ++a) {
    first_row_.push_back(rows);
    rows += features.values_of(a);
  }
  rows_.resize(rows);
  Sample sample;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    seen.read(i, sample);
    remember(sample);
  }
}

void SeenTable::remember(const Sample& sample) {
  const std::size_t n = samples_.size();
  if (!samples_.add(sample)) return;
  if (n % word == 0) {
    ++words_;
    for (Row& row : rows_) row.push_back(0);
  }
  for (std::size_t a = 0; a < first_row_.size(); ++a)
    rows_[first_row_[a] + features_.value_in(a, sample)].back() |= std::uint64_t{1} << (n % word);
}

bool SeenTable::is_seen(const Sample& sample) const {
  std::vector<const Row*> rows;
  for (std::size_t a = 0; a < first_row_.size(); ++a)
    rows.push_back(&having(a, features_.value_in(a, sample)));
  Sample seen;
  for (std::size_t w = 0; w < words_; ++w) {
    std::uint64_t bits = ~std::uint64_t{0};
    for (std::size_t i = 0; i < rows.size() && bits != 0; ++i) bits &= (*rows[i])[w];
    for (; bits != 0; bits &= bits - 1) {
      samples_.read(w * word + static_cast<std::size_t>(std::countr_zero(bits)), seen);
      if (seen == sample) return true;
    }
  }
  return false;
}

bool SeenTable::occurs(std::size_t aspect, std::size_t value) const {
  return std::ranges::any_of(having(aspect, value), [](std::uint64_t bits) { return bits != 0; });
}

bool SeenTable::occur_together(std::size_t a, std::size_t value_of_a, std::size_t b,
                               std::size_t value_of_b) const {
  return meet(having(a, value_of_a), having(b, value_of_b));
}

} // namespace tdxcheck::prove
