// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/groundwork.h"

#include <algorithm>

#include "prove/mine_equalities.h"
#include "prove/mine_pairs.h"
#include "prove/place_invariants.h"

namespace tdxcheck::prove {

Groundwork::Groundwork(Problem problem, std::function<SeenStates()> see)
    : problem_(std::move(problem)), see_(std::move(see)) {}

void Groundwork::establish(std::int64_t few_values, const std::vector<model::Expr>& lemmas) {
  std::vector<model::Expr>& known = established_[few_values];
  for (const model::Expr& lemma : lemmas)
    if (std::ranges::count(known, lemma) == 0) known.push_back(lemma);
}

void Groundwork::lay() {
  if (table_) return;
  const SeenStates seen = see_ ? see_() : SeenStates{};
  has_seen_everything_ = seen.is_complete();
  features_.emplace(problem_);
  table_.emplace(*features_, seen);
  place_invariants_ = prove::place_invariants(problem_);
  equalities_ = mine_equalities(problem_, seen);
  if (!seen.empty()) pairs_ = mine_pairs(*features_, *table_);
}

} // namespace tdxcheck::prove
