// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace tdxcheck::support {

// The line, counted from 1, on which the value at a JSON pointer ("/checks/3/target") begins in `text`, which
// must be JSON (parse_json tells): for whoever points into a file that was read long ago. 1 where the pointer
// leads nowhere. Costs one pass over the text.
[[nodiscard]] std::size_t line_of(std::string_view text, std::string_view pointer);

} // namespace tdxcheck::support
