// SPDX-License-Identifier: GPL-2.0-or-later
//
// A line that is copied into a shell and checks something else, or deletes a file, is worse than none.
#include "run/reproduce.h"

#include "tests/sample_models.h"

#include <doctest/doctest.h>

namespace reproduce_test {

using namespace tdxcheck;

run::Target named(const std::string& name) {
  run::Target target;
  target.name = name;
  return target;
}

TEST_CASE("what is the default is not said") {
  CHECK(run::reproduce_line(named("sept_zap@landed"), {}, {}) == "tdxcheck check sept_zap@landed");
}

TEST_CASE("every option that matters is said, and of two settings the one that counts") {
  run::Request request{"", {"retries=1", "kick=none", "retries=2"}, {"kick"}};
  run::CheckOptions options;
  options.search.properties = {"no_deadlock", "no_livelock"};
  options.search.first = true;
  options.search.seconds = 90;
  options.search.memory_bytes = 2ull << 30;
  options.engine = run::Engine::reference;
  options.symmetry = options.partial_order = false;
  options.as_written = true;
  CHECK(run::reproduce_line(named("sept_zap"), request, options) ==
        "tdxcheck check sept_zap --set kick=none --set retries=2 --without kick --property no_deadlock "
        "--property no_livelock --first --time 90s --memory 2G --engine reference --no-symmetry "
        "--no-partial-order --as-written");
}

TEST_CASE("what a shell would read otherwise is quoted") {
  CHECK(run::shell_quoted("a-b_c./d@v19") == "a-b_c./d@v19");
  CHECK(run::shell_quoted("") == "''");
  CHECK(run::shell_quoted("my patch.cpp") == "'my patch.cpp'");
  CHECK(run::shell_quoted("x;rm -rf $HOME") == "'x;rm -rf $HOME'");
  CHECK(run::shell_quoted("it's") == "'it'\\''s'");
  CHECK(run::shell_quoted("~/x") == "'~/x'");
}

} // namespace reproduce_test
