// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The parts of a diff in words, before they become text or Markdown.

#include "result/diff.h"

#include <string>
#include <vector>

namespace tdxcheck::report {

struct DiffSection {
  std::string title;
  std::vector<std::string> head; // of the rows; empty: they are plain lines of one cell each
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> remarks; // after the rows
};

// "sept_zap@landed with retries=2, without kick", of what differs between the two.
[[nodiscard]] std::string subject_of(const result::Diff& diff);
[[nodiscard]] std::vector<DiffSection> sections_of(const result::Diff& diff);
[[nodiscard]] std::string in_words(const result::BoundOfLoop& bound);

} // namespace tdxcheck::report
