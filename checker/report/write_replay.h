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

} // namespace tdxcheck::report
