// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The edges that workers have found in a level become rows of the graph, in the order of their sources.

#include <span>
#include <vector>

#include "explore/search_worker.h"

namespace tdxcheck::explore {

// Takes them away from the workers. `moved`: the new numbers of the states that were numbered `first_moved`
// and on.
void gather_edges(ReachedGraph& graph, std::span<SearchWorker::Edges* const> all, StateNumber first_moved,
                  const std::vector<StateNumber>& moved);

} // namespace tdxcheck::explore
