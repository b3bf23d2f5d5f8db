// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One good model, changed in one place: each change must be refused, in words and with file and line.

#include "model/validate.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

#include <functional>
#include <span>
#include <string>

namespace tdxcheck::tests {

struct Mutation {
  std::string said; // somewhere in the problems, from "LINE: " on
  std::function<void(model::Model&)> change;
};

inline void check_refusals(std::span<const Mutation> mutations) {
  for (const Mutation& mutation : mutations) {
    model::Model changed = every_feature();
    mutation.change(changed);
    const std::string problems = model::describe(model::validate(changed));
    CAPTURE(mutation.said);
    CAPTURE(problems);
    CHECK(problems.find("protocols/every_feature.cpp:" + mutation.said) != std::string::npos);
  }
}

// The rows of every_feature, by position.
namespace of_every_feature {

using namespace model;

inline constexpr Id<IndexSet> cpu{0}, vcpu_set{1};
inline constexpr Id<Parameter> strict{0}, retries{1}, kick{2}, cpus{3}, vcpus{4};
inline constexpr Id<Variable> vm_dead{0}, mmu_taken{1}, users{2}, word{3}, mode{4}, home{5}, owner{6},
    waiting{7}, assoc{8}, seen{9}, vcpu_cpu{10}, vcpu_round{11}, zap_busy{12}, zap_tries{13};
inline constexpr Id<Lock> mmu_lock{0}, tdvpr{1}, slots_lock{2};
inline constexpr Id<Thread> vcpu{0}, zap{1}, irq{2};
// Steps of vcpu and of zap.
enum VcpuStep : std::size_t { enter, count_up, start_again, run, busy, leave };
enum ZapStep : std::size_t { begin, attempt, again, out, finish };

inline Step& vcpu_step(Model& m, VcpuStep step) { return m.threads[vcpu].steps[step]; }
inline Step& zap_step(Model& m, ZapStep step) { return m.threads[zap].steps[step]; }

} // namespace of_every_feature

} // namespace tdxcheck::tests
