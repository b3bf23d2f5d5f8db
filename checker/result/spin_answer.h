// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What SPIN counted of the same model, as exported.

#include <cstdint>
#include <string>

namespace tdxcheck::result {

struct SpinAnswer {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;  // ours: without SPIN's one into the initial state
  std::string incomplete_because; // empty: it searched to the end; "out of memory", "out of time", "too deep"
  friend bool operator==(const SpinAnswer&, const SpinAnswer&) = default;
};

} // namespace tdxcheck::result
