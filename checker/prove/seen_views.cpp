// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/seen_views.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace tdxcheck::prove {
namespace {

using model::Value;

constexpr std::size_t most_views = 1'000'000; // of a family
constexpr std::size_t most_states = 50'000;   // of a size, at one go
// Of walks: where they start, and when too little is new to go on.
constexpr std::size_t most_starts = 5'000, latest_starts = 2'000, states_at_a_time = 200'000,
                      least_news = 100;
constexpr double share_of_reading = 0.2, share_of_walks = 0.1, most_seconds_of_walks = 60;
constexpr std::size_t most_alike = 2'000;
constexpr Breadth every_breadth[] = {Breadth::no_thread, Breadth::one_thread, Breadth::one_thread_and_scalars,
                                     Breadth::two_threads};
constexpr std::size_t most_parts_if_narrow = 10'000;

bool exist(const Viewers& members, const std::vector<Value>& sizes) {
  for (std::size_t s = 0; s < members.size(); ++s)
    for (const Value member : members[s])
      if (member >= sizes[s]) return false;
  return true;
}

} // namespace

SeenViews::SeenViews(Problem& problem, const std::vector<SizedStates>& sized, const Deadline& deadline)
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
  read(sized, deadline);
  room_ += most_views;
  if (!sized.empty() && !sized.back().states.is_complete()) walk_further(sized.back(), deadline);
  find_narrow();
  room_ += most_views; // for what is seen later
}

void SeenViews::add_family(std::vector<Value> viewers) {
  Views views(problem_, std::move(viewers));
  const std::size_t atoms = views.size();
  Family family{std::move(views), SeenAtoms(atoms)};
  for (const Breadth breadth : every_breadth) family.scopes.push_back(scopes_of(family.views, breadth));
  families_.push_back(std::move(family));
}

// Each size has its share: what is seen of two of two members is not all that two of three may see.
void SeenViews::read(const std::vector<SizedStates>& sized, const Deadline& deadline) {
  Sample sample;
  const double until = deadline.seconds_left() * (1 - share_of_reading);
  for (const SizedStates& of_a_size : sized) {
    room_ += most_views / sized.size();
    const model::Instance instance(of_a_size.model, of_a_size.valuation);
    const std::vector<Value> sizes = sizes_for(of_a_size.valuation.parameters);
    const std::size_t states = of_a_size.states.size();
    const std::size_t apart = states / most_states + 1; // so that near and far states are seen
    for (std::size_t first = 0; first < apart; ++first)
      for (std::size_t i = first; i < states && deadline.seconds_left() > until; i += apart) {
        of_a_size.states.read(i, sample);
        remember(instance, sample.state, sample.parameters, sizes, [](News&&) {});
        if (first > 0 &&
            std::ranges::all_of(families_, [&](const Family& f) { return f.seen.size() >= room_; }))
          break;
      }
  }
}

// The same walks each time, but for when they end.
void SeenViews::walk_further(const SizedStates& sized, const Deadline& deadline) {
  if (!sized.walk) return;
  const double until =
      deadline.seconds_left() - std::min(most_seconds_of_walks, deadline.seconds_left() * share_of_walks);
  const model::Instance instance(sized.model, sized.valuation);
  const std::vector<Value> sizes = sizes_for(sized.valuation.parameters);
  std::mt19937 random;
  std::vector<State> starts;
  Sample sample;
  for (std::size_t i = 0; i < sized.states.size(); i += sized.states.size() / most_starts + 1) {
    sized.states.read(i, sample);
    starts.push_back(sample.state);
  }
  std::size_t states = 0, news = 0, news_before = 0, look_at = states_at_a_time;
  while (!starts.empty() && deadline.seconds_left() > until) {
    if (states >= look_at) {
      if (news < news_before + least_news) return;
      news_before = news;
      look_at += states_at_a_time;
    }
    const std::size_t latest = random() % 2 == 0 ? std::min(latest_starts, starts.size()) : starts.size();
    const State start = starts[starts.size() - 1 - random() % latest];
    sized.walk(start, [&](const State& next) {
      ++states;
      bool is_new = false;
      remember(instance, next, sized.valuation.parameters, sizes, [&](News&&) { is_new = true; });
      if (is_new) {
        ++news;
        starts.push_back(next);
      }
      return true;
    });
  }
}

std::vector<Value> SeenViews::sizes_for(const std::vector<Value>& parameters) const {
  std::vector<Value> sizes;
  for (const result::OpenSet& open : problem_.open)
    sizes.push_back(
        model::evaluate_constant(problem_.model, {parameters, problem_.valuation.kept}, open.size));
  return sizes;
}

template <class F>
void SeenViews::each_choice(const Family& family, const model::Instance& instance,
                            const std::vector<Value>& sizes, F&& f) const {
  family.views.each_choice(instance, [&](const Viewers& members) {
    if (exist(members, sizes)) f(members);
  });
}

template <class F>
void SeenViews::remember(const model::Instance& instance, const State& state,
                         const std::vector<Value>& parameters, const std::vector<Value>& sizes, F&& is_new) {
  for (std::size_t f = 0; f < families_.size(); ++f) {
    Family& family = families_[f];
    each_choice(family, instance, sizes, [&](const Viewers& members) {
      auto view = family.views.atoms_of(instance, state, parameters, members);
      const AtomBits bits = bits_of(view, family.views.size());
      if (family.seen.size() < room_) {
        if (!family.known.insert(hash_of(bits)).second) return;
        family.seen.add(view);
      } else if (family.known.contains(hash_of(bits))) {
        return;
      }
      bool adds = false;
      for (std::vector<Scope>& scopes : family.scopes)
        for (Scope& scope : scopes) adds = scope.add(bits) || adds;
      if (adds) is_new(News{f, std::move(view), nullptr});
    });
  }
}

bool SeenViews::is_narrow(std::size_t family, Breadth breadth) const {
  return breadth != Breadth::views && families_[family].is_narrow[static_cast<std::size_t>(breadth)];
}

void SeenViews::find_narrow() {
  for (Family& family : families_) {
    const auto& viewers = family.views.viewers();
    const bool is_alone = std::accumulate(viewers.begin(), viewers.end(), Value{0}) == 1;
    for (const Breadth breadth : every_breadth) {
      std::size_t parts = 0;
      for (const Scope& scope : family.scopes[static_cast<std::size_t>(breadth)]) parts += scope.parts_seen();
      const bool is_simple =
          breadth == Breadth::two_threads || (is_alone && breadth != Breadth::one_thread_and_scalars);
      family.is_narrow.push_back(is_simple || parts <= most_parts_if_narrow);
    }
  }
}

bool SeenViews::is_new(const model::Instance& instance, const State& state,
                       const std::vector<Value>& parameters, const std::vector<Value>& sizes) const {
  bool any = false;
  for (std::size_t f = 0; f < families_.size() && !any; ++f) {
    const Family& family = families_[f];
    each_choice(family, instance, sizes, [&](const Viewers& members) {
      if (any) return;
      const AtomBits bits =
          bits_of(family.views.atoms_of(instance, state, parameters, members), family.views.size());
      for (const Breadth breadth : every_breadth)
        if (!any && is_narrow(f, breadth))
          any = !std::ranges::all_of(family.scopes[static_cast<std::size_t>(breadth)],
                                     [&](const Scope& scope) { return scope.is_seen(bits); });
    });
  }
  return any;
}

void SeenViews::add_parts(const model::Instance& instance, const State& state,
                          const std::vector<Value>& parameters, const std::vector<Value>& sizes,
                          std::vector<News>& news) {
  for (std::size_t f = 0; f < families_.size(); ++f) {
    Family& family = families_[f];
    each_choice(family, instance, sizes, [&](const Viewers& members) {
      const AtomBits bits =
          bits_of(family.views.atoms_of(instance, state, parameters, members), family.views.size());
      for (const Breadth breadth : every_breadth)
        if (is_narrow(f, breadth))
          for (Scope& scope : family.scopes[static_cast<std::size_t>(breadth)])
            if (scope.add(bits)) news.push_back({f, scope.atoms_of(bits), &scope});
    });
  }
}

std::optional<SeenViews::Clause> SeenViews::clause_against(const Counterexample& found, Among most,
                                                           const std::vector<bool>* matter) const {
  for (const Breadth breadth : {Breadth::no_thread, Breadth::one_thread, Breadth::one_thread_and_scalars,
                                Breadth::two_threads, Breadth::views}) {
    if (breadth == Breadth::views && most != Among::views) break;
    for (std::size_t f = 0; f < families_.size(); ++f)
      if (most == Among::narrow && !is_narrow(f, breadth)) continue;
      else if (auto cube = cube_against(families_[f], breadth, found, matter))
        return Clause{families_[f].views.clause(*cube), std::move(*cube), f, breadth};
  }
  return {};
}

// The shortest that any choice of members, and any scope, gives.
std::optional<std::vector<AnyAtom>> SeenViews::cube_against(const Family& family, Breadth breadth,
                                                            const Counterexample& found,
                                                            const std::vector<bool>* matter) const {
  const Views& views = family.views;
  const std::vector<Value> sizes = sizes_for(found.parameters);
  std::optional<std::vector<AnyAtom>> best;
  // What is said of fewer than look must be so where there are no more: others tell that.
  const bool are_several = std::accumulate(views.viewers().begin(), views.viewers().end(), Value{0}) > 1;
  const auto offer = [&](std::optional<std::vector<AnyAtom>> cube) {
    if (are_several && cube && !views.is_about_all_viewers(*cube)) return;
    if (cube && !cube->empty() && (!best || cube->size() < best->size())) best = std::move(cube);
  };
  each_choice(family, names_, sizes, [&](const Viewers& members) {
    const auto view = views.atoms_of(names_, found.from, found.parameters, members);
    const AtomBits bits = bits_of(view, views.size());
    if (family.known.contains(hash_of(bits))) return;
    const auto is_of_account = [&](std::size_t atom) {
      return matter == nullptr || (*matter)[views.symbol_of(atom, names_, members)];
    };
    if (breadth == Breadth::views) {
      std::vector<AtomLiteral> literals = views.literals_of(view);
      std::erase_if(literals, [&](const AtomLiteral& literal) { return !is_of_account(literal.atom); });
      if (const auto cube = family.seen.separate(literals))
        offer(family.seen.widened(*cube, [&](std::size_t atom) { return views.rivals(atom); }));
      return;
    }
    for (const Scope& scope : family.scopes[static_cast<std::size_t>(breadth)])
      if (!scope.is_seen(bits)) offer(scope.separate(views, bits, is_of_account));
  });
  return best;
}

// A part of a view says nothing of what is not in the scope.
bool SeenViews::contradicts(const News& news, const Clause& clause) {
  if (news.family != clause.family) return false;
  const auto is_in_scope = [&](const AnyAtom& literal) { return news.scope->has(literal.atoms.front()); };
  return (news.scope == nullptr || std::ranges::all_of(clause.cube, is_in_scope)) &&
         all_hold(clause.cube, news.atoms);
}

std::vector<SeenViews::News> SeenViews::reached(const Counterexample& found) {
  std::vector<News> all;
  remember(names_, *found.to, found.parameters, sizes_for(found.parameters),
           [&](News&& news) { all.push_back(std::move(news)); });
  return all;
}

// What the clause is about, each time that the counterexample breaks it; sorted.
std::vector<std::vector<std::size_t>> SeenViews::broken_symbols(const Counterexample& found,
                                                                const Clause& broken) const {
  const Family& family = families_[broken.family];
  const std::vector<Value> sizes = sizes_for(found.parameters);
  std::vector<std::vector<std::size_t>> all;
  each_choice(family, names_, sizes, [&](const Viewers& members) {
    if (!all_hold(broken.cube, family.views.atoms_of(names_, *found.to, found.parameters, members))) return;
    std::vector<std::size_t>& symbols = all.emplace_back();
    for (const AnyAtom& literal : broken.cube)
      symbols.push_back(family.views.symbol_of(literal.atoms.front(), names_, members));
    std::ranges::sort(symbols);
    const auto [first, last] = std::ranges::unique(symbols);
    symbols.erase(first, last);
  });
  return all;
}

std::vector<SeenViews::News> SeenViews::reached_from_alike(const Counterexample& found, const Clause& broken,
                                                           const std::vector<bool>& matter) {
  const std::size_t cells = names_.cells().size();
  const auto changes = [&](std::size_t symbol) {
    return symbol < cells ? found.from.cells[symbol] != found.to->cells[symbol]
                          : found.from.at[symbol - cells] != found.to->at[symbol - cells];
  };
  const auto all_broken = broken_symbols(found, broken);
  const std::vector<Value> sizes = sizes_for(found.parameters);
  std::vector<News> all;
  for (std::size_t f = 0; f < families_.size(); ++f) {
    Family& family = families_[f];
    const std::size_t size = family.views.size();
    each_choice(family, names_, sizes, [&](const Viewers& members) {
      std::vector<std::size_t> symbols; // by atom
      for (std::size_t atom = 0; atom < size; ++atom)
        symbols.push_back(family.views.symbol_of(atom, names_, members));
      const auto before = bits_of(family.views.atoms_of(names_, found.from, found.parameters, members), size);
      const auto after = bits_of(family.views.atoms_of(names_, *found.to, found.parameters, members), size);
      const auto is_about_broken = [&](const Scope& scope) {
        std::vector<std::size_t> about;
        for (const std::size_t atom : scope.atoms()) about.push_back(symbols[atom]);
        std::ranges::sort(about);
        return std::ranges::any_of(
            all_broken, [&](const auto& broken_here) { return std::ranges::includes(about, broken_here); });
      };
      for (std::vector<Scope>& scopes : family.scopes)
        for (Scope& scope : scopes) {
          if (scope.is_seen(after) || !is_about_broken(scope)) continue;
          for (std::vector<std::size_t> atoms : scope.seen_like(
                   before, [&](std::size_t atom) { return matter[symbols[atom]]; }, most_alike)) {
            std::erase_if(atoms, [&](std::size_t atom) { return changes(symbols[atom]); });
            for (const std::size_t atom : scope.atoms_of(after))
              if (changes(symbols[atom])) atoms.push_back(atom);
            std::ranges::sort(atoms);
            if (scope.add(bits_of(atoms, size))) all.push_back({f, std::move(atoms), &scope});
          }
          // What is not of account may say that they do not break it. Then at least the counterexample does.
          const auto is_refuted = [&] {
            return std::ranges::any_of(all, [&](const News& one) { return contradicts(one, broken); });
          };
          if (f == broken.family && !is_refuted() && scope.add(after))
            all.push_back({f, scope.atoms_of(after), &scope});
        }
    });
  }
  return all;
}

} // namespace tdxcheck::prove
