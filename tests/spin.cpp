// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/spin.h"

#include "support/read_file.h"
#include "tests/scratch_folder.h"

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace tdxcheck::tests {
namespace {

std::uint64_t number_before(const std::string& text, const char* what) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(std::string("([0-9.e+]+) ") + what))) return 0;
  return static_cast<std::uint64_t>(std::stod(found[1]));
}

bool says(const std::string& text, const char* what) { return text.find(what) != std::string::npos; }

// In the folder, by a shell; false if it fails.
bool run(const ScratchFolder& folder, const std::string& command) {
  return std::system(("cd '" + folder.path().string() + "' && " + command).c_str()) == 0;
}

// Empty, or what SPIN or the compiler said. Labels that are not used and buffers that are too small are in
// what SPIN writes of itself.
std::string build(const ScratchFolder& folder, const std::string& promela, const std::string& options) {
  std::ofstream(folder / "model.pml") << promela;
  if (!run(folder, "spin -o1 -o2 -o3 -a model.pml > spin.out 2>&1 && ! grep -q -i 'error' spin.out"))
    return "spin refuses it:\n" + support::read_file(folder / "spin.out");
  if (!run(folder,
           "gcc -Wall -Wno-unused-label -Wno-format-overflow -DNOREDUCE -DVECTORSZ=8192 -DMEMLIM=8000 " +
               options + " -o pan pan.c > gcc.out 2>&1"))
    return "the compiler refuses it:\n" + support::read_file(folder / "gcc.out");
  return {};
}

// One verification run of pan. -c0 goes on behind errors, which may be millions of lines: the first and the
// last few thousand are kept.
std::string run_pan(const ScratchFolder& folder, const std::string& options) {
  if (!run(folder, "./pan -m1000000 " + options +
                       " 2>&1 | awk 'NR <= 2000 { print } NR > 2000 { kept[NR % 9000] = $0 } "
                       "END { for (i = NR > 11000 ? NR - 8999 : 2001; i <= NR; ++i) print kept[i % 9000] }' "
                       "> pan.out"))
    return {};
  return support::read_file(folder / "pan.out");
}

// pan.m, pan.t, pan.b and pan.h are made of the model; pan.c and pan.p are SPIN itself.
std::string warnings_about_the_model(const std::string& output) {
  std::istringstream lines(output);
  std::string found;
  for (std::string line; std::getline(lines, line);)
    if (std::regex_search(line, std::regex("^pan\\.[mtbh]:.*warning:"))) found += line + "\n";
  return found;
}

// The profile names the line of each transition that was taken.
void count_options(const std::string& promela, const std::string& output, SpinResult& result) {
  std::set<std::size_t> options, taken;
  std::istringstream lines(promela);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);)
    if (++number; line.starts_with("  :: d_step {")) options.insert(number);
  const std::string profile = output.substr(std::min(output.rfind("Peg Counts"), output.size()));
  const std::regex place("model\\.pml:([0-9]+)");
  for (auto at = std::sregex_iterator(profile.begin(), profile.end(), place); at != std::sregex_iterator();
       ++at)
    if (const auto line = std::stoull((*at)[1]); options.contains(line)) taken.insert(line);
  result.options = options.size();
  result.options_taken = taken.size();
}

// Compiling costs more than searching unless the search is long: then it is nightly.
std::string options_for(const std::string& promela) {
  return std::getenv("TDXCHECK_NIGHTLY") != nullptr && promela.size() > 20000 ? "-O1" : "-O0";
}

} // namespace

bool spin_is_installed() { return std::system("command -v spin > /dev/null 2>&1") == 0; }

SpinResult run_spin(const std::string& promela) {
  const ScratchFolder folder;
  SpinResult result;
  result.problem = build(folder, promela, options_for(promela) + " -DSAFETY -DNOCLAIM -DPEG");
  if (!result.problem.empty()) return result;
  result.warnings = warnings_about_the_model(support::read_file(folder / "gcc.out"));
  const std::string counts = run_pan(folder, "-c0 -w18 -A -E"), errors = run_pan(folder, "-c0 -w18");
  if (!says(counts, "states, stored") || says(counts, "max search depth too small"))
    result.problem = "pan did not search to the end:\n" + counts;
  result.states = number_before(counts, "states, stored");
  result.transitions = number_before(counts, "transitions \\(= stored") - 1;
  result.assertion_violated = says(errors, "assertion violated");
  result.invalid_end_state = says(errors, "invalid end state (");
  count_options(promela, counts, result);
  return result;
}

std::string spin_trail(const std::string& promela) {
  const ScratchFolder folder;
  const std::string problem = build(folder, promela, "-O0 -DSAFETY -DNOCLAIM");
  if (!problem.empty()) return problem;
  run_pan(folder, "-w18");
  if (!run(folder, "test -e model.pml.trail")) return "SPIN finds no error\n";
  (void)run(folder, "spin -t -p -g -l model.pml > trail.all 2>&1; head -c 20000 trail.all > trail.out");
  return support::read_file(folder / "trail.out");
}

SpinLivelock spin_livelock(const std::string& promela) {
  const ScratchFolder folder;
  if (!build(folder, promela, "-O0 -DNFAIR=3").empty()) return SpinLivelock::not_decided;
  const std::string output = run_pan(folder, "-w18 -A -E -a -f -N no_livelock");
  if (says(output, "acceptance cycle")) return SpinLivelock::found;
  const bool finished = says(output, "states, stored") && says(output, "errors: 0") &&
                        !says(output, "Search not completed") && !says(output, "max search depth too small");
  return finished ? SpinLivelock::none : SpinLivelock::not_decided;
}

} // namespace tdxcheck::tests
