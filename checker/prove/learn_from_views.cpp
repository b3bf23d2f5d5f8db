// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/learn_from_views.h"

#include <algorithm>

namespace tdxcheck::prove {
namespace {

using Among = SeenViews::Among;

constexpr unsigned most_depth = 3;

} // namespace

template <class Questions>
void ViewLearner::drop_contradicted(Questions& induction, const std::vector<SeenViews::News>& news) {
  for (std::size_t i = 0; i < lemmas_.size(); ++i) {
    if (!induction.is_alive(i) || !lemmas_[i].clause) continue;
    if (std::ranges::any_of(news,
                            [&](const auto& one) { return SeenViews::contradicts(one, *lemmas_[i].clause); }))
      induction.drop(i);
  }
}

template <class Questions>
ViewLearner::Block ViewLearner::block(Questions& induction, std::optional<std::size_t> broken) {
  const Counterexample found = *induction.counterexample();
  const Lemma of = broken ? lemmas_[*broken] : Lemma{};
  const bool is_in_scope = of.clause && of.clause->breadth != Breadth::views;
  const bool is_narrow = of.clause && seen_.is_narrow(of.clause->family, of.clause->breadth);
  const Among most = is_in_scope ? Among::scopes : Among::views;
  Lemma lemma{{}, of.depth};
  if (const auto matter = induction.symbols_that_matter()) {
    lemma.clause = seen_.clause_against(found, Among::narrow, &*matter);
    const auto looks_reachable = lemma.clause ? std::nullopt : climb_.looks_reachable(found);
    if (looks_reachable == false) lemma.clause = seen_.clause_against(found, Among::narrow, nullptr);
    if (looks_reachable == true && is_narrow) {
      drop_contradicted(induction, climb_.near(found, *matter));
      induction.drop(*broken);
      return Block::dropped;
    }
    if (!lemma.clause) lemma.clause = seen_.clause_against(found, most, &*matter);
    if (!lemma.clause && is_in_scope) {
      drop_contradicted(induction, seen_.reached_from_alike(found, *of.clause, *matter));
      induction.drop(*broken);
      return Block::dropped;
    }
  }
  if (!lemma.clause && lemma.depth++ < most_depth) lemma.clause = seen_.clause_against(found, most, nullptr);
  if (!lemma.clause) return Block::none;
  const std::size_t added = induction.add(lemma.clause->said);
  lemmas_.resize(induction.size());
  lemmas_[added] = std::move(lemma);
  if (induction.holds_initially(added) == Answer::yes) {
    ++learnt_;
    return Block::added;
  }
  induction.drop(added);
  return Block::none;
}

// One lemma after the other: whatever survives goes on to do so when there are more, until one is dropped.
template <class Questions>
ViewLearner::Result ViewLearner::learn(Questions& induction, const z3::expr& violation) {
  lemmas_.assign(induction.size(), {});
  for (std::size_t i = 0; i < induction.size(); ++i)
    if (induction.is_alive(i) && induction.holds_initially(i) != Answer::yes) induction.drop(i);
  bool is_ruled_out = false;
  std::vector<bool> survives;
  const auto begin_anew = [&] {
    is_ruled_out = false;
    survives.assign(induction.size(), false);
  };
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
    const Counterexample found = *induction.counterexample();
    switch (block(induction, about_violation ? std::nullopt : std::optional(next))) {
    case Block::added: continue;
    case Block::dropped: begin_anew(); continue;
    case Block::none: break;
    }
    if (about_violation || induction.is_out_of_time()) return Result::no_clause;
    // As far as can be seen, it is reachable, and so is what it leads to.
    induction.drop(next);
    drop_contradicted(induction, seen_.reached(found));
    begin_anew();
  }
}

template ViewLearner::Result ViewLearner::learn(Induction& induction, const z3::expr& violation);
template ViewLearner::Result ViewLearner::learn(TwoStateInduction& induction, const z3::expr& violation);

} // namespace tdxcheck::prove
