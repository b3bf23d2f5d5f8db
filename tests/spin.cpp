// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/spin.h"

#include "support/read_file.h"
#include "tests/scratch_folder.h"

#include <cstdlib>
#include <fstream>
#include <regex>

namespace tdxcheck::tests {
namespace {

std::uint64_t number_before(const std::string& text, const char* what) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(std::string("([0-9.e+]+) ") + what))) return 0;
  return static_cast<std::uint64_t>(std::stod(found[1]));
}

bool says(const std::string& text, const char* what) { return text.find(what) != std::string::npos; }

// One verification run of pan; -c0 goes on behind errors, of which only the first few thousand lines are
// kept.
std::string run_pan(const ScratchFolder& folder, const char* options) {
  const std::string command = "cd '" + folder.path().string() + "' && ./pan -c0 -m1000000 -w18 " + options +
                              " > pan.all 2>&1; (head -c 100000 pan.all; tail -c 4000 pan.all) > pan.out";
  if (std::system(command.c_str()) != 0) return {};
  return support::read_file(folder / "pan.out");
}

} // namespace

bool spin_is_installed() { return std::system("command -v spin > /dev/null 2>&1") == 0; }

SpinResult run_spin(const std::string& promela) {
  const ScratchFolder folder;
  std::ofstream(folder / "model.pml") << promela;
  SpinResult result;
  const std::string build =
      "cd '" + folder.path().string() +
      "' && spin -o1 -o2 -o3 -a model.pml > spin.out 2>&1 && ! grep -q -i 'error' spin.out && "
      "gcc -w -O1 -DSAFETY -DNOREDUCE -DNOCLAIM -DVECTORSZ=8192 -DMEMLIM=4000 -o pan pan.c > gcc.out 2>&1";
  if (std::system(build.c_str()) != 0) {
    result.problem = "spin or the compiler refuses it:\n" + support::read_file(folder / "spin.out");
    return result;
  }
  const std::string counts = run_pan(folder, "-A -E"), errors = run_pan(folder, "");
  if (!says(counts, "states, stored") || says(counts, "max search depth too small"))
    result.problem = "pan did not search to the end:\n" + counts;
  result.states = number_before(counts, "states, stored");
  result.transitions = number_before(counts, "transitions \\(= stored") - 1;
  result.assertion_violated = says(errors, "assertion violated");
  result.invalid_end_state = says(errors, "invalid end state (");
  return result;
}

} // namespace tdxcheck::tests
