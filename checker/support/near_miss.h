// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tdxcheck::support {

// The known names that may have been meant, nearest first; names equally near keep their order.
[[nodiscard]] std::vector<std::string> near_misses(std::string_view asked, std::span<const std::string> known,
                                                   std::size_t most = 3);

// "no parameter `retrys`; did you mean `retries`?", or where nothing is near "no parameter `x`; known: a, b".
[[nodiscard]] std::string did_you_mean(std::string_view kind, std::string_view asked,
                                       std::span<const std::string> known);

} // namespace tdxcheck::support
