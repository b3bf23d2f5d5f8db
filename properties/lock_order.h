// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// No cycle of blocking acquisitions over lock classes, even if no run closed it.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void lock_order(dsl::Protocol& protocol, const std::string& doc = {},
                       dsl::Location where = dsl::Location::current()) {
  protocol.claim("lock_order", model::LockOrder{}, doc, where);
}

} // namespace tdxcheck::properties
