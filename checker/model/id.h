// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Typed positions in the tables of a model. An Id<Variable> cannot be used where an Id<Thread> is meant.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tdxcheck::model {

template <class T>
struct Id {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(Id, Id) = default;
};

// A vector that is indexed by the Id of its own element type only (and iterated like any vector).
template <class T>
class Table {
public:
  using value_type = T;

  [[nodiscard]] T& operator[](Id<T> id) { return rows_.at(id.value); }
  [[nodiscard]] const T& operator[](Id<T> id) const { return rows_.at(id.value); }

  Id<T> add(T row) {
    rows_.push_back(std::move(row));
    return Id<T>{static_cast<std::uint32_t>(rows_.size() - 1)};
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] bool has(Id<T> id) const { return id.value < rows_.size(); }
  [[nodiscard]] auto begin() { return rows_.begin(); }
  [[nodiscard]] auto end() { return rows_.end(); }
  [[nodiscard]] auto begin() const { return rows_.begin(); }
  [[nodiscard]] auto end() const { return rows_.end(); }

  // Every Id in order: for (auto id : table.ids()).
  [[nodiscard]] std::vector<Id<T>> ids() const {
    std::vector<Id<T>> all;
    all.reserve(rows_.size());
    for (std::uint32_t i = 0; i < rows_.size(); ++i) all.push_back(Id<T>{i});
    return all;
  }

  friend bool operator==(const Table&, const Table&) = default;

private:
  std::vector<T> rows_;
};

} // namespace tdxcheck::model
