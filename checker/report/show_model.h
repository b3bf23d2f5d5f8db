// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/model.h"

#include <cstddef>
#include <string>

namespace tdxcheck::report {

// A model for one valuation, as a reviewer holds it beside the kernel source: declarations, then each thread
// as pseudo-code under the kernel functions it runs through, then what is claimed, and the variants with
// their sources.
[[nodiscard]] std::string show_model(const std::string& target, const model::Model& written,
                                     const model::Valuation& valuation, const model::Model& instantiated,
                                     std::size_t width = 100);

} // namespace tdxcheck::report
