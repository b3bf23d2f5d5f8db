// SPDX-License-Identifier: GPL-2.0-or-later

// TLC is what the modules are written for. Where the environment's TLA2TOOLS names its jar (tla2tools.jar)
// and there is a Java, it must find as many distinct states of some presets and random models as we do, and
// no invariant violated that holds. Elsewhere tla_agrees_test.cpp has to do.

#include "emit/tla.h"
#include "run/export_model.h"
#include "run/run_check.h"
#include "run/target.h"
#include "support/error.h"
#include "support/read_file.h"
#include "tests/generated_models.h"
#include "tests/scratch_folder.h"
#include "tests/verdicts_page.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <string>

namespace tlc_agrees_slow_test {

using namespace tdxcheck;

const char* jar() {
  const char* named = std::getenv("TLA2TOOLS");
  return named != nullptr && *named != '\0' ? named : nullptr;
}

struct TlcResult {
  std::uint64_t distinct_states = 0;
  std::string output;
  [[nodiscard]] bool violates(const std::string& invariant) const {
    return output.find("Invariant " + invariant + " is violated") != std::string::npos;
  }
};

TlcResult run_tlc(const emit::TlaFiles& files) {
  const tests::ScratchFolder folder;
  std::ofstream(folder / "Exported.tla") << files.module;
  std::ofstream(folder / "Exported.cfg") << files.configuration;
  // Its exit code says what it found; traces of violated invariants may be long.
  const std::string command = "cd '" + folder.path().string() + "' && java -XX:+UseParallelGC -cp '" + jar() +
                              "' tlc2.TLC -continue -workers 1 Exported > tlc.all 2>&1; grep -v '^[/ ]' "
                              "tlc.all | tail -c 100000 > tlc.out";
  TlcResult result;
  if (std::system(command.c_str()) != 0) return result;
  result.output = support::read_file(folder / "tlc.out");
  std::smatch found;
  if (std::regex_search(result.output, found, std::regex("([0-9]+) distinct states found")))
    result.distinct_states = std::stoull(found[1]);
  return result;
}

result::CheckResult checked(const run::Target& target) {
  run::CheckOptions options;
  options.as_written = true;
  return run::run_check(target, {target.name}, options);
}

void compare(const run::Target& target) {
  const auto ours = checked(target);
  if (ours.model_error) return;
  const auto theirs = run_tlc(run::export_as_tla(target, "Exported"));
  INFO(target.name, "\\n", theirs.output);
  CHECK(theirs.distinct_states == ours.states);
  CHECK(!theirs.violates("TypeOK"));
  for (const auto& property : ours.properties)
    if (property.verdict == result::Verdict::holds) CHECK(!theirs.violates(property.name));
}

TEST_CASE("TLC finds as many distinct states, where there is one") {
  if (jar() == nullptr) {
    MESSAGE("TLA2TOOLS names no jar: TLC is not asked");
    return;
  }
  const std::uint64_t most = std::getenv("TDXCHECK_NIGHTLY") != nullptr ? 200'000 : 2'000;
  for (const auto& [protocol, section] : tests::read_verdicts_page())
    for (const auto& [variant, row] : section.row)
      if (row.states <= most) compare(run::resolve({protocol + "@" + variant}));
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const model::Model model = tests::random_model(seed);
    const model::Valuation valuation = model::defaults(model);
    compare({model.name, model, valuation, valuation, {}, {}});
  }
}

} // namespace tlc_agrees_slow_test
