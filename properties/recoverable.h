// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// From every reachable state the condition can still be reached.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void recoverable(dsl::Protocol& protocol, const std::string& name, const dsl::Expr& condition,
                        const std::string& doc = {}, dsl::Location where = dsl::Location::current()) {
  protocol.claim(name, model::Recoverable{condition.tree()}, doc, where);
}

} // namespace tdxcheck::properties
