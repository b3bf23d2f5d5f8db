// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A proof that a safety claim holds in every reachable state, as expressions of the model: whoever re-checks
// it needs nothing of the engine that found it.
//
// `model` is instantiated (no silent steps, named guards folded), except that the parameters in `any` stay
// as they are: the proof is for each of their values (an integer: every one from `lowest` up, however large,
// but not `unlimited`; a bool or an enum: all). Ranges and initial values may depend on them, and the sizes
// of the sets in `open`.
//
// A state is *typed* if every cell has a value of its declared range. Steps keep that: a step that would
// leave a range, names a member that does not exist, or has Step::error, is a model error and has no
// successor. With I(s) for "s is typed and satisfies every conjunct of `invariant`", and -> for a step that
// is no model error, the proof consists of
//   base         s0 initial, s0 -> ... -> si        =>  I(si)                          for every i < k
//   induction    I(s0), ..., I(s[k-1]), s0 -> ... -> s[k-1] -> sk               =>  I(sk)
//   claim        I(s)  =>  the claim is true in s, no step that is enabled in s violates it (an assertion, a
//                          lock taken twice), and no step that is enabled in s is a model error
// With `simple_path` the states s0, ..., sk of the induction differ pairwise (in some cell or label). k = 1
// is the ordinary inductive invariant. With k > 1, I(s) says `claim` of s, too.
//
// OPEN SETS, those of any size. A step that refutes one of the three needs few members of such a set: that of
// its thread, those that it chooses, those whose variables it writes, those that its updates put into a
// subset or take out (`with`, `without`), and those that witness that a conclusion is false (one for each
// universal quantifier in front, c + 1 for `count <= c`). A step that needs fewer by itself than another may
// be given those that it reads of. Give these, and as many others as there are up to the K members that
// `model` has, the names 0, 1, ... in ascending order: of n members, min(n, K) have a name. The step changes
// nothing of the others, so that one description of them holds before and after it. Whoever asks about states
// whose named members are told one by one, and whose other members are anything at all that does not change,
// has asked about every size; k is 1. K must be enough for that. `model` gives each open set the size K;
// `size` is what its size really is.
//
// SUBSETS of an open set are the one thing by which a step changes members without a name: it may empty a
// subset, copy it, unite it with another. A subset is told member by member for those that have a name; what
// it has of the others is one value, a subset of the others, and as the step puts none of them in or out by
// itself, what it has after the step is a function of such values before. Whoever asks for all values of some
// sort, and for all functions on it, of which he assumes only what is true of the real ones (the union with
// nothing is the other operand; of the others, a subset has as many as another that is equal), has left no
// step out: let the sort be the subsets of the others, and the functions what they are. In the same way, how
// many of the others satisfy a condition is a function of what the condition reads beside them, and which
// function it is depends on which of the others are counted: all of them, or those at one label.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "model/model.h"

namespace tdxcheck::result {

struct AnyParameter {
  model::Id<model::Parameter> parameter;
  model::Value lowest = 0; // of an integer
  friend bool operator==(const AnyParameter&, const AnyParameter&) = default;
};

struct OpenSet {
  model::Id<model::IndexSet> set;
  model::Expr size; // over the parameters in `any`
  friend bool operator==(const OpenSet&, const OpenSet&) = default;
};

struct Proof {
  // Its regions include those that only the invariant names.
  model::Model model;
  // What was folded; for the parameters in `any`, some value of theirs.
  model::Valuation valuation;
  std::vector<AnyParameter> any;
  std::vector<OpenSet> open;
  // Of model.properties. A claim `retries` counts in locals of its own, `THREAD.rounds of LOOP (CLAIM)` (one
  // per claim): set to 0 where the loop is entered, one more with each `again`; once above the limit it
  // stays. They are ordinary variables of `model`, and the claim is that none exceeds the limit.
  std::string property;
  // Closed boolean expressions: parameters, cells, regions, quantifiers.
  std::vector<model::Expr> invariant;
  unsigned k = 1;
  bool simple_path = false;
  std::string method; // "k-induction, k = 2", "Spacer", "Houdini: 12 lemmas": for the reader
  // By conjunct of the invariant, those by which it survives a step, itself aside; and those that imply the
  // claim. Nothing: all of them. Then the induction is one question per conjunct: of hundreds, each rests on
  // few.
  struct RestsOn {
    std::vector<std::vector<std::size_t>> conjuncts;
    std::vector<std::size_t> claim;
  };
  std::optional<RestsOn> rests_on = {};
};

// {"property", "any": {name: lowest}, "open": {set: named members}, "k", "simple_path", "method",
// "invariant": [expression...], "model"}, the expressions and the model as in model/model_json.h.
[[nodiscard]] nlohmann::ordered_json to_json(const Proof& proof);

} // namespace tdxcheck::result
