// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/box.h"

#include <algorithm>
#include <cmath>

namespace tdxcheck::prove {

using model::Expr;

namespace {

// The aspect has one of the values: by those that it may have, or by the others, whichever are fewer.
Expr within(const Features& features, const Side& side) {
  const auto wanted = static_cast<std::size_t>(std::ranges::count(side.may, true));
  const bool directly = 2 * wanted <= side.may.size();
  Expr any;
  for (std::size_t v = 0; v < side.may.size(); ++v) {
    if (side.may[v] != directly) continue;
    const Expr is = features.has_value(side.aspect, v);
    any = any.empty() ? is : model::disjunction(any, is);
  }
  if (any.empty()) return model::truth(!directly);
  return directly ? any : model::negation(any);
}

} // namespace

bool contains(const Features& features, const Box& box, const Sample& sample) {
  return std::ranges::all_of(
      box, [&](const Side& side) { return side.may[features.value_in(side.aspect, sample)]; });
}

Expr outside(const Features& features, const Box& box) {
  Expr all;
  for (const Side& side : box) all = model::conjunction(all, within(features, side));
  return model::negation(all);
}

Box grown(const Features& features, const SeenTable& seen, const Sample& sample,
          const std::vector<std::size_t>& aspects) {
  Box box;
  std::vector<SeenTable::Row> let_in; // by side: the states that it lets through
  for (const std::size_t a : aspects) {
    const std::size_t value = features.value_in(a, sample);
    Side side{a, std::vector<bool>(features.values_of(a), false)};
    side.may[value] = true;
    box.push_back(std::move(side));
    let_in.push_back(seen.having(a, value));
  }
  for (std::size_t s = 0; s < box.size(); ++s) {
    SeenTable::Row others(seen.words(), ~std::uint64_t{0});
    for (std::size_t o = 0; o < box.size(); ++o)
      for (std::size_t w = 0; w < seen.words() && o != s; ++w) others[w] &= let_in[o][w];
    for (std::size_t v = 0; v < box[s].may.size(); ++v) {
      if (box[s].may[v]) continue;
      const SeenTable::Row& having = seen.having(box[s].aspect, v);
      bool meets = false;
      for (std::size_t w = 0; w < seen.words() && !meets; ++w) meets = (having[w] & others[w]) != 0;
      if (meets) continue;
      box[s].may[v] = true;
      for (std::size_t w = 0; w < seen.words(); ++w) let_in[s][w] |= having[w];
    }
  }
  std::erase_if(box, [](const Side& side) { return std::ranges::all_of(side.may, std::identity{}); });
  return box;
}

double volume(const Box& box) {
  double product = 1;
  for (const Side& side : box)
    product *= static_cast<double>(std::ranges::count(side.may, true)) / static_cast<double>(side.may.size());
  return product;
}

} // namespace tdxcheck::prove
