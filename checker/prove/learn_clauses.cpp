// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/learn_clauses.h"

#include <algorithm>
#include <bit>

#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

constexpr std::size_t word = 64;

// Only a number's relation says something by not holding; that a thread is elsewhere says little.
bool counts_negated(const Feature& feature) {
  return feature.kind == Feature::Kind::compared || feature.kind == Feature::Kind::equal_cells ||
         feature.relation == Relation::at_most;
}

} // namespace

ClauseLearner::ClauseLearner(const Features& features, const SeenStates* seen)
    : features_(features), having_(features.size()) {
  Sample sample;
  for (std::size_t i = 0; seen != nullptr && i < seen->size(); ++i) {
    seen->read(i, sample);
    remember(sample);
  }
}

void ClauseLearner::remember(const Sample& sample) {
  const std::size_t n = samples_.size();
  if (!samples_.add(sample)) return;
  if (n % word == 0)
    for (Bits& bits : having_) bits.push_back(0);
  features_.each_that_holds(sample,
                            [&](std::size_t f) { having_[f].back() |= std::uint64_t{1} << (n % word); });
}

std::vector<ClauseLearner::Literal> ClauseLearner::literals_of(const Sample& sample) const {
  std::vector<Literal> literals;
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const bool holds = features_.holds(f, sample);
    if (holds || counts_negated(features_[f])) literals.push_back({f, holds});
  }
  return literals;
}

// Of 64 seen states, those that have it.
std::uint64_t ClauseLearner::matching(const Literal& literal, std::size_t w) const {
  const std::uint64_t bits = having_[literal.feature][w], all = literal.positive ? bits : ~bits;
  const std::size_t last = samples_.size() / word;
  return w == last ? all & ((std::uint64_t{1} << (samples_.size() % word)) - 1) : all;
}

bool ClauseLearner::is_seen(const Sample& sample) const {
  const std::vector<Literal> literals = literals_of(sample);
  Sample seen;
  for (std::size_t w = 0; w * word < samples_.size(); ++w) {
    std::uint64_t bits = ~std::uint64_t{0};
    for (std::size_t i = 0; i < literals.size() && bits != 0; ++i) bits &= matching(literals[i], w);
    for (; bits != 0; bits &= bits - 1) {
      samples_.read(w * word + static_cast<std::size_t>(std::countr_zero(bits)), seen);
      if (seen == sample) return true;
    }
  }
  return false;
}

// The literal that excludes most of what is left, until nothing is left; then those that others make
// unnecessary go.
std::optional<std::vector<ClauseLearner::Literal>> ClauseLearner::separate(const Sample& sample) const {
  const std::vector<Literal> offered = literals_of(sample);
  const std::size_t words = (samples_.size() + word - 1) / word;
  Bits left(words, ~std::uint64_t{0});
  std::vector<Literal> cube;
  std::size_t remaining = samples_.size();
  while (remaining > 0) {
    const Literal* best = nullptr;
    std::size_t best_left = remaining;
    for (const Literal& literal : offered) {
      std::size_t still = 0;
      for (std::size_t w = 0; w < words && still < best_left; ++w)
        if (left[w] != 0) still += static_cast<std::size_t>(std::popcount(left[w] & matching(literal, w)));
      if (still >= best_left) continue;
      best = &literal;
      best_left = still;
    }
    if (best == nullptr) return {};
    for (std::size_t w = 0; w < words; ++w) left[w] &= matching(*best, w);
    cube.push_back(*best);
    remaining = best_left;
  }
  for (std::size_t i = cube.size(); i-- > 0;) {
    std::vector<Literal> shorter = cube;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    bool excludes_all = !shorter.empty();
    for (std::size_t w = 0; w < words && excludes_all; ++w) {
      std::uint64_t bits = ~std::uint64_t{0};
      for (const Literal& literal : shorter) bits &= matching(literal, w);
      excludes_all = bits == 0;
    }
    if (excludes_all) cube = std::move(shorter);
  }
  return cube;
}

model::Expr ClauseLearner::clause(const std::vector<Literal>& cube) const {
  model::Expr all;
  for (const Literal& literal : cube) {
    const model::Expr& said = features_.said(literal.feature);
    all = model::conjunction(all, literal.positive ? said : model::negation(said));
  }
  return model::negation(all);
}

bool ClauseLearner::block(Induction& induction, const Sample& sample) {
  for (;;) {
    const auto cube = separate(sample);
    if (!cube || cube->empty()) return false;
    const std::size_t lemma = induction.add(clause(*cube));
    const Answer answer = induction.holds_initially(lemma);
    if (answer == Answer::yes) {
      clauses_.push_back({lemma, *cube});
      ++learnt_;
      return true;
    }
    induction.drop(lemma);
    if (answer == Answer::unknown) return false;
    remember({induction.counterexample().parameters, induction.counterexample().from});
  }
}

void ClauseLearner::drop_falsified(Induction& induction, const Sample& reached) {
  for (const Learnt& learnt : clauses_) {
    if (!induction.is_alive(learnt.lemma)) continue;
    const bool falsified = std::ranges::all_of(learnt.cube, [&](const Literal& literal) {
      return features_.holds(literal.feature, reached) == literal.positive;
    });
    if (falsified) induction.drop(learnt.lemma);
  }
  std::erase_if(clauses_, [&](const Learnt& learnt) { return !induction.is_alive(learnt.lemma); });
}

ClauseLearner::Result ClauseLearner::learn(Induction& induction, const z3::expr& violation) {
  for (;;) {
    Answer answer = induction.rule_out(violation);
    if (answer == Answer::unknown) return Result::out_of_time;
    if (answer == Answer::no) {
      const Sample bad{induction.counterexample().parameters, induction.counterexample().from};
      if (is_seen(bad)) return Result::reachable;
      if (!block(induction, bad)) return Result::no_clause;
      continue;
    }
    answer = induction.survive();
    if (answer == Answer::yes) return Result::proved;
    if (answer == Answer::unknown) return Result::out_of_time;
    const Counterexample found = induction.counterexample();
    const Sample from{found.parameters, found.from}, to{found.parameters, *found.to};
    if (is_seen(from)) {
      remember(to);
      drop_falsified(induction, to);
      continue;
    }
    if (!block(induction, from)) return Result::no_clause;
  }
}

} // namespace tdxcheck::prove
