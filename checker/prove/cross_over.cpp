// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/cross_over.h"

#include <map>
#include <optional>

namespace tdxcheck::prove {

using model::Value;

CrossOver::CrossOver(const model::Instance& instance) : cells_(instance.cells().size()) {
  const model::Model& model = instance.model();
  const auto& threads = instance.threads();
  std::map<std::uint32_t, std::vector<Part>> by_thread, by_set;
  Part scalars;
  const auto part_of = [](std::vector<Part>& parts, Value member) -> Part& {
    if (parts.size() <= static_cast<std::size_t>(member)) parts.resize(static_cast<std::size_t>(member) + 1);
    return parts[static_cast<std::size_t>(member)];
  };
  for (std::size_t t = 0; t < threads.size(); ++t) {
    part_of(by_thread[threads[t].thread.value], threads[t].member).push_back(cells_ + t);
    if (const auto& over = model.threads[threads[t].thread].over)
      part_of(by_set[over->value], threads[t].member).push_back(cells_ + t);
  }
  for (std::size_t c = 0; c < cells_; ++c) {
    const model::Cell& cell = instance.cells()[c];
    const auto* local = std::get_if<model::LocalScope>(&model.variables[cell.variable].scope);
    const auto& dimensions = instance.dimensions(cell.variable);
    if (local != nullptr)
      part_of(by_thread[local->thread.value], cell.at.empty() ? 0 : cell.at.front()).push_back(c);
    for (std::size_t d = 0; d < dimensions.size(); ++d)
      part_of(by_set[dimensions[d].value], cell.at[d]).push_back(c);
    if (local != nullptr || !dimensions.empty()) continue;
    scalars.push_back(c);
    kinds_.push_back({{c}});
  }
  for (auto& [set, parts] : by_set) kinds_.push_back(std::move(parts));
  for (auto& [thread, parts] : by_thread) kinds_.push_back(std::move(parts));
  if (!scalars.empty()) kinds_.push_back({std::move(scalars)});
}

// Of one part mostly, seldom of several.
State CrossOver::child(const State& of, const State& and_of, std::mt19937& random) const {
  State child = of;
  do {
    const std::vector<Part>& parts = kinds_[random() % kinds_.size()];
    const Part& to = parts[random() % parts.size()];
    const Part& from = parts[random() % parts.size()];
    for (std::size_t i = 0; i < to.size() && i < from.size(); ++i) {
      if (to[i] < cells_) child.cells[to[i]] = and_of.cells[from[i]];
      else child.at[to[i] - cells_] = and_of.at[from[i] - cells_];
    }
  } while (random() % 2 == 0);
  return child;
}

} // namespace tdxcheck::prove
