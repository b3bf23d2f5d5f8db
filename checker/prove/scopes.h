// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a lemma may be about. A view (views.h) is everything that a member sees, and what tells a state from
// all views that were seen is often an accident: two things that have nothing to do with each other, and of
// which it takes many lemmas to say why they never meet. A scope is a small part of a view: one thread, the
// variables that are nobody's, and of each closed set one member (a root and who points at it); or of two
// threads what is theirs. There are so few things to see in a scope that whatever lemmas about it are wrong
// are soon found out.
//
// Lemmas about scopes are a finite abstract domain, the product of the relations on each scope, and learning
// in it comes to an end at its least fixpoint (Cousot and Cousot 1979; predicate abstraction, Graf and Saidi
// 1997). Private to prove/.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "prove/seen_atoms.h"
#include "prove/views.h"

namespace tdxcheck::prove {

// Which atoms are true, a bit each.
using AtomBits = std::vector<std::uint64_t>;
[[nodiscard]] AtomBits bits_of(const std::vector<std::size_t>& atoms, std::size_t size);
[[nodiscard]] std::uint64_t hash_of(const AtomBits& bits);

class Scope {
public:
  // Of the views, these atoms, in ascending order.
  Scope(const Views& views, std::vector<std::size_t> atoms);

  [[nodiscard]] const std::vector<std::size_t>& atoms() const { return atoms_; }
  [[nodiscard]] bool has(std::size_t atom) const { return std::ranges::binary_search(atoms_, atom); }
  // Those that are true in the view.
  [[nodiscard]] std::vector<std::size_t> atoms_of(const AtomBits& view) const;
  [[nodiscard]] bool is_seen(const AtomBits& view) const { return known_.contains(hash_of_part(view)); }
  // What is seen in such a view. False if it was seen before.
  bool add(const AtomBits& view);
  [[nodiscard]] std::size_t parts_seen() const { return known_.size(); }
  using OfAccount = std::function<bool(std::size_t)>; // is this atom?
  // Excludes such a view and others of which no such part was seen; by those atoms of the scope that are of
  // account. Nothing if that part was seen.
  [[nodiscard]] std::optional<std::vector<AnyAtom>> separate(const Views& views, const AtomBits& view,
                                                             const OfAccount& is_of_account) const;
  // Parts that were seen and are like the view in all atoms of account; at most so many.
  [[nodiscard]] std::vector<std::vector<std::size_t>>
  seen_like(const AtomBits& view, const OfAccount& is_of_account, std::size_t most) const;

private:
  [[nodiscard]] std::vector<AtomLiteral> literals(const AtomBits& view, const OfAccount& is_of_account) const;
  [[nodiscard]] std::uint64_t hash_of_part(const AtomBits& view) const;

  std::vector<std::size_t> atoms_; // of the views
  std::vector<std::size_t> local_; // by atom of the views; or none
  AtomBits mask_;
  std::vector<bool> counts_negated_;
  SeenAtoms seen_;
  std::unordered_set<std::uint64_t> known_;
};

// In the view, all that the cube says is so.
[[nodiscard]] bool all_hold(const std::vector<AnyAtom>& cube, const std::vector<std::size_t>& view);

// What a scope has, from the narrow to the wide.
enum class Breadth {
  no_thread,              // variables that are no thread's own
  one_thread,             // a thread, and those of the variables that have an index or point at a member
  one_thread_and_scalars, // a thread, and all of them
  two_threads,            // what is their own
  views                   // everything; that is no scope
};
[[nodiscard]] std::vector<Scope> scopes_of(const Views& views, Breadth breadth);

} // namespace tdxcheck::prove
