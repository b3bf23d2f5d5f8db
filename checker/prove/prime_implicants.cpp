// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/prime_implicants.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

constexpr std::size_t most_unordered_values = 16; // 2^16 sets
constexpr std::size_t most_work = 400'000'000;    // looks at a cell: about a second
constexpr std::size_t most_boxes = 20'000;        // that are compared with each other

using Set = std::vector<bool>; // of values of one axis

std::size_t stride_of(const TruthTable& table, std::size_t axis) {
  std::size_t stride = 1;
  for (std::size_t a = axis + 1; a < table.axes.size(); ++a) stride *= table.axes[a].values;
  return stride;
}

bool is_within(const Set& inner, const Set& outer) {
  for (std::size_t v = 0; v < inner.size(); ++v)
    if (inner[v] && !outer[v]) return false;
  return true;
}

bool is_within(const Box& inner, const Box& outer) {
  for (std::size_t a = 0; a < inner.values.size(); ++a)
    if (!is_within(inner.values[a], outer.values[a])) return false;
  return true;
}

std::size_t size_of(const Set& set) { return static_cast<std::size_t>(std::ranges::count(set, true)); }

// Values of an axis that nothing tells apart have the same class.
struct Merged {
  TruthTable table;
  std::vector<std::vector<std::size_t>> class_of; // by axis, by value
};

std::vector<Wanted> slice(const TruthTable& table, std::size_t axis, std::size_t value) {
  const std::size_t stride = stride_of(table, axis), values = table.axes[axis].values;
  std::vector<Wanted> cells;
  for (std::size_t cell = 0; cell < table.cells.size(); ++cell)
    if (cell / stride % values == value) cells.push_back(table.cells[cell]);
  return cells;
}

std::vector<std::size_t> classes_along(const TruthTable& table, std::size_t axis) {
  std::map<std::vector<Wanted>, std::size_t> known;
  std::vector<std::size_t> classes;
  std::size_t next = 0;
  for (std::size_t v = 0; v < table.axes[axis].values; ++v) {
    const auto [found, is_new] = known.emplace(slice(table, axis, v), next);
    const bool goes_on = !is_new && (!table.axes[axis].is_ordered || found->second == classes.back());
    if (!goes_on) found->second = next++;
    classes.push_back(found->second);
  }
  return classes;
}

TruthTable merged_along(const TruthTable& table, std::size_t axis, const std::vector<std::size_t>& classes) {
  TruthTable merged{table.axes, {}};
  merged.axes[axis].values = *std::ranges::max_element(classes) + 1;
  const std::size_t stride = stride_of(table, axis), values = table.axes[axis].values;
  for (std::size_t cell = 0; cell < table.cells.size(); ++cell) {
    const std::size_t value = cell / stride % values;
    const auto first = static_cast<std::size_t>(std::ranges::find(classes, classes[value]) - classes.begin());
    if (first == value) merged.cells.push_back(table.cells[cell]);
  }
  return merged;
}

Merged merged(const TruthTable& table) {
  Merged result{table, {}};
  for (std::size_t axis = 0; axis < table.axes.size(); ++axis) {
    result.class_of.push_back(classes_along(result.table, axis));
    result.table = merged_along(result.table, axis, result.class_of.back());
  }
  return result;
}

// In an ordered axis, leaving out a class is a comparison only if it is a single value.
std::vector<Set> sets_along(const Axis& axis, const std::vector<std::size_t>& class_of) {
  const std::size_t n = axis.values;
  std::vector<Set> sets;
  if (!axis.is_ordered) {
    for (std::size_t bits = 1; bits < std::size_t{1} << n; ++bits) {
      Set set(n);
      for (std::size_t v = 0; v < n; ++v) set[v] = (bits >> v & 1) != 0;
      sets.push_back(std::move(set));
    }
    return sets;
  }
  for (std::size_t low = 0; low < n; ++low)
    for (std::size_t high = low; high < n; ++high) {
      Set set(n);
      for (std::size_t v = low; v <= high; ++v) set[v] = true;
      sets.push_back(std::move(set));
    }
  for (std::size_t v = 1; v + 1 < n; ++v) {
    if (std::ranges::count(class_of, v) != 1) continue;
    Set set(n, true);
    set[v] = false;
    sets.push_back(std::move(set));
  }
  return sets;
}

class Search {
public:
  explicit Search(const Merged& merged) : table_(merged.table) {
    for (std::size_t axis = 0; axis < table_.axes.size(); ++axis) {
      sets_.push_back(sets_along(table_.axes[axis], merged.class_of[axis]));
      // Larger ones first: of sets with the same in common the first is kept.
      std::ranges::stable_sort(sets_.back(), std::ranges::greater{}, size_of);
    }
  }

  // Boxes of merged values; false if there are too many.
  [[nodiscard]] bool run() {
    std::vector<bool> possible;
    for (const Wanted wanted : table_.cells) possible.push_back(wanted != Wanted::no);
    Box box;
    extend(box, possible);
    return work_ <= most_work && boxes_.size() <= most_boxes;
  }
  [[nodiscard]] std::vector<Box> largest() {
    std::ranges::stable_sort(boxes_, std::ranges::greater{}, [](const Box& box) {
      std::size_t cells = 1;
      for (const Set& set : box.values) cells *= size_of(set);
      return cells;
    });
    std::vector<Box> kept;
    for (const Box& box : boxes_)
      if (std::ranges::none_of(kept, [&](const Box& larger) { return is_within(box, larger); }))
        kept.push_back(box);
    std::erase_if(kept, [&](const Box& box) { return !says_yes(box); });
    return kept;
  }

private:
  // `possible`: of the cells along the axes that `box` has no set for yet, those that no value of it forbids.
  void extend(Box& box, const std::vector<bool>& possible) {
    const std::size_t axis = box.values.size();
    if (axis == table_.axes.size()) {
      boxes_.push_back(box);
      return;
    }
    const std::size_t stride = possible.size() / table_.axes[axis].values;
    std::map<std::vector<bool>, std::vector<const Set*>> tried; // by what is in common
    for (const Set& set : sets_[axis]) {
      if (work_ > most_work || boxes_.size() > most_boxes) return;
      const std::vector<bool> common = in_common(possible, set, stride);
      if (std::ranges::find(common, true) == common.end()) continue;
      std::vector<const Set*>& same = tried[common];
      if (std::ranges::any_of(same, [&](const Set* larger) { return is_within(set, *larger); })) continue;
      same.push_back(&set);
      box.values.push_back(set);
      extend(box, common);
      box.values.pop_back();
    }
  }

  [[nodiscard]] std::vector<bool> in_common(const std::vector<bool>& possible, const Set& set,
                                            std::size_t stride) {
    std::vector<bool> common(stride, true);
    for (std::size_t v = 0; v < set.size(); ++v) {
      if (!set[v]) continue;
      for (std::size_t i = 0; i < stride; ++i)
        if (!possible[v * stride + i]) common[i] = false;
      work_ += stride;
    }
    return common;
  }

  [[nodiscard]] bool says_yes(const Box& box) const {
    for (std::size_t cell = 0; cell < table_.cells.size(); ++cell)
      if (table_.cells[cell] == Wanted::yes && box.contains(table_, cell)) return true;
    return false;
  }

  const TruthTable& table_;
  std::vector<std::vector<Set>> sets_; // by axis
  std::vector<Box> boxes_;
  std::size_t work_ = 0;
};

Box with_all_values(const Box& box, const Merged& merged) {
  Box wide;
  for (std::size_t axis = 0; axis < box.values.size(); ++axis) {
    Set set;
    for (const std::size_t of : merged.class_of[axis]) set.push_back(box.values[axis][of]);
    wide.values.push_back(std::move(set));
  }
  return wide;
}

} // namespace

bool Box::contains(const TruthTable& table, std::size_t cell) const {
  for (std::size_t axis = table.axes.size(); axis-- > 0;) {
    const std::size_t n = table.axes[axis].values;
    if (!values[axis][cell % n]) return false;
    cell /= n;
  }
  return true;
}

std::optional<std::vector<Box>> prime_implicants(const TruthTable& table) {
  std::size_t cells = 1;
  for (const Axis& axis : table.axes) cells *= axis.values;
  support::expects(cells == table.cells.size(), "a truth table has a cell for each choice of values");
  const Merged small = merged(table);
  for (const Axis& axis : small.table.axes)
    if (!axis.is_ordered && axis.values > most_unordered_values) return {};
  Search search(small);
  if (!search.run()) return {};
  std::vector<Box> boxes;
  for (const Box& box : search.largest()) boxes.push_back(with_all_values(box, small));
  return boxes;
}

} // namespace tdxcheck::prove
