// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether every behaviour of a module that satisfies Fairness satisfies a temporal formula. Of behaviours
// that satisfy the one and not the other, the formulas that the exporter writes say what happens again and
// again, what happens from some point on, and where a suffix begins: so there is one if and only if a
// strongly connected part of the reached graph (stuttering included) shows it.

#include "tests/tla_meaning.h"

namespace tdxcheck::tests {

// TlaError for a formula of another form.
[[nodiscard]] bool every_fair_behaviour_satisfies(const TlaMeaning& meaning, const TlaGraph& graph,
                                                  const Tla& formula);

} // namespace tdxcheck::tests
