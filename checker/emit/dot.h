// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A model as a picture for Graphviz: a box for each thread, with its labels and the steps between them. A
// step says what it is, its choices, its guard and its updates; a step of weak fairness is a solid line, of
// strong fairness a bold one, of none a dashed one. Two notes beside them hold the variables with their types
// and initial values, and the claims. (`tdxcheck graph --threads` draws the control flow alone.)

#include "model/model.h"

#include <string>

namespace tdxcheck::emit {

// `model` is instantiated under `valuation`; `origin` says in the head comment what it is.
[[nodiscard]] std::string dot(const model::Model& model, const model::Valuation& valuation,
                              const std::string& origin);

} // namespace tdxcheck::emit
