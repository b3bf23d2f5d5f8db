// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/fair_steps.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/print.h"

namespace tdxcheck::explore {
namespace {

constexpr std::size_t most_named = 8; // weakly fair steps of one thread

} // namespace

FairSteps::FairSteps(const InterpretedSystem& system) : by_move_(system, none) {
  using Place = std::pair<bool, std::uint32_t>; // a label with weakly fair steps, or a strongly fair step
  std::map<std::pair<std::size_t, Place>, Number> known;
  std::map<std::pair<std::uint32_t, Place>, std::size_t> kinds;
  every_move(system, [&](Move move) {
    const model::Step& step = system.step_of(move);
    if (step.fairness == model::Fairness::none) return;
    const auto thread = system.instance().threads()[move.thread].thread;
    const bool is_weak = step.fairness == model::Fairness::weak;
    const Place place{is_weak, is_weak ? step.from.value : step.written};
    const auto [at, is_new] = known.try_emplace({move.thread, place}, static_cast<Number>(steps_.size()));
    if (is_new) {
      const std::size_t kind = kinds.try_emplace({thread.value, place}, kinds.size()).first->second;
      steps_.push_back({kind, &system.instance().model().threads[thread], &step});
    }
    by_move_[move] = at->second;
  });
  kinds_ = kinds.size();
}

const FairSteps::Fair& FairSteps::one_of(std::size_t kind) const {
  return *std::ranges::find(steps_, kind, &Fair::kind);
}

std::string FairSteps::describe(const Fair& fair) {
  const model::Step& step = *fair.step;
  const auto& labels = fair.thread->labels;
  const std::string what =
      !step.text.empty() ? step.text : fmt::format("{} -> {}", labels[step.from].name, labels[step.to].name);
  const std::string call = step.call.empty() ? "" : step.call + ": ";
  return fmt::format("{} fairness of {}: {}{}", model::name_of(step.fairness), fair.thread->name, call, what);
}

std::vector<std::string> FairSteps::describe(const std::set<std::size_t>& kinds) const {
  std::vector<std::string> lines;
  std::vector<std::pair<const model::Thread*, std::vector<std::string>>> weak;
  for (const std::size_t kind : kinds) {
    const Fair& fair = one_of(kind);
    if (fair.step->fairness == model::Fairness::strong) {
      lines.push_back(describe(fair));
      continue;
    }
    if (weak.empty() || weak.back().first != fair.thread) weak.push_back({fair.thread, {}});
    weak.back().second.push_back(describe(fair));
  }
  for (const auto& [thread, all] : weak) {
    if (all.size() > most_named)
      lines.push_back(fmt::format("weak fairness of {}: {} of its steps", thread->name, all.size()));
    else lines.insert(lines.end(), all.begin(), all.end());
  }
  return lines;
}

FairSteps FairSteps::without(std::size_t kind) const {
  FairSteps fewer = *this;
  fewer.by_move_.transform(
      [&](Number step) { return step != none && steps_[step].kind == kind ? none : step; });
  return fewer;
}

} // namespace tdxcheck::explore
