// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_replay.h"

#include "result/trace_json.h"
#include "run/target.h"
#include "run/valuation.h"
#include "support/error.h"
#include "support/json_reader.h"
#include "support/read_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tdxcheck::run {

result::Trace read_trace(const std::filesystem::path& path) {
  const nlohmann::json json = support::parse_json(support::read_file(path), path.string());
  try {
    return result::trace_from_json(json);
  } catch (const support::InputError& error) {
    throw support::InputError(fmt::format("{}: {}", path.string(), error.what()));
  }
}

audit::ReplayResult run_replay(const result::Trace& trace) {
  const Target target = target_of(trace);
  // The witness of a bound, or a run that one variant has and another has not.
  if (trace.property.empty()) return audit::replay_run(target.model, target.valuation, trace);
  require_property(target.model, trace.property);
  return audit::replay(target.model, target.valuation, trace);
}

} // namespace tdxcheck::run
