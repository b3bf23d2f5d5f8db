// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a prime implicant could be missed, or a cover be called minimal that is not: the formula of a
// sweep would still be right, and longer than it says.

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include "prove/minimum_cover.h"
#include "prove/prime_implicants.h"

namespace shortest_formulas_test {

using namespace tdxcheck::prove;

using Set = std::vector<bool>;
using Cells = unsigned; // bits

// Every set that one comparison can say, from the definition.
bool is_comparison(const Axis& axis, const Set& set) {
  const auto in = std::ranges::count(set, true);
  if (in == 0) return false;
  if (!axis.is_ordered || in + 1 == static_cast<std::ptrdiff_t>(set.size())) return true;
  std::size_t changes = set.front() ? 1 : 0;
  for (std::size_t v = 1; v < set.size(); ++v) changes += set[v] && !set[v - 1] ? 1 : 0;
  return changes == 1;
}

std::vector<Box> all_boxes(const TruthTable& table) {
  std::vector<Box> boxes = {{}};
  for (const Axis& axis : table.axes) {
    std::vector<Box> longer;
    for (const Box& box : boxes)
      for (unsigned bits = 1; bits < 1U << axis.values; ++bits) {
        Set set;
        for (std::size_t v = 0; v < axis.values; ++v) set.push_back((bits >> v & 1U) != 0);
        if (!is_comparison(axis, set)) continue;
        longer.push_back(box);
        longer.back().values.push_back(set);
      }
    boxes = std::move(longer);
  }
  return boxes;
}

Cells cells_in(const TruthTable& table, const Box& box) {
  Cells cells = 0;
  for (std::size_t cell = 0; cell < table.cells.size(); ++cell)
    if (box.contains(table, cell)) cells |= 1U << cell;
  return cells;
}

Cells cells_that_say(const TruthTable& table, Wanted wanted) {
  Cells cells = 0;
  for (std::size_t cell = 0; cell < table.cells.size(); ++cell)
    if (table.cells[cell] == wanted) cells |= 1U << cell;
  return cells;
}

int comparisons_in(const Box& box) {
  return static_cast<int>(std::ranges::count_if(
      box.values, [](const Set& set) { return std::ranges::find(set, false) != set.end(); }));
}

using Cost = std::pair<int, int>; // terms, comparisons

// By trying everything: the least cost of each union of boxes.
Cost least_cost(const TruthTable& table) {
  const Cells no = cells_that_say(table, Wanted::no), yes = cells_that_say(table, Wanted::yes);
  std::map<Cells, int> boxes; // what it covers of the yes -> fewest comparisons
  for (const Box& box : all_boxes(table)) {
    const Cells cells = cells_in(table, box);
    if ((cells & no) != 0 || (cells & yes) == 0) continue;
    const auto [known, is_new] = boxes.emplace(cells & yes, comparisons_in(box));
    if (!is_new) known->second = std::min(known->second, comparisons_in(box));
  }
  const Cost none = {std::numeric_limits<int>::max(), 0};
  std::vector<Cost> cost(std::size_t{1} << table.cells.size(), none);
  cost[0] = {0, 0};
  for (Cells covered = 0; covered < cost.size(); ++covered) {
    if (cost[covered] == none) continue;
    for (const auto& [more, comparisons] : boxes) {
      Cost& there = cost[covered | more];
      if ((covered | more) != covered)
        there = std::min(there, Cost{cost[covered].first + 1, cost[covered].second + comparisons});
    }
  }
  return cost[yes];
}

Cost found_cost(const TruthTable& table) {
  const auto primes = prime_implicants(table);
  REQUIRE(primes.has_value());
  const Cells no = cells_that_say(table, Wanted::no), yes = cells_that_say(table, Wanted::yes);
  std::vector<std::size_t> element(table.cells.size());
  std::size_t elements = 0;
  for (std::size_t cell = 0; cell < table.cells.size(); ++cell)
    if ((yes >> cell & 1U) != 0) element[cell] = elements++;
  std::vector<Candidate> candidates;
  for (const Box& box : *primes) {
    CHECK((cells_in(table, box) & no) == 0);
    candidates.push_back({{}, {comparisons_in(box)}});
    for (std::size_t cell = 0; cell < table.cells.size(); ++cell)
      if ((yes >> cell & 1U) != 0 && box.contains(table, cell))
        candidates.back().covers.push_back(element[cell]);
  }
  const Cover cover = minimum_cover(elements, candidates, 10);
  CHECK(cover.is_minimum);
  Cost cost;
  Cells covered = 0;
  for (const std::size_t i : cover.chosen) {
    ++cost.first;
    cost.second += comparisons_in((*primes)[i]);
    covered |= cells_in(table, (*primes)[i]);
  }
  CHECK((covered & yes) == yes);
  return cost;
}

TruthTable random_table(std::mt19937& dice) {
  const std::vector<std::vector<Axis>> shapes = {{{5, true}},
                                                 {{4, false}},
                                                 {{4, true}, {3, false}},
                                                 {{3, true}, {4, true}},
                                                 {{2, false}, {2, true}, {3, true}},
                                                 {{2, false}, {2, false}, {2, false}},
                                                 {{1, true}, {4, true}, {2, false}}};
  TruthTable table{shapes[dice() % shapes.size()], {}};
  std::size_t cells = 1;
  for (const Axis& axis : table.axes) cells *= axis.values;
  const unsigned often = 1 + dice() % 5;
  for (std::size_t cell = 0; cell < cells; ++cell)
    table.cells.push_back(dice() % 8 == 0 ? Wanted::either : dice() % 6 < often ? Wanted::yes : Wanted::no);
  return table;
}

TEST_CASE("no formula has fewer terms, nor as many and fewer comparisons") {
  std::mt19937 dice(20240911);
  for (int round = 0; round < 60; ++round) {
    const TruthTable table = random_table(dice);
    CAPTURE(round);
    CHECK(found_cost(table) == least_cost(table));
  }
}

TEST_CASE("a long range costs no more than what changes along it") {
  TruthTable table{{{3000, true}, {3, false}}, {}};
  for (std::size_t n = 0; n < 3000; ++n)
    for (std::size_t v = 0; v < 3; ++v) table.cells.push_back(n >= 17 && v != 1 ? Wanted::no : Wanted::yes);
  const auto primes = prime_implicants(table);
  REQUIRE(primes.has_value());
  CHECK(primes->size() == 2);
}

TEST_CASE("a table without a pattern is given up, and no time lost on it") {
  std::mt19937 dice(7);
  TruthTable table{{{99, true}, {99, true}}, {}};
  for (std::size_t cell = 0; cell < 99 * 99; ++cell)
    table.cells.push_back(dice() % 10 != 0 ? Wanted::yes : Wanted::no);
  CHECK(!prime_implicants(table).has_value());
}

TEST_CASE("nothing needs no candidate, and of equal choices the first is told") {
  CHECK(minimum_cover(0, {}, 10).chosen.empty());
  CHECK(minimum_cover(2, {{{0}, {1}}, {{1}, {1}}, {{0, 1}, {2}}, {{0, 1}, {2}}, {{0, 1}, {3}}}, 10).chosen ==
        std::vector<std::size_t>{2});
}

} // namespace shortest_formulas_test
