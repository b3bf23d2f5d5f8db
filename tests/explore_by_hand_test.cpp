// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a step that was taken back could stay in the run that is saved, or a number could mean another
// step than the one shown beside it.
#include "audit/replay.h"
#include "run/stepper.h"
#include "tests/dice.h"
#include "tests/run_program.h"
#include "tests/scratch_folder.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "support/read_file.h"

namespace explore_by_hand_test {

using namespace tdxcheck;

TEST_CASE(
    "whatever is taken, taken back and gone to, the run replays and each step is the one that was shown") {
  for (const char* name : {"hkid_release@v19", "sharex_lock", "vp_init_against_zap@before"}) {
    const run::Target target = run::resolve({name});
    run::Stepper stepper(target);
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      CAPTURE(name);
      CAPTURE(seed);
      tests::Dice dice(seed);
      stepper.start(dice.below(stepper.starts()));
      for (int i = 0; i < 40; ++i) {
        if (stepper.next().empty() || dice.chance(20)) {
          stepper.go_to(dice.below(stepper.known_steps() + 1));
          continue;
        }
        const std::size_t number = dice.below(stepper.next().size());
        const run::NextStep shown = stepper.next()[number];
        const std::size_t before = stepper.steps();
        REQUIRE(stepper.take(number) == shown.error.empty());
        if (!shown.error.empty()) continue;
        CHECK(stepper.steps() == before + 1);
        CHECK(stepper.trace().steps.back() == shown.step);
      }
      const result::Trace trace = stepper.trace();
      CHECK(trace.steps.size() == stepper.steps());
      CHECK(trace.final == stepper.state());
      CHECK(audit::replay_run(target.model, target.valuation, trace).valid);
    }
  }
}

TEST_CASE("a session is read from a pipe, and what is wrong in it is bad input with its line") {
  const tests::ScratchFolder folder;
  const std::string trace = folder / "run.json", said = folder / "said";
  const auto explore = [&](const std::string& lines) {
    const std::string input = folder / "input";
    std::ofstream(input) << lines;
    const int status = std::system(
        (std::string(TDXCHECK_PROGRAM) + " explore hkid_release@v19 < " + input + " > " + said + " 2>&1")
            .c_str());
    return status / 256;
  };
  CHECK(explore("# two steps, one of them twice\n1\n1\nundo\n1\nsave " + trace + "\n") == 0);
  CHECK(support::read_file(said).find("2 steps written to ") != std::string::npos);
  CHECK(tests::run_tdxcheck({"replay", trace}).code == 0);
  CHECK(explore("1\n999\n") == 2);
  CHECK(support::read_file(said).find("standard input, line 2: expected a step from 1 to ") !=
        std::string::npos);
  CHECK(explore("undo\n") == 2);
  CHECK(explore("udno\n") == 2);
  CHECK(support::read_file(said).find("did you mean `undo`?") != std::string::npos);
  CHECK(explore("save /no/such/folder/run.json\n") == 2);
  CHECK(explore("") == 0);
}

} // namespace explore_by_hand_test
