// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether an expression has a value in every state: it may lack one where it names a member that need not
// exist, and where numbers may grow beyond 64 bits. Errs on the side of `true`: all arithmetic counts.

#include "model/expression.h"

namespace tdxcheck::model {

[[nodiscard]] bool may_lack_a_value(const Expr& expression); // false if it is empty

} // namespace tdxcheck::model
