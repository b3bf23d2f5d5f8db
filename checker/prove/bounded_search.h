// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Bounded model checking (Biere, Cimatti, Clarke, Zhu 1999): the steps are unrolled one by one, and after
// each the solver is asked for a run of just that length which violates a claim. So the first run that is
// found is a shortest one, as in exploration. It finds violations, and says nothing of longer runs.
//
// Claims that are not about single states and steps are passed over. Z3 stays behind this header.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "prove/problem.h"
#include "prove/style.h"

namespace tdxcheck::prove {

struct BoundedOptions {
  unsigned depth = 20;
  double seconds = 1e9;
  Style style = {Finite::bits, Numbers::bits};
  std::function<bool()> enough = {};           // asked now and then, from another thread
  std::function<void(unsigned)> progress = {}; // the length that is looked at now
};

struct Found {
  std::string property;
  Run run;
};

struct BoundedResult {
  std::vector<Found> violations; // of `sometimes`: a run that reaches it
  // A shortest run into a model error, if it is not longer than what was searched. Then nothing else counts.
  std::optional<Run> model_error;
  unsigned depth = 0;         // no run of this length or less was missed
  bool no_longer_run = false; // every run ends within `depth` steps, so that nothing is missed at all
  bool gave_up = false;       // out of time, or the solver did not know
};

[[nodiscard]] BoundedResult search_bounded(const Problem& problem, const std::vector<std::string>& properties,
                                           const BoundedOptions& options);

} // namespace tdxcheck::prove
