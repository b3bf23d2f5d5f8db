// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// No fair cycle on which an operation is open, its thread moves, and no operation ends.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void no_livelock(dsl::Protocol& protocol, const std::string& doc = {},
                        dsl::Location where = dsl::Location::current()) {
  protocol.claim("no_livelock", model::NoLivelock{}, doc, where);
}

} // namespace tdxcheck::properties
