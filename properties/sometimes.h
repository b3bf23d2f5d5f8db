// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The condition is reachable: the guard against empty success.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void sometimes(dsl::Protocol& protocol, const std::string& name, const dsl::Expr& condition,
                      const std::string& doc = {}, dsl::Location where = dsl::Location::current()) {
  protocol.claim(name, model::Sometimes{condition.tree()}, doc, where);
}

} // namespace tdxcheck::properties
