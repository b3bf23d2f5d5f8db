// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What would be true of other schedulers: the same model with other fairness.
//
//   none          no step is fair
//   weak          what is strongly fair is weakly fair
//   strong        what is weakly fair is strongly fair
//   weak:TEXT     likewise, but only steps whose text, kernel function or SEAMCALL is TEXT

#include <string>

#include "model/model.h"

namespace tdxcheck::lower {

// InputError for another word, or a text that no step has, with what is near.
void override_fairness(model::Model& model, const std::string& how);

} // namespace tdxcheck::lower
