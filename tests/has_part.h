// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace tdxcheck::tests {

[[nodiscard]] inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace tdxcheck::tests
