// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// No double acquire, no foreign release, nothing held at an end label, no sleeping lock with IRQs or
// preemption off, the documented order kept.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void lock_discipline(dsl::Protocol& protocol, const std::string& doc = {},
                            dsl::Location where = dsl::Location::current()) {
  protocol.claim("lock_discipline", model::LockDiscipline{}, doc, where);
}

} // namespace tdxcheck::properties
