// SPDX-License-Identifier: GPL-2.0-or-later
//
// Checks of a gate run side by side. One that fails must take no other with it, and two must not take the
// memory that only one of them may have.
#include "run/memory_room.h"
#include "run/run_gate.h"
#include "tests/gate_workplace.h"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace gate_side_by_side_test {

using namespace tdxcheck;
using tests::GateWorkplace;

std::vector<run::PlannedCheck> planned(const GateWorkplace& work) {
  work.write("gate.json", tests::mixed_gate());
  return run::read_gates({work.path("gate.json")});
}

TEST_CASE("a bug of ours in one check is its outcome, the worst of all, and the others go on") {
  const GateWorkplace work;
  auto checks = planned(work);
  checks[1].target.valuation.parameters.clear(); // no target that `resolve` makes is like that
  for (const unsigned workers : {1u, 4u}) {
    run::GateOptions options;
    options.check.workers = workers;
    const auto result = run::run_gate(checks, options);
    CHECK(result.checks[1].outcome == result::Outcome::our_own_bug);
    CHECK(!result.checks[1].error.empty());
    CHECK(result.worst() == result::Outcome::our_own_bug);
    CHECK(result.checks[0].outcome == result::Outcome::met);
    CHECK(result.checks[2].outcome == result::Outcome::broken);
    CHECK(result.checks[3].outcome == result::Outcome::fixed);
  }
}

TEST_CASE("every check is told of once, and reported in the order of the file, with any number of workers") {
  const GateWorkplace work;
  const auto checks = planned(work);
  for (const unsigned workers : {1u, 2u, 3u, 16u}) {
    std::multiset<std::string> told;
    run::GateOptions options;
    options.check.workers = workers;
    options.finished = [&](const result::GateCheck& check) { told.insert(check.field); };
    const auto result = run::run_gate(checks, options);
    CHECK(told == std::multiset<std::string>{"/checks/0", "/checks/1", "/checks/2", "/checks/3"});
    for (std::size_t i = 0; i < 4; ++i) CHECK(result.checks[i].field == "/checks/" + std::to_string(i));
  }
}

TEST_CASE("an interrupted gate leaves what it has not begun unknown") {
  const GateWorkplace work;
  const std::atomic<bool> interrupted{true};
  run::GateOptions options;
  options.check.search.interrupted = &interrupted;
  const auto result = run::run_gate(planned(work), options);
  CHECK(result.interrupted);
  for (const auto& check : result.checks) {
    CHECK(check.outcome == result::Outcome::unknown);
    CHECK(check.result.incomplete_because == "interrupted");
  }
}

TEST_CASE("searches share memory: never more than there is, except for one that is alone") {
  run::MemoryRoom room(100);
  std::atomic<int> taken{0}, most{0}, large{0}, done{0};
  {
    std::vector<std::jthread> searches;
    for (int i = 0; i < 12; ++i)
      searches.emplace_back([&, i] {
        const int bytes = i % 4 == 0 ? 500 : 40;
        for (int turn = 0; turn < 20; ++turn) {
          const run::MemoryRoom::Share share(room, static_cast<std::uint64_t>(bytes));
          const int now = taken += bytes;
          if (bytes == 500) large += now == 500 ? 0 : 1; // not alone
          else if (now > most) most = now;
          std::this_thread::yield();
          taken -= bytes;
        }
        ++done;
      });
  }
  CHECK(done == 12);
  CHECK(large == 0);
  CHECK(most <= 100);
}

} // namespace gate_side_by_side_test
