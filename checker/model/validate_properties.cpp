// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/validation.h"

namespace tdxcheck::model::validation {
namespace {

struct CheckClaim {
  Findings& findings;
  const Property& property;

  Place place() const {
    Place result;
    result.source = &property.source;
    result.what = fmt::format("the property `{}`", property.name);
    return result;
  }

  void operator()(const Always& claim) const { expect_boolean(findings, place(), claim.condition); }
  void operator()(const LeadsTo& claim) const {
    expect_boolean(findings, place(), claim.from);
    expect_boolean(findings, place(), claim.to);
  }
  void operator()(const Recoverable& claim) const { expect_boolean(findings, place(), claim.condition); }
  void operator()(const Sometimes& claim) const { expect_boolean(findings, place(), claim.condition); }
  void operator()(const Retries& claim) const {
    if (!findings.model.loops.has(claim.loop))
      findings.add(property.source, "the property `{}` is about a loop that does not exist", property.name);
    Place limit = place();
    limit.constant = true;
    expect_integer(findings, limit, claim.limit);
  }
  void operator()(const Balanced& claim) const {
    if (!findings.model.counters.has(claim.counter))
      findings.add(property.source, "the property `{}` is about a counter that does not exist",
                   property.name);
  }
  void operator()(const Asserted&) const {}
  void operator()(const NoDeadlock&) const {}
  void operator()(const LockDiscipline&) const {}
  void operator()(const LockOrder&) const {}
  void operator()(const NoLivelock&) const {}
  void operator()(const NoStarvation&) const {}
};

} // namespace

void check_properties(Findings& findings) {
  for (const Property& property : findings.model.properties) {
    const CheckClaim check{findings, property};
    std::visit(check, property.claim);
    if (property.claimed_when.empty()) continue;
    Place when = check.place();
    when.constant = true;
    expect_boolean(findings, when, property.claimed_when);
  }
}

} // namespace tdxcheck::model::validation
