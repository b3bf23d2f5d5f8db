// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/mine_pairs.h"

#include <map>

namespace tdxcheck::prove {
namespace {

using Set = std::vector<bool>; // of values

// A value that was never seen is a matter of its aspect alone.
Set seen_values(const Features& features, const SeenTable& seen, std::size_t aspect) {
  Set values;
  for (std::size_t v = 0; v < features.values_of(aspect); ++v) values.push_back(seen.occurs(aspect, v));
  return values;
}

// By the set of partners that they never met: the values of the one side.
std::map<Set, Set> by_strangers(const std::vector<Set>& strangers, const Set& values) {
  std::map<Set, Set> classes;
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (!values[v]) continue;
    Set& alike = classes.try_emplace(strangers[v], values.size(), false).first->second;
    alike[v] = true;
  }
  std::erase_if(classes,
                [](const auto& entry) { return std::ranges::none_of(entry.first, std::identity{}); });
  return classes;
}

std::vector<Box> pair_of(const SeenTable& seen, std::size_t a, const Set& of_a, std::size_t b,
                         const Set& of_b) {
  std::vector<Set> strangers_of_a(of_a.size(), Set(of_b.size(), false)),
      strangers_of_b(of_b.size(), Set(of_a.size(), false));
  for (std::size_t v = 0; v < of_a.size(); ++v) {
    for (std::size_t w = 0; w < of_b.size(); ++w) {
      if (!of_a[v] || !of_b[w] || seen.occur_together(a, v, b, w)) continue;
      strangers_of_a[v][w] = true;
      strangers_of_b[w][v] = true;
    }
  }
  const auto from_a = by_strangers(strangers_of_a, of_a), from_b = by_strangers(strangers_of_b, of_b);
  std::vector<Box> boxes;
  if (from_a.size() <= from_b.size())
    for (const auto& [strangers, values] : from_a) boxes.push_back({{a, values}, {b, strangers}});
  else
    for (const auto& [strangers, values] : from_b) boxes.push_back({{a, strangers}, {b, values}});
  return boxes;
}

} // namespace

std::vector<Box> mine_pair(const Features& features, const SeenTable& seen, std::size_t a, std::size_t b) {
  return pair_of(seen, a, seen_values(features, seen, a), b, seen_values(features, seen, b));
}

std::vector<Box> mine_pairs(const Features& features, const SeenTable& seen) {
  std::vector<Box> boxes;
  std::vector<Set> values;
  for (std::size_t a = 0; a < features.aspects().size(); ++a) {
    values.push_back(seen_values(features, seen, a));
    Set never = values.back();
    never.flip();
    if (std::ranges::any_of(never, std::identity{})) boxes.push_back({{a, std::move(never)}});
  }
  for (std::size_t a = 0; a < values.size(); ++a) {
    for (std::size_t b = a + 1; b < values.size(); ++b) {
      std::vector<Box> of_these = pair_of(seen, a, values[a], b, values[b]);
      boxes.insert(boxes.end(), of_these.begin(), of_these.end());
    }
  }
  return boxes;
}

} // namespace tdxcheck::prove
