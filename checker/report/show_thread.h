// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/model.h"

#include <cstddef>
#include <string>

namespace tdxcheck::report {

// One thread as pseudo-code: kernel functions as headings, below them the labels with their steps. A `goto`
// is written only where the next label is not the one printed next.
[[nodiscard]] std::string show_thread(const model::Model& model, model::Id<model::Thread> thread,
                                      std::size_t width);

} // namespace tdxcheck::report
