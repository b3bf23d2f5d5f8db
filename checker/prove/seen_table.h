// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The states that were seen, turned on their side: for each value of each aspect one bit per state. Which
// values occur together, and whether anything at all lies in some region, are then ands of rows.

#include <cstdint>
#include <vector>

#include "prove/features.h"
#include "prove/seen_states.h"

namespace tdxcheck::prove {

class SeenTable {
public:
  using Row = std::vector<std::uint64_t>;

  SeenTable(const Features& features, const SeenStates& seen);

  void remember(const Sample& sample);
  [[nodiscard]] bool is_seen(const Sample& sample) const;

  [[nodiscard]] std::size_t states() const { return samples_.size(); }
  [[nodiscard]] std::size_t words() const { return words_; }
  // The states whose aspect has this value.
  [[nodiscard]] const Row& having(std::size_t aspect, std::size_t value) const {
    return rows_[first_row_[aspect] + value];
  }
  [[nodiscard]] bool occurs(std::size_t aspect, std::size_t value) const;
  [[nodiscard]] bool occur_together(std::size_t a, std::size_t value_of_a, std::size_t b,
                                    std::size_t value_of_b) const;

private:
  const Features& features_;
  SeenStates samples_;
  std::size_t words_ = 0;
  std::vector<std::size_t> first_row_; // by aspect
  std::vector<Row> rows_;
};

} // namespace tdxcheck::prove
