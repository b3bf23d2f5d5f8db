// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Index sets of any size, as result/proof.h has it: some members have names, of which there are so many that
// whatever one step and one false conclusion are about is among them. A named member is an integer constant
// (the members themselves are the integers from 0 to size - 1), names are given in ascending order, and
// variables of named members are constants like any other. The other members do not change: what a variable
// is for them is a function of the member, the same in all states, and how many of them satisfy something is
// a number that depends on nothing but what else the condition reads (unnamed_members.h).
//
// So all questions are free of quantifiers, and nothing is asked of the solver but which members are equal.
// The parametrised proofs of Pnueli, Ruah and Zuck (Automatic deductive verification with invisible
// invariants, 2001) bound the number of members that need looking at in the same way, and check instances of
// that size; here a pointer from one member to another may lead outside, where instances have no member.
//
// Cost: each step is encoded once per name of its thread and of what it chooses. Limits: one step at a time.
//
// Tests: prove_any_size_test.cpp. Private to prove/.

#include <optional>
#include <vector>

#include "prove/term.h"
#include "result/proof.h"

namespace tdxcheck::prove {

class Encoding;

struct OpenSet {
  Term size;
  std::vector<Term> members;      // by name
  std::vector<z3::expr> exists;   // by name: the set is large enough
  std::optional<z3::expr> others; // how many have no name; nothing: all have one, whatever the size
};

class OpenSets {
public:
  // Of the encoding's problem; refers to the encoding, of which parameters are needed.
  explicit OpenSets(const Encoding& encoding);

  [[nodiscard]] bool empty() const;
  // Null for a set of known size.
  [[nodiscard]] const OpenSet* find(model::Id<model::IndexSet> set) const;
  // What is true of names and numbers of members.
  [[nodiscard]] z3::expr constraints() const;
  // How many members without a name are at the label; the thread is one per member of an open set.
  [[nodiscard]] const z3::expr& unnamed_at(model::Id<model::Thread> thread,
                                           model::Id<model::Label> label) const;
  // A function of members, the same in all states.
  [[nodiscard]] z3::expr elsewhere(const std::string& what, const std::vector<Term>& at,
                                   const z3::sort& sort) const;

private:
  void name_members(const result::OpenSet& open);
  void count_labels(model::Id<model::Thread> thread);

  const Encoding& encoding_;
  std::vector<std::optional<OpenSet>> sets_;
  std::vector<std::vector<z3::expr>> unnamed_at_; // by thread, by label
};

} // namespace tdxcheck::prove
