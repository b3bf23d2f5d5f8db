// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a complete search knows of a model, for analyses of the reached graph that live in other folders.

#include "explore/interpreted_system.h"
#include "explore/reached_graph.h"
#include "explore/watch.h"

namespace tdxcheck::explore {

struct Explored {
  const model::Instance& written;
  InterpretedSystem& system; // of the model that was searched
  const Contexts& contexts;
  const ReachedGraph& graph; // with rows
  // Of the instantiated model, where that is another one: traces are told in its terms.
  InterpretedSystem* instantiated = nullptr;
};

} // namespace tdxcheck::explore
