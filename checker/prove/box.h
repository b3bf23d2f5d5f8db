// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A region of states: some aspects, each with the values that it may have there. "A vCPU is between
// read_lock and read_unlock, and the lock has no reader" is one. That no state lies in it is what a lemma
// says (a cube of multi-valued logic, and its negation; as in two-level minimisation: Rudell and
// Sangiovanni-Vincentelli 1987).

#include <vector>

#include "prove/features.h"
#include "prove/seen_table.h"

namespace tdxcheck::prove {

struct Side {
  std::size_t aspect;
  std::vector<bool> may; // by value
  friend bool operator==(const Side&, const Side&) = default;
};

using Box = std::vector<Side>;

[[nodiscard]] bool contains(const Features& features, const Box& box, const Sample& sample);

// That the state is in none: "outside of it".
[[nodiscard]] model::Expr outside(const Features& features, const Box& box);

// The box of this state alone, in these aspects; made as large as it can be without a seen state in it: side
// by side, labels first, for there are most of them.
[[nodiscard]] Box grown(const Features& features, const SeenTable& seen, const Sample& sample,
                        const std::vector<std::size_t>& aspects);

// What part of all states the box is, as far as one can say: the product of what its sides let through.
[[nodiscard]] double volume(const Box& box);

} // namespace tdxcheck::prove
