// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// No reachable state stops with a thread short of an end label, and no thread is stuck for ever while others
// go on.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void no_deadlock(dsl::Protocol& protocol, const std::string& doc = {},
                        dsl::Location where = dsl::Location::current()) {
  protocol.claim("no_deadlock", model::NoDeadlock{}, doc, where);
}

} // namespace tdxcheck::properties
