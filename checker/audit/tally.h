// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Counts along a run what one thread does in one section of its code, event by event: the second opinion on
// worst cases, which the engine reads off the graph.

#include "audit/run.h"

#include <cstdint>
#include <string>
#include <variant>

namespace tdxcheck::audit {

// One stay in the loop or the operation; rounds of a loop, or what the thread's steps cost.
using TallyUnit = std::variant<model::Id<model::Loop>, model::Id<model::Operation>>;
using TallyOf = std::variant<model::Id<model::Loop>, model::CostKind>;

struct Tally {
  std::string thread; // instance, e.g. "vcpu[1]"
  TallyUnit unit;
  TallyOf of;
};

struct Tallied {
  std::int64_t most = 0; // at any moment of any stay
  bool open_at_end = false;
  // Of a lasso, its loop:
  std::int64_t in_loop = 0;
  bool ends_in_loop = false;
};

[[nodiscard]] Tallied tally_along(const semantics::Interpreter& interpreter, const Run& run,
                                  const Tally& tally);

} // namespace tdxcheck::audit
