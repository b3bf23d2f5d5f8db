// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace tdxcheck::cli {

// What scripts depend on. An answer that is not known is never a pass.
enum class ExitCode : int {
  good = 0,      // all that was asked holds
  violated = 1,  // or: not valid
  bad_input = 2, // usage, unknown name, malformed file, ill-formed model, a range left
  unknown = 3,   // a budget ran out first
  internal_error = 70,
  interrupted = 130,
};

} // namespace tdxcheck::cli
