// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/scopes.h"

#include <algorithm>
#include <bit>
#include <set>

namespace tdxcheck::prove {
namespace {

using model::Value;

constexpr std::size_t none = static_cast<std::size_t>(-1);
constexpr std::size_t bits_of_a_word = 64;
constexpr std::uint64_t first_hash = 0x9e3779b97f4a7c15U;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t more) {
  hash = (hash ^ more) * 0xff51afd7ed558ccdU;
  return hash ^ hash >> 32;
}

constexpr std::size_t most_scopes = 200; // of one kind, of one family of views

} // namespace

AtomBits bits_of(const std::vector<std::size_t>& atoms, std::size_t size) {
  AtomBits bits((size + bits_of_a_word - 1) / bits_of_a_word, 0);
  for (const std::size_t atom : atoms)
    bits[atom / bits_of_a_word] |= std::uint64_t{1} << (atom % bits_of_a_word);
  return bits;
}

std::uint64_t hash_of(const AtomBits& bits) {
  std::uint64_t hash = first_hash;
  for (const std::uint64_t b : bits) hash = mixed(hash, b);
  return hash;
}

std::uint64_t Scope::hash_of_part(const AtomBits& view) const {
  std::uint64_t hash = first_hash;
  for (std::size_t w = 0; w < mask_.size(); ++w) hash = mixed(hash, view[w] & mask_[w]);
  return hash;
}

Scope::Scope(const Views& views, std::vector<std::size_t> atoms)
    : atoms_(std::move(atoms)),
      local_(views.size(), none),
      mask_(bits_of(atoms_, views.size())),
      seen_(atoms_.size()) {
  for (std::size_t i = 0; i < atoms_.size(); ++i) {
    local_[atoms_[i]] = i;
    // Of a place that points somewhere, few of the values are in the scope.
    counts_negated_.push_back(views.counts_negated(atoms_[i]) || views.about(atoms_[i]).points);
  }
}

std::vector<std::size_t> Scope::atoms_of(const AtomBits& view) const {
  std::vector<std::size_t> atoms;
  for (std::size_t w = 0; w < mask_.size(); ++w)
    for (std::uint64_t bits = view[w] & mask_[w]; bits != 0; bits &= bits - 1)
      atoms.push_back(w * bits_of_a_word + static_cast<std::size_t>(std::countr_zero(bits)));
  return atoms;
}

bool Scope::add(const AtomBits& view) {
  if (!known_.insert(hash_of_part(view)).second) return false;
  std::vector<std::size_t> part;
  for (const std::size_t atom : atoms_of(view)) part.push_back(local_[atom]);
  seen_.add(part);
  return true;
}

std::vector<AtomLiteral> Scope::literals(const AtomBits& view, const OfAccount& is_of_account) const {
  std::vector<AtomLiteral> all;
  for (std::size_t a = 0; a < atoms_.size(); ++a) {
    if (!is_of_account(atoms_[a])) continue;
    const bool holds = (view[atoms_[a] / bits_of_a_word] >> (atoms_[a] % bits_of_a_word) & 1) != 0;
    if (holds || counts_negated_[a]) all.push_back({a, holds});
  }
  return all;
}

std::vector<std::vector<std::size_t>> Scope::seen_like(const AtomBits& view, const OfAccount& is_of_account,
                                                       std::size_t most) const {
  std::vector<std::vector<std::size_t>> all;
  (void)seen_.some_has(literals(view, is_of_account), [&](std::size_t i) {
    all.emplace_back();
    for (std::size_t a = 0; a < atoms_.size(); ++a)
      if (seen_.has(i, a)) all.back().push_back(atoms_[a]);
    return all.size() == most;
  });
  return all;
}

std::optional<std::vector<AnyAtom>> Scope::separate(const Views& views, const AtomBits& view,
                                                    const OfAccount& is_of_account) const {
  const std::vector<AtomLiteral> offered = literals(view, is_of_account);
  if (offered.empty() || seen_.any_has(offered)) return {};
  const auto cube = seen_.separate(offered);
  if (!cube || cube->empty()) return {};
  auto wide = seen_.widened(*cube, [&](std::size_t a) {
    std::vector<std::size_t> rivals;
    if (counts_negated_[a]) return std::vector{a};
    for (const std::size_t rival : views.rivals(atoms_[a]))
      if (local_[rival] != none) rivals.push_back(local_[rival]);
    return rivals;
  });
  for (AnyAtom& literal : wide)
    for (std::size_t& atom : literal.atoms) atom = atoms_[atom];
  return wide;
}

bool all_hold(const std::vector<AnyAtom>& cube, const std::vector<std::size_t>& view) {
  return std::ranges::all_of(cube, [&](const AnyAtom& literal) {
    const bool any = std::ranges::any_of(
        literal.atoms, [&](std::size_t atom) { return std::ranges::binary_search(view, atom); });
    return any == literal.positive;
  });
}

namespace {

using Members = std::vector<Views::Member>;

// One member of each closed set that some atom is about.
std::vector<Members> choices_of_members(const Views& views) {
  std::set<Views::Member> all;
  for (std::size_t a = 0; a < views.size(); ++a)
    for (const Views::Member& member : views.about(a).members) all.insert(member);
  std::vector<Members> choices{{}};
  for (auto member = all.begin(); member != all.end();) {
    std::vector<Members> longer;
    const auto set = member->set;
    for (; member != all.end() && member->set == set; ++member)
      for (Members choice : choices) {
        choice.push_back(*member);
        longer.push_back(std::move(choice));
      }
    choices = std::move(longer);
  }
  return choices;
}

bool is_among(const Members& members, const Members& chosen) {
  return std::ranges::all_of(members,
                             [&](const Views::Member& m) { return std::ranges::count(chosen, m) > 0; });
}

std::vector<Views::Who> threads_of(const Views& views) {
  std::vector<Views::Who> all;
  for (std::size_t a = 0; a < views.size(); ++a)
    if (const auto& owner = views.about(a).owner; owner && std::ranges::count(all, *owner) == 0)
      all.push_back(*owner);
  return all;
}

template <class Takes>
void add_scopes(std::vector<Scope>& scopes, const Views& views, Takes&& takes) {
  std::set<std::vector<std::size_t>> known;
  for (const Members& chosen : choices_of_members(views)) {
    std::vector<std::size_t> atoms;
    for (std::size_t a = 0; a < views.size(); ++a)
      if (const Views::About about = views.about(a); is_among(about.members, chosen) && takes(about))
        atoms.push_back(a);
    if (scopes.size() < most_scopes && known.insert(atoms).second) scopes.emplace_back(views, atoms);
  }
}

} // namespace

std::vector<Scope> scopes_of(const Views& views, Breadth breadth) {
  std::vector<Scope> scopes;
  const std::vector<Views::Who> threads = threads_of(views);
  switch (breadth) {
  case Breadth::no_thread:
    add_scopes(scopes, views, [&](const Views::About& a) { return !a.owner && !a.is_relative; });
    break;
  case Breadth::one_thread:
    for (const Views::Who& thread : threads)
      add_scopes(scopes, views, [&](const Views::About& a) {
        return !a.is_relative && (a.owner ? *a.owner == thread : !a.is_scalar);
      });
    break;
  case Breadth::one_thread_and_scalars:
    for (const Views::Who& thread : threads)
      add_scopes(scopes, views,
                 [&](const Views::About& a) { return !a.is_relative && (!a.owner || *a.owner == thread); });
    break;
  case Breadth::two_threads:
    for (std::size_t i = 0; i < threads.size(); ++i)
      for (std::size_t j = i + 1; j < threads.size(); ++j)
        add_scopes(scopes, views, [&](const Views::About& a) {
          return a.owner && (*a.owner == threads[i] || *a.owner == threads[j]);
        });
    break;
  case Breadth::views: break;
  }
  return scopes;
}

} // namespace tdxcheck::prove
