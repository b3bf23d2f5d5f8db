// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Cells as a step names them: `busy[self]` of a known thread is one cell, `entry[e]` with a local `e` is
// whichever `e` says, and two steps that name `entry[e]` and `lock[e]` with the same `e` mean the same
// member. That is what a lock that protects `entry` member by member rests on.

#include <optional>
#include <vector>

#include "explore/field_set.h"
#include "explore/interpreted_system.h"

namespace tdxcheck::explore {

// One index of a place.
struct Member {
  enum class Kind : std::uint8_t { constant, local, any };
  Kind kind = Kind::any;
  model::Value value = 0; // constant: the member; local: the field of the thread's own local that says it
  friend bool operator==(const Member&, const Member&) = default;
};

struct Place {
  model::Id<model::Variable> variable;
  std::vector<Member> at;
  [[nodiscard]] bool is_one_cell() const;   // whatever the state
  [[nodiscard]] bool is_determined() const; // by the thread's locals
  friend bool operator==(const Place&, const Place&) = default;
};

// What is looked at in a place: one member of a subset, or all of it.
struct Glance {
  static constexpr model::Value all = -1;
  Place place;
  model::Value member = all;
  friend bool operator==(const Glance&, const Glance&) = default;
};

// What stands in the expressions of one thread instance, choices made.
class PlaceReader {
public:
  // `owned`: fields that no other thread writes.
  PlaceReader(const model::Instance& instance, std::size_t thread, const FieldSet& owned);

  [[nodiscard]] Place place(const model::VariableRef& reference, const Surroundings& here) const;
  // Of everything that the expression may read, members of quantified sets one by one.
  void add_glances(const model::Expr& expression, const Surroundings& here,
                   std::vector<Glance>& glances) const;
  // The one member of the place that an assignment of this value changes, if it is that.
  [[nodiscard]] std::optional<model::Value> changed_member(const Place& place, const model::Expr& value,
                                                           const Surroundings& here) const;
  [[nodiscard]] FieldSet cells(const Place& place) const;
  // All fields that the expression may read, labels included.
  [[nodiscard]] FieldSet fields(const model::Expr& expression, const Surroundings& here) const;
  // Empty where the value is not known whatever the state.
  [[nodiscard]] std::optional<model::Value> constant(const model::Expr& expression,
                                                     const Surroundings& here) const;
  // Places that have these values wherever the condition is `true`.
  struct Required {
    Place place;
    model::Value value;
  };
  void add_required(const model::Expr& condition, bool is_true, const Surroundings& here,
                    std::vector<Required>& required) const;

private:
  void add_labels(const model::Expr& expression, const Surroundings& here, FieldSet& fields) const;
  [[nodiscard]] Member member(const model::Expr& index, const Surroundings& here) const;
  void require_equal(const model::Expr& a, const model::Expr& b, const Surroundings& here,
                     std::vector<Required>& required) const;
  void require_at_most(const model::Expr& a, const model::Expr& b, bool strictly, const Surroundings& here,
                       std::vector<Required>& required) const;

  const model::Instance& instance_;
  const model::ThreadInstance& thread_;
  const FieldSet& owned_;
};

} // namespace tdxcheck::explore
