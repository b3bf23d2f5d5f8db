// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unconfirmed.h"

#include "audit/replay.h"

#include <fmt/format.h>

namespace tdxcheck::tests {

std::optional<std::string> unconfirmed(const model::Model& written, const model::Valuation& valuation,
                                       const result::CheckResult& result) {
  if (result.model_error) {
    const auto replayed = audit::replay_model_error(written, valuation, result.model_error->trace);
    if (!replayed.valid) return "the model error: " + replayed.why;
  }
  for (const result::PropertyResult& property : result.properties) {
    if (!property.trace) continue;
    const auto replayed = audit::replay(written, valuation, *property.trace);
    if (!replayed.valid) return fmt::format("the run of {}: {}", property.name, replayed.why);
  }
  return {};
}

} // namespace tdxcheck::tests
