// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Threads that take locks of every kind, touch what the locks protect, and now and then get it wrong.

#include "model/model.h"

#include <cstdint>

namespace tdxcheck::tests {

// Two or three threads; a lock and a datum for each page, chosen by the step or by a local; a lock with
// readers and a writer; marks that each thread sets for itself. One in three has a mistake somewhere: a
// guard, a lock or a release is missing, or is another page's. The same for the same seed.
[[nodiscard]] model::Model locking_model(std::uint64_t seed);

} // namespace tdxcheck::tests
