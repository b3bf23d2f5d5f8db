// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Sets of any size in SMT-LIB, in the way that result/proof.h argues for: members are the integers below the
// size; as many as the model has slots for are named by constants `|vcpu #0|` < `|vcpu #1|` < ..., all of
// them if the set is that small. What variables are for members without a name is a function of the member
// alone, not of the state, and how many of those satisfy a condition is a number for each of the values that
// the rest of the condition can have. How many have each value of a variable of few values adds up.
//
// What has a value for no state in particular is declared once for the file. Private to emit/smt2_*.

#include "emit/smt2_expression.h"
#include "result/proof.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tdxcheck::emit::smt2 {

class OpenSets {
public:
  OpenSets(const Expressions& to, const std::vector<result::OpenSet>& open) : to_(to), open_(open) {}

  [[nodiscard]] bool empty() const { return open_.empty(); }
  [[nodiscard]] bool contains(model::Id<model::IndexSet> set) const { return find(set) != nullptr; }
  [[nodiscard]] bool has_index(const model::Sort& sort) const; // an index, optional or not, of an open set
  [[nodiscard]] std::string size(model::Id<model::IndexSet> set) const;
  // The member of that name: a number for a set that is not open. And whether there are so many.
  [[nodiscard]] std::string member(model::Id<model::IndexSet> set, model::Value name) const;
  [[nodiscard]] std::string exists(model::Id<model::IndexSet> set, model::Value name) const;
  // The name, where the expression surely is a named member of an open set.
  [[nodiscard]] std::optional<model::Value> name_of(const model::Expr& index, const Speaker& speaker) const;
  // By one step, at most, without those that it reads of.
  [[nodiscard]] model::Value names_of_a_step(model::Id<model::IndexSet> set) const;
  // `what` of members of which some has no name.
  [[nodiscard]] std::string elsewhere(const std::string& what, const std::vector<std::string>& at,
                                      const std::string& sort) const;
  // A function that is the same in all states.
  [[nodiscard]] std::string constant_function(const std::string& name,
                                              const std::vector<std::string>& arguments,
                                              const std::string& sort) const;
  // How many without a name satisfy it.
  [[nodiscard]] std::string others_that(const model::Quantified& counted, const Speaker& speaker) const;
  // What `elsewhere` says at the start: `value` for each.
  void starts_with(const std::string& elsewhere, const std::string& value) const;

  // That all of the thread's members without a name are at an end label.
  [[nodiscard]] std::string others_ended(model::Id<model::Thread> thread) const;

  [[nodiscard]] std::string declarations() const;
  [[nodiscard]] std::vector<std::string> at_the_start() const; // in state s

  [[nodiscard]] std::string others(model::Id<model::IndexSet> set) const; // how many they are
  [[nodiscard]] std::string anything() const;                             // true or false

private:
  [[nodiscard]] const result::OpenSet* find(model::Id<model::IndexSet> set) const;
  [[nodiscard]] std::string others_at(model::Id<model::Thread> thread, model::Id<model::Label> label) const;
  // Of `most` members without a name: all, or those at a label, which `where` names.
  struct Among {
    const model::Quantified& counted;
    const Speaker& speaker;
    std::string most, where;
  };
  // How many of them satisfy the condition.
  [[nodiscard]] std::string how_many(const model::Expr& condition, const Among& among) const;
  [[nodiscard]] std::string by_subset(const model::Expr& condition, const model::Expr& subset,
                                      const std::string& number, const Among& among) const;
  [[nodiscard]] std::optional<std::string> by_value(const model::Expr& condition, const Among& among) const;
  [[nodiscard]] std::optional<std::string> with_one_side_known(const model::Binary& condition,
                                                               const Among& among) const;
  [[nodiscard]] std::vector<std::string> numbers_by_value(model::Id<model::Variable> variable,
                                                          const Among& among) const;
  [[nodiscard]] std::optional<model::Expr> only_cell_of(const model::Expr& condition,
                                                        const model::BoundName& member) const;
  [[nodiscard]] std::string number_of(const model::Expr& condition, const Among& among) const;
  [[nodiscard]] std::optional<std::string> others_by_parts(const model::Quantified& counted,
                                                           const Speaker& speaker) const;
  [[nodiscard]] std::string others_that_are(const model::Quantified& counted, const Speaker& speaker) const;
  [[nodiscard]] std::string declared(const std::string& symbol, const std::vector<std::string>& integers,
                                     const std::string& sort) const;
  [[nodiscard]] std::vector<model::Id<model::Thread>>
  asked_for_labels(const model::Quantified& counted) const;
  [[nodiscard]] std::optional<model::Expr> started(const model::Quantified& counted) const;
  [[nodiscard]] std::string names_of(const result::OpenSet& open) const;

  const Expressions& to_;
  std::vector<result::OpenSet> open_;
  mutable std::map<std::string, std::string> declared_; // by symbol
  mutable std::map<std::string, std::string> counts_;   // symbols of numbers, by what they count
  mutable std::set<std::string> start_;
  mutable std::map<std::uint32_t, model::Value> names_of_a_step_; // by set
};

} // namespace tdxcheck::emit::smt2
