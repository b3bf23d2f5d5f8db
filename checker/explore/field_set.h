// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A set of fields of a packed state, by position in the layout.

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tdxcheck::explore {

class FieldSet {
public:
  FieldSet() = default;
  explicit FieldSet(std::size_t fields) : words_((fields + bits - 1) / bits) {}
  explicit FieldSet(const std::vector<bool>& marked) : FieldSet(marked.size()) {
    for (std::size_t f = 0; f < marked.size(); ++f)
      if (marked[f]) add(f);
  }

  void add(std::size_t field) { words_[field / bits] |= std::uint64_t{1} << field % bits; }
  void remove(std::size_t field) { words_[field / bits] &= ~(std::uint64_t{1} << field % bits); }
  [[nodiscard]] bool has(std::size_t field) const { return (words_[field / bits] >> field % bits & 1) != 0; }
  [[nodiscard]] bool empty() const {
    return std::ranges::all_of(words_, [](std::uint64_t word) { return word == 0; });
  }
  [[nodiscard]] bool meets(const FieldSet& other) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      if ((words_[w] & other.words_[w]) != 0) return true;
    return false;
  }
  FieldSet& operator|=(const FieldSet& other) {
    for (std::size_t w = 0; w < words_.size(); ++w) words_[w] |= other.words_[w];
    return *this;
  }
  FieldSet& operator&=(const FieldSet& other) {
    for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
    return *this;
  }
  FieldSet& operator-=(const FieldSet& other) {
    for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= ~other.words_[w];
    return *this;
  }

private:
  static constexpr std::size_t bits = 64;
  std::vector<std::uint64_t> words_;
};

} // namespace tdxcheck::explore
