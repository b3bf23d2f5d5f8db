// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Two columns of the reached graph in as few bytes as they need: which move an edge is (a byte where the
// graph has at most 256 different ones, then two, then three), and where the edges of a state start (four
// bytes, eight from the 2^32nd edge on).

#include <cstdint>
#include <limits>
#include <vector>

#include "explore/transition_system.h"
#include "support/growing_array.h"

namespace tdxcheck::explore {

class MoveColumn {
public:
  [[nodiscard]] std::size_t size() const { return planes_[0].size(); }
  [[nodiscard]] Move operator[](std::uint64_t edge) const { return distinct_[number(edge)]; }
  // The place of the edge's move in distinct().
  [[nodiscard]] std::uint32_t number(std::uint64_t edge) const {
    std::uint32_t number = planes_[0][edge];
    if (planes_[1].empty()) return number;
    number |= std::uint32_t{planes_[1][edge]} << 8;
    return planes_[2].empty() ? number : number | std::uint32_t{planes_[2][edge]} << 16;
  }
  void push_back(Move move) {
    const std::uint32_t number = number_of(move);
    planes_[0].push_back(static_cast<std::uint8_t>(number));
    for (int plane = 1; plane < 3; ++plane)
      if (!planes_[plane].empty()) planes_[plane].push_back(static_cast<std::uint8_t>(number >> (8 * plane)));
  }
  // Every move that some edge is, once.
  [[nodiscard]] const std::vector<Move>& distinct() const { return distinct_; }

  // For whoever watches memory.
  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t all = 0;
    for (const auto& plane : planes_) all += plane.capacity();
    return all;
  }
  template <class Reserve>
  void reserve_with(const Reserve& reserve) {
    for (auto& plane : planes_)
      if (&plane == &planes_[0] || !plane.empty()) reserve(plane);
  }

private:
  std::uint32_t number_of(Move move) {
    if (numbers_.size() <= move.thread) numbers_.resize(move.thread + std::size_t{1});
    auto& of_thread = numbers_[move.thread];
    if (of_thread.size() <= move.step) of_thread.resize(move.step + std::size_t{1}, unknown);
    if (of_thread[move.step] == unknown) {
      of_thread[move.step] = static_cast<std::uint32_t>(distinct_.size());
      distinct_.push_back(move);
      for (int plane = 1; plane < 3; ++plane)
        if (distinct_.size() == (std::size_t{1} << (8 * plane)) + 1)
          planes_[plane] = support::GrowingArray<std::uint8_t>::zeros(size());
    }
    return of_thread[move.step];
  }

  static constexpr std::uint32_t unknown = 0xffffffff;
  support::GrowingArray<std::uint8_t> planes_[3];   // low byte of the number, then the higher ones
  std::vector<Move> distinct_;                      // by number
  std::vector<std::vector<std::uint32_t>> numbers_; // by thread, by step
};

class RowColumn {
public:
  [[nodiscard]] std::size_t size() const { return wide_.empty() ? narrow_.size() : wide_.size(); }
  [[nodiscard]] std::uint64_t operator[](std::size_t state) const {
    return wide_.empty() ? narrow_[state] : wide_[state];
  }
  void push_back(std::uint64_t first_edge) {
    if (wide_.empty() && first_edge > std::numeric_limits<std::uint32_t>::max()) widen();
    if (wide_.empty()) narrow_.push_back(static_cast<std::uint32_t>(first_edge));
    else wide_.push_back(first_edge);
  }

  [[nodiscard]] std::uint64_t bytes() const {
    return narrow_.capacity() * sizeof(std::uint32_t) + wide_.capacity() * sizeof(std::uint64_t);
  }
  template <class Reserve>
  void reserve_with(const Reserve& reserve) {
    if (wide_.empty()) reserve(narrow_);
    else reserve(wide_);
  }

private:
  void widen() {
    wide_.reserve(narrow_.size() + 1);
    for (const std::uint32_t first_edge : narrow_) wide_.push_back(first_edge);
    narrow_ = {};
  }

  support::GrowingArray<std::uint32_t> narrow_;
  support::GrowingArray<std::uint64_t> wide_;
};

} // namespace tdxcheck::explore
