// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What `prove` answers.

#include <optional>
#include <string>
#include <vector>

#include "result/proof.h"
#include "result/vacuous_claim.h"
#include "result/verdict.h"

namespace tdxcheck::result {

struct ProvedProperty {
  std::string name;
  std::string template_name;
  Verdict verdict = Verdict::unknown; // of what was asked: for every value of the parameters left free
  // Where that is unknown, but it was proved for the target's own parameters.
  bool for_the_instance = false;
  std::string detail;                // how it was proved; by what it is violated; what was in the way
  std::vector<std::string> obstacle; // unknown: a counterexample to induction, in words
  std::optional<Trace> trace;        // violated
  std::optional<Proof> proof;        // holds, or for_the_instance
  std::string certificate = {};      // of that proof: the file that it was re-checked from
  double seconds = 0;
};

struct ProveResult {
  std::string target;
  Names parameters; // without those that are left free
  std::vector<std::string> without;
  std::vector<std::string> any;      // "retries >= 0", "promotes": what it is asked for
  std::vector<std::string> any_size; // sets whose size depends on them
  Verdict verdict = Verdict::unknown;
  std::vector<ProvedProperty> properties;
  std::vector<VacuousClaim> vacuous = {}; // by their wording
  std::optional<ModelError> model_error;
  double seconds = 0;
  std::string reproduce;
};

} // namespace tdxcheck::result
