// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/learn_clauses.h"

#include <algorithm>
#include <set>

#include "prove/mine_pairs.h"
#include "prove/separate.h"

namespace tdxcheck::prove {
namespace {

constexpr std::size_t enough_known = 3;   // lemmas for a state, so that none is looked for
constexpr std::size_t most_found = 6;     // at once
constexpr std::size_t most_tried = 8;     // whether they survive
constexpr std::size_t most_equations = 2; // of them

} // namespace

ClauseLearner::ClauseLearner(Groundwork& groundwork, Induction& induction)
    : groundwork_(groundwork), induction_(induction) {
  for (const Box& box : groundwork.pairs()) known_.push_back({box, false});
  for (std::size_t lemma = 0; lemma < induction.size(); ++lemma)
    if (!induction.is_alive(lemma)) spare_.push_back(lemma);
}

void ClauseLearner::is_pair(std::size_t lemma, std::size_t pair) {
  const auto known = std::ranges::find(known_, groundwork_.pairs()[pair], &Known::box);
  if (known != known_.end()) known->lemma = lemma;
  std::erase(spare_, lemma);
}

bool ClauseLearner::was_learnt(std::size_t lemma) const {
  const auto known = std::ranges::find(known_, std::optional(lemma), &Known::lemma);
  return known != known_.end() && known->learnt;
}

// Those that say most first.
std::vector<std::size_t> ClauseLearner::excluding(const Sample& sample,
                                                  const std::vector<std::size_t>& aspects) {
  const Features& features = groundwork_.features();
  std::vector<std::size_t> lemmas;
  std::vector<std::size_t> fitting;
  const auto is_about = [&](const Box& box) {
    return std::ranges::all_of(
        box, [&](const Side& side) { return std::ranges::count(aspects, side.aspect) > 0; });
  };
  for (std::size_t k = 0; k < known_.size(); ++k)
    if (contains(features, known_[k].box, sample) && is_about(known_[k].box)) fitting.push_back(k);
  const auto numbers_in = [&](const Box& box) {
    return std::ranges::count_if(box, [&](const Side& side) { return features.is_number(side.aspect); });
  };
  const auto find = [&](const std::vector<std::size_t>& some) {
    for (Box& box : boxes_around(features, groundwork_.seen(), sample, some, most_found))
      if (std::ranges::count(known_, box, &Known::box) == 0) {
        fitting.push_back(known_.size());
        known_.push_back({std::move(box), true});
      }
  };
  const auto plain = [&](std::size_t k) { return numbers_in(known_[k].box) == 0; };
  // What a count has to do with the rest is for equations to say; boxes only say it value by value.
  std::vector<std::size_t> without_numbers = aspects;
  std::erase_if(without_numbers, [&](std::size_t a) { return features.is_number(a); });
  if (static_cast<std::size_t>(std::ranges::count_if(fitting, plain)) < enough_known) find(without_numbers);
  if (fitting.empty()) find(aspects);
  std::ranges::stable_sort(fitting, std::greater{}, [&](std::size_t k) {
    return std::pair(-numbers_in(known_[k].box), volume(known_[k].box));
  });
  for (const std::size_t k : fitting) {
    if (lemmas.size() == most_tried) break;
    Known& known = known_[k];
    if (!known.lemma) known.lemma = induction_.add_idle(outside(features, known.box));
    lemmas.push_back(*known.lemma);
  }
  return lemmas;
}

std::vector<std::size_t> ClauseLearner::aspects_that_matter(const Sample& sample) {
  const Features& features = groundwork_.features();
  std::vector<Fact> facts;
  for (std::size_t a = 0; a < features.aspects().size(); ++a) {
    const std::size_t value = features.value_in(a, sample);
    facts.push_back({a, features.has_value(a, value)});
  }
  // Numbers first: one is often told by other things that are plainer.
  std::ranges::stable_sort(facts, {}, [&](const Fact& fact) { return !features.is_number(fact.aspect); });
  std::vector<std::size_t> aspects;
  for (const std::size_t f : induction_.what_matters_of(facts)) aspects.push_back(facts[f].aspect);
  std::ranges::sort(aspects);
  return aspects;
}

ClauseLearner::Block ClauseLearner::block(const Sample& sample) {
  std::vector<std::size_t> equations = induction_.false_in_counterexample(spare_);
  if (equations.size() > most_equations) equations.resize(most_equations);
  const std::vector<std::size_t> aspects = aspects_that_matter(sample);
  for (;;) {
    std::vector<std::size_t> lemmas = excluding(sample, aspects);
    lemmas.insert(lemmas.end(), equations.begin(), equations.end());
    bool falsified = false;
    std::optional<std::size_t> best;
    for (const std::size_t lemma : lemmas) {
      const Answer initially = induction_.holds_initially(lemma);
      if (initially == Answer::unknown) return Block::out_of_time;
      if (initially == Answer::no) {
        drop_falsified({induction_.counterexample()->parameters, induction_.counterexample()->from});
        std::erase(equations, lemma);
        falsified = true;
        break;
      }
      if (!best) best = lemma;
      const Answer survives = induction_.survives(lemma);
      if (survives == Answer::unknown) return Block::out_of_time;
      if (survives == Answer::no) continue;
      best = lemma;
      break;
    }
    if (falsified) continue;
    if (!best) return Block::none;
    induction_.revive(*best);
    std::erase(spare_, *best);
    ++excluded_;
    return Block::taken;
  }
}

// What is said of two aspects is said again, without what was wrong.
void ClauseLearner::drop_falsified(const Sample& reached) {
  groundwork_.remember(reached);
  for (const std::size_t lemma : induction_.drop_falsified_by_counterexample()) std::erase(spare_, lemma);
  std::set<std::pair<std::size_t, std::size_t>> weakened;
  std::erase_if(known_, [&](const Known& known) {
    if (!contains(groundwork_.features(), known.box, reached)) return false;
    if (known.box.size() == 2) weakened.emplace(known.box[0].aspect, known.box[1].aspect);
    return true;
  });
  for (const auto& [a, b] : weakened)
    for (Box& box : mine_pair(groundwork_.features(), groundwork_.seen(), a, b))
      if (std::ranges::count(known_, box, &Known::box) == 0) known_.push_back({std::move(box), false});
}

ClauseLearner::Result ClauseLearner::learn(const z3::expr& violation) {
  for (;;) {
    Answer answer = induction_.rule_out(violation);
    const bool ruled_out = answer == Answer::yes;
    if (ruled_out) answer = induction_.survive();
    if (answer == Answer::yes) return Result::proved;
    if (answer == Answer::unknown) return Result::out_of_time;
    const Counterexample found = *induction_.counterexample();
    const Sample from{found.parameters, found.from};
    if (groundwork_.seen().is_seen(from)) {
      if (!ruled_out) return Result::reachable;
      drop_falsified({found.parameters, *found.to});
      continue;
    }
    switch (block(from)) {
    case Block::taken: break;
    case Block::none: return Result::no_clause;
    case Block::out_of_time: return Result::out_of_time;
    }
  }
}

} // namespace tdxcheck::prove
