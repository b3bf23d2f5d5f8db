// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The loop never goes round more than `limit` times after it was entered. Claimed after the thread was
// declared.

#include "dsl/dsl.h"

namespace tdxcheck::properties {

inline void retries(dsl::Protocol& protocol, const std::string& name, const std::string& loop,
                    const dsl::Expr& limit, const std::string& doc = {},
                    dsl::Location where = dsl::Location::current()) {
  protocol.claim(name, model::Retries{protocol.loop_named(loop), limit.tree()}, doc, where);
}

} // namespace tdxcheck::properties
