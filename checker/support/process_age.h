// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace tdxcheck::support {

struct ProcessAge {
  double seconds = 0;
  double processor_seconds = 0; // of all threads together
};

// Since the process was started. What the loader did before the program's own code ran is counted in
// processor time; nothing else is known of it to better than a hundredth of a second.
[[nodiscard]] ProcessAge process_age();

} // namespace tdxcheck::support
