// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Every assertion that carries this name holds whenever it is reached (KVM_BUG_ON and the like).

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void assertion(dsl::Protocol& protocol, const std::string& name, const std::string& doc = {},
                      dsl::Location where = dsl::Location::current()) {
  protocol.claim(name, model::Asserted{}, doc, where);
}

} // namespace tdxcheck::properties
