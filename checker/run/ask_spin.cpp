// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/ask_spin.h"

#include "run/child_process.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/memory.h"
#include "support/read_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <utility>

namespace tdxcheck::run {
namespace {

using support::InputError;
using support::InternalError;

// pan's stack of moves has a fixed length. A search that it does not suffice for is repeated with the next.
constexpr std::uint64_t stack_lengths[] = {1'000'000, 30'000'000};
constexpr std::size_t most_output_read = 100'000;

// The end of what a program printed: the numbers stand there, and errors may have been many.
std::string end_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(in.tellg(), 0));
  const std::size_t kept = std::min(size, most_output_read);
  std::string text(kept, '\0');
  in.seekg(static_cast<std::streamoff>(size - kept));
  in.read(text.data(), static_cast<std::streamsize>(kept));
  return text;
}

bool says(const std::string& text, const char* what) { return text.find(what) != std::string::npos; }

// pan prints eight digits; beyond that a count would not be exact.
std::uint64_t number_before(const std::string& text, const char* what) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(std::string("([0-9.e+]+) ") + what)))
    throw InternalError(fmt::format("SPIN does not say how many {}:\n{}", what, text));
  const std::string number = found[1];
  if (number.find_first_not_of("0123456789") != std::string::npos)
    throw InputError(fmt::format("SPIN counts {} {}: not to the last digit", number, what));
  return std::stoull(number);
}

// $CC may be several words, as in `CC="ccache gcc"`.
std::vector<std::string> c_compiler(std::vector<std::string> arguments) {
  const char* chosen = std::getenv("CC");
  std::istringstream words(chosen != nullptr ? chosen : "");
  std::vector<std::string> command{std::istream_iterator<std::string>(words), {}};
  if (command.empty()) command = {"cc"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

std::string must_succeed(const PrivateDirectory& where, const std::string& name,
                         const std::vector<std::string>& command) {
  const auto output = where.path() / (name + ".out");
  switch (run_child({command, where.path(), output, {}, nullptr})) {
  case ChildEnd::succeeded: return end_of(output);
  case ChildEnd::no_such_program:
    throw InputError(fmt::format("there is no program `{}`, which a search by SPIN needs", command.front()));
  case ChildEnd::failed:
  case ChildEnd::out_of_time: break;
  }
  throw InternalError(fmt::format("{} refuses the exported model:\n{}", name, end_of(output)));
}

} // namespace

void require_spin() {
  const PrivateDirectory directory;
  must_succeed(directory, "spin", {"spin", "-V"});
  must_succeed(directory, "cc", c_compiler({"--version"}));
}

result::SpinAnswer ask_spin(const std::string& promela, const SpinLimits& limits) {
  const PrivateDirectory directory;
  support::write_atomically(directory.path() / "model.pml", promela);
  const std::string said = must_succeed(directory, "spin", {"spin", "-o1", "-o2", "-o3", "-a", "model.pml"});
  if (says(said, "Error")) throw InternalError("spin refuses the exported model:\n" + said);
  const std::uint64_t memory =
      limits.memory_bytes != 0 ? limits.memory_bytes : support::free_physical_bytes() / 4 * 3;
  must_succeed(directory, "cc",
               c_compiler({"-w", "-O1", "-DSAFETY", "-DNOREDUCE", "-DNOCLAIM", "-DVECTORSZ=8192",
                           fmt::format("-DMEMLIM={}", std::max<std::uint64_t>(memory >> 20, 64)), "-o", "pan",
                           "pan.c"}));
  result::SpinAnswer answer;
  for (const std::uint64_t stack : stack_lengths) {
    const auto output = directory.path() / "pan.out";
    const ChildEnd end = run_child({{"./pan", "-c0", "-A", "-E", fmt::format("-m{}", stack), "-w20"},
                                    directory.path(),
                                    output,
                                    limits.seconds,
                                    limits.interrupted});
    if (end == ChildEnd::out_of_time) return {0, 0, "out of time"};
    const std::string report = end_of(output);
    if (says(report, "reached -DMEMLIM") || says(report, "out of memory")) return {0, 0, "out of memory"};
    if (end != ChildEnd::succeeded) throw InternalError("SPIN's search failed:\n" + report);
    if (says(report, "max search depth too small")) {
      answer.incomplete_because = "too deep";
      continue;
    }
    return {number_before(report, "states, stored"), number_before(report, "transitions \\(= stored") - 1,
            ""};
  }
  return answer;
}

} // namespace tdxcheck::run
