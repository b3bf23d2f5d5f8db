// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the exporter could write a model that is not ours, and the engine could be wrong together with
// the reference that it is compared with: SPIN shares nothing with either. Equal states, equal transitions,
// equal verdicts on assertions and on stopping. One preset of every protocol and some random models each day;
// all presets and more models nightly (TDXCHECK_NIGHTLY=1).

#include "emit/promela.h"
#include "lower/instantiate.h"
#include "run/export_model.h"
#include "run/run_check.h"
#include "run/target.h"
#include "support/error.h"
#include "tests/generated_models.h"
#include "tests/spin.h"
#include "tests/verdicts_page.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

namespace {

using namespace tdxcheck;

bool nightly() { return std::getenv("TDXCHECK_NIGHTLY") != nullptr; }

result::CheckResult checked(const run::Target& target) {
  run::CheckOptions options;
  options.as_written = true;
  return run::run_check(target, {target.name}, options);
}

const result::PropertyResult* violated(const result::CheckResult& result, const std::string& template_name) {
  const auto found = std::ranges::find_if(result.properties, [&](const auto& property) {
    return property.template_name == template_name && property.verdict == result::Verdict::violated;
  });
  return found == result.properties.end() ? nullptr : &*found;
}

// SPIN knows only the stop: a thread that is stuck while others move is ours alone, and comes first.
void compare_stops(const result::CheckResult& ours, const tests::SpinResult& spin) {
  const auto* deadlock = violated(ours, "no_deadlock");
  if (deadlock == nullptr) CHECK(!spin.invalid_end_state);
  else if (deadlock->detail.find("nothing can happen") != std::string::npos) CHECK(spin.invalid_end_state);
}

void compare(const result::CheckResult& ours, const tests::SpinResult& spin) {
  REQUIRE(spin.problem == "");
  CHECK(spin.states == ours.states);
  CHECK(spin.transitions == ours.transitions);
  CHECK(spin.assertion_violated == (violated(ours, "assertion") != nullptr));
}

} // namespace

TEST_CASE("SPIN reaches as many states of the protocols, and sees the same assertions fail") {
  REQUIRE(tests::spin_is_installed());
  auto page = tests::read_verdicts_page();
  for (const auto& model : run::built_in_models()) {
    auto& section = page[model.name];
    std::vector<std::string> variants = section.variants;
    std::ranges::stable_sort(variants, {}, [&](const auto& name) { return section.row[name].states; });
    if (!nightly()) variants.resize(1); // the smallest
    for (const auto& variant : variants) {
      const run::Target target = run::resolve({model.name + "@" + variant});
      INFO(target.name);
      compare(checked(target), tests::run_spin(run::export_as_promela(target)));
    }
  }
}

TEST_CASE("SPIN reaches as many states of random models, and gives the same verdicts") {
  REQUIRE(tests::spin_is_installed());
  const int wanted = nightly() ? 400 : 40;
  int compared = 0, left_a_range = 0, refused = 0;
  for (std::uint64_t seed = 1; compared < wanted; ++seed) {
    const model::Model written = tests::random_model(seed);
    const model::Valuation valuation = model::defaults(written);
    const run::Target target{written.name, written, valuation, valuation, {}, {}};
    CAPTURE(seed);
    std::string promela;
    try {
      promela = run::export_as_promela(target);
    } catch (const support::InputError&) {
      ++refused;
      continue;
    }
    const auto ours = checked(target);
    INFO(promela);
    const auto spin = tests::run_spin(promela);
    if (ours.model_error) { // SPIN stores the state beyond; that it objects is all there is to compare
      CHECK(spin.assertion_violated);
      ++left_a_range;
      continue;
    }
    compare(ours, spin);
    if (std::ranges::any_of(written.properties, [](const auto& property) {
          return std::holds_alternative<model::NoDeadlock>(property.claim);
        }))
      compare_stops(ours, spin);
    ++compared;
  }
  MESSAGE(compared, " models compared, ", left_a_range, " that leave a range, ", refused,
          " that Promela cannot say");
}
