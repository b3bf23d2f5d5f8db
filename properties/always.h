// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The condition holds in every reachable state.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void always(dsl::Protocol& protocol, const std::string& name, const dsl::Expr& condition,
                   const std::string& doc = {}, dsl::Location where = dsl::Location::current()) {
  protocol.claim(name, model::Always{condition.tree()}, doc, where);
}

} // namespace tdxcheck::properties
