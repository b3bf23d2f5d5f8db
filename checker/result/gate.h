// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a gate answers: which verdicts were expected, and which came.

#include "result/verdict.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tdxcheck::result {

// From best to worst. Of a check, the worst of its expectations; what stopped it from being judged at all is
// worse than any of them. Unexpectedly fixed is as bad as unexpectedly broken: either way the gate and the
// model tell different stories.
enum class Outcome {
  met,
  unknown,     // not decided: a budget ran out, or the gate was interrupted
  fixed,       // holds, expected violated
  broken,      // violated, expected holds
  bad_input,   // the check could not be carried out, e.g. a model error
  our_own_bug, // an internal error, an audit that failed included
};

[[nodiscard]] std::string_view name_of(Outcome outcome); // "unexpectedly fixed"

struct Expectation {
  std::string property;
  Verdict expected = Verdict::holds; // holds or violated
  std::size_t line = 1;              // of the gate file
  Verdict found = Verdict::unknown;

  [[nodiscard]] Outcome outcome() const;
};

struct GateCheck {
  std::string file;     // the gate or variant file that asks for it
  std::string field;    // where in it: "/checks/3"
  std::size_t line = 1; // of that field
  std::string name;     // "sept_zap@landed --set retries=2"
  std::vector<Expectation> expectations;
  CheckResult result; // empty where there is an error
  std::string error;  // why there is no result: bad input, or a bug of ours
  Outcome outcome = Outcome::unknown;
  bool cached = false;
  double seconds = 0; // that this took now; next to none where it was cached
  std::string reproduce;

  // The worst of the expectations; to be called once they are judged.
  [[nodiscard]] Outcome worst_expectation() const;
  // Of one of its expectations; nullptr where there is no result.
  [[nodiscard]] const PropertyResult* property(const std::string& asked) const;
  [[nodiscard]] bool decided() const; // every expectation has a verdict
};

struct GateResult {
  std::vector<GateCheck> checks; // in the order of the files
  bool interrupted = false;
  double seconds = 0;
  std::string cache_trouble; // why results were not kept, if so
  std::string reproduce;

  [[nodiscard]] std::size_t count(Outcome outcome) const;
  [[nodiscard]] std::size_t from_cache() const;
  [[nodiscard]] Outcome worst() const;
};

} // namespace tdxcheck::result
