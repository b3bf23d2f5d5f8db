// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace tdxcheck::report {

// Without what would end the cell of a table, or start a paragraph.
[[nodiscard]] std::string markdown_cell(const std::string& text);

} // namespace tdxcheck::report
