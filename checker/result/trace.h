// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A run, in the names of the written model. Values are text as model::print_value writes it, so that a trace
// can be read, edited and replayed without the ids of any engine.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::result {

using Names = std::map<std::string, std::string>; // cell -> value, parameter -> value

struct TraceLock {
  std::string lock;  // "tdx_lock", "TDVPR[1]"
  std::string event; // acquire, try_acquire, busy, release
  std::string mode;  // shared, exclusive
  friend bool operator==(const TraceLock&, const TraceLock&) = default;
};

struct TraceStep {
  std::string thread; // "vcpu[1]"
  std::optional<int> cpu;
  std::string domain;   // host, guest, module, hardware: of the label it starts from
  std::string from, to; // labels
  std::string text;
  std::string function, call, status;
  std::string source; // "protocols/…:42"
  Names choices;
  std::vector<TraceLock> locks;
  Names changed;                   // cells that changed, with their new values
  std::vector<std::string> failed; // texts of the assertions that failed here
  friend bool operator==(const TraceStep&, const TraceStep&) = default;
};

enum class TraceShape { path, lasso };

struct Trace {
  std::string target;
  Names parameters;
  std::vector<std::string> without;
  std::vector<std::string> fair; // how fairness was overridden, in the words of the command line
  std::string property;
  TraceShape shape = TraceShape::path;
  std::optional<std::size_t> loop; // lasso: the step that the last step leads back to
  Names initial;                   // every cell, and every thread's label under "at THREAD"
  std::vector<TraceStep> steps;
  Names final; // likewise
  friend bool operator==(const Trace&, const Trace&) = default;
};

} // namespace tdxcheck::result
