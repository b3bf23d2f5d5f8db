// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/bound.h"
#include "run/check_options.h"
#include "run/reach.h"
#include "run/section.h"
#include "run/target.h"

namespace tdxcheck::run {

struct BoundRequest {
  Request target;
  std::string loop;             // its name, or a kernel function that it stands in
  std::string cost = "retries"; // seamcalls, ipis, cycles
  std::string per = "loop";     // or operation: the one that is open around the loop
};

// The worst case over all threads that have such a loop. InputError for a loop that is unknown, or that
// instantiation left nothing of.
[[nodiscard]] result::BoundResult run_bound(const Target& target, const BoundRequest& request,
                                            const CheckOptions& options);

// Likewise, on what was reached before: of several loops each costs little then.
[[nodiscard]] result::BoundResult run_bound(Reach& reach, const Target& target, const BoundRequest& request);

// `retries L <= n`, and the path with n + 1 rounds.
void judge_retries(const explore::Explored& explored, const model::Retries& claim,
                   result::PropertyResult& property);

} // namespace tdxcheck::run
