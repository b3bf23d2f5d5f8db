// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Models written out by hand, so that a test of an engine does not rest on the dsl.

#include "model/model.h"

namespace tdxcheck::tests {

// `worker` threads take one mutex, once each, and stop. Parameter `workers` (1..4, default 2); the mutex is
// the named guard `exclusion`, without which two are inside. By default 8 states and 8 transitions, and
// everything that it claims holds: `mutual_exclusion`, `no_deadlock`, `lock_discipline`, `somebody_enters`.
[[nodiscard]] model::Model two_threads_one_lock();

// Every kind of type, scope, expression, fact and claim at least once, and still a model that validates and
// runs: vCPUs enter a guest while one thread zaps under a lock, retrying with `retries`, and interrupts come
// and go. By default (2 CPUs, 1 vCPU) 8236 states, 25880 transitions, depth 35; `no_kvm_bug` is violated.
[[nodiscard]] model::Model every_feature();

// Small words for building models by hand. A reference takes the sort of the variable's scalar type.
[[nodiscard]] model::Expr read(const model::Model& model, model::Id<model::Variable> variable,
                               std::vector<model::Expr> at = {});
[[nodiscard]] model::Expr parameter(const model::Model& model, model::Id<model::Parameter> parameter);
[[nodiscard]] model::Expr self(model::Id<model::IndexSet> set);
[[nodiscard]] model::Expr bound(const model::BoundName& name, model::Id<model::IndexSet> set);
[[nodiscard]] model::Expr for_all(model::BoundName name, model::Id<model::IndexSet> set, model::Expr body);
[[nodiscard]] model::Expr exists(model::BoundName name, model::Id<model::IndexSet> set, model::Expr body);
[[nodiscard]] model::Expr count(model::BoundName name, model::Id<model::IndexSet> set, model::Expr body);
[[nodiscard]] model::Expr in_region(model::Id<model::Region> region, std::vector<model::Expr> member = {});

} // namespace tdxcheck::tests
