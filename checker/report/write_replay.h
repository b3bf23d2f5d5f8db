// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/trace.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace tdxcheck::report {

struct Replayed {
  bool valid = false;
  std::size_t step = 0; // the first that is not valid; the number of steps if the end is not
  std::string why;
  std::string caveat; // what replaying could not confirm
};

[[nodiscard]] std::string write_replay(const result::Trace& trace, const Replayed& replayed,
                                       std::size_t width = 100);
[[nodiscard]] nlohmann::ordered_json replay_to_json(const result::Trace& trace, const Replayed& replayed);

// A certificate that was re-checked.
struct Certified {
  std::string target, property;
  std::string extent; // "every retries", or empty: the instance
  std::size_t obligations = 0;
  std::string why; // not valid, or not known to be
  bool valid = false;
  bool unknown = false;
};

[[nodiscard]] std::string write_certified(const Certified& certified, const std::string& file,
                                          std::size_t width);
// tdxcheck/recheck/1
[[nodiscard]] nlohmann::ordered_json certified_to_json(const Certified& certified);

} // namespace tdxcheck::report
