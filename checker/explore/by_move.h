// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Something about every move of a system.

#include <vector>

#include "explore/interpreted_system.h"

namespace tdxcheck::explore {

template <class T>
class ByMove {
public:
  ByMove(const InterpretedSystem& system, const T& value) {
    std::size_t all = 0;
    for (const ThreadMoves& thread : system.moves()) {
      first_.push_back(all);
      all += thread.moves.size();
    }
    values_.assign(all, value);
  }

  [[nodiscard]] T& operator[](Move move) { return values_[first_[move.thread] + move.step]; }
  [[nodiscard]] const T& operator[](Move move) const { return values_[first_[move.thread] + move.step]; }

  template <class F>
  void transform(F f) {
    for (T& value : values_) value = f(value);
  }

private:
  std::vector<std::size_t> first_; // by thread
  std::vector<T> values_;
};

using MoveSet = ByMove<std::uint8_t>; // 0 or 1

// Every move, in order.
template <class Visit>
void every_move(const InterpretedSystem& system, Visit visit) {
  for (std::size_t t = 0; t < system.moves().size(); ++t)
    for (std::size_t m = 0; m < system.moves()[t].moves.size(); ++m)
      visit(Move{static_cast<std::uint16_t>(t), static_cast<std::uint16_t>(m)});
}

} // namespace tdxcheck::explore
