// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/prove.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/bounded_search.h"
#include "prove/features.h"
#include "prove/induction.h"
#include "prove/k_induction.h"
#include "prove/learn_clauses.h"
#include "prove/mine_equalities.h"
#include "prove/mine_facts.h"
#include "prove/place_invariants.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {
namespace {

using result::Verdict;

// Of the time for one property, what each attempt may take.
constexpr double share_of_bounded_search = 0.15, share_of_one_value = 0.5, share_of_confirmation = 0.4,
                 share_of_few_values = 0.25, share_of_houdini = 0.6, share_of_learning = 0.8;
constexpr std::int64_t few_values = 3; // of a free integer, while lemmas are looked for

const model::Property& property_named(const model::Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.properties, name, &model::Property::name);
  support::expects(found != model.properties.end(), "a property of the model is to be proved");
  return *found;
}

enum Origin { place, mined, learnt };

struct Candidate {
  model::Expr said;
  Origin origin;
};

class Prover {
public:
  Prover(const Problem& problem, const std::string& property, const ProveOptions& options)
      : options_(options), problem_(problem), property_(property_named(problem_.model, property)) {}

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
    // Before there are terms: these add regions to the model.
    features_.emplace(problem_);
    for (const model::Expr& fact : place_invariants(problem_)) candidates_.push_back({fact, place});
    if (options_.seen != nullptr) {
      for (const model::Expr& fact : mine_equalities(problem_, *options_.seen))
        candidates_.push_back({fact, mined});
      facts_ = mine_facts(problem_, *options_.seen);
    }

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

  // With few values of the free parameters, a proof is only a set of candidates for the next attempt. False
  // if that is the last word.
  bool settle(const Style& style, double seconds) {
    z3::context context;
    const Encoding encoding(context, problem_, style);
    const EncodedClaim claim(encoding, property_);
    const auto violation = [&](const Unrolling& path, std::size_t i) {
      const Terms& terms = encoding.terms();
      const z3::expr broken =
          terms.either(claim.broken_in(path.state(i), path.effects(i)), path.some_move_breaks(claim, i));
      return terms.either(terms.both(claim.is_made(), broken), path.some_move_is_an_error(i));
    };
    const support::Stopwatch stopwatch;
    const Deadline deadline(context, seconds, options_.enough);
    // Each attempt has solvers of its own: what was interrupted once is not to be relied on.
    z3::expr wrong(context);
    {
      Induction bare(encoding, deadline);
      wrong = violation(bare.pair(), 0);
      if (claim.broken_at_start()) wrong = claim.is_made();
      if (bare.rule_out(wrong) == Answer::yes) return proved(bare, {}, 1, style);
    }
    if (!searched_) {
      among_few_ = style.few_values > 0;
      searched_ = search_near(style, seconds * share_of_bounded_search);
      if (outcome_.run || outcome_.model_error) return false;
    }
    // First the few that say much; then also the many that say little, which some of the few may need.
    const std::vector<Candidate> few = candidates_;
    std::vector<Candidate> kept;
    for (const bool with_facts : {false, true}) {
      candidates_ = few;
      if (with_facts)
        for (const model::Expr& fact : facts_) candidates_.push_back({fact, mined});
      const Deadline soon(context, seconds * share_of_houdini, options_.enough);
      Induction induction(encoding, soon);
      add_candidates(induction);
      if (induction.houdini()) {
        if (induction.rule_out(wrong) == Answer::yes)
          return proved(induction, induction.needed_for(wrong), 1, style);
        keep(induction, induction.living());
        kept = candidates_;
      }
    }
    candidates_ = kept;
    {
      const Deadline soon(context, (seconds - stopwatch.seconds()) * share_of_learning, options_.enough);
      Induction induction(encoding, soon);
      add_candidates(induction);
      const std::optional<bool> settled = learn(induction, wrong, style);
      if (settled) return *settled;
      keep(induction, induction.living());
    }
    // What was learnt need not survive: only what does is a lemma for more steps.
    Induction induction(encoding, deadline);
    add_candidates(induction);
    (void)induction.houdini();
    keep(induction, induction.living());
    const KInduction several = by_k_induction(encoding, deadline, induction.alive(), violation,
                                              std::min(options_.most_k, *searched_));
    // What was searched among few values is no base for all.
    if (several.answer == Answer::yes &&
        (style.few_values == options_.style.few_values && among_few_ ? search_near(style, seconds)
                                                                     : *searched_) >= several.k &&
        !outcome_.run && !outcome_.model_error)
      return proved_by(several.k, style);
    if (outcome_.run || outcome_.model_error) return false;
    if (several.obstacle) outcome_.obstacle = several.obstacle;
    return true;
  }

  void add_candidates(Induction& induction) const {
    for (const Candidate& candidate : candidates_) induction.add(candidate.said);
  }

  // What settle is to answer; nothing: it goes on.
  std::optional<bool> learn(Induction& induction, const z3::expr& wrong, const Style& style) {
    ClauseLearner learner(*features_, options_.seen);
    switch (learner.learn(induction, wrong)) {
    case ClauseLearner::Result::proved: return proved(induction, induction.needed_for(wrong), 1, style);
    case ClauseLearner::Result::reachable:
      outcome_.verdict = Verdict::violated;
      outcome_.violated_for = induction.counterexample().parameters;
      return false;
    case ClauseLearner::Result::no_clause: {
      const Counterexample& found = induction.counterexample();
      outcome_.obstacle = Run{found.parameters, {found.from}, {}};
      if (found.to) outcome_.obstacle->states.push_back(*found.to);
      outcome_.why = "no clause tells this state from the states that were seen";
      break;
    }
    case ClauseLearner::Result::out_of_time:
      outcome_.why = fmt::format("time ran out, with {} lemmas learnt", learner.learnt());
      break;
    }
    return {};
  }

  // The candidates of a next attempt.
  void keep(const Induction& induction, const std::vector<std::size_t>& which) {
    std::vector<Candidate> kept;
    for (const std::size_t i : which)
      kept.push_back({induction.lemma(i), i < candidates_.size() ? candidates_[i].origin : learnt});
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
    count(place, "place invariant");
    count(mined, "mined lemma");
    count(learnt, "learnt clause");
    return text;
  }

  // True if it is still to be confirmed for all values.
  bool proved(const Induction& induction, std::vector<std::size_t> which, unsigned k, const Style& style) {
    std::ranges::sort(which);
    keep(induction, which);
    return proved_by(k, style);
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
    outcome_.proof = result::Proof{problem_.model, problem_.valuation,   problem_.any,
                                   property_.name, std::move(invariant), k,
                                   k > 1,          outcome_.method};
    return false;
  }

  const ProveOptions& options_;
  Problem problem_;
  model::Property property_;
  std::optional<Features> features_;
  std::vector<Candidate> candidates_;
  std::vector<model::Expr> facts_;
  bool proved_among_few_ = false;
  bool among_few_ = false;           // is where it was searched
  std::optional<unsigned> searched_; // so many steps without a violation
  Outcome outcome_;
};

} // namespace

Outcome prove(const Problem& problem, const std::string& property, const ProveOptions& options) {
  return Prover(problem, property, options).run();
}

} // namespace tdxcheck::prove
