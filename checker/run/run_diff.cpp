// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_diff.h"

#include "model/print.h"
#include "run/compare_runs.h"
#include "run/lock_order.h"
#include "run/memory_limit.h"
#include "run/reproduce.h"
#include "run/run_bound.h"
#include "run/run_check.h"
#include "support/error.h"
#include "support/stopwatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace tdxcheck::run {
namespace {

using result::BoundAnswer;
using result::Change;
using result::Verdict;

// One side, as far as it was looked at.
struct Side {
  Target target;
  result::CheckResult checked; // as written
  std::unique_ptr<Reach> reach;
  std::map<std::string, result::BoundOfLoop> bounds = {};                            // by loop
  std::map<std::tuple<std::string, std::string, bool>, result::LockEdge> edges = {}; // by what they are
  std::vector<std::string> cycles = {};
  std::vector<std::set<std::tuple<std::string, std::string, bool>>> edges_of_cycle = {};
};

// The budgets of one search, out of what is left of those of the whole.
class Budget {
public:
  explicit Budget(const CheckOptions& options) : options_(options) {
    options_.search = with_memory_limit(options.search);
  }
  [[nodiscard]] CheckOptions left(bool as_written) const {
    CheckOptions left = options_;
    left.as_written = as_written;
    if (left.search.seconds) left.search.seconds = std::max(0.0, *left.search.seconds - watch_.seconds());
    return left;
  }
  [[nodiscard]] RunsBudget for_runs() const {
    RunsBudget budget{{}, options_.search.memory_bytes.value_or(0), options_.search.interrupted};
    if (options_.search.seconds)
      budget.seconds_left = [this] { return *options_.search.seconds - watch_.seconds(); };
    return budget;
  }
  [[nodiscard]] double seconds() const { return watch_.seconds(); }

private:
  CheckOptions options_;
  support::Stopwatch watch_;
};

std::vector<std::string> what_is_set(const Target& target) {
  std::vector<std::string> set;
  for (const auto id : target.model.parameters.ids()) {
    const model::Value before = target.base.parameters.at(id.value),
                       now = target.valuation.parameters.at(id.value);
    if (before != now)
      set.push_back(fmt::format("{}={} (before: {})", target.model.parameters[id].name,
                                print_parameter(target.model, id, now),
                                print_parameter(target.model, id, before)));
  }
  return set;
}

result::DiffSide summary_of(const Side& side) {
  const result::CheckResult& checked = side.checked;
  result::DiffSide summary;
  summary.target = side.target.name;
  summary.parameters = side.target.parameters();
  summary.without = side.target.without();
  summary.set = what_is_set(side.target);
  summary.states = checked.states;
  summary.transitions = checked.transitions;
  summary.depth = checked.depth;
  summary.complete = checked.complete;
  summary.incomplete_because = checked.incomplete_because;
  summary.model_error = checked.model_error;
  return summary;
}

// ---- verdicts

Change compared(std::optional<Verdict> before, std::optional<Verdict> after) {
  if (before == after) return before == Verdict::unknown ? Change::unknown : Change::same;
  if (before == Verdict::unknown || after == Verdict::unknown) return Change::unknown;
  // A claim that held and is not made any more, and a violation of a claim that BASE does not make.
  if (before == Verdict::holds || after == Verdict::violated) return Change::worse;
  return before == Verdict::violated && after == Verdict::holds ? Change::better : Change::other;
}

void compare_verdicts(const Side& base, const Side& now, result::Diff& diff) {
  std::vector<std::string> names;
  for (const Side* side : {&now, &base})
    for (const auto& property : side->checked.properties)
      if (std::ranges::find(names, property.name) == names.end()) names.push_back(property.name);
  for (const std::string& name : names) {
    result::VerdictChange change{name, {}, {}, {}, Change::same};
    for (const auto& property : base.checked.properties)
      if (property.name == name) change.before = property.verdict;
    for (const auto& property : now.checked.properties)
      if (property.name == name) change.after = property.verdict, change.detail = property.detail;
    change.change = compared(change.before, change.after);
    diff.verdicts.push_back(std::move(change));
  }
}

// ---- bounds

std::set<std::string> loops_of(const Side& side) {
  std::set<std::string> names;
  for (const auto& loop : side.target.model.loops) names.insert(loop.name);
  return names;
}

void measure_bounds(Side& side) {
  for (const std::string& loop : loops_of(side)) {
    const result::BoundResult bound =
        run_bound(*side.reach, side.target, {{side.target.name}, loop, "retries", "loop"});
    side.bounds[loop] = {bound.answer, bound.value};
  }
}

Change compared(const std::optional<result::BoundOfLoop>& before,
                const std::optional<result::BoundOfLoop>& after) {
  const auto unknown = [](const auto& bound) { return bound && bound->answer == BoundAnswer::unknown; };
  if (unknown(before) || unknown(after)) return Change::unknown;
  if (!after) return Change::other;
  // A loop that is new is worse only where it has no bound.
  if (!before) return after->answer == BoundAnswer::number ? Change::other : Change::worse;
  if (before->answer != after->answer) return before->answer < after->answer ? Change::worse : Change::better;
  if (before->answer != BoundAnswer::number || before->value == after->value) return Change::same;
  return before->value < after->value ? Change::worse : Change::better;
}

void compare_bounds(const Side& base, const Side& now, result::Diff& diff) {
  std::set<std::string> loops = loops_of(base);
  loops.merge(loops_of(now));
  const auto find = [](const Side& side, const std::string& loop) -> std::optional<result::BoundOfLoop> {
    const auto found = side.bounds.find(loop);
    if (found == side.bounds.end()) return {};
    return found->second;
  };
  for (const std::string& loop : loops) {
    const auto before = find(base, loop), after = find(now, loop);
    diff.bounds.push_back({loop, before, after, compared(before, after)});
  }
}

// ---- lock order

void find_lock_order(Side& side) {
  const explore::Explored explored = side.reach->explored();
  const model::Model& model = explored.system.instance().model();
  std::vector<SeenEdge> blocking;
  std::vector<graph::OrderEdge> edges;
  const auto key = [&](const graph::OrderEdge& edge) {
    return std::tuple(name_of(model, edge.held), name_of(model, edge.acquired), edge.blocking);
  };
  for (const SeenEdge& seen : seen_lock_order(explored)) {
    const auto [held, acquired, waits] = key(seen.edge);
    side.edges[key(seen.edge)] = {held, acquired, waits, describe(explored, seen)};
    if (!waits) continue;
    blocking.push_back(seen);
    edges.push_back(seen.edge);
  }
  for (const graph::LockCycle& cycle : graph::lock_cycles(edges)) {
    side.cycles.push_back(circle(model, blocking, cycle));
    auto& of_cycle = side.edges_of_cycle.emplace_back();
    for (const std::size_t e : cycle) of_cycle.insert(key(edges[e]));
  }
}

template <class Edges>
std::vector<result::LockEdge> only_in(const Edges& these, const Edges& those) {
  std::vector<result::LockEdge> only;
  for (const auto& [key, edge] : these)
    if (!those.contains(key)) only.push_back(edge);
  return only;
}

// One all of whose edges the other has is none of its own.
std::vector<std::string> cycles_only_in(const Side& side, const Side& other) {
  std::vector<std::string> only;
  for (std::size_t c = 0; c < side.cycles.size(); ++c)
    if (!std::ranges::all_of(side.edges_of_cycle[c],
                             [&](const auto& edge) { return other.edges.contains(edge); }))
      only.push_back(side.cycles[c]);
  return only;
}

void compare_lock_order(const Side& base, const Side& now, result::Diff& diff) {
  diff.lock_order_known = true;
  diff.new_edges = only_in(now.edges, base.edges);
  diff.gone_edges = only_in(base.edges, now.edges);
  diff.new_cycles = cycles_only_in(now, base);
  diff.gone_cycles = cycles_only_in(base, now);
}

// ---- all of it

void look_at(Side& side, const Request& request, const Budget& budget) {
  side.checked = run_check(side.target, request, budget.left(true));
  if (side.checked.model_error || !side.checked.complete) return;
  side.reach = std::make_unique<Reach>(side.target, budget.left(false).search);
  if (!side.reach->is_complete()) {
    // It has fewer states than what was searched before, so that this is what became of the budget.
    side.checked.incomplete_because = side.reach->incomplete_because();
    return;
  }
  measure_bounds(side);
  find_lock_order(side);
}

std::string reproduce(const DiffRequest& request, const Side& base, const Side& now,
                      const CheckOptions& options) {
  Request settings = request.now_request();
  std::vector<std::string> words;
  if (request.now) words.push_back(now.target.name);
  if (!request.runs) words.emplace_back("--no-runs");
  if (options.search.seconds)
    words.insert(words.end(), {"--time", fmt::format("{}s", *options.search.seconds)});
  return reproduce_line("diff", base.target, settings, words);
}

} // namespace

result::Diff run_diff(const DiffRequest& request, const CheckOptions& options) {
  if (!request.now && request.set.empty() && request.without.empty())
    throw support::InputError(
        "nothing to compare with: name a second target, or change the first by --set or "
        "--without");
  Side base{resolve(request.base_request()), {}, {}}, now{resolve(request.now_request()), {}, {}};
  const Budget budget(options);
  look_at(base, request.base_request(), budget);
  look_at(now, request.now_request(), budget);

  result::Diff diff;
  diff.base = summary_of(base);
  diff.now = summary_of(now);
  diff.reproduce = reproduce(request, base, now, options);
  if (base.checked.model_error || now.checked.model_error) return diff;
  compare_verdicts(base, now, diff);
  const auto is_reached = [](const Side& side) { return side.reach && side.reach->is_complete(); };
  if (is_reached(base) && is_reached(now)) {
    compare_bounds(base, now, diff);
    compare_lock_order(base, now, diff);
  }
  if (request.runs) {
    if (is_reached(base) && is_reached(now)) {
      diff.runs = compare_runs({base.target, *base.reach}, {now.target, *now.reach}, budget.for_runs());
    } else {
      diff.runs.answer = result::RunsChange::Answer::unknown;
      const Side& unfinished = is_reached(base) ? now : base;
      diff.runs.how = unfinished.target.name + ": " + unfinished.checked.incomplete_because;
    }
  }
  diff.seconds = budget.seconds();
  return diff;
}

} // namespace tdxcheck::run
