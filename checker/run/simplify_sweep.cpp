// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/simplify_sweep.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "audit/evaluate_formula.h"
#include "prove/minimum_cover.h"
#include "prove/prime_implicants.h"
#include "run/corners.h"
#include "run/verdict_table.h"
#include "support/error.h"

namespace tdxcheck::run {
namespace {

using prove::Box;
using prove::TruthTable;
using prove::Wanted;
using result::Comparison;
using result::FailingSet;
using result::Relation;
using result::SweptValues;
using result::Verdict;

constexpr double seconds_for_a_cover = 10;

bool follow_each_other(const std::vector<std::string>& numbers) {
  for (std::size_t i = 1; i < numbers.size(); ++i)
    if (numbers[i] == "unlimited" || std::stoll(numbers[i]) != std::stoll(numbers[i - 1]) + 1) return false;
  return true;
}

std::optional<Comparison> comparison_of(const SweptValues& swept, const std::vector<bool>& set) {
  std::vector<std::string> in, out;
  for (std::size_t v = 0; v < set.size(); ++v) (set[v] ? in : out).push_back(swept.values[v]);
  const auto said = [&](Relation relation, std::vector<std::string> values) {
    return Comparison{swept.parameter, relation, std::move(values)};
  };
  if (out.empty()) return {};
  if (in.size() == 1) return said(Relation::equal, in);
  const bool is_between_others = set.front() && set.back();
  if (out.size() == 1 && (!swept.is_ordered || is_between_others || out.front() == "unlimited"))
    return said(Relation::not_equal, out);
  if (!swept.is_ordered) return said(Relation::one_of, in);
  if (set.front()) return said(Relation::at_most, {in.back()});
  if (set.back()) return said(Relation::at_least, {in.front()});
  // Values in between that are in no cell are not to be spoken of.
  if (!follow_each_other(in)) return said(Relation::one_of, in);
  return said(Relation::between, {in.front(), in.back()});
}

result::Conjunction conjunction_of(const std::vector<SweptValues>& over, const Box& box) {
  result::Conjunction all;
  for (std::size_t axis = 0; axis < over.size(); ++axis)
    if (auto comparison = comparison_of(over[axis], box.values[axis])) all.push_back(std::move(*comparison));
  return all;
}

struct Shortest {
  std::vector<Box> boxes;
  result::Formula formula;
  bool is_shortest = false;
};

std::optional<Shortest> shortest(const VerdictTable& table, const TruthTable& truth) {
  const auto primes = prove::prime_implicants(truth);
  if (!primes) return {};
  std::vector<std::size_t> element(truth.cells.size());
  std::size_t elements = 0;
  for (std::size_t place = 0; place < truth.cells.size(); ++place)
    if (truth.cells[place] == Wanted::yes) element[place] = elements++;
  std::vector<prove::Candidate> candidates;
  for (const Box& box : *primes) {
    prove::Candidate candidate;
    for (std::size_t place = 0; place < truth.cells.size(); ++place)
      if (truth.cells[place] == Wanted::yes && box.contains(truth, place))
        candidate.covers.push_back(element[place]);
    const result::Conjunction conjunction = conjunction_of(table.over(), box);
    std::size_t named = 0;
    for (const Comparison& comparison : conjunction) named += comparison.values.size();
    candidate.costs = {static_cast<int>(conjunction.size()), static_cast<int>(named)};
    candidates.push_back(std::move(candidate));
  }
  const prove::Cover cover = prove::minimum_cover(elements, candidates, seconds_for_a_cover);
  Shortest result{{}, {}, cover.is_minimum};
  std::vector<std::size_t> chosen = cover.chosen;
  std::ranges::stable_sort(chosen, std::ranges::less{}, [&](std::size_t i) { return candidates[i].costs; });
  for (const std::size_t i : chosen) {
    result.boxes.push_back((*primes)[i]);
    result.formula.push_back(conjunction_of(table.over(), (*primes)[i]));
  }
  return result;
}

// Reads the text that is shown, and believes nothing but the cells.
void audit_formula(const VerdictTable& table, const result::Formula& formula, const TruthTable& truth) {
  const std::string text = text_of(formula);
  for (std::size_t place = 0; place < table.size(); ++place) {
    if (truth.cells[place] == Wanted::either) continue;
    const result::CheckResult& cell = table.result_at(place);
    if (audit::evaluate_formula(text, cell.parameters) != (truth.cells[place] == Wanted::yes))
      throw support::InternalError(
          fmt::format("the formula `{}` contradicts what was found by: {}", text, cell.reproduce));
  }
}

std::optional<Shortest> audited(const VerdictTable& table, const TruthTable& truth) {
  auto found = shortest(table, truth);
  if (found) audit_formula(table, found->formula, truth);
  return found;
}

FailingSet failing_set(const VerdictTable& table, const std::string& claim) {
  FailingSet set;
  set.claim = claim;
  const auto answer = [&](std::size_t place) { return answer_of(table.result_at(place), claim); };
  const auto exactly = [&](const std::function<bool(Answer)>& holds) {
    return table.truth([&](std::size_t place) { return holds(answer(place)) ? Wanted::yes : Wanted::no; });
  };
  for (std::size_t place = 0; place < table.size(); ++place) {
    const Answer said = answer(place);
    (said == Answer::violated    ? set.violated
     : said == Answer::holds     ? set.holds
     : said == Answer::undecided ? set.undecided
                                 : set.not_claimed) += 1;
  }
  const TruthTable truth = table.truth([&](std::size_t place) {
    const Answer said = answer(place);
    if (said == Answer::violated) return Wanted::yes;
    return said == Answer::holds ? Wanted::no : Wanted::either;
  });
  if (const auto found = audited(table, truth)) {
    set.where = found->formula;
    set.is_shortest = found->is_shortest;
    set.corners = corners_of(table, found->boxes, answer);
  }
  if (const auto found = audited(table, exactly([](Answer a) { return a != Answer::not_claimed; })))
    set.claimed = found->formula;
  if (const auto found = audited(table, exactly([](Answer a) { return a == Answer::undecided; })))
    set.open = found->formula;
  return set;
}

} // namespace

result::SimplifiedSweep simplify(const Sweep& sweep, const model::Model& model) {
  const VerdictTable table(sweep, model);
  result::SimplifiedSweep simplified;
  simplified.over = table.over();
  std::vector<std::string> claims = claims_of(sweep);
  claims.emplace_back();
  for (const std::string& claim : claims) simplified.sets.push_back(failing_set(table, claim));
  return simplified;
}

result::SimplifiedSweep simplify(const Sweep& sweep, const Request& request, const CheckOptions& options) {
  Request unswept = request;
  unswept.set.clear();
  result::SimplifiedSweep simplified = simplify(sweep, resolve(unswept).model);
  simplified.corners = confirm_corners(sweep, simplified, request, options);
  return simplified;
}

} // namespace tdxcheck::run
