// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/gate.h"

#include <cstddef>
#include <string>

namespace tdxcheck::report {

// "protocols/sept_zap/zap.cpp:42" in two parts.
struct SourcePlace {
  std::string file;
  std::size_t line = 1;
};

// Of text without a line, line 1.
[[nodiscard]] SourcePlace place_of(const std::string& source);

// Where a reader should look first: the last step of the run that breaks an expectation, or the place in the
// gate file where there is no such run.
[[nodiscard]] SourcePlace place_of(const result::GateCheck& check, const result::Expectation& expectation);

} // namespace tdxcheck::report
