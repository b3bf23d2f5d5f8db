// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/gate.h"

#include <string>

namespace tdxcheck::report {

// Where and when a gate ran, which JUnit's schema wants to know.
struct RunIdentity {
  std::string host = "localhost";
  std::string started = "1970-01-01T00:00:00"; // UTC, as JUnit's schema has it: without a zone
};

// A gate as JUnit XML: a suite for each gate file, a case for each expectation, of the class that is the
// checked target. An expectation that is not met is a failure; what could not be decided is an error.
[[nodiscard]] std::string write_junit(const result::GateResult& gate, const RunIdentity& identity);

} // namespace tdxcheck::report
