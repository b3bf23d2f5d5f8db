// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/describe_claim.h"

#include "model/print.h"

#include <fmt/format.h>

namespace tdxcheck::report {
namespace {

using model::print;

// What follows the name of the template; no default branch, so that a new claim is not forgotten here.
struct Arguments {
  const model::Model& model;

  std::string operator()(const model::Always& claim) const { return print(model, claim.condition); }
  std::string operator()(const model::Asserted&) const { return {}; }
  std::string operator()(const model::NoDeadlock&) const { return {}; }
  std::string operator()(const model::LockDiscipline&) const { return {}; }
  std::string operator()(const model::LockOrder&) const { return {}; }
  std::string operator()(const model::NoLivelock&) const { return {}; }
  std::string operator()(const model::NoStarvation&) const { return {}; }
  std::string operator()(const model::LeadsTo& claim) const {
    return fmt::format("from {} to {}", print(model, claim.from), print(model, claim.to));
  }
  std::string operator()(const model::Recoverable& claim) const { return print(model, claim.condition); }
  std::string operator()(const model::Retries& claim) const {
    return fmt::format("{} <= {}", model.loops[claim.loop].name, print(model, claim.limit));
  }
  std::string operator()(const model::Balanced& claim) const {
    const model::Counter& counter = model.counters[claim.counter];
    return fmt::format("{}: {} = {}", counter.name, print(model, counter.value),
                       print(model, counter.holders));
  }
  std::string operator()(const model::Sometimes& claim) const { return print(model, claim.condition); }
};

} // namespace

std::string describe(const model::Model& model, const model::Claim& claim) {
  const std::string name(template_name(claim));
  const std::string arguments = std::visit(Arguments{model}, claim);
  return arguments.empty() ? name : name + " " + arguments;
}

} // namespace tdxcheck::report
