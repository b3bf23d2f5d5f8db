// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A model as a module of TLA+ that TLC checks, with as many distinct states as the model has as written. One
// step is one action, choices are \E, updates are simultaneous as they are. A range is part of the invariant
// TypeOK. An assertion is an invariant too: where its step is enabled, it is true; no history is kept.
//
// Fairness is WF and SF: of the weakly fair steps of a thread at one label together, and of every strongly
// fair step. A step that may leave the state as it is needs care, because TLA+ cannot tell it from no step:
// its fairness counts it as taken wherever it could be taken so.
//
// Claims: always, balanced, assertions and the stop half of no_deadlock as invariants; leads_to, no_livelock
// and no_starvation as temporal formulas. That a thread is stuck and `recoverable` are about what could
// happen, which TLA+ does not speak of; `sometimes` is an invariant that is to be violated. What is left is
// listed in a comment.
//
// Tested by a reader and interpreter of just this subset (tests/tla_subset.h) that counts states and judges
// invariants and temporal formulas, and by TLC itself where the environment's TLA2TOOLS names its jar.

#include "model/model.h"

#include <string>

namespace tdxcheck::emit {

struct TlaFiles {
  std::string module;        // NAME.tla
  std::string configuration; // NAME.cfg
};

// A name for the module: what TLA+ does not allow in `wanted` becomes an underscore.
[[nodiscard]] std::string tla_module_name(const std::string& wanted);

// `model` is instantiated under `valuation`; `origin` says in the head comment what it is. InputError, before
// anything is written, for numbers of more than 32 bits.
[[nodiscard]] TlaFiles tla(const model::Model& model, const model::Valuation& valuation,
                           const std::string& origin, const std::string& module_name);

} // namespace tdxcheck::emit
