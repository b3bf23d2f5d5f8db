// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/climb.h"

#include <algorithm>

namespace tdxcheck::prove {
namespace {

using model::Value;

constexpr std::size_t most_reached = 50'000, most_kept = 200'000; // states of an instance
constexpr std::size_t starts = 1'000, tries_of_a_start = 10;      // at one go
constexpr std::size_t tries_alike = 100, tries_near = 50;         // by counterexample, by what is new
constexpr std::size_t seldom = 8;           // one of so many that are nothing new is kept
constexpr std::size_t most_known_steps = 2; // in a row, on a walk
constexpr double share_of_time = 0.1, most_seconds = 30;

} // namespace

Climb::Climb(SeenViews& seen, const Problem& problem, const std::vector<SizedStates>& sized,
             const std::vector<model::Expr>& lemmas, const Deadline& deadline)
    : seen_(seen), deadline_(deadline), names_(problem.model, problem.valuation) {
  for (const SizedStates& one : sized)
    if (one.walk && one.condition && !one.states.empty()) add(one, lemmas);
}

void Climb::add(const SizedStates& sized, const std::vector<model::Expr>& lemmas) {
  model::Instance instance(sized.model, sized.valuation);
  CrossOver cross_over(instance);
  Small small{&sized, std::move(instance), seen_.sizes_for(sized.valuation.parameters),
              std::move(cross_over)};
  small.places = places_of(small);
  Sample sample;
  for (std::size_t i = 0; i < sized.states.size(); i += sized.states.size() / most_reached + 1) {
    sized.states.read(i, sample);
    small.states.push_back(sample.state);
  }
  for (const model::Expr& lemma : lemmas) {
    Condition condition = sized.condition(names_.model(), lemma);
    if (std::ranges::all_of(small.states, condition)) small.lemmas.push_back(std::move(condition));
  }
  small_.push_back(std::move(small));
}

std::optional<Climb::Small::Places> Climb::places_of(const Small& small) const {
  for (const auto set : names_.model().sets.ids())
    if (small.instance.size(set) > names_.size(set)) return {};
  Small::Places places;
  for (const model::Cell& cell : small.instance.cells())
    places.cells.push_back(names_.cell(cell.variable, cell.at));
  for (const model::ThreadInstance& thread : small.instance.threads())
    places.threads.push_back(names_.thread(thread.thread, thread.member));
  return places;
}

std::optional<std::size_t> Climb::small_of(const Counterexample& found) const {
  for (std::size_t i = 0; i < small_.size(); ++i)
    if (small_[i].places && small_[i].sized->valuation.parameters == found.parameters) return i;
  return {};
}

State Climb::state_in(const Small::Places& places, const State& state) {
  State here;
  for (const std::size_t cell : places.cells) here.cells.push_back(state.cells[cell]);
  for (const std::size_t thread : places.threads) here.at.push_back(state.at[thread]);
  return here;
}

bool Climb::looks_reachable(const Small& small, const State& state) const {
  return !seen_.is_new(small.instance, state, small.sized->valuation.parameters, small.sizes) &&
         std::ranges::all_of(small.lemmas, [&](const Condition& lemma) { return lemma(state); });
}

// The solver's state satisfies the lemmas that are still taken to be true.
std::optional<bool> Climb::looks_reachable(const Counterexample& found) const {
  const auto i = small_of(found);
  if (!i) return {};
  const Small& small = small_[*i];
  return !seen_.is_new(small.instance, state_in(*small.places, found.from), found.parameters, small.sizes);
}

void Climb::keep(Small& small, const State& state) {
  if (small.states.size() < most_kept) small.states.push_back(state);
  else small.states[random_() % small.states.size()] = state;
}

State Climb::crossed(const Small& small, const State& of) {
  return small.cross_over.child(of, small.states[random_() % small.states.size()], random_);
}

void Climb::walk(Small& small, const State& from, std::vector<State>& fresh, AllNews& news) {
  if (!looks_reachable(small, from)) return;
  if (random_() % seldom == 0) keep(small, from);
  std::size_t known = 0;
  small.sized->walk(from, [&](const State& next) {
    if (!std::ranges::all_of(small.lemmas, [&](const Condition& lemma) { return lemma(next); })) return false;
    const std::size_t before = news.size();
    seen_.add_parts(small.instance, next, small.sized->valuation.parameters, small.sizes, news);
    if (news.size() == before) return ++known % most_known_steps != 0;
    known = 0;
    keep(small, next);
    fresh.push_back(next);
    return true;
  });
}

void Climb::go_on(Small& small, std::vector<State> fresh, std::size_t tries, double until, AllNews& news) {
  while (!fresh.empty() && deadline_.seconds_left() > until) {
    const State of = std::move(fresh.back());
    fresh.pop_back();
    for (std::size_t i = 0; i < tries; ++i) walk(small, crossed(small, of), fresh, news);
  }
}

void Climb::from_reached() {
  if (small_.empty()) return;
  const double left = deadline_.seconds_left(), until = left - std::min(most_seconds, left * share_of_time);
  Small& small = small_.back();
  AllNews news;
  do {
    std::vector<State> some;
    for (std::size_t i = 0; i < starts; ++i) some.push_back(small.states[random_() % small.states.size()]);
    news.clear();
    go_on(small, std::move(some), tries_of_a_start, until, news);
  } while (!news.empty() && deadline_.seconds_left() > until);
}

std::vector<SeenViews::News> Climb::near(const Counterexample& found, const std::vector<bool>& matter) {
  Small& small = small_[*small_of(found)];
  const auto& [cells, threads] = *small.places;
  const State from = state_in(*small.places, found.from), to = state_in(*small.places, *found.to);
  AllNews news;
  seen_.add_parts(small.instance, to, found.parameters, small.sizes, news);
  keep(small, from);
  keep(small, to);
  std::vector<State> fresh{to};
  for (std::size_t i = 0; i < tries_alike; ++i) {
    State alike = crossed(small, from);
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (matter[cells[c]]) alike.cells[c] = from.cells[c];
    for (std::size_t t = 0; t < threads.size(); ++t)
      if (matter[names_.cells().size() + threads[t]]) alike.at[t] = from.at[t];
    walk(small, alike, fresh, news);
  }
  go_on(small, std::move(fresh), tries_near, 0, news);
  return news;
}

} // namespace tdxcheck::prove
