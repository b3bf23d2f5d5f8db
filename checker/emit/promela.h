// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A model in Promela, the language of SPIN, with as many reachable states and transitions as the model has as
// written (SPIN counts one transition more, that into the initial state): one proctype per thread, which
// stays at its end label; one d_step per step and way to choose; simultaneous updates by way of `hidden`
// variables, which are not part of the state; ranges asserted before they are left.
//
// Locals are global arrays over the members of their thread, because claims may read them. Claims: assertions
// in the steps; `always`, `balanced` and `leads_to` as never claims (SPIN's fairness is per process, not per
// step); deadlock is SPIN's invalid end state. A comment lists the claims that Promela has no words for.
//
// no_livelock needs to know what the last step was. Only if asked for is that a part of the state, and the
// claim a never claim, for pan -a -f. SPIN's verdict is ours where every step is weakly fair: then a thread
// that can always go on goes on, in both.
//
// Tested by comparing counts and verdicts with SPIN (tests/spin_agrees_slow_test.cpp).

#include "model/model.h"

#include <string>

namespace tdxcheck::emit {

// `model` is instantiated under `valuation`; `origin` says in the head comment what it is. InputError, before
// anything is written, for what Promela cannot say: variables that may start with any value, numbers of more
// than 31 bits, sets of more than 30 members.
enum class PromelaState { as_written, with_last_move };
[[nodiscard]] std::string promela(const model::Model& model, const model::Valuation& valuation,
                                  const std::string& origin, PromelaState state = PromelaState::as_written);

} // namespace tdxcheck::emit
