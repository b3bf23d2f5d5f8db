// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a protocol could name a guard that no claim needs: dropping it would change nothing, and the
// model would be green for another reason than its essay gives. Every named guard of every preset is dropped
// in turn; the ones that nothing notices are listed. Large presets are tried nightly (TDXCHECK_NIGHTLY=1).

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "run/run_check.h"
#include "run/target.h"
#include "tests/verdicts_page.h"

namespace named_guards_are_noticed_slow_test {

using namespace tdxcheck;

result::CheckResult check(const std::string& target, const std::vector<std::string>& without,
                          const std::vector<std::string>& properties, std::optional<double> seconds) {
  const run::Target resolved = run::resolve({target, {}, without});
  run::CheckOptions options;
  options.search.properties = properties;
  options.search.first = !properties.empty();
  options.search.seconds = seconds;
  return run::run_check(resolved, {target, {}, without}, options);
}

// Dropping the guard makes another model of it.
bool in_use(const std::string& target, const std::string& guard) {
  return run::instantiated(run::resolve({target, {}, {}})) !=
         run::instantiated(run::resolve({target, {}, {guard}}));
}

// What dropping each guard does, by variant: everyday only until somebody notices.
struct Noticed {
  std::map<std::string, std::set<std::string>> in, not_in;
};

void drop_each_guard(const model::Model& protocol, const std::string& variant,
                     const std::vector<std::string>& holding, bool nightly, Noticed& noticed) {
  const std::string target = protocol.name + "@" + variant;
  for (const auto& [guard, doc, source] : protocol.guards) {
    if ((!nightly && !noticed.in[guard].empty()) || !in_use(target, guard)) continue;
    const auto dropped = check(target, {guard}, holding, nightly ? 120.0 : 20.0);
    (dropped.verdict == result::Verdict::violated ? noticed.in : noticed.not_in)[guard].insert(variant);
  }
}

TEST_CASE("every named guard of every protocol is noticed by a claim of some preset") {
  const bool nightly = std::getenv("TDXCHECK_NIGHTLY") != nullptr;
  auto page = tests::read_verdicts_page();
  for (const auto& protocol : run::built_in_models()) {
    auto& section = page[protocol.name];
    std::vector<std::string> variants = section.variants;
    std::ranges::stable_sort(variants, {}, [&](const auto& name) { return section.row[name].states; });
    Noticed noticed;
    for (const auto& variant : variants)
      drop_each_guard(protocol, variant, section.row[variant].holds, nightly, noticed);
    for (const auto& guard : protocol.guards) {
      INFO(protocol.name, ": the guard `", guard.name, "` (", guard.doc, ")");
      CHECK_MESSAGE(!noticed.in[guard.name].empty(), "is noticed in no preset");
    }
    for (const auto& [guard, unnoticed] : noticed.not_in) {
      std::string list;
      for (const auto& variant : unnoticed) list += " " + variant;
      if (nightly) MESSAGE(protocol.name, ": nothing notices that `", guard, "` is dropped in:", list);
    }
  }
}

TEST_CASE("every file in examples/broken gets the verdicts that it expects") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TDXCHECK_SOURCE_DIR "/examples/broken")) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    const std::string target = entry.path().string();
    INFO(target);
    const auto expected = run::resolve({target, {}, {}}).expect;
    CHECK(!expected.empty());
    std::vector<std::string> properties;
    for (const auto& [property, verdict] : expected) properties.push_back(property);
    for (const auto& property : check(target, {}, properties, {}).properties) {
      INFO(property.name);
      CHECK(result::name_of(property.verdict) == expected.at(property.name));
    }
  }
  CHECK(files > 0);
}

} // namespace named_guards_are_noticed_slow_test
