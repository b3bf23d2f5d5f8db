// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/interrupt.h"
#include "cli/live_line.h"

#include <utility>

namespace tdxcheck::cli {

// What `search` answers, given `check` with a live line shown while it runs, unless `quiet`; the first
// interruption lets it report what it has seen.
template <class Search>
[[nodiscard]] auto search_live(run::CheckOptions check, bool quiet, Search&& search) {
  LiveLine live(!quiet);
  check.search.progress = [&live](const run::Progress& progress) { live.show(progress); };
  stop_gently_on_interrupt();
  return std::forward<Search>(search)(check);
}

} // namespace tdxcheck::cli
