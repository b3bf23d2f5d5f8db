// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Subsets of a set of any size: a bit for each member that has a name, and a number that stands for what the
// subset has of the others, 0 for nothing. The number is told apart from another by nothing but being equal,
// and operators are functions of it: `|united of vcpu|` and so on. Which these are is said where all agree,
// as for the union with nothing. Private to emit/smt2_*.

#include "emit/smt2_expression.h"

#include <string>
#include <vector>

namespace tdxcheck::emit::smt2 {

class OpenSubsets {
public:
  explicit OpenSubsets(const Expressions& to) : to_(to) {}

  [[nodiscard]] bool is_one(const model::Sort& sort) const;
  // The number, of an expression for such a subset.
  [[nodiscard]] std::string others(const model::Expr& subset, const Speaker& speaker,
                                   const Assumptions& assumed = {}) const;
  [[nodiscard]] std::string has_none(const std::string& others) const;
  [[nodiscard]] std::string has_all(model::Id<model::IndexSet> set, const std::string& others) const;
  [[nodiscard]] std::string how_many(model::Id<model::IndexSet> set, const std::string& others) const;
  [[nodiscard]] std::string is_included(model::Id<model::IndexSet> set, const std::string& a,
                                        const std::string& b) const;
  // The index is of a member without a name, and in the subset.
  [[nodiscard]] std::string has_other(const model::Binary& contains, const Speaker& speaker,
                                      const Assumptions& assumed) const;
  // What the bits and the number of a variable can be.
  [[nodiscard]] std::string range(std::size_t cell, const std::string& state) const;
  // Members that an update puts in or takes out, other than by a name.
  [[nodiscard]] static std::vector<model::Expr> touched(const model::Expr& value);

private:
  [[nodiscard]] std::string function(model::Id<model::IndexSet> set, const std::string& what,
                                     const std::vector<std::string>& arguments, const char* sort) const;
  [[nodiscard]] std::string has_no_name(model::Id<model::IndexSet> set, const std::string& index) const;
  [[nodiscard]] std::string of(const model::Binary& e, const Speaker& speaker,
                               const Assumptions& assumed) const;

  const Expressions& to_;
};

} // namespace tdxcheck::emit::smt2
