// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/reduction_agrees.h"

#include "explore/check.h"
#include "explore/stubborn_sets.h"
#include "lower/instantiate.h"
#include "lower/shrink.h"
#include "lower/slice.h"
#include "support/error.h"
#include "tests/agreement.h"
#include "tests/unconfirmed.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::tests {
namespace {

using Difference = std::optional<std::string>;

// Those of which reduction keeps the verdict; `only`: one of them, so that little is visible.
std::vector<std::string> safety_claims(const model::Model& instantiated, std::optional<std::size_t> only) {
  std::vector<std::string> names;
  for (const model::Property& property : instantiated.properties)
    if (explore::claims_about_all_orders({&property}).empty()) names.push_back(property.name);
  if (only && !names.empty()) return {names[*only % names.size()]};
  return names;
}

Difference difference(const result::CheckResult& all, const result::CheckResult& reduced) {
  if (all.model_error.has_value() != reduced.model_error.has_value()) return "a model error";
  if (all.model_error) return {};
  if (all.states < reduced.states) return "there are more states";
  for (std::size_t p = 0; p < all.properties.size(); ++p)
    if (all.properties[p].verdict != reduced.properties[p].verdict)
      return fmt::format("{}: {} and then {}", all.properties[p].name, name_of(all.properties[p].verdict),
                         name_of(reduced.properties[p].verdict));
  if (all.vacuity.unreached_labels != reduced.vacuity.unreached_labels) return "labels that are reached";
  if (all.vacuity.unreached_steps != reduced.vacuity.unreached_steps) return "steps that are taken";
  if (all.vacuity.idle_guards != reduced.vacuity.idle_guards) return "guards at stake";
  if (all.vacuity.vacuous_properties != reduced.vacuity.vacuous_properties) return "vacuous properties";
  return {};
}

Difference wrong(const model::Model& written, std::optional<std::size_t> only, Effect* effect = nullptr) {
  const model::Valuation valuation = model::defaults(written);
  try {
    const model::Model instantiated = lower::instantiate(written, valuation);
    explore::Options options;
    options.properties = safety_claims(instantiated, only);
    if (options.properties.empty()) return {};
    const model::Model searched =
        lower::shrink(lower::slice(instantiated, valuation, options.properties), valuation);
    const auto all = explore::check(written, valuation, instantiated, searched, options);
    options.partial_order = true;
    const auto reduced = explore::check(written, valuation, instantiated, searched, options);
    if (effect != nullptr) {
      ++effect->models;
      if (!all.model_error) effect->all += all.states, effect->reduced += reduced.states;
      effect->violations += all.verdict == result::Verdict::violated ? 1 : 0;
    }
    const Difference d = difference(all, reduced);
    return d ? d : unconfirmed(written, valuation, reduced);
  } catch (const support::InputError&) {
    return {};
  }
}

} // namespace

void expect_the_same(const model::Model& written, std::optional<std::size_t> only, Effect& effect) {
  const Difference found = wrong(written, only, &effect);
  if (!found) return;
  const model::Model small = tests::shrunk(written, [&](const model::Model& m) {
    try {
      return wrong(m, only).has_value();
    } catch (const std::exception&) {
      return false;
    }
  });
  FAIL(written.name << ": " << *found << "\nsmaller: " << wrong(small, only).value_or("") << "\n"
                    << tests::written_out(small));
}

void expect_an_effect(const Effect& effect) {
  MESSAGE(effect.models << " models, " << effect.violations << " with violations, " << effect.all
                        << " states, " << effect.reduced << " reduced");
  CHECK(effect.reduced < effect.all);
  CHECK(effect.violations > 0);
}

} // namespace tdxcheck::tests
