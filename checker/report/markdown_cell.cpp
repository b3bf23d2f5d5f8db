// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/markdown_cell.h"

namespace tdxcheck::report {

std::string markdown_cell(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += "\\|";
    else safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

} // namespace tdxcheck::report
