// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/use_symmetry.h"

#include <algorithm>

#include <fmt/format.h>

#include "lower/find_symmetry.h"
#include "lower/shrink.h"

namespace tdxcheck::run {
namespace {

constexpr std::size_t most_threads = 64; // that are told apart in one word along renamed edges

// Claims about fair runs and about loops follow single members through the graph.
bool follows_members(const model::Claim& claim) {
  return std::holds_alternative<model::NoLivelock>(claim) ||
         std::holds_alternative<model::NoStarvation>(claim) ||
         std::holds_alternative<model::LeadsTo>(claim) || std::holds_alternative<model::LockOrder>(claim) ||
         std::holds_alternative<model::Retries>(claim);
}

std::string why_not(const model::Model& instantiated, const model::Valuation& valuation,
                    const CheckOptions& options, const std::function<bool(const model::Property&)>& judged) {
  if (!options.symmetry) return "--no-symmetry";
  for (const model::Property& property : instantiated.properties)
    if (judged(property) && follows_members(property.claim))
      return fmt::format("{} follows single members", property.name);
  const model::Instance instance(instantiated, valuation);
  if (instance.threads().size() > most_threads) return fmt::format("more than {} threads", most_threads);
  return {};
}

// "vcpu (3)", "cpu (2 of 3)"; empty where all members are apart.
std::string in_words(const model::Model& model, const model::Symmetry& symmetry,
                     model::Id<model::IndexSet> set) {
  const std::vector<std::uint32_t>& blocks = symmetry.blocks(set);
  const auto alike = static_cast<std::size_t>(std::ranges::count_if(
      blocks, [&](std::uint32_t block) { return std::ranges::count(blocks, block) > 1; }));
  if (alike == 0) return {};
  const std::string& name = model.sets[set].name;
  return alike == blocks.size() ? fmt::format("{} ({})", name, alike)
                                : fmt::format("{} ({} of {})", name, alike, blocks.size());
}

} // namespace

Searched searched_model(const model::Model& instantiated, const model::Valuation& valuation,
                        const CheckOptions& options) {
  const std::vector<std::string>& asked = options.search.properties;
  const auto judged = [&](const model::Property& property) {
    return asked.empty() || std::ranges::find(asked, property.name) != asked.end();
  };
  Searched result;
  result.because = why_not(instantiated, valuation, options, judged);
  if (!result.because.empty()) {
    result.model = lower::shrink(instantiated, valuation);
    return result;
  }
  const model::Symmetry written = lower::find_symmetry(instantiated, valuation, judged);
  std::vector<bool> nameless;
  for (auto set : instantiated.sets.ids())
    nameless.push_back(!written.is_ordered(set) && written.blocks(set).size() > 1);
  result.model = lower::shrink(instantiated, valuation, nameless);
  const model::Symmetry symmetry = lower::find_symmetry(result.model, valuation, judged);
  for (auto set : result.model.sets.ids()) {
    if (const std::string words = in_words(result.model, symmetry, set); !words.empty())
      result.sets.push_back(words);
    if (!symmetry.reason(set).empty())
      result.because += fmt::format("{}{}: {}", result.because.empty() ? "" : "; ",
                                    result.model.sets[set].name, symmetry.reason(set));
  }
  if (!symmetry.is_trivial()) result.symmetry = symmetry;
  return result;
}

} // namespace tdxcheck::run
