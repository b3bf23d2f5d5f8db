// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/conflicts.h"
#include "run/check_options.h"
#include "run/target.h"

namespace tdxcheck::run {

// Every answer BUSY (or failed try) of a reachable state: whose, in which call, and who holds the lock in
// which one.
[[nodiscard]] result::ConflictsResult run_conflicts(const Target& target, const Request& request,
                                                    const CheckOptions& options);

// The built-in protocol in which a `holder` and a `newcomer` make any two calls of the module at once.
inline constexpr const char* module_protocol = "tdx_module";

// Likewise for the whole module: every pair of its leaves, searched at once. Of the request: what is set.
[[nodiscard]] result::ModuleConflicts run_module_conflicts(const Request& request,
                                                           const CheckOptions& options);

// Which locks are acquired while which are held, in all reachable states; InputError if a budget ran out
// first.
[[nodiscard]] std::string lock_order_as_dot(const Target& target, const CheckOptions& options);
// The labels and steps of what instantiation left.
[[nodiscard]] std::string control_flow_as_dot(const Target& target);

} // namespace tdxcheck::run
