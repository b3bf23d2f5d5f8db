// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The local states of a thread: the valuations of its label and locals that it can have, numbered. Most
// combinations never occur (a local is of use between two labels and has its initial value elsewhere), so
// that the number takes fewer bits than the fields do: where a state then fits into fewer words, it is stored
// that way. (The table of components of SPIN's collapse compression, G. J. Holzmann, State compression in
// SPIN, SPIN 1997; but made before the search, from the thread alone, so that the number is part of the
// state and costs no look-up to write.)
//
// What is shared may have any value of its range, so there can be too many local states, never too few; the
// search would notice one that is missing (layout.cpp), and not go on.
// Tests: local_states_test.cpp.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/instance.h"

namespace tdxcheck::explore {

class Layout;

class LocalStates {
public:
  static constexpr std::size_t most_fields = 48;

  // `fields`: of the layout, the label among them; `values`: state by state, in their order.
  LocalStates(std::vector<std::size_t> fields, const std::vector<model::Value>& values);

  [[nodiscard]] const std::vector<std::size_t>& fields() const { return fields_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] unsigned width() const { return width_; }
  // By number: of all numbers that `width` bits can be. Beyond the last state they mean nothing.
  [[nodiscard]] const model::Value* values(std::size_t position) const { return columns_[position].data(); }
  [[nodiscard]] std::optional<std::uint32_t> number(const model::Value* values) const;

private:
  [[nodiscard]] std::uint64_t key(const model::Value* values) const;

  std::vector<std::size_t> fields_;
  std::size_t count_;
  unsigned width_;
  std::vector<std::vector<model::Value>> columns_; // by position in fields
  std::vector<model::Value> low_;
  std::vector<unsigned> shift_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
};

// By thread instance; none where there are more than `most`, or where its locals are too many to tell.
// `plain`: where label and locals are fields of their own.
[[nodiscard]] std::vector<std::shared_ptr<const LocalStates>>
local_states(const model::Instance& instance, const Layout& plain, std::size_t most = 4096);

} // namespace tdxcheck::explore
