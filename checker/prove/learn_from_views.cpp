// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/learn_from_views.h"

#include <algorithm>

namespace tdxcheck::prove {
namespace {

using model::Expr;
using model::Value;

constexpr std::size_t most_views = 1'000'000; // of a family
constexpr std::size_t most_states = 50'000;   // of a size, at one go

std::uint64_t hash_of(const std::vector<std::size_t>& atoms) {
  std::uint64_t hash = 0x9e3779b97f4a7c15U;
  for (const std::size_t atom : atoms) {
    hash = (hash ^ atom) * 0xff51afd7ed558ccdU;
    hash ^= hash >> 32;
  }
  return hash;
}

bool exist(const Viewers& members, const std::vector<Value>& sizes) {
  for (std::size_t s = 0; s < members.size(); ++s)
    for (const Value member : members[s])
      if (member >= sizes[s]) return false;
  return true;
}

} // namespace

ViewLearner::ViewLearner(Problem& problem, const std::vector<SizedStates>& seen, const Deadline& deadline)
    : problem_(problem), names_(problem.model, problem.valuation) {
  const std::size_t sets = problem.open.size();
  const auto looking = [&](std::size_t set, Value number) {
    std::vector<Value> viewers(sets, 0);
    viewers[set] += number;
    return viewers;
  };
  for (std::size_t s = 0; s < sets; ++s) add_family(looking(s, 1));
  for (std::size_t s = 0; s < sets; ++s) {
    add_family(looking(s, 2));
    for (std::size_t other = s + 1; other < sets; ++other) {
      std::vector<Value> one_of_each = looking(s, 1);
      one_of_each[other] = 1;
      add_family(one_of_each);
    }
  }
  // Each size has its share: what is seen of two of two members is not all that two of three may see.
  Sample sample;
  for (const SizedStates& sized : seen) {
    room_ += most_views / seen.size();
    const model::Instance instance(sized.model, sized.valuation);
    const std::vector<Value> sizes = sizes_for(sized.valuation.parameters);
    const std::size_t states = sized.states.size();
    const std::size_t apart = states / most_states + 1; // so that near and far states are seen
    for (std::size_t first = 0; first < apart; ++first)
      for (std::size_t i = first; i < states && !deadline.is_over(); i += apart) {
        sized.states.read(i, sample);
        remember(instance, sample.state, sample.parameters, sizes);
        if (first > 0 &&
            std::ranges::all_of(families_, [&](const Family& f) { return f.seen.size() >= room_; }))
          break;
      }
  }
  room_ = 2 * most_views; // for what is seen later
}

void ViewLearner::add_family(std::vector<Value> viewers) {
  Views views(problem_, std::move(viewers));
  const std::size_t atoms = views.size();
  families_.push_back({std::move(views), SeenAtoms(atoms)});
}

std::vector<Value> ViewLearner::sizes_for(const std::vector<Value>& parameters) const {
  std::vector<Value> sizes;
  for (const result::OpenSet& open : problem_.open)
    sizes.push_back(
        model::evaluate_constant(problem_.model, {parameters, problem_.valuation.kept}, open.size));
  return sizes;
}

void ViewLearner::remember(const model::Instance& instance, const State& state,
                           const std::vector<Value>& parameters, const std::vector<Value>& sizes) {
  for (Family& family : families_)
    family.views.each_choice(instance, [&](const Viewers& members) {
      if (family.seen.size() >= room_ || !exist(members, sizes)) return;
      const auto atoms = family.views.atoms_of(instance, state, parameters, members);
      if (family.known.insert(hash_of(atoms)).second) family.seen.add(atoms);
    });
}

// The shortest that any choice of its members gives.
std::optional<Expr> ViewLearner::clause_against(const Counterexample& found) const {
  const std::vector<Value> sizes = sizes_for(found.parameters);
  for (const Family& family : families_) {
    std::optional<std::vector<AtomLiteral>> best;
    family.views.each_choice(names_, [&](const Viewers& members) {
      if (!exist(members, sizes)) return;
      const auto atoms = family.views.atoms_of(names_, found.from, found.parameters, members);
      if (family.known.contains(hash_of(atoms))) return;
      const auto cube = family.seen.separate(family.views.literals_of(atoms));
      if (cube && !cube->empty() && (!best || cube->size() < best->size())) best = cube;
    });
    if (best)
      return family.views.clause(
          family.seen.widened(*best, [&](std::size_t atom) { return family.views.rivals(atom); }));
  }
  return {};
}

template <class Questions>
bool ViewLearner::block(Questions& induction) {
  const std::optional<Expr> clause = clause_against(*induction.counterexample());
  if (!clause) return false;
  const std::size_t lemma = induction.add(*clause);
  if (induction.holds_initially(lemma) == Answer::yes) {
    ++learnt_;
    return true;
  }
  induction.drop(lemma);
  return false;
}

// One lemma after the other: whatever survives goes on to do so when there are more, until one is dropped.
template <class Questions>
ViewLearner::Result ViewLearner::learn(Questions& induction, const z3::expr& violation) {
  for (std::size_t i = 0; i < induction.size(); ++i)
    if (induction.is_alive(i) && induction.holds_initially(i) != Answer::yes) induction.drop(i);
  bool is_ruled_out = false;
  std::vector<bool> survives;
  for (;;) {
    survives.resize(induction.size(), false);
    std::size_t next = 0;
    while (next < induction.size() && (survives[next] || !induction.is_alive(next))) ++next;
    if (is_ruled_out && next == induction.size()) return Result::proved;
    const bool about_violation = !is_ruled_out;
    switch (about_violation ? induction.rule_out(violation) : induction.survives(next)) {
    case Answer::unknown: return Result::out_of_time;
    case Answer::yes:
      if (about_violation) is_ruled_out = true;
      else survives[next] = true;
      continue;
    case Answer::no: break;
    }
    if (block(induction)) continue;
    if (about_violation || induction.is_out_of_time()) return Result::no_clause;
    // As far as can be seen, it is reachable, and so is what it leads to.
    const Counterexample found = *induction.counterexample();
    induction.drop(next);
    remember(names_, *found.to, found.parameters, sizes_for(found.parameters));
    is_ruled_out = false;
    survives.assign(induction.size(), false);
  }
}

template ViewLearner::Result ViewLearner::learn(Induction& induction, const z3::expr& violation);
template ViewLearner::Result ViewLearner::learn(TwoStateInduction& induction, const z3::expr& violation);

} // namespace tdxcheck::prove
