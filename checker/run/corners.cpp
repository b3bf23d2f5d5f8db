// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/corners.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "run/in_parallel.h"
#include "run/run_check.h"
#include "run/share_cells.h"
#include "run/valuation.h"
#include "support/error.h"

namespace tdxcheck::run {
namespace {

using prove::Box;
using result::SweptValues;
using result::Verdict;

// Along one axis: where a box ends, and what is just outside.
struct Ends {
  std::vector<std::size_t> inside, outside;
};

Ends ends_of(const SweptValues& swept, const std::vector<bool>& set) {
  Ends ends;
  const bool is_full = std::ranges::find(set, false) == set.end();
  for (std::size_t v = 0; v < set.size(); ++v) {
    const bool at_the_end = v == 0 || v + 1 == set.size();
    const bool differs_below = v > 0 && set[v - 1] != set[v];
    const bool differs_above = v + 1 < set.size() && set[v + 1] != set[v];
    const bool bounds = swept.is_ordered || is_full ? at_the_end || differs_below || differs_above : true;
    if (set[v] && bounds) ends.inside.push_back(v);
    if (!set[v] && (!swept.is_ordered || differs_below || differs_above)) ends.outside.push_back(v);
  }
  return ends;
}

void each_choice(const std::vector<std::vector<std::size_t>>& from,
                 const std::function<void(const std::vector<std::size_t>&)>& take) {
  std::vector<std::size_t> chosen;
  const std::function<void()> choose = [&] {
    if (chosen.size() == from.size()) return take(chosen);
    for (const std::size_t value : from[chosen.size()]) {
      chosen.push_back(value);
      choose();
      chosen.pop_back();
    }
  };
  choose();
}

enum class Confirmed : std::uint8_t { not_yet, as_written, by_reference_too };

class Confirmation {
public:
  Confirmation(const Sweep& sweep, std::vector<std::size_t> cells, const Request& request,
               const CheckOptions& options)
      : sweep_(sweep), cells_(std::move(cells)), request_(request), options_(options) {
    request_.set.clear();
    base_ = resolve(request_);
    for (const std::size_t cell : cells_) {
      targets_.push_back(base_);
      for (const auto& [name, value] : sweep.cells[cell].parameters)
        assign(base_.model, targets_.back().valuation, name, value);
    }
  }

  result::Corners run() {
    std::vector<model::Valuation> valuations;
    for (const Target& target : targets_) valuations.push_back(target.valuation);
    const auto first = equal_instances(base_.model, valuations, workers_of(options_.workers));
    std::vector<std::size_t> to_explore;
    for (std::size_t i = 0; i < cells_.size() && to_explore.size() < most_corners; ++i)
      if (first[i] == i) to_explore.push_back(i);
    const auto at_once =
        static_cast<unsigned>(std::min<std::size_t>(workers_of(options_.workers), to_explore.size()));
    const CheckOptions one = options_of_one(options_, at_once);
    std::vector<Confirmed> confirmed(cells_.size(), Confirmed::not_yet);
    in_parallel(to_explore.size(), at_once,
                [&](std::size_t job) { confirmed[to_explore[job]] = confirm(to_explore[job], one); });

    result::Corners corners;
    corners.cells = cells_.size();
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const Confirmed how = confirmed[first[i]];
      if (std::ranges::count(to_explore, first[i]) == 0) ++corners.left_out;
      else if (how == Confirmed::not_yet) ++corners.unfinished;
      else ++corners.confirmed;
      if (how == Confirmed::by_reference_too) ++corners.by_reference;
    }
    return corners;
  }

private:
  Confirmed confirm(std::size_t i, CheckOptions options) const {
    if (options.search.interrupted != nullptr && *options.search.interrupted) return Confirmed::not_yet;
    options.search.progress = {};
    options.as_written = true;
    const result::CheckResult written = run_check(targets_[i], request_, options);
    if (!agrees(i, written)) return Confirmed::not_yet;
    if (written.states > small_enough) return Confirmed::as_written;
    // It judges no claims about fair runs: as many verdicts as it has must be the same.
    options.engine = Engine::reference;
    const result::CheckResult by_reference = run_check(targets_[i], request_, options);
    (void)agrees(i, by_reference);
    return by_reference.complete ? Confirmed::by_reference_too : Confirmed::as_written;
  }

  // Whether each verdict of the cell was reached again.
  [[nodiscard]] bool agrees(std::size_t i, const result::CheckResult& again) const {
    const result::CheckResult& cell = sweep_.cells[cells_[i]];
    bool all = true;
    for (const result::PropertyResult& property : cell.properties) {
      if (property.verdict == Verdict::unknown) continue;
      const auto same = std::ranges::find(again.properties, property.name, &result::PropertyResult::name);
      const bool decided = same != again.properties.end() && same->verdict != Verdict::unknown;
      if (decided && same->verdict != property.verdict)
        throw support::InternalError(fmt::format("`{}` {} by one search and {} by another: {} and {}",
                                                 property.name, name_of(property.verdict),
                                                 name_of(same->verdict), cell.reproduce, again.reproduce));
      all = all && decided;
    }
    return all;
  }

  const Sweep& sweep_;
  std::vector<std::size_t> cells_;
  Request request_;
  const CheckOptions& options_;
  Target base_;
  std::vector<Target> targets_; // of the cells
};

} // namespace

std::vector<std::size_t> corners_of(const VerdictTable& table, const std::vector<Box>& boxes,
                                    const std::function<Answer(std::size_t)>& answer) {
  std::set<std::size_t> places;
  for (const Box& box : boxes) {
    std::vector<Ends> ends;
    for (std::size_t axis = 0; axis < box.values.size(); ++axis)
      ends.push_back(ends_of(table.over()[axis], box.values[axis]));
    for (std::size_t across = 0; across <= ends.size(); ++across) { // ends.size(): none, the corner itself
      std::vector<std::vector<std::size_t>> from;
      for (std::size_t axis = 0; axis < ends.size(); ++axis)
        from.push_back(axis == across ? ends[axis].outside : ends[axis].inside);
      const Answer wanted = across == ends.size() ? Answer::violated : Answer::holds;
      each_choice(from, [&](const std::vector<std::size_t>& coordinates) {
        const std::size_t place = table.place_at(coordinates);
        if (answer(place) == wanted) places.insert(place);
      });
    }
  }
  std::vector<std::size_t> cells;
  for (const std::size_t place : places) cells.push_back(table.cell_at(place));
  return cells;
}

result::Corners confirm_corners(const Sweep& sweep, const result::SimplifiedSweep& simplified,
                                const Request& request, const CheckOptions& options) {
  std::set<std::size_t> cells;
  for (const result::FailingSet& set : simplified.sets) cells.insert(set.corners.begin(), set.corners.end());
  return Confirmation(sweep, {cells.begin(), cells.end()}, request, options).run();
}

} // namespace tdxcheck::run
