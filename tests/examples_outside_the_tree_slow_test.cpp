// SPDX-License-Identifier: GPL-2.0-or-later

// Without this an example could stop compiling, or lose the verdict that its head promises, outside the tree.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "run_program.h"
#include "scratch_folder.h"
#include "support/read_file.h"

namespace examples_outside_the_tree_slow_test {

using namespace tdxcheck;

// A copy in an empty folder, so that nothing of the tree is found by its place.
int verdict_of(const std::string& example, const std::string& variant,
               const std::vector<std::string>& more = {}) {
  const tests::ScratchFolder folder;
  const auto copy = folder.path() / example;
  std::filesystem::copy_file(std::filesystem::path(TDXCHECK_SOURCE_DIR) / "examples" / example, copy);
  std::vector<std::string> arguments{"check", copy.string() + (variant.empty() ? "" : "@" + variant),
                                     "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const auto run = tests::run_tdxcheck(arguments);
  INFO(run.out, run.err);
  CHECK(run.code >= 0);
  return run.code;
}

TEST_CASE("the tutorial's lock holds, and its torn variant does not") {
  CHECK(verdict_of("first_lock.cpp", "") == 0);
  CHECK(verdict_of("first_lock.cpp", "test_then_set") == 1);
}

TEST_CASE("the ticket lock has at most 60 lines, a variant that holds and one that does not") {
  const std::string text = support::read_file(TDXCHECK_SOURCE_DIR "/examples/ticket_lock.cpp");
  CHECK(std::count(text.begin(), text.end(), '\n') <= 60);
  CHECK(verdict_of("ticket_lock.cpp", "") == 0);
  CHECK(verdict_of("ticket_lock.cpp", "torn_draw") == 1);
}

TEST_CASE("a file that replaces one function of a protocol mends the variant that it says it mends") {
  const std::vector<std::string> claim{"--property", "list_integrity"};
  CHECK(tests::run_tdxcheck({"check", "hkid_release@landed_reboot", "--quiet", claim[0], claim[1]}).code ==
        1);
  CHECK(verdict_of("load_links_and_sets_cpu_at_once.cpp", "landed_reboot", claim) == 0);
}

} // namespace examples_outside_the_tree_slow_test
