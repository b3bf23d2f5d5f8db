// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whenever the first holds, the second holds later on every fair run.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void leads_to(dsl::Protocol& protocol, const std::string& name, const dsl::Expr& from,
                     const dsl::Expr& to, const std::string& doc = {},
                     dsl::Location where = dsl::Location::current()) {
  protocol.claim(name, model::LeadsTo{from.tree(), to.tree()}, doc, where);
}

} // namespace tdxcheck::properties
