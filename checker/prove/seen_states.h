// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// States that were reached, packed: some million of them are looked at, again and again.

#include <cstdint>
#include <vector>

#include "prove/problem.h"

namespace tdxcheck::prove {

// A state of the instance for these parameters.
struct Sample {
  std::vector<model::Value> parameters;
  State state;
  friend bool operator==(const Sample&, const Sample&) = default;
};

class SeenStates {
public:
  // False if a value is too large to be kept; then the state is not.
  bool add(const Sample& sample);
  [[nodiscard]] std::size_t size() const { return parameters_of_.size(); }
  [[nodiscard]] bool empty() const { return parameters_of_.empty(); }
  void read(std::size_t i, Sample& into) const;

  // They are all that there are, for every value of the parameters that are free.
  void call_complete() { complete_ = true; }
  [[nodiscard]] bool is_complete() const { return complete_; }

private:
  bool complete_ = false;
  std::size_t cells_ = 0, labels_ = 0;
  std::vector<std::vector<model::Value>> parameters_;
  std::vector<std::uint16_t> parameters_of_;
  std::vector<std::int16_t> values_; // cells, then labels, of one state after the other
};

} // namespace tdxcheck::prove
