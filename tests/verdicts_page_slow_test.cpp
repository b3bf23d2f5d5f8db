// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a change to a protocol or to the engine could turn a verdict while the page that people quote
// still says the old one. Everyday runs judge the variants of up to `everyday_states` states again, nightly
// ones (TDXCHECK_NIGHTLY=1) all of them; names, expectations and findings are compared always.

#include <doctest/doctest.h>

#include <cstdlib>
#include <regex>

#include "report/write_verdicts.h"
#include "run/run_verdicts.h"
#include "run/target.h"
#include "tests/verdicts_page.h"

namespace verdicts_page_slow_test {

using namespace tdxcheck;

// Whether a claim is proved as well, and in what time, is compared elsewhere (proofs_page_test.cpp).
std::string without_proofs(const std::string& line) {
  static const std::regex proof(R"( \((proved for|not for every)[^)]*\))");
  return std::regex_replace(line, proof, "");
}

constexpr std::uint64_t everyday_states = 200'000;

// What SPIN counts is compared elsewhere (spin_agrees_slow_test.cpp).
std::string row_today(const std::string& target, std::uint64_t spin_states) {
  run::CheckOptions options;
  options.as_written = true;
  const auto decided = run::run_verdicts({target}, options);
  REQUIRE(decided.size() == 1);
  const result::SpinAnswer spin{spin_states, 0, {}};
  return report::verdict_line({decided[0].protocol, &decided[0].variant, &decided[0].result, &spin, nullptr});
}

TEST_CASE("the page of verdicts says what the checker decides") {
  const bool nightly = std::getenv("TDXCHECK_NIGHTLY") != nullptr;
  auto sections = tests::read_verdicts_page();
  const auto models = run::built_in_models();
  CHECK(sections.size() == models.size());
  for (const auto& model : models) {
    INFO("protocol ", model.name);
    const tests::VerdictsSection& section = sections[model.name];
    std::vector<std::string> names, findings;
    for (const auto& variant : model.variants) {
      names.push_back(variant.name);
      if (!variant.finding.empty()) findings.push_back("**" + variant.name + "**: " + variant.finding);
    }
    CHECK(section.variants == names);
    CHECK(section.findings == findings);
    for (const auto& [name, row] : section.row) {
      CHECK_MESSAGE(row.line.find("unknown:") == std::string::npos, "every verdict was reached: ", row.line);
      CHECK_MESSAGE(row.states == row.spin_states, "SPIN counts as many: ", row.line);
      if (nightly || row.states <= everyday_states)
        CHECK(without_proofs(row.line) == row_today(model.name + "@" + name, row.spin_states));
    }
  }
}

} // namespace verdicts_page_slow_test
