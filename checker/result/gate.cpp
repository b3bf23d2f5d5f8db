// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/gate.h"

#include <algorithm>

namespace tdxcheck::result {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
  case Outcome::met: return "met";
  case Outcome::unknown: return "unknown";
  case Outcome::fixed: return "unexpectedly fixed";
  case Outcome::broken: return "unexpectedly broken";
  case Outcome::bad_input: return "bad input";
  case Outcome::our_own_bug: return "internal error";
  }
  return "internal error";
}

Outcome Expectation::outcome() const {
  if (found == Verdict::unknown) return Outcome::unknown;
  if (found == expected) return Outcome::met;
  return found == Verdict::holds ? Outcome::fixed : Outcome::broken;
}

Outcome GateCheck::worst_expectation() const {
  Outcome worst = Outcome::met;
  for (const Expectation& expectation : expectations) worst = std::max(worst, expectation.outcome());
  return worst;
}

const PropertyResult* GateCheck::property(const std::string& asked) const {
  const auto found = std::ranges::find(result.properties, asked, &PropertyResult::name);
  return found == result.properties.end() ? nullptr : &*found;
}

bool GateCheck::decided() const {
  return std::ranges::none_of(expectations, [](const auto& e) { return e.found == Verdict::unknown; });
}

std::size_t GateResult::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(checks, outcome, &GateCheck::outcome));
}

std::size_t GateResult::from_cache() const {
  return static_cast<std::size_t>(std::ranges::count(checks, true, &GateCheck::cached));
}

Outcome GateResult::worst() const {
  Outcome worst = Outcome::met;
  for (const GateCheck& check : checks) worst = std::max(worst, check.outcome);
  return worst;
}

} // namespace tdxcheck::result
