// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// k-induction (Sheeran, Singh, Stalmarck 2000): if k states in a row satisfy the claim, so does the next one;
// the states on the way may be taken to differ, for a shortest run into a violation repeats none. Private to
// prove/.

#include <functional>
#include <optional>
#include <vector>

#include "prove/induction.h"

namespace tdxcheck::prove {

struct KInduction {
  Answer answer = Answer::unknown;
  unsigned k = 0;
  std::optional<Run>
      obstacle; // where the answer is no: from a state that need not be reachable to a violation
};

// Tries each k up to `most`; the lemmas hold in every reachable state. That no violation is reached within
// `most` steps from an initial state is known.
[[nodiscard]] KInduction
by_k_induction(const Encoding& encoding, const Deadline& deadline, const std::vector<model::Expr>& lemmas,
               const std::function<z3::expr(const Unrolling&, std::size_t)>& violation, unsigned most);

} // namespace tdxcheck::prove
