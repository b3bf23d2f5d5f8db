// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Proofs that a claim holds in every reachable state, for every value of the parameters that are left free.
// In this order, each until it is out of its time:
//   labels alone    most of lock_discipline: what is held is a function of where a thread is
//   bounded search  for a violation that is near
//   induction       with place invariants and linear equations of what was seen, as far as Houdini
//                   leaves them
//   clauses         what pairs of values were never seen together, and clauses learnt from counterexamples to
//                   induction (learn_clauses.h)
//   k-induction     with more steps, all states on the way different
// While some parameter is free, that is done with few values of it first: then all is finite, and fast. What
// comes of it is only a set of lemmas, which the same is then done with for all values.
// A proof is one inductive invariant (or k-inductive); whoever wants to believe it, re-checks it
// (result/proof.h). Z3 stays behind this header.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "prove/groundwork.h"
#include "prove/problem.h"
#include "prove/sized_states.h"
#include "prove/style.h"
#include "result/proof.h"
#include "result/verdict.h"

namespace tdxcheck::prove {

// The claim is about single states and steps: no other is proved.
[[nodiscard]] bool is_safety(const model::Claim& claim);

struct ProveOptions {
  double seconds = 60; // for each property
  unsigned most_k = 4;
  unsigned bounded_depth = 10;
  Style style = {Finite::bits, Numbers::bits};
  const std::vector<SizedStates>* sized = nullptr; // small instances, where there are open sets
  std::function<bool()> enough = {};
};

struct Outcome {
  result::Verdict verdict = result::Verdict::unknown;
  std::optional<result::Proof> proof; // holds
  std::optional<Run> run;         // violated: from an initial state; its last move may be what violates it
  std::optional<Run> model_error; // a run into a model error: then there is no verdict
  std::optional<std::vector<model::Value>>
      violated_for; // violated, as a state shows that is reached for these
                    // parameters, by a run that is left to exploration
  // Unknown: a state (with what it leads to, where there is a move) that no lemma excludes. Whether it is
  // reachable is not known.
  std::optional<Run> obstacle;
  std::string method; // of the proof, in a word or two
  std::string why;    // unknown: what was in the way
  double seconds = 0;
};

// The more of the reachable states the groundwork has seen, the better the lemmas.
[[nodiscard]] Outcome prove(Groundwork& groundwork, const std::string& property, const ProveOptions& options);

} // namespace tdxcheck::prove
