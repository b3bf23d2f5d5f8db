// SPDX-License-Identifier: GPL-2.0-or-later
//
// How fast the search is, and how much memory a state takes:
//
//   tdxcheck_benchmarks [-n REPETITIONS] TARGET...
//
// Each way to do the same work is measured in a process of its own, the ways taken in turn, so that what the
// machine does meanwhile hits all of them; the median of the user times counts. Only ratios within one table
// mean anything. Memory is what the process needed at its worst moment beyond what it needed before.
// Markdown.

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explore/tabled_system.h"
#include "lower/shrink.h"
#include "run/run_check.h"
#include "run/target.h"
#include "support/error.h"

namespace {

using namespace tdxcheck;

struct Size {
  std::uint64_t states = 0, transitions = 0;
};

struct Measured {
  Size size;
  double user_seconds = 0;
  std::uint64_t bytes = 0;
};

struct Way {
  const char* name;
  Size (*run)(const run::Target&);
};

Size searched(explore::TransitionSystem& system, bool with_rows) {
  explore::SearchObserver observer;
  const auto search = explore::breadth_first_search(system, observer, {}, with_rows);
  return {search.graph.states(), search.graph.transitions};
}

Size by_bytecode(const run::Target& target) {
  const model::Model model = run::instantiated(target);
  const model::Instance instance(model, target.valuation);
  explore::InterpretedSystem system(instance);
  return searched(system, false);
}

Size by_tables(const model::Model& model, const model::Valuation& valuation, bool with_rows) {
  const model::Instance instance(model, valuation);
  explore::InterpretedSystem system(instance);
  explore::TabledSystem tables(system);
  return searched(tables, with_rows);
}

Size by_tables(const run::Target& target) {
  return by_tables(run::instantiated(target), target.valuation, false);
}

Size shrunk(const run::Target& target) {
  return by_tables(lower::shrink(run::instantiated(target), target.valuation), target.valuation, false);
}

Size with_rows(const run::Target& target) {
  return by_tables(lower::shrink(run::instantiated(target), target.valuation), target.valuation, true);
}

Size judged(const run::Target& target) {
  const auto result = run::run_check(target, {target.name}, {});
  return {result.states, result.transitions};
}

constexpr Way ways[] = {
    {"as written, by bytecode", by_bytecode},
    {"as written, by tables", by_tables},
    {"shrunk, by tables", shrunk},
    {"the same, keeping transitions", with_rows},
    {"everything judged (`check`)", judged},
};

std::uint64_t peak_bytes(const rusage& used) { return static_cast<std::uint64_t>(used.ru_maxrss) * 1024; }

// In a process of its own.
Measured measure(const Way& way, const run::Target& target) {
  int ends[2];
  if (pipe(ends) != 0) throw support::InternalError("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    Measured measured;
    measured.size = way.run(target);
    getrusage(RUSAGE_SELF, &after);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    measured.user_seconds = seconds(after.ru_utime) - seconds(before.ru_utime);
    measured.bytes = peak_bytes(after) - peak_bytes(before);
    const bool written = write(ends[1], &measured, sizeof measured) == sizeof measured;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  Measured measured;
  const bool complete = read(ends[0], &measured, sizeof measured) == sizeof measured;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!complete) throw support::InputError(fmt::format("{}: {} failed", target.name, way.name));
  return measured;
}

void table_of(const std::string& name, int repetitions) {
  const run::Target target = run::resolve({name});
  std::vector<std::vector<Measured>> all(std::size(ways));
  for (int i = 0; i < repetitions; ++i)
    for (std::size_t w = 0; w < std::size(ways); ++w) all[w].push_back(measure(ways[w], target));
  fmt::print("\n{}\n\n| how | states | transitions | user s | M states/s | peak bytes/state |\n", name);
  fmt::print("|---|---|---|---|---|---|\n");
  for (std::size_t w = 0; w < std::size(ways); ++w) {
    std::vector<Measured>& runs = all[w];
    std::ranges::sort(runs, {}, &Measured::user_seconds);
    const Measured& median = runs[runs.size() / 2];
    const auto states = static_cast<double>(median.size.states);
    fmt::print("| {} | {} | {} | {:.2f} | {:.2f} | {:.1f} |\n", ways[w].name, median.size.states,
               median.size.transitions, median.user_seconds, states / median.user_seconds * 1e-6,
               static_cast<double>(median.bytes) / states);
  }
}

} // namespace

int main(int argc, char** argv) {
  int repetitions = 3;
  std::vector<std::string> targets;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "-n" && i + 1 < argc) repetitions = std::max(1, std::atoi(argv[++i]));
    else targets.push_back(argument);
  }
  if (targets.empty()) targets = {"hkid_release@v19_load"};
  try {
    for (const std::string& target : targets) table_of(target, repetitions);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
