// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/seen_states.h"

#include <algorithm>
#include <limits>

namespace tdxcheck::prove {

bool SeenStates::add(const Sample& sample) {
  using Narrow = std::numeric_limits<std::int16_t>;
  const auto fits = [](model::Value v) { return v >= Narrow::min() && v <= Narrow::max(); };
  if (!std::ranges::all_of(sample.state.cells, fits)) return false;
  if (parameters_.empty() || parameters_.back() != sample.parameters)
    parameters_.push_back(sample.parameters);
  cells_ = sample.state.cells.size();
  labels_ = sample.state.at.size();
  for (const model::Value v : sample.state.cells) values_.push_back(static_cast<std::int16_t>(v));
  for (const auto label : sample.state.at) values_.push_back(static_cast<std::int16_t>(label.value));
  parameters_of_.push_back(static_cast<std::uint16_t>(parameters_.size() - 1));
  return true;
}

void SeenStates::read(std::size_t i, Sample& into) const {
  into.parameters = parameters_[parameters_of_[i]];
  const std::int16_t* value = values_.data() + i * (cells_ + labels_);
  into.state.cells.assign(value, value + cells_);
  into.state.at.resize(labels_);
  for (std::size_t t = 0; t < labels_; ++t)
    into.state.at[t] = {static_cast<std::uint32_t>(value[cells_ + t])};
}

} // namespace tdxcheck::prove
