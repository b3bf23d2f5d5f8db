// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Re-executes a trace by the reference semantics, and believes nothing that it says: the initial state must
// be one of the model's, every step one that the named thread can take there with just these choices and just
// these changes, the final state the one that this leads to, and the named property violated by the run
// (violates.h). A lasso must return to the state before step `loop`, and be fair.
//
// Compared are the property, shape, loop, the parameters and dropped guards that the trace names, and per
// step thread, from, to, choices and changed. What a trace tells beyond that (texts, calls, CPUs) is read
// only to tell two steps apart that look alike otherwise.
//
// Cost: the actions of each state on the way; for a stuck thread a search of up to `most_continuations`
// states. Tested by tests/replay_*_test.cpp, by random edits among others.

#include "audit/tally.h"
#include "model/model.h"
#include "result/bound.h"
#include "result/trace.h"

#include <cstddef>
#include <string>

namespace tdxcheck::audit {

struct ReplayResult {
  bool valid = false;
  std::size_t step =
      0; // where invalid: the first step that is not; the number of steps if it is what they lead to
  std::string why;    // where invalid, what is wrong; else what is violated
  std::string caveat; // what could not be confirmed, although nothing speaks against it
};

// `step` counts from 0, like the entries of the trace's `steps`; in `why` steps are counted from 1, as in
// tables.
[[nodiscard]] ReplayResult replay(const model::Model& written, const model::Valuation& valuation,
                                  const result::Trace& trace);

// The run alone, whatever property it names: for runs that claim nothing.
[[nodiscard]] ReplayResult replay_run(const model::Model& written, const model::Valuation& valuation,
                                      const result::Trace& trace);

// Likewise, and a lasso must be fair, a run that stops must be allowed to.
[[nodiscard]] ReplayResult replay_fair_run(const model::Model& written, const model::Valuation& valuation,
                                           const result::Trace& trace);

// What a bound says of its witness.
struct WorstCase {
  Tally tally;
  result::BoundAnswer answer = result::BoundAnswer::number;
  std::int64_t value = 0; // of a number
};
// The run, and that counting along it comes to what was said: to the number; for a cycle without bound, that
// each round adds and none ends the section; for a fair run that stays, that it is fair and the section open.
[[nodiscard]] ReplayResult replay_worst_case(const model::Model& written, const model::Valuation& valuation,
                                             const result::Trace& trace, const WorstCase& said);

// A trace whose last step is a model error: its `to`, `changed` and the final state mean nothing and are not
// read.
[[nodiscard]] ReplayResult replay_model_error(const model::Model& written, const model::Valuation& valuation,
                                              const result::Trace& trace);

} // namespace tdxcheck::audit
