// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "run/check_options.h"
#include "support/stopwatch.h"

#include <string>

namespace tdxcheck::cli {

// One line on the terminal that standard error is, rewritten while a search runs, and gone before the report.
class LiveLine {
public:
  explicit LiveLine(bool wanted);
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;
  ~LiveLine() { clear(); }

  void show(const run::Progress& progress);
  void show(std::string line);
  void clear();

private:
  [[nodiscard]] bool is_due() const;

  bool enabled_;
  bool visible_ = false;
  support::Stopwatch since_shown_;
  run::Progress last_;
};

} // namespace tdxcheck::cli
