// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/separate.h"

#include <algorithm>
#include <bit>

namespace tdxcheck::prove {
namespace {

constexpr std::size_t most_aspects = 5;        // that are tried in all combinations
constexpr std::size_t most_supports = 40;      // that are grown
constexpr std::size_t most_looks = 30'000'000; // at words, before the greedy way is taken

using Support = std::vector<std::size_t>; // places among the aspects, in order

// The seen states that agree with the sample in some aspects: words that are not 0, with their places.
struct Agreeing {
  std::vector<std::pair<std::size_t, std::uint64_t>> words;
};

class Separation {
public:
  Separation(const Features& features, const SeenTable& seen, const Sample& sample,
             const std::vector<std::size_t>& aspects)
      : seen_(seen) {
    for (const std::size_t a : aspects) rows_.push_back(&seen.having(a, features.value_in(a, sample)));
  }

  // Of the least size that there are any of.
  [[nodiscard]] std::vector<Support> supports() {
    Agreeing all;
    for (std::size_t w = 0; w < seen_.words(); ++w) all.words.emplace_back(w, ~std::uint64_t{0});
    for (std::size_t size = 1; size <= std::min(most_aspects, rows_.size()); ++size) {
      Support chosen;
      extend(chosen, all, 0, size);
      if (!found_.empty()) return std::move(found_);
      if (looks_ > most_looks) break;
    }
    if (const auto one = greedily()) return {*one};
    return {};
  }

private:
  [[nodiscard]] bool agree(const Agreeing& before, std::size_t aspect) {
    const SeenTable::Row& row = *rows_[aspect];
    for (const auto& [w, bits] : before.words) {
      ++looks_;
      if ((bits & row[w]) != 0) return true;
    }
    return false;
  }

  [[nodiscard]] Agreeing narrowed(const Agreeing& before, std::size_t aspect) {
    Agreeing after;
    const SeenTable::Row& row = *rows_[aspect];
    looks_ += before.words.size();
    for (const auto& [w, bits] : before.words)
      if (const std::uint64_t both = bits & row[w]; both != 0) after.words.emplace_back(w, both);
    return after;
  }

  void extend(Support& chosen, const Agreeing& agreeing, std::size_t from, std::size_t size) {
    for (std::size_t a = from; a < rows_.size(); ++a) {
      if (found_.size() >= most_supports || looks_ > most_looks) return;
      chosen.push_back(a);
      if (chosen.size() < size) extend(chosen, narrowed(agreeing, a), a + 1, size);
      else if (!agree(agreeing, a)) found_.push_back(chosen);
      chosen.pop_back();
    }
  }

  // The aspect that excludes most of what is left, until nothing is; then those go that others make
  // unnecessary.
  [[nodiscard]] std::optional<Support> greedily() {
    Agreeing left;
    for (std::size_t w = 0; w < seen_.words(); ++w) left.words.emplace_back(w, ~std::uint64_t{0});
    Support chosen;
    std::size_t remaining = ~std::size_t{0};
    while (!left.words.empty()) {
      std::optional<std::size_t> best;
      for (std::size_t a = 0; a < rows_.size(); ++a) {
        std::size_t still = 0;
        for (const auto& [w, bits] : left.words)
          still += static_cast<std::size_t>(std::popcount(bits & (*rows_[a])[w]));
        if (still >= remaining) continue;
        best = a;
        remaining = still;
      }
      if (!best) return {};
      left = narrowed(left, *best);
      chosen.push_back(*best);
    }
    for (std::size_t i = chosen.size(); i-- > 0;) {
      Support shorter = chosen;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
      if (!shorter.empty() && excludes_all(shorter)) chosen = std::move(shorter);
    }
    std::ranges::sort(chosen);
    return chosen;
  }

  [[nodiscard]] bool excludes_all(const Support& support) const {
    for (std::size_t w = 0; w < seen_.words(); ++w) {
      std::uint64_t bits = ~std::uint64_t{0};
      for (const std::size_t a : support) bits &= (*rows_[a])[w];
      if (bits != 0) return false;
    }
    return true;
  }

  const SeenTable& seen_;
  std::vector<const SeenTable::Row*> rows_; // what has the sample's value, by aspect
  std::vector<Support> found_;
  std::size_t looks_ = 0;
};

} // namespace

std::vector<Box> boxes_around(const Features& features, const SeenTable& seen, const Sample& sample,
                              const std::vector<std::size_t>& aspects, std::size_t most) {
  std::vector<Box> boxes;
  for (Support support : Separation(features, seen, sample, aspects).supports()) {
    for (std::size_t& place : support) place = aspects[place];
    Box box = grown(features, seen, sample, support);
    if (!box.empty() && std::ranges::count(boxes, box) == 0) boxes.push_back(std::move(box));
  }
  std::ranges::stable_sort(boxes, std::greater{}, volume);
  if (boxes.size() > most) boxes.resize(most);
  return boxes;
}

} // namespace tdxcheck::prove
