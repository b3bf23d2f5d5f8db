// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/by_any_size.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/learn_from_views.h"
#include "prove/place_invariants.h"
#include "prove/rewrite.h"
#include "prove/two_state_induction.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {
namespace {

using model::Expr;
using result::Verdict;

// What is learnt about fewer, in less time, is nearly all that is needed for more.
struct FewSizes {
  std::int64_t most;
  double share; // of the time that is left
};
constexpr FewSizes few_sizes[] = {{2, 0.4}, {3, 0.6}};
constexpr double share_of_houdini = 0.2;

enum Origin { place, claimed, learnt };
struct Words {
  const char *one, *several;
};
constexpr Words words_for[] = {{"place invariant", "place invariants"},
                               {"part of claims", "parts of claims"},
                               {"learnt lemma about members", "learnt lemmas about members"}};

struct Candidate {
  Expr said;
  Origin origin;
  std::optional<std::vector<std::size_t>> core = {}; // candidates by which it survives among few sizes
};

// What is claimed of each state, closed: by this claim, and of what counts whom. A count of one member's
// holders may be that of another member's, too. What other claims say is left to be learnt where it is
// needed: to prove it may be harder.
std::vector<Expr> said_by_claims(const model::Model& model, const model::Property& property) {
  std::vector<Expr> all;
  const auto add = [&](const Expr& e) {
    if (std::ranges::find(all, e) == all.end()) all.push_back(e);
  };
  if (const auto* always = std::get_if<model::Always>(&property.claim))
    if (property.claimed_when.empty()) add(always->condition);
  for (const model::Counter& counter : model.counters) {
    const Expr balanced = model::binary(model::BinaryOp::equal, counter.value, counter.holders);
    add(balanced);
    for (const auto set : model.sets.ids()) {
      const auto* size = std::get_if<model::Literal>(&model.sets[set].size.node().kind);
      for (model::Value m = 0; size != nullptr && m < size->value; ++m)
        add(rewritten(balanced, [&](const Expr& part) -> std::optional<Expr> {
          const bool is_member = part.sort() == model::Sort{model::SortKind::index, set.value} &&
                                 std::holds_alternative<model::Literal>(part.node().kind);
          return is_member ? std::optional(model::literal(part.sort(), m)) : std::nullopt;
        }));
    }
  }
  return all;
}

class AnySize {
public:
  AnySize(const Problem& problem, const model::Property& property, const ProveOptions& options)
      : options_(options), problem_(problem), property_(property) {}

  [[nodiscard]] Outcome run() {
    for (const Expr& e : place_invariants(problem_)) candidates_.push_back({e, place});
    for (const Expr& e : said_by_claims(problem_.model, property_)) claimed_.push_back({e, claimed});
    z3::context context;
    const Deadline deadline(context, options_.seconds, options_.enough);
    std::vector<Expr> lemmas;
    for (const auto* of : {&candidates_, &claimed_})
      for (const Candidate& candidate : *of) lemmas.push_back(candidate.said);
    learner_.emplace(problem_, *options_.sized, lemmas, deadline);
    for (const FewSizes& few : few_sizes)
      if (!settle(few.most, deadline.seconds_left() * few.share)) return std::move(outcome_);
    (void)settle(0, deadline.seconds_left());
    return std::move(outcome_);
  }

private:
  // Among few sizes, what suffices there is a set of candidates for the next attempt. False if that attempt
  // is not worth it.
  bool settle(std::int64_t few_values, double seconds) {
    Style style = options_.style;
    style.few_values = few_values;
    z3::context context;
    const Encoding encoding(context, problem_, style);
    // Where all is bits, members are numbers: then a state after a move is written in terms of the one
    // before.
    return encoding.is_finite() ? settle_by<Induction>(encoding, few_values, seconds)
                                : settle_by<TwoStateInduction>(encoding, few_values, seconds);
  }

  template <class Questions>
  bool settle_by(const Encoding& encoding, std::int64_t few_values, double seconds) {
    const EncodedClaim claim(encoding, property_);
    const Deadline deadline(encoding.context(), seconds, options_.enough);
    if (!claimed_.empty()) { // of place invariants, those that are none go
      const Deadline soon(encoding.context(), seconds * share_of_houdini, options_.enough);
      Questions induction(encoding, soon);
      const z3::expr wrong = violation(encoding, claim, induction.path());
      add_candidates(induction);
      if (!induction.houdini()) candidates_.clear();
      else if (induction.rule_out(wrong) == Answer::yes) return proved(induction, wrong, few_values);
      else keep(induction, induction.living());
    }
    // What is claimed is taken to be true until it is known better: it may need what is yet to be learnt.
    candidates_.insert(candidates_.end(), claimed_.begin(), claimed_.end());
    claimed_.clear();
    Questions induction(encoding, deadline);
    const z3::expr wrong = violation(encoding, claim, induction.path());
    add_candidates(induction);
    switch (learner_->learn(induction, wrong)) {
    case ViewLearner::Result::proved: return proved(induction, wrong, few_values);
    case ViewLearner::Result::out_of_time:
      outcome_.why = fmt::format("time ran out, with {} lemmas learnt", learner_->learnt());
      if (induction.counterexample() != nullptr) name_obstacle(*induction.counterexample());
      keep(induction, induction.living());
      return true;
    case ViewLearner::Result::no_clause: break;
    }
    name_obstacle(*induction.counterexample());
    outcome_.why = "no lemma about one or two members tells this state from those of small instances";
    return false;
  }

  void name_obstacle(const Counterexample& found) {
    outcome_.obstacle = Run{found.parameters, {found.from}, {}};
    if (found.to) outcome_.obstacle->states.push_back(*found.to);
  }

  [[nodiscard]] static z3::expr violation(const Encoding& encoding, const EncodedClaim& claim,
                                          const Unrolling& path) {
    if (claim.broken_at_start()) return claim.is_made();
    const Terms& terms = encoding.terms();
    const z3::expr broken =
        terms.either(claim.broken_in(path.state(0), path.effects(0)), path.some_move_breaks(claim, 0));
    return terms.either(terms.both(claim.is_made(), broken), path.some_move_is_an_error(0));
  }

  template <class Questions>
  void add_candidates(Questions& induction) const {
    for (const Candidate& candidate : candidates_) induction.add(candidate.said);
    if constexpr (std::is_same_v<Questions, TwoStateInduction>)
      for (std::size_t i = 0; i < candidates_.size(); ++i)
        if (candidates_[i].core) induction.expect_core(i, *candidates_[i].core);
  }

  template <class Questions>
  void keep(const Questions& induction, const std::vector<std::size_t>& which) {
    std::vector<Candidate> kept;
    std::vector<std::size_t> place_of(induction.size(), which.size());
    for (std::size_t place = 0; place < which.size(); ++place) place_of[which[place]] = place;
    for (const std::size_t i : which) {
      kept.push_back({induction.lemma(i), i < candidates_.size() ? candidates_[i].origin : learnt});
      if constexpr (std::is_same_v<Questions, Induction>) {
        auto core = induction.known_core(i);
        if (!core) continue;
        for (std::size_t& other : *core) other = place_of[other];
        if (std::ranges::count(*core, which.size()) == 0) kept.back().core = std::move(core);
      }
    }
    candidates_ = std::move(kept);
  }

  // By places among those that are needed.
  template <class Questions>
  [[nodiscard]] static std::optional<result::Proof::RestsOn>
  what_rests_on_what(const Questions& induction, const std::vector<std::size_t>& needed) {
    if constexpr (std::is_same_v<Questions, TwoStateInduction>) {
      const auto places = [&](const std::optional<std::vector<std::size_t>>& core)
          -> std::optional<std::vector<std::size_t>> {
        if (!core) return {};
        std::vector<std::size_t> all;
        for (const std::size_t i : *core) {
          const auto place = std::ranges::lower_bound(needed, i);
          if (place == needed.end() || *place != i) return {};
          all.push_back(static_cast<std::size_t>(place - needed.begin()));
        }
        return all;
      };
      const auto claim = places(induction.core_of_violation());
      if (!claim) return {};
      result::Proof::RestsOn rests{{}, *claim};
      for (const std::size_t i : needed) {
        auto core = places(induction.core_of_needed(i));
        if (!core) return {};
        rests.conjuncts.push_back(std::move(*core));
      }
      return rests;
    }
    return {};
  }

  // True if it is still to be confirmed for all sizes.
  template <class Questions>
  bool proved(Questions& induction, const z3::expr& wrong, std::int64_t few_values) {
    std::vector<std::size_t> needed = induction.needed_for(wrong);
    std::ranges::sort(needed);
    keep(induction, needed);
    if (few_values > 0) return true;
    const auto rests_on = what_rests_on_what(induction, needed);
    std::vector<Expr> invariant;
    for (const Candidate& lemma : candidates_) invariant.push_back(lemma.said);
    outcome_.verdict = Verdict::holds;
    outcome_.obstacle.reset();
    outcome_.method = method();
    outcome_.proof = result::Proof{problem_.model,
                                   problem_.valuation,
                                   problem_.any,
                                   problem_.open,
                                   property_.name,
                                   std::move(invariant),
                                   1,
                                   false,
                                   outcome_.method,
                                   rests_on};
    return false;
  }

  [[nodiscard]] std::string method() const {
    if (candidates_.empty()) return "what the labels say alone";
    std::string text = "induction";
    const char* with = " with";
    for (const Origin origin : {place, claimed, learnt}) {
      const auto n = std::ranges::count(candidates_, origin, &Candidate::origin);
      if (n == 0) continue;
      text += fmt::format("{} {} {}", with, n, n == 1 ? words_for[origin].one : words_for[origin].several);
      with = " and";
    }
    return text;
  }

  const ProveOptions& options_;
  Problem problem_;
  model::Property property_;
  std::optional<ViewLearner> learner_;
  std::vector<Candidate> candidates_, claimed_; // known to survive, and not yet
  Outcome outcome_;
};

} // namespace

Outcome prove_for_any_size(const Problem& problem, const model::Property& property,
                           const ProveOptions& options) {
  support::expects(options.sized != nullptr, "for open sets, small instances are looked at");
  try {
    return AnySize(problem, property, options).run();
  } catch (const support::InputError& error) {
    Outcome refused;
    refused.why = error.what();
    return refused;
  }
}

} // namespace tdxcheck::prove
