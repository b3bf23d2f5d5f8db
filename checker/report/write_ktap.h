// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/gate.h"

#include <string>

namespace tdxcheck::report {

// A gate in the Kernel Test Anything Protocol, version 1 (Documentation/dev-tools/ktap.rst), which is TAP to
// whoever knows only that: a test for each gate file, in it a subtest for each expectation. What is known of
// a failure stands in diagnostic lines before it, as the kernel's own test frameworks have it.
[[nodiscard]] std::string write_ktap(const result::GateResult& gate);

} // namespace tdxcheck::report
