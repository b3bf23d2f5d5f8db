// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is known of a problem whatever is to be proved of it: what was seen, and the lemmas that follow from
// the steps or from what was seen. Made once for all claims, and only when the first of them asks: most of
// lock_discipline needs none of it.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "prove/box.h"
#include "prove/features.h"
#include "prove/problem.h"
#include "prove/seen_states.h"
#include "prove/seen_table.h"

namespace tdxcheck::prove {

class Groundwork {
public:
  // `see` is asked at most once. It may be empty: then nothing was seen.
  explicit Groundwork(Problem problem, std::function<SeenStates()> see = {});
  Groundwork(const Groundwork&) = delete;
  Groundwork& operator=(const Groundwork&) = delete;

  // With the regions that lemmas name, once it is laid.
  [[nodiscard]] const Problem& problem() const { return problem_; }

  void lay();
  // Of what was laid.
  [[nodiscard]] const Features& features() const { return *features_; }
  [[nodiscard]] const SeenTable& seen() const { return *table_; }
  [[nodiscard]] bool has_seen_everything() const { return has_seen_everything_; }
  [[nodiscard]] const std::vector<model::Expr>& place_invariants() const { return place_invariants_; }
  [[nodiscard]] const std::vector<model::Expr>& equalities() const { return equalities_; }
  [[nodiscard]] const std::vector<Box>& pairs() const { return pairs_; }

  // Lemmas that hold initially and survive together, where free integers have so many values (Style): what
  // earlier claims have left.
  [[nodiscard]] const std::vector<model::Expr>& established(std::int64_t few_values) {
    return established_[few_values];
  }
  void establish(std::int64_t few_values, const std::vector<model::Expr>& lemmas);
  // Lemmas that an attempt had taken when its time was up: the next one goes on with them.
  [[nodiscard]] const std::vector<model::Expr>& begun(std::int64_t few_values) { return begun_[few_values]; }
  void leave(std::int64_t few_values, std::vector<model::Expr> lemmas) {
    begun_[few_values] = std::move(lemmas);
  }
  // Houdini was through with what is common to all claims.
  [[nodiscard]] bool is_sifted(std::int64_t few_values) const { return sifted_.contains(few_values); }
  void was_sifted(std::int64_t few_values) { sifted_.insert(few_values); }

  // A state that turned out to be reachable.
  void remember(const Sample& sample) { table_->remember(sample); }

private:
  Problem problem_;
  std::function<SeenStates()> see_;
  bool has_seen_everything_ = false;
  std::optional<Features> features_;
  std::optional<SeenTable> table_;
  std::vector<model::Expr> place_invariants_, equalities_;
  std::vector<Box> pairs_;
  std::map<std::int64_t, std::vector<model::Expr>> established_, begun_;
  std::set<std::int64_t> sifted_;
};

} // namespace tdxcheck::prove
