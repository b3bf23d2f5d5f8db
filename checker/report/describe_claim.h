// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/model.h"

#include <string>

namespace tdxcheck::report {

// "no_deadlock", "always hkid_assigned == true", "retries block <= 3"
[[nodiscard]] std::string describe(const model::Model& model, const model::Claim& claim);

} // namespace tdxcheck::report
