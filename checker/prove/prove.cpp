// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/prove.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/bounded_search.h"
#include "prove/features.h"
#include "prove/induction.h"
#include "prove/k_induction.h"
#include "prove/learn_clauses.h"
#include "prove/mine_facts.h"
#include "prove/place_invariants.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {
namespace {

using result::Verdict;

// Of the time for one property: how much of it each attempt may have used when it ends.
constexpr double share_of_bounded_search = 0.2, share_of_k_induction = 0.4;

const model::Property& property_named(const model::Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.properties, name, &model::Property::name);
  support::expects(found != model.properties.end(), "a property of the model is to be proved");
  return *found;
}

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
    const Features features(problem_);
    std::vector<model::Expr> candidates = place_invariants(problem_);
    const std::size_t place_invariants = candidates.size();
    const std::vector<model::Expr> facts = mine_facts(problem_, options_.seen);
    candidates.insert(candidates.end(), facts.begin(), facts.end());

    z3::context context;
    const Encoding encoding(context, problem_, options_.style);
    const EncodedClaim claim(encoding, property_);
    const auto violation = [&](const Unrolling& path, std::size_t i) {
      const Terms& terms = encoding.terms();
      const z3::expr broken =
          terms.either(claim.broken_in(path.state(i), path.effects(i)), path.some_move_breaks(claim, i));
      return terms.either(terms.both(claim.is_made(), broken), path.some_move_is_an_error(i));
    };
    const Deadline deadline(context, options_.seconds, options_.enough);
    Induction induction(encoding, deadline);
    const z3::expr wrong = violation(induction.pair(), 0);
    if (!claim.broken_at_start() && induction.rule_out(wrong) == Answer::yes)
      return proved({}, 1, "the labels alone");

    const unsigned searched = search_near(stopwatch);
    if (outcome_.run || outcome_.model_error) return;

    for (const model::Expr& candidate : candidates) induction.add(candidate);
    const bool inductive = induction.houdini();
    if (inductive && induction.rule_out(wrong) == Answer::yes) {
      const auto needed = induction.needed_for(wrong);
      const auto of_places =
          std::ranges::count_if(needed, [&](std::size_t i) { return i < place_invariants; });
      return proved(lemmas_of(induction, needed), 1,
                    fmt::format("induction with {} place invariants and {} mined facts", of_places,
                                static_cast<std::ptrdiff_t>(needed.size()) - of_places));
    }
    const KInduction several =
        by_k_induction(encoding, deadline, induction.alive(), violation, std::min(options_.most_k, searched));
    if (several.answer == Answer::yes) {
      proved(induction.alive(), several.k, fmt::format("{}-induction", several.k));
      outcome_.proof->simple_path = several.k > 1;
      return;
    }
    outcome_.obstacle = several.obstacle;
    learn(features, induction, wrong);
  }

  void learn(const Features& features, Induction& induction, const z3::expr& wrong) {
    ClauseLearner learner(features, options_.seen);
    switch (learner.learn(induction, wrong)) {
    case ClauseLearner::Result::proved: {
      const auto needed = induction.needed_for(wrong);
      return proved(lemmas_of(induction, needed), 1,
                    fmt::format("induction with {} lemmas, {} of them learnt from what was in the way",
                                needed.size(), std::min(needed.size(), learner.learnt())));
    }
    case ClauseLearner::Result::reachable:
      outcome_.verdict = Verdict::violated;
      outcome_.violated_for = induction.counterexample().parameters;
      return;
    case ClauseLearner::Result::no_clause: {
      const Counterexample& found = induction.counterexample();
      outcome_.obstacle = Run{found.parameters, {found.from}, {}};
      if (found.to) outcome_.obstacle->states.push_back(*found.to);
      outcome_.why = "no clause tells this state from the states that were seen";
      return;
    }
    case ClauseLearner::Result::out_of_time:
      outcome_.why = fmt::format("time ran out, with {} lemmas learnt", learner.learnt());
      return;
    }
  }

  // How many steps were searched without a violation.
  unsigned search_near(const support::Stopwatch& stopwatch) {
    BoundedOptions near;
    near.depth = options_.bounded_depth;
    near.seconds = std::max(0.1, options_.seconds * share_of_bounded_search - stopwatch.seconds());
    near.style = options_.style;
    near.enough = options_.enough;
    const BoundedResult found = search_bounded(problem_, {property_.name}, near);
    if (found.model_error) outcome_.model_error = found.model_error;
    if (!found.violations.empty()) {
      outcome_.verdict = Verdict::violated;
      outcome_.run = found.violations.front().run;
    }
    return found.depth;
  }

  static std::vector<model::Expr> lemmas_of(const Induction& induction, std::vector<std::size_t> which) {
    std::ranges::sort(which);
    std::vector<model::Expr> lemmas;
    for (const std::size_t i : which) lemmas.push_back(induction.lemma(i));
    return lemmas;
  }

  void proved(std::vector<model::Expr> invariant, unsigned k, std::string method) {
    outcome_.verdict = Verdict::holds;
    outcome_.method = method;
    outcome_.proof = result::Proof{problem_.model, problem_.valuation,   problem_.any,
                                   property_.name, std::move(invariant), k,
                                   false,          std::move(method)};
  }

  const ProveOptions& options_;
  Problem problem_;
  model::Property property_;
  Outcome outcome_;
};

} // namespace

Outcome prove(const Problem& problem, const std::string& property, const ProveOptions& options) {
  return Prover(problem, property, options).run();
}

} // namespace tdxcheck::prove
