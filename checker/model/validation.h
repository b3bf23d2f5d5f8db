// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the parts of validate share: the model, the problems so far, and how an expression is checked where it
// stands. Of an expression only the first problem is reported; the others mostly follow from it.

#include "model/model.h"
#include "model/validate.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tdxcheck::model::validation {

struct Findings {
  const Model& model;
  std::vector<Problem> problems;

  template <class... Arguments>
  void add(const Source& source, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    problems.push_back({source, fmt::format(text, std::forward<Arguments>(arguments)...)});
  }
};

// Where an expression stands, and what it may therefore name.
// Made for each expression, and read only where something is wrong: hence what is put together late.
struct Place {
  const Source* source = nullptr;
  std::string what;                    // "the guard"
  std::string_view whose = {};         // a name, if it is one of many: of the model, which outlives this
  bool constant = false;               // parameters and named guards only
  std::optional<Id<IndexSet>> self;    // the set of which `self` is a member; none: no `self` here
  std::optional<Id<Thread>> silent_in; // a silent step: scalar locals of this thread, at itself, only
  std::vector<std::pair<BoundName, Id<IndexSet>>> bound; // in scope

  [[nodiscard]] Place called(std::string name, std::string_view of = {}) const {
    Place place = *this;
    place.what = std::move(name);
    place.whose = of;
    return place;
  }
  [[nodiscard]] std::string in_words() const {
    return whose.empty() ? what : fmt::format("{} `{}`", what, whose);
  }
};

// These report what is wrong and say whether the expression may be relied on (and printed).
bool check_expression(Findings& findings, const Place& place, const Expr& expression);
bool expect_sort(Findings& findings, const Place& place, const Expr& expression, const Sort& wanted);
bool expect_boolean(Findings& findings, const Place& place, const Expr& expression);
bool expect_integer(Findings& findings, const Place& place, const Expr& expression);
// One index of each of the sets, in order. `whose` is what they index, in words.
bool expect_members(Findings& findings, const Place& place, const std::vector<Expr>& at,
                    const std::vector<Id<IndexSet>>& sets, const std::string& whose);

// Why the operator cannot be applied to these operands, in words; empty if it can.
[[nodiscard]] std::string misapplied(const Model& model, UnaryOp op, const Expr& operand);
[[nodiscard]] std::string misapplied(const Model& model, BinaryOp op, const Expr& left, const Expr& right);

// Whether a value of the one sort may be assigned to a variable of the other.
[[nodiscard]] bool fits(const Sort& target, const Sort& value);
[[nodiscard]] std::string describe_sort(const Model& model, const Sort& sort);
[[nodiscard]] std::string shown(const Model& model,
                                const Expr& expression); // printed, and cut where too long
// The sets that `at` of a reference to the variable goes through.
[[nodiscard]] std::vector<Id<IndexSet>> dimensions_of(const Model& model, const Variable& variable);
// The set that the member of a thread is from; none for a single thread.
[[nodiscard]] std::vector<Id<IndexSet>> members_of(const Thread& thread);

// In this order: what comes later relies on what was in order before.
void check_tables(Findings& findings);       // names are unique, every Id is in its table
void check_declarations(Findings& findings); // sizes, ranges, initial values, counters, variants
void check_threads(Findings& findings);
void check_silent_steps(Findings& findings, Id<Thread> thread);
void check_properties(Findings& findings);

} // namespace tdxcheck::model::validation
