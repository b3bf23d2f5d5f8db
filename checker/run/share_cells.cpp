// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/share_cells.h"

#include "audit/replay.h"
#include "lower/instantiate.h"
#include "model/model_json.h"
#include "run/in_parallel.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <unordered_map>

namespace tdxcheck::run {
namespace {

void tell_as(result::Trace& trace, const Target& other) {
  trace.parameters = other.parameters();
  trace.without = other.without();
}

bool replays(const Target& target, const result::Trace& trace) {
  return audit::replay(target.model, target.valuation, trace).valid;
}

} // namespace

std::vector<std::size_t> equal_instances(const model::Model& written,
                                         const std::vector<model::Valuation>& valuations, unsigned workers) {
  std::vector<std::size_t> hashes(valuations.size());
  in_parallel(valuations.size(), workers, [&](std::size_t v) {
    hashes[v] = std::hash<std::string>()(to_json(lower::instantiate(written, valuations[v])).dump());
  });
  std::vector<std::size_t> first;
  std::unordered_multimap<std::size_t, std::size_t> known; // hash -> those that are the first of their kind
  for (std::size_t v = 0; v < valuations.size(); ++v) {
    std::size_t equal = v;
    const auto [begin, end] = known.equal_range(hashes[v]);
    for (auto candidate = begin; candidate != end && equal == v; ++candidate)
      if (lower::instantiate(written, valuations[candidate->second]) ==
          lower::instantiate(written, valuations[v]))
        equal = candidate->second;
    if (equal == v) known.emplace(hashes[v], v);
    first.push_back(equal);
  }
  return first;
}

std::optional<result::CheckResult> told_as(result::CheckResult result, const Target& other) {
  result.parameters = other.parameters();
  result.without = other.without();
  if (result.model_error) {
    tell_as(result.model_error->trace, other);
    if (!audit::replay_model_error(other.model, other.valuation, result.model_error->trace).valid) return {};
  }
  for (result::PropertyResult& property : result.properties) {
    if (property.trace) tell_as(*property.trace, other);
    for (result::Trace& path : property.paths) tell_as(path, other);
    if (property.verdict != result::Verdict::violated) continue;
    if (property.trace && !replays(other, *property.trace)) return {};
    for (const result::Trace& path : property.paths)
      if (!replays(other, path)) return {};
  }
  return result;
}

} // namespace tdxcheck::run
