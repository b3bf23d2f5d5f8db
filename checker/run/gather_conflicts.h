// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "explore/explored.h"
#include "result/conflicts.h"

namespace tdxcheck::run {

// How a conflict names whoever is in it: by the call (or kernel function) that holds the lock or finds it
// busy, and then by the lock's instance, too; or by the function around the call, which tells two uses of one
// call apart, and by the class of the lock.
enum class CalledBy { call, leaf };

// Every failed try of a reached graph, each with a shortest run into it, the shortest first.
[[nodiscard]] std::vector<result::Conflict> gather_conflicts(const explore::Explored& explored,
                                                             CalledBy called_by);

} // namespace tdxcheck::run
