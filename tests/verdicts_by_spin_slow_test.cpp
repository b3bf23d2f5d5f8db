// SPDX-License-Identifier: GPL-2.0-or-later

// The column of the page that is not ours: where the numbers of `verdicts --spin` come from, and that a
// machine without SPIN is told so before the first search.

#include "run/ask_spin.h"
#include "run/export_model.h"
#include "run/target.h"
#include "tests/has_part.h"
#include "tests/run_program.h"
#include "tests/scratch_folder.h"
#include "tests/verdicts_page.h"

#include <doctest/doctest.h>

#include <string>

namespace verdicts_by_spin_slow_test {

using namespace tdxcheck;
using tests::has;
using tests::run_tdxcheck;

constexpr const char* target = "sharex_hp_lock@host_against_shared_guest";

TEST_CASE("a row has SPIN's count beside ours") {
  const auto run = run_tdxcheck({"verdicts", target, "--spin", "--as", "markdown", "--quiet"});
  CHECK(has(run.out, "| variant | states | by SPIN | violated |"));
  const auto row = tests::read_verdicts_page()["sharex_hp_lock"].row["host_against_shared_guest"];
  CHECK(has(run.out, row.line));
  CHECK(row.states == row.spin_states);
}

TEST_CASE("without SPIN, or without a compiler, nothing is searched") {
  const tests::ScratchFolder nothing;
  tests::ProgramSettings no_spin, no_compiler;
  no_spin.environment["PATH"] = nothing.path().string();
  no_compiler.environment["CC"] = "no-such-compiler";
  const auto first = run_tdxcheck({"verdicts", target, "--spin", "--quiet"}, no_spin);
  CHECK(first.code == 2);
  CHECK(has(first.err, "`spin`"));
  const auto second = run_tdxcheck({"verdicts", target, "--spin", "--quiet"}, no_compiler);
  CHECK(second.code == 2);
  CHECK(has(second.err, "no-such-compiler"));
}

TEST_CASE("a search that SPIN cannot finish within the budget says why, and has no count") {
  const std::string promela = run::export_as_promela(run::resolve({"module_update@fails_in_CPU_INIT"}));
  run::SpinLimits limits;
  limits.seconds = 0.001;
  const auto slow = run::ask_spin(promela, limits);
  CHECK(slow.incomplete_because == "out of time");
  CHECK(slow.states == 0);
  limits.seconds.reset();
  limits.memory_bytes = std::uint64_t{64} << 20;
  CHECK(run::ask_spin(promela, limits).incomplete_because == "out of memory");
}

} // namespace verdicts_by_spin_slow_test
