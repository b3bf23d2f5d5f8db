// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "explore/check.h"
#include "result/verdict.h"
#include "run/target.h"

namespace tdxcheck::run {

// `--engine reference`: every state by the interpreter of semantics/, which shares no code with the explorer.
// Of the options it heeds `properties` alone; more than five million states are too many for it, and then all
// is unknown.
[[nodiscard]] result::CheckResult check_by_reference(const Target& target, const explore::Options& options);

} // namespace tdxcheck::run
