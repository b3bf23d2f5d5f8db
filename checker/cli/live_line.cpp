// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/live_line.h"

#include "cli/standard_streams.h"
#include "report/quantities.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace tdxcheck::cli {
namespace {

constexpr double between_lines = 0.2; // seconds
constexpr const char* erase = "\r\033[K";

// Over the last interval, not since the start: a search that slows down should look slow.
std::uint64_t rate(const run::Progress& before, const run::Progress& now) {
  const double seconds = now.seconds - before.seconds;
  if (seconds <= 0 || now.states < before.states) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(now.states - before.states) / seconds);
}

} // namespace

LiveLine::LiveLine(bool wanted) : enabled_(wanted && errors_go_to_a_terminal()) {}

bool LiveLine::is_due() const { return enabled_ && (!visible_ || since_shown_.seconds() >= between_lines); }

void LiveLine::show(const run::Progress& progress) {
  if (!is_due()) return;
  show(fmt::format("{} states, {}/s, frontier {}, depth {}, {}, {}", report::grouped(progress.states),
                   report::grouped(rate(last_, progress)), report::grouped(progress.frontier), progress.depth,
                   report::as_memory(progress.memory_bytes), report::as_duration(progress.seconds)));
  last_ = progress;
}

void LiveLine::show(std::string line) {
  if (!is_due()) return;
  line.resize(std::min(line.size(), error_width() - 1)); // one that wraps could not be erased
  remark(erase + line);
  visible_ = true;
  since_shown_.restart();
}

void LiveLine::clear() {
  if (visible_) remark(erase);
  visible_ = false;
}

} // namespace tdxcheck::cli
