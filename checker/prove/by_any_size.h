// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Proofs for every size of the open sets (open_sets.h), by induction over one step: place invariants that
// count members, what is claimed, and lemmas that are learnt from views of small instances
// (learn_from_views.h). First among few sizes, where all is bits, and which are exact as long as all members
// have names; what is needed there is then confirmed, or learnt on, with the size left free.
//
// What cannot be encoded is no proof, but the reason is told: a claim may still be refuted at some size.
// Private to prove/.

#include "prove/prove.h"

namespace tdxcheck::prove {

[[nodiscard]] Outcome prove_for_any_size(const Problem& problem, const model::Property& property,
                                         const ProveOptions& options);

} // namespace tdxcheck::prove
