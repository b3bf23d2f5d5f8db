// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/prove.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/bounded_search.h"
#include "prove/by_any_size.h"
#include "prove/induction.h"
#include "prove/k_induction.h"
#include "prove/learn_clauses.h"
#include "prove/other_members.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {
namespace {

using result::Verdict;

// Of the time for one property, what each attempt may take.
constexpr double share_of_bounded_search = 0.15, share_of_one_value = 0.5, share_of_confirmation = 0.4,
                 share_of_few_values = 0.25, share_of_houdini = 0.3, share_of_learning = 0.8,
                 share_of_labels_alone = 0.1;
constexpr std::int64_t few_values = 3; // of a free integer, while lemmas are looked for

const model::Property& property_named(const model::Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.properties, name, &model::Property::name);
  support::expects(found != model.properties.end(), "a property of the model is to be proved");
  return *found;
}

enum Origin { claimed, place, mined, learnt };

struct Candidate {
  model::Expr said;
  Origin origin;
  std::optional<std::size_t> pair = {}; // of the groundwork
};

class Prover {
public:
  Prover(Groundwork& groundwork, const std::string& property, const ProveOptions& options)
      : options_(options),
        groundwork_(groundwork),
        problem_(groundwork.problem()),
        property_(property_named(problem_.model, property)) {}

  [[nodiscard]] Outcome run() {
    const support::Stopwatch stopwatch;
    attempt(stopwatch);
    outcome_.seconds = stopwatch.seconds();
    return std::move(outcome_);
  }

private:
  void attempt(const support::Stopwatch& stopwatch) {
    if (!is_safety(property_.claim)) {
      outcome_.why = fmt::format("`{}` is no claim about single states and steps; `check` decides it for one "
                                 "instance",
                                 model::template_name(property_.claim));
      return;
    }
    if (!problem_.open.empty()) {
      try {
        outcome_ = prove_for_any_size(problem_, property_, options_);
      } catch (const z3::exception& error) {
        outcome_.why = fmt::format("Z3 gave up: {}", error.msg());
      }
      return;
    }
    if (is_proved_by_labels_alone()) return;
    groundwork_.lay();
    for (const model::Expr& fact : groundwork_.place_invariants()) candidates_.push_back({fact, place});
    for (const model::Expr& fact : groundwork_.equalities()) candidates_.push_back({fact, mined});
    for (std::size_t p = 0; p < groundwork_.pairs().size(); ++p)
      candidates_.push_back({outside(groundwork_.features(), groundwork_.pairs()[p]), mined, p});

    const Style& style = options_.style;
    const double left = options_.seconds - stopwatch.seconds();
    if (!is_finite(style)) {
      if (!settle_among(1, left * share_of_one_value)) return;
      if (proved_among_few_ && !settle_among(0, left * share_of_confirmation)) return;
      if (!settle_among(few_values, left * share_of_few_values)) return;
    }
    (void)settle_among(0, options_.seconds - stopwatch.seconds());
  }

  // So many values of the free parameters; 0: all.
  bool settle_among(std::int64_t values, double seconds) {
    Style style = options_.style;
    style.few_values = values;
    proved_among_few_ = false;
    try {
      return settle(style, seconds);
    } catch (const z3::exception& error) {
      outcome_.why = fmt::format("Z3 gave up: {}", error.msg());
      return true;
    }
  }

  [[nodiscard]] bool is_finite(const Style& style) const {
    z3::context context;
    return Encoding(context, problem_, style).is_finite();
  }

  // The claim broken in a state of the path, or by a move from it; or such a move is a model error.
  static z3::expr violation_in(const EncodedClaim& claim, const Unrolling& path, const Terms& terms,
                               std::size_t i) {
    const z3::expr broken =
        terms.either(claim.broken_in(path.state(i), path.effects(i)), path.some_move_breaks(claim, i));
    return terms.either(terms.both(claim.is_made(), broken), path.some_move_is_an_error(i));
  }
  static z3::expr violation_at_once(const EncodedClaim& claim, const Unrolling& path, const Terms& terms) {
    return claim.broken_at_start() ? claim.is_made() : violation_in(claim, path, terms, 0);
  }

  bool is_proved_by_labels_alone() {
    z3::context context;
    const Encoding encoding(context, problem_, options_.style);
    const EncodedClaim claim(encoding, property_);
    const Deadline deadline(context, options_.seconds * share_of_labels_alone, options_.enough);
    try {
      Induction bare(encoding, deadline);
      const z3::expr wrong = violation_at_once(claim, bare.path(), encoding.terms());
      return bare.rule_out(wrong) == Answer::yes && !proved(bare, {}, options_.style);
    } catch (const z3::exception&) {
      return false;
    }
  }

  // With few values of the free parameters, a proof is only a set of candidates for the next attempt. False
  // if that is the last word.
  bool settle(const Style& style, double seconds) {
    z3::context context;
    const Encoding encoding(context, problem_, style);
    const EncodedClaim claim(encoding, property_);
    const support::Stopwatch stopwatch;
    const Deadline deadline(context, seconds, options_.enough);
    // Where everything was seen, what is near was, too: a violation shows when the first lemma is tried.
    if (groundwork_.has_seen_everything()) searched_ = 0;
    if (!searched_) {
      among_few_ = style.few_values > 0;
      searched_ = search_near(style, seconds * share_of_bounded_search);
      if (outcome_.run || outcome_.model_error) return false;
    }
    // Each attempt has solvers of its own: what was interrupted once is not to be relied on.
    if (!claims_are_candidates_) add_claims(encoding, claim);
    if (const auto settled = by_houdini(encoding, claim, seconds * share_of_houdini)) return *settled;
    if (const auto settled =
            by_learning(encoding, claim, (seconds - stopwatch.seconds()) * share_of_learning))
      return *settled;
    return settle_with_more_steps(encoding, claim, deadline, seconds);
  }

  // What is claimed is the first lemma to try; other claims may help.
  void add_claims(const Encoding& encoding, const EncodedClaim& claim) {
    claims_are_candidates_ = true;
    std::vector<Candidate> claims;
    for (const model::Expr& said : claim.as_lemmas(groundwork_.features())) claims.push_back({said, claimed});
    for (const model::Property& other : problem_.model.properties) {
      const bool speaks_of_states = std::holds_alternative<model::Always>(other.claim) ||
                                    std::holds_alternative<model::Balanced>(other.claim);
      if (other.name == property_.name || !speaks_of_states) continue;
      const EncodedClaim encoded(encoding, other);
      for (const model::Expr& said : encoded.conditions()) claims.push_back({said, claimed});
    }
    for (std::size_t i = 0, said = claims.size(); i < said; ++i)
      for (const model::Expr& other : for_other_members(encoding.instance(), claims[i].said))
        if (std::ranges::count(claims, other, &Candidate::said) == 0) claims.push_back({other, mined});
    candidates_.insert(candidates_.begin(), claims.begin(), claims.end());
  }

  // What settle is to answer; nothing: it goes on.
  std::optional<bool> by_houdini(const Encoding& encoding, const EncodedClaim& claim, double seconds) {
    const Deadline deadline(encoding.context(), seconds, options_.enough);
    Induction induction(encoding, deadline);
    const std::int64_t values = encoding.style().few_values;
    const z3::expr wrong = violation_at_once(claim, induction.path(), encoding.terms());
    take_what_is_established(induction, values);
    if (induction.rule_out(wrong) == Answer::yes)
      return proved(induction, induction.needed_for(wrong), encoding.style());
    const bool sifted = groundwork_.is_sifted(values);
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      if (!candidates_[i].pair && (!sifted || candidates_[i].origin == claimed)) induction.revive(i);
    survivors_.clear();
    if (!induction.houdini()) return {};
    survivors_ = induction.living();
    std::vector<model::Expr> lemmas;
    for (const std::size_t survivor : survivors_) lemmas.push_back(candidates_[survivor].said);
    groundwork_.establish(values, lemmas);
    groundwork_.was_sifted(values);
    if (induction.rule_out(wrong) == Answer::yes)
      return proved(induction, induction.needed_for(wrong), encoding.style());
    return {};
  }

  // The candidates become lemmas of the induction, of the same numbers; those that are known to survive are
  // alive.
  void take_what_is_established(Induction& induction, std::int64_t values) {
    for (const model::Expr& lemma : groundwork_.established(values))
      if (std::ranges::count(candidates_, lemma, &Candidate::said) == 0)
        candidates_.push_back({lemma, mined});
    const auto& established = groundwork_.established(values);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      (void)induction.add_idle(candidates_[i].said);
      if (std::ranges::count(established, candidates_[i].said) > 0) induction.revive_established(i);
    }
  }

  // With the survivors, and what else turns out to be needed.
  std::optional<bool> by_learning(const Encoding& encoding, const EncodedClaim& claim, double seconds) {
    const Deadline deadline(encoding.context(), seconds, options_.enough);
    Induction induction(encoding, deadline);
    const z3::expr wrong = violation_at_once(claim, induction.path(), encoding.terms());
    take_what_is_established(induction, encoding.style().few_values);
    for (const std::size_t survivor : survivors_) induction.revive(survivor);
    // What is claimed may need what is yet to be learnt; place invariants that did not survive are none.
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      if (candidates_[i].origin == claimed || (candidates_[i].origin == place && survivors_.empty()))
        induction.revive(i);
    for (const model::Expr& lemma : groundwork_.begun(encoding.style().few_values)) {
      auto known = std::ranges::find(candidates_, lemma, &Candidate::said);
      if (known == candidates_.end()) {
        (void)induction.add_idle(lemma);
        candidates_.push_back({lemma, learnt});
        known = candidates_.end() - 1;
      }
      induction.revive(static_cast<std::size_t>(known - candidates_.begin()));
    }
    ClauseLearner learner(groundwork_, induction);
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      if (candidates_[i].pair) learner.is_pair(i, *candidates_[i].pair);
    const ClauseLearner::Result result = learned(learner, wrong);
    if (result == ClauseLearner::Result::proved) {
      for (std::size_t i = candidates_.size(); i < induction.size(); ++i)
        candidates_.push_back({induction.lemma(i), learner.was_learnt(i) ? learnt : mined});
      return proved(induction, induction.needed_for(wrong), encoding.style());
    }
    std::vector<model::Expr> taken;
    for (const std::size_t i : induction.living()) taken.push_back(induction.lemma(i));
    groundwork_.leave(encoding.style().few_values, std::move(taken));
    const Counterexample* found = induction.counterexample();
    if (result == ClauseLearner::Result::reachable) {
      outcome_.verdict = Verdict::violated;
      outcome_.violated_for = found->parameters;
      return false;
    }
    if (found != nullptr) {
      outcome_.obstacle = Run{found->parameters, {found->from}, {}};
      if (found->to) outcome_.obstacle->states.push_back(*found->to);
    }
    outcome_.why = result == ClauseLearner::Result::no_clause
                       ? "no clause tells this state from the states that were seen"
                       : fmt::format("time ran out, with {} states excluded", learner.excluded());
    return {};
  }

  // Z3 throws where a formula is made after it was interrupted.
  static ClauseLearner::Result learned(ClauseLearner& learner, const z3::expr& wrong) {
    try {
      return learner.learn(wrong);
    } catch (const z3::exception&) {
      return ClauseLearner::Result::out_of_time;
    }
  }

  // By what survives.
  bool settle_with_more_steps(const Encoding& encoding, const EncodedClaim& claim, const Deadline& deadline,
                              double seconds) {
    std::vector<Candidate> kept;
    for (const std::size_t survivor : survivors_) kept.push_back(candidates_[survivor]);
    candidates_ = std::move(kept);
    std::vector<model::Expr> lemmas;
    for (const Candidate& candidate : candidates_) lemmas.push_back(candidate.said);
    const KInduction several = by_k_induction(
        encoding, deadline, lemmas,
        [&](const Unrolling& path, std::size_t i) { return violation_in(claim, path, encoding.terms(), i); },
        std::min(options_.most_k, *searched_));
    const Style& style = encoding.style();
    // What was searched among few values is no base for all.
    if (several.answer == Answer::yes &&
        (style.few_values == options_.style.few_values && among_few_ ? search_near(style, seconds)
                                                                     : *searched_) >= several.k &&
        !outcome_.run && !outcome_.model_error)
      return proved_by(several.k, style);
    if (outcome_.run || outcome_.model_error) return false;
    if (several.obstacle && !outcome_.obstacle) outcome_.obstacle = several.obstacle;
    return true;
  }

  // The candidates of a next attempt.
  void keep(const Induction& induction, const std::vector<std::size_t>& which) {
    std::vector<Candidate> kept;
    for (const std::size_t i : which) kept.push_back({induction.lemma(i), candidates_[i].origin});
    candidates_ = std::move(kept);
  }

  // How many steps were searched without a violation.
  unsigned search_near(const Style& style, double seconds) {
    BoundedOptions near;
    near.depth = options_.bounded_depth;
    near.seconds = seconds;
    near.style = style;
    near.enough = options_.enough;
    const BoundedResult found = search_bounded(problem_, {property_.name}, near);
    if (found.model_error) outcome_.model_error = found.model_error;
    if (!found.violations.empty()) {
      outcome_.verdict = Verdict::violated;
      outcome_.run = found.violations.front().run;
    }
    return found.depth;
  }

  [[nodiscard]] std::string method(const std::vector<Candidate>& lemmas, unsigned k) const {
    if (lemmas.empty() && k == 1) return "what the labels say alone";
    std::string text = k > 1 ? fmt::format("{}-induction", k) : "induction";
    const char* with = " with";
    const auto count = [&](Origin origin, const char* what) {
      const auto n = std::ranges::count(lemmas, origin, &Candidate::origin);
      if (n == 0) return;
      text += fmt::format("{} {} {}{}", with, n, what, n == 1 ? "" : "s");
      with = " and";
    };
    count(claimed, "claim");
    count(place, "place invariant");
    count(mined, "mined lemma");
    count(learnt, "learnt clause");
    return text;
  }

  // True if it is still to be confirmed for all values.
  bool proved(const Induction& induction, std::vector<std::size_t> which, const Style& style) {
    std::ranges::sort(which);
    keep(induction, which);
    std::vector<model::Expr> lemmas;
    for (const Candidate& lemma : candidates_) lemmas.push_back(lemma.said);
    groundwork_.establish(style.few_values, lemmas);
    return proved_by(1, style);
  }

  // By the candidates.
  bool proved_by(unsigned k, const Style& style) {
    if (style.few_values > 0) {
      proved_among_few_ = true;
      return true;
    }
    std::vector<model::Expr> invariant;
    for (const Candidate& lemma : candidates_) invariant.push_back(lemma.said);
    outcome_.verdict = Verdict::holds;
    outcome_.method = method(candidates_, k);
    outcome_.proof = result::Proof{
        problem_.model, problem_.valuation, problem_.any, {}, property_.name, std::move(invariant), k,
        k > 1,          outcome_.method};
    return false;
  }

  const ProveOptions& options_;
  Groundwork& groundwork_;
  const Problem& problem_;
  model::Property property_;
  std::vector<Candidate> candidates_;
  std::vector<std::size_t> survivors_; // of the candidates: what Houdini has left
  bool proved_among_few_ = false, claims_are_candidates_ = false;
  bool among_few_ = false;           // is where it was searched
  std::optional<unsigned> searched_; // so many steps without a violation
  Outcome outcome_;
};

} // namespace

Outcome prove(Groundwork& groundwork, const std::string& property, const ProveOptions& options) {
  return Prover(groundwork, property, options).run();
}

} // namespace tdxcheck::prove
