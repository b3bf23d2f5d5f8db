// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Every operation that begins ends, on every fair run.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void no_starvation(dsl::Protocol& protocol, const std::string& doc = {},
                          dsl::Location where = dsl::Location::current()) {
  protocol.claim("no_starvation", model::NoStarvation{}, doc, where);
}

} // namespace tdxcheck::properties
