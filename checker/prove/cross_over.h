// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// States that are put together from two: one of them, with some parts of the other. A part is a thread with
// its locals, what is one member's (of a set, with the threads that are its), a variable that is nobody's, or
// all of these. What is an open set's first member's may become the second's. As in genetic algorithms
// (crossover). Private to prove/.

#include <random>
#include <vector>

#include "prove/problem.h"

namespace tdxcheck::prove {

class CrossOver {
public:
  explicit CrossOver(const model::Instance& instance);

  [[nodiscard]] State child(const State& of, const State& and_of, std::mt19937& random) const;

private:
  // Cells, and, after them, threads; parts of one kind have the same variables and threads in the same order.
  using Part = std::vector<std::size_t>;
  std::size_t cells_ = 0;
  std::vector<std::vector<Part>> kinds_;
};

} // namespace tdxcheck::prove
