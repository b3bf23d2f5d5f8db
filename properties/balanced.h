// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A count equals its holders in every state, nothing is left over once every thread is at an end label, and
// nothing holds what was freed.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void balanced(dsl::Protocol& protocol, const std::string& name, const dsl::Expr& value,
                     const dsl::Expr& holders, const dsl::Expr& freed = {}, const std::string& doc = {},
                     dsl::Location where = dsl::Location::current()) {
  protocol.counter(name, value, holders, freed, where);
  const auto counters = protocol.builder().model().counters.ids();
  protocol.claim(name, model::Balanced{counters.back()}, doc, where);
}

} // namespace tdxcheck::properties
