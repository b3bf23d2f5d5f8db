// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Expressions in SMT-LIB. Integers, indices and optional indices (none is -1) are Int, because a parameter
// that is left free has no largest value; bits and subsets are bit-vectors; enumerations and labels are
// datatypes. Sets have known sizes, or as many named members as the model has (smt2_open_sets.h): quantifiers
// are written out, and a reference at an index that is not a number goes through a function `x[]` of the
// state and the indices.
//
// Beside its text, an expression has a condition under which it has a value at all: `busy[owner]` needs an
// owner. `and`, `or`, `implies` and conditionals look at their later operands only where they need them, and
// what the earlier ones say of `owner != none` is remembered, so that the condition is `true` nearly always.
// Bits are computed with as many places as their value can need (interval.h): exactly, as semantics/ does.
// Private to emit/.

#include "emit/choose.h"
#include "emit/interval.h"
#include "emit/smt2_names.h"
#include "result/proof.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tdxcheck::emit::smt2 {

// Who speaks, and of which state: `s`, or another symbol.
struct Speaker {
  Members members = {};
  std::optional<model::Value> self = {};
  std::string state = "s";
};

// What is known to be true or false where an expression is looked at.
struct Assumed {
  model::Expr condition;
  bool holds = true;
};
using Assumptions = std::vector<Assumed>;

struct Term {
  std::string text;
  std::string defined; // "true" nearly always
};

class OpenSets;
class OpenSubsets;

class Expressions {
public:
  Expressions(const model::Instance& instance, Names& names, const std::vector<result::OpenSet>& open);
  Expressions(const Expressions&) = delete;
  Expressions& operator=(const Expressions&) = delete;
  ~Expressions();

  [[nodiscard]] const OpenSets& open_sets() const { return *open_; }
  [[nodiscard]] const OpenSubsets& open_subsets() const { return *subsets_; }

  [[nodiscard]] const model::Instance& instance() const { return *instance_; }
  [[nodiscard]] Names& names() const { return *names_; }

  // Bits: as wide as any value of the expression needs (width_of).
  [[nodiscard]] Term term(const model::Expr& expression, const Speaker& speaker,
                          const Assumptions& assumed = {}) const;
  // Bits, modulo 2^width.
  [[nodiscard]] Term bits(const model::Expr& expression, unsigned width, const Speaker& speaker,
                          const Assumptions& assumed = {}) const;
  // The places that an expression of bits needs, the sign included where it has one.
  [[nodiscard]] unsigned width_of(const model::Expr& expression, const Speaker& speaker) const;
  [[nodiscard]] Interval interval(const model::Expr& expression, const Speaker& speaker) const;

  [[nodiscard]] std::string literal(const model::Sort& sort, model::Value value, unsigned width = 0) const;
  [[nodiscard]] std::string sort(std::size_t cell) const;
  [[nodiscard]] std::string sort_of(const model::Expr& expression, const Speaker& speaker) const;
  [[nodiscard]] std::string cell(std::size_t cell, const std::string& state) const; // (x s)
  // Beyond the model's cells there is one for each that holds a subset of an open set: the number for the
  // members without a name.
  [[nodiscard]] std::optional<std::size_t> others_cell(std::size_t cell) const;
  [[nodiscard]] std::size_t cells() const { return instance_->cells().size() + subset_cells_.size(); }
  [[nodiscard]] std::string others_of(const model::VariableRef& subset, const Speaker& speaker,
                                      const Assumptions& assumed) const;
  [[nodiscard]] std::string at(std::size_t thread, const std::string& state) const; // (|at vcpu[1]| s)
  [[nodiscard]] std::string label(model::Id<model::Thread> thread, model::Id<model::Label> label) const;
  [[nodiscard]] std::string label_sort(model::Id<model::Thread> thread) const;
  // Which labels the thread may be at: the others are no constants of its datatype.
  [[nodiscard]] bool is_reached(model::Id<model::Thread> thread, model::Id<model::Label> label) const;

  // That an index is one of the set's members.
  [[nodiscard]] std::string is_member(const model::Expr& index, const Term& written,
                                      model::Id<model::IndexSet> set, const Speaker& speaker,
                                      const Assumptions& assumed) const;
  // Whether a constant of it, or a cell that holds one, was written so far.
  [[nodiscard]] bool is_used(model::Id<model::Enumeration> enumeration) const {
    return used_.contains(enumeration);
  }

  // Definitions of the functions that terms written so far have used, in an order in which they can stand.
  [[nodiscard]] std::string definitions() const;

private:
  friend struct Write;
  friend struct WriteBits;
  [[nodiscard]] std::string member_of(model::Id<model::IndexSet> set, const Term& index) const;
  [[nodiscard]] Term reference(const model::VariableRef& reference, const Speaker& speaker,
                               const Assumptions& assumed, bool others = false) const;
  [[nodiscard]] Term region(const model::InRegion& in, const Speaker& speaker,
                            const Assumptions& assumed) const;
  [[nodiscard]] std::string in_region(model::Id<model::Region> region, model::Value member,
                                      const std::string& state) const;
  [[nodiscard]] std::string at_a_label(model::Id<model::Region> region, const std::string& label) const;
  [[nodiscard]] std::string looked_up(model::Id<model::Variable> variable, bool others) const;

  const model::Instance* instance_;
  Names* names_;
  std::unique_ptr<OpenSets> open_;
  std::unique_ptr<OpenSubsets> subsets_;
  std::vector<std::size_t> subset_cells_;
  std::vector<std::vector<bool>> reached_; // by thread, by label
  mutable std::set<model::Id<model::Enumeration>> used_;
  // As a value of the cell, which it has at the start.
  [[nodiscard]] std::string initial_text(std::size_t cell, const model::Expr& initial) const;

  mutable std::map<std::string, std::string> definitions_; // by symbol
  mutable std::map<model::Id<model::Variable>, model::Expr> start_elsewhere_;
};

} // namespace tdxcheck::emit::smt2
