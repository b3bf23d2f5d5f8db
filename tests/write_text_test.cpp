// SPDX-License-Identifier: GPL-2.0-or-later
//
// The report is what people quote. It must not call an unknown a pass, hide a second violation, or be wider
// than a mail.
#include "report/write_text.h"

#include "report/columns.h"
#include "tests/has_part.h"
#include "tests/sample_traces.h"

#include <doctest/doctest.h>

#include <sstream>

namespace write_text_test {

using namespace tdxcheck;
using result::Verdict;
using tests::has;

result::CheckResult sample() {
  result::CheckResult result;
  result.target = "sample@race";
  result.without = {"mmu_lock"};
  result.verdict = Verdict::violated;
  result.complete = true;
  result.states = 1234567;
  result.transitions = 1;
  result.depth = 4;
  result.properties = {
      {"no_deadlock", "no_deadlock", Verdict::holds, "in all states", {}, {"steps are atomic"}, {}},
      {"no_kvm_bug",
       "assertion",
       Verdict::violated,
       "after 4 steps",
       {"T0 waits for T1"},
       {},
       tests::sample_race()},
      {"another", "always", Verdict::violated, "after 4 steps", {}, {}, tests::sample_race()},
      {"no_livelock", "no_livelock", Verdict::unknown, "not judged by exploration yet", {}, {}, {}},
  };
  result.vacuity.unreached_labels = {"T0: a.1"};
  result.vacuity.unreached_steps = {"T0: a.1: x", "T0: a.10: y"};
  result.reproduce = "tdxcheck check sample@race --without mmu_lock";
  return result;
}

const report::Subject subject{"What it is", {"retries=2 (otherwise 16)"}, "cpu 2; threads T0", {}};

std::string written(const result::CheckResult& result, report::TextOptions options = {}) {
  return report::write_text(result, subject, options);
}

TEST_CASE("the report says what was checked, the verdicts, and last how to get it again") {
  const std::string text = written(sample());
  CHECK(text.starts_with("sample@race: What it is\n"
                         "  with retries=2 (otherwise 16)\n"
                         "  without mmu_lock\n"
                         "  cpu 2; threads T0\n\n"
                         "holds     no_deadlock  in all states\n"
                         "violated  no_kvm_bug   after 4 steps\n"
                         "violated  another      after 4 steps\n"
                         "unknown   no_livelock  not judged by exploration yet\n"));
  CHECK(text.ends_with("violated (complete); 1,234,567 states, 1 transition, depth 4, 0.000 s, 0.0 MiB\n"
                       "reproduce: tdxcheck check sample@race --without mmu_lock\n"));
}

TEST_CASE("the first violation is shown in full, the others are named") {
  const std::string text = written(sample());
  CHECK(has(text, "no_kvm_bug is violated, 4 steps\n  T0 waits for T1\n"));
  CHECK(has(text, "another is violated too; `--property another` shows how, `--all` shows all\n"));
  CHECK(!has(text, "another is violated, 4 steps\n"));
  report::TextOptions all;
  all.all = true;
  CHECK(has(written(sample(), all), "another is violated, 4 steps\n"));
}

TEST_CASE("what holds names its assumptions, and what was never at stake is said") {
  const std::string text = written(sample());
  CHECK(has(text, "What holds was judged assuming\n  - steps are atomic\n"));
  CHECK(has(text, "Never at stake in any run\n  labels      T0: a.1\n  steps       T0: a.10: y\n"));
}

TEST_CASE("a search that stopped early is not called complete, and nothing is called vacuous") {
  result::CheckResult result = sample();
  result.complete = false;
  result.incomplete_because = "the time budget ran out";
  const std::string text = written(result);
  CHECK(has(text, "violated (incomplete: the time budget ran out); "));
  CHECK(!has(text, "Never at stake"));
}

TEST_CASE("no line but the last is wider than a mail") {
  result::CheckResult result = sample();
  result.properties[0].detail = std::string(150, 'x');
  result.properties[1].name = std::string(70, 'y');
  result.properties[1].evidence = {std::string(150, 'z')};
  result.incomplete_because = "because";
  std::istringstream lines(written(result));
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("reproduce: ") && !line.starts_with("violated  y"))
      CHECK(report::width_of(line) <= 100);
}

TEST_CASE("colours are there where they are allowed, and nowhere else") {
  CHECK(!has(written(sample()), "\033"));
  report::TextOptions color;
  color.color = true;
  const std::string text = written(sample(), color);
  CHECK(has(text, "\033[1;32mholds   \033[0m  no_deadlock"));
  CHECK(has(text, "\033[1;31mviolated\033[0m  no_kvm_bug"));
  CHECK(has(text, "\033[1;33munknown \033[0m  no_livelock"));
}

TEST_CASE("a brief report is verdicts and the last lines") {
  report::TextOptions brief;
  brief.brief = true;
  CHECK(written(sample(), brief).starts_with("holds     no_deadlock  in all states\n"));
  CHECK(!has(written(sample(), brief), "assuming"));
}

TEST_CASE("a model error comes with its path") {
  const std::string text =
      report::write_text(result::ModelError{"`count` leaves 0..2", tests::sample_race()});
  CHECK(text.starts_with("model error: `count` leaves 0..2\n"));
  CHECK(has(text, "KVM_BUG_ON(err, kvm)"));
}

} // namespace write_text_test
