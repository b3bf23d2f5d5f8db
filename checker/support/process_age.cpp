// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/process_age.h"

#include <ctime>

#include "support/stopwatch.h"

namespace tdxcheck::support {
namespace {

double processor_seconds() {
  timespec used{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

// Both are set when the program is loaded.
const double while_loading = processor_seconds();
const Stopwatch since_loaded;

} // namespace

ProcessAge process_age() { return {while_loading + since_loaded.seconds(), processor_seconds()}; }

} // namespace tdxcheck::support
