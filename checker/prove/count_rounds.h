// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// `retries L <= n` counts along a run. Here the count becomes part of the state: a local that is set to 0
// where the loop is entered and goes up with each further round, to n + 1 and no further; once there, it
// stays. Then the claim is about states. result/proof.h tells the reader of a certificate so.

#include "model/model.h"

namespace tdxcheck::prove {

// The model with such a local for each property that needs one.
[[nodiscard]] model::Model count_rounds(model::Model model);
// What the claim then says of each state of a model that count_rounds has made.
[[nodiscard]] model::Expr within_limit(const model::Model& model, const model::Property& property,
                                       const model::Retries& claim);

} // namespace tdxcheck::prove
