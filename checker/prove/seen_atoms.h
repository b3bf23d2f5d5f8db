// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which atoms are true in what was seen, one column of bits per atom; and conjunctions that tell something
// new from all of it.

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace tdxcheck::prove {

struct AtomLiteral {
  std::size_t atom;
  bool positive;
};

// One of several atoms is true (or the negative one is not).
struct AnyAtom {
  std::vector<std::size_t> atoms;
  bool positive = true; // with one atom only, if not
};

class SeenAtoms {
public:
  explicit SeenAtoms(std::size_t atoms) : having_(atoms) {}

  // One more, in which just these are true.
  void add(const std::vector<std::size_t>& atoms);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool has(std::size_t i, std::size_t atom) const {
    return (having_[atom][i / word] >> (i % word) & 1) != 0;
  }
  // Some have all of these.
  [[nodiscard]] bool any_has(const std::vector<AtomLiteral>& literals) const;
  // Calls `look` with each that has all of these, until it answers true.
  template <class F>
  bool some_has(const std::vector<AtomLiteral>& literals, F&& look) const {
    for (std::size_t w = 0; w * word < size_; ++w) {
      std::uint64_t bits = ~std::uint64_t{0};
      for (std::size_t i = 0; i < literals.size() && bits != 0; ++i) bits &= matching(literals[i], w);
      for (; bits != 0; bits &= bits - 1)
        if (look(w * word + static_cast<std::size_t>(std::countr_zero(bits)))) return true;
    }
    return false;
  }
  // Few of the literals that none has together; nothing if one has them all.
  [[nodiscard]] std::optional<std::vector<AtomLiteral>>
  separate(const std::vector<AtomLiteral>& offered) const;

  // The same with each positive literal widened, one after the other, to all of its rivals that none has
  // together with the rest of the cube. `rivals`: of an atom, those of which just one is true.
  [[nodiscard]] std::vector<AnyAtom>
  widened(const std::vector<AtomLiteral>& cube,
          const std::function<std::vector<std::size_t>(std::size_t)>& rivals) const;

private:
  static constexpr std::size_t word = 64;
  using Bits = std::vector<std::uint64_t>;

  [[nodiscard]] std::uint64_t matching(const AtomLiteral& literal, std::size_t w) const;
  [[nodiscard]] Bits having_any(const AnyAtom& literal) const;
  [[nodiscard]] std::vector<AtomLiteral> without_the_unnecessary(std::vector<AtomLiteral> cube) const;

  std::vector<Bits> having_; // by atom
  std::size_t size_ = 0;
};

} // namespace tdxcheck::prove
