// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/seen_atoms.h"

#include <algorithm>

namespace tdxcheck::prove {

void SeenAtoms::add(const std::vector<std::size_t>& atoms) {
  if (size_ % word == 0)
    for (Bits& bits : having_) bits.push_back(0);
  for (const std::size_t atom : atoms) having_[atom].back() |= std::uint64_t{1} << (size_ % word);
  ++size_;
}

std::uint64_t SeenAtoms::matching(const AtomLiteral& literal, std::size_t w) const {
  const std::uint64_t bits = having_[literal.atom][w], all = literal.positive ? bits : ~bits;
  return w == size_ / word ? all & ((std::uint64_t{1} << (size_ % word)) - 1) : all;
}

bool SeenAtoms::any_has(const std::vector<AtomLiteral>& literals) const {
  return some_has(literals, [](std::size_t) { return true; });
}

// The literal that excludes most of what is left, until nothing is left; then those that others make
// unnecessary go.
std::optional<std::vector<AtomLiteral>> SeenAtoms::separate(const std::vector<AtomLiteral>& offered) const {
  const std::size_t words = (size_ + word - 1) / word;
  Bits left(words, ~std::uint64_t{0});
  std::vector<AtomLiteral> cube;
  std::size_t remaining = size_;
  while (remaining > 0) {
    const AtomLiteral* best = nullptr;
    std::size_t best_left = remaining;
    for (const AtomLiteral& literal : offered) {
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
  return without_the_unnecessary(std::move(cube));
}

SeenAtoms::Bits SeenAtoms::having_any(const AnyAtom& literal) const {
  const std::size_t words = (size_ + word - 1) / word;
  Bits bits(words, 0);
  for (const std::size_t atom : literal.atoms)
    for (std::size_t w = 0; w < words; ++w) bits[w] |= matching({atom, literal.positive}, w);
  return bits;
}

std::vector<AnyAtom>
SeenAtoms::widened(const std::vector<AtomLiteral>& cube,
                   const std::function<std::vector<std::size_t>(std::size_t)>& rivals) const {
  std::vector<AnyAtom> wide;
  for (const AtomLiteral& literal : cube) wide.push_back({{literal.atom}, literal.positive});
  std::vector<Bits> having;
  for (const AnyAtom& literal : wide) having.push_back(having_any(literal));
  for (std::size_t i = 0; i < wide.size(); ++i) {
    if (!wide[i].positive) continue;
    Bits rest((size_ + word - 1) / word, ~std::uint64_t{0});
    for (std::size_t j = 0; j < wide.size(); ++j)
      for (std::size_t w = 0; j != i && w < rest.size(); ++w) rest[w] &= having[j][w];
    for (const std::size_t rival : rivals(wide[i].atoms.front())) {
      bool is_new = true;
      for (std::size_t w = 0; w < rest.size() && is_new; ++w)
        is_new = (rest[w] & matching({rival, true}, w)) == 0;
      if (is_new && rival != cube[i].atom) wide[i].atoms.push_back(rival);
    }
    having[i] = having_any(wide[i]);
  }
  return wide;
}

std::vector<AtomLiteral> SeenAtoms::without_the_unnecessary(std::vector<AtomLiteral> cube) const {
  for (std::size_t i = cube.size(); i-- > 0;) {
    std::vector<AtomLiteral> shorter = cube;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    if (!shorter.empty() && !any_has(shorter)) cube = std::move(shorter);
  }
  return cube;
}

} // namespace tdxcheck::prove
