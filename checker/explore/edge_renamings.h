// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Who is who along the edges of a graph of canonical forms: each edge with the renaming of thread instances
// from the state it leaves to the state it enters. With it, what is asked of one thread can be asked of the
// quotient: pairs of a form and a thread stand for pairs of a state and a thread. (The threaded structure of
// E. A. Emerson and A. P. Sistla, Utilizing Symmetry when Model Checking under Fairness Assumptions, 1997.)
//
// The search does not store renamings: they are found by making every step again, which costs about as much
// time as the search, and 2 bytes per edge.

#include <functional>
#include <optional>

#include "explore/canonical_form.h"
#include "explore/reached_graph.h"

namespace tdxcheck::explore {

struct EdgeRenamings {
  // Distinct ones: where each thread instance goes.
  std::vector<std::vector<std::uint8_t>> threads;
  support::GrowingArray<std::uint16_t> of; // by edge, a position in `threads`
};

// `steps`: those of `system`, as fast as may be. None if there are more than 65536 renamings. At most 255
// thread instances. `round` is called now and then, and may throw.
[[nodiscard]] std::optional<EdgeRenamings> renamings_of_edges(const InterpretedSystem& system,
                                                              TransitionSystem& steps, CanonicalForm& form,
                                                              const ReachedGraph& graph,
                                                              const std::function<void()>& round = {});

} // namespace tdxcheck::explore
