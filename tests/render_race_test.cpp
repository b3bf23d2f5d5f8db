// SPDX-License-Identifier: GPL-2.0-or-later
//
// Commit messages are wrapped at 75 columns, and a drawing that was wrapped by a mail program is none.
// Nothing here may be wider, whatever the names; nothing may be left out silently.
#include "report/render_race.h"

#include "tests/sample_traces.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace render_race_test {

using namespace tdxcheck;

void check_that_it_fits(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CHECK_MESSAGE(line.size() <= 75, line);
    CHECK_MESSAGE(!line.ends_with(' '), line);
    CHECK_MESSAGE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; }), line);
  }
}

TEST_CASE("a race is drawn with a column per CPU") {
  const std::string drawn = report::render_race(tests::sample_race());
  CHECK(drawn == R"(CPU 0                                CPU 1
-----                                -----
[vcpu[0]]
tdx_vcpu_run()
  TDH.VP.ENTER: TDVPR shared, takes
      TDVPR[0] (shared)
                                     [vcpu[1]]
                                     tdx_flush_vp()
                                       TDH.VP.FLUSH: TDVPR exclusive ->
                                           TDX_OPERAND_BUSY, TDVPR[0] is
                                           busy
  TDH.VP.ENTER: the guest exits ->
      TDX_SUCCESS, drops TDVPR[0]
      (shared)
                                       failed: KVM_BUG_ON(err, kvm)

=> violates no_kvm_bug
)");
  check_that_it_fits(drawn);
}

TEST_CASE("without CPUs there is a column per thread, and a lasso says where it returns to") {
  const std::string drawn = report::render_race(tests::sample_lasso());
  CHECK(drawn == R"(zap                                  guest
---                                  -----
tdx_sept_zap()
  write_lock(mmu_lock)
--- from here ---
                                     TDG.MEM.PAGE.ACCEPT: locks the entry,
                                         gives it back -> TDX_SUCCESS
  TDH.MEM.RANGE.BLOCK: entry
      exclusive -> TDX_OPERAND_BUSY
--- and again, for ever ---

=> violates no_livelock
)");
  check_that_it_fits(drawn);
}

TEST_CASE("one step without a CPU, and columns are threads") {
  result::Trace trace = tests::sample_race();
  trace.steps[2].cpu.reset();
  CHECK(report::render_race(trace).starts_with("vcpu[0]                              vcpu[1]\n"));
}

TEST_CASE("whatever the names and however many threads, it fits") {
  for (int threads = 1; threads <= 12; ++threads) {
    const std::string drawn = report::render_race(tests::sample_crowd(threads, 2));
    check_that_it_fits(drawn);
    const bool says_so = drawn.starts_with(std::to_string(threads) + " threads move");
    CHECK(says_so == (threads > 3));
  }
}

TEST_CASE("where columns are shared, every step still says whose it is") {
  result::Trace trace = tests::sample_crowd(6, 1);
  for (std::size_t i = 0; i < 6; ++i) trace.steps[i].thread = "t" + std::to_string(i);
  const std::string drawn = report::render_race(trace);
  for (const char* owner : {"t0", "t1", "[t2]", "[t3]", "[t4]", "[t5]"})
    CHECK(drawn.find(owner) != std::string::npos);
}

TEST_CASE("CPUs are in numerical order") {
  result::Trace trace = tests::sample_race();
  for (auto& step : trace.steps) step.cpu = *step.cpu == 0 ? 10 : 9;
  CHECK(report::render_race(trace).starts_with("CPU 9                                CPU 10\n"));
}

TEST_CASE("a SEAMCALL that nobody interrupts is one line") {
  result::Trace trace = tests::sample_race();
  std::swap(trace.steps[1], trace.steps[2]);
  const std::string drawn = report::render_race(trace);
  CHECK(drawn.find("  TDH.VP.ENTER -> TDX_SUCCESS\n") != std::string::npos);
  CHECK(drawn.find("the guest exits") == std::string::npos);
}

TEST_CASE("two tries of a SEAMCALL stay two lines") {
  result::Trace trace = tests::sample_race();
  const result::TraceStep busy = trace.steps[1];
  result::TraceStep got = busy, answered = busy;
  got.status.clear();
  got.locks[0].event = "try_acquire";
  answered.status = "TDX_SUCCESS";
  answered.locks[0].event = "release";
  trace.steps = {busy, got, answered};
  const std::string drawn = report::render_race(trace);
  CHECK(drawn.find("TDX_OPERAND_BUSY") != std::string::npos);
  CHECK(drawn.find("TDH.VP.FLUSH -> TDX_SUCCESS\n") != std::string::npos);
}

TEST_CASE("a run without steps is drawn as what it is") {
  CHECK(report::render_race({}) == "(no step: the initial state itself)\n");
}

} // namespace render_race_test
