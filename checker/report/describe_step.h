// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a model's step does, line by line, in the words that a trace uses.

#include "model/model.h"

#include <string>
#include <vector>

namespace tdxcheck::report {

// "TDH.VP.FLUSH: flushed -> SUCCESS (guard `flush_vcpus`)": what, and the named guards without which it is
// not there.
[[nodiscard]] std::string headline(const model::Model& model, const model::Thread& thread,
                                   const model::Step& step);

// Choices, guards, locks, waits, assertions, updates, and whatever else the step carries.
[[nodiscard]] std::vector<std::string> describe(const model::Model& model, const model::Step& step);

// "bool", "integer 0..3", "array [cpus] of optional index vcpus"
[[nodiscard]] std::string describe(const model::Model& model, const model::Type& type);

// "[vcpus, cpus]", or nothing
[[nodiscard]] std::string names_of(const model::Model& model,
                                   const std::vector<model::Id<model::IndexSet>>& sets);

} // namespace tdxcheck::report
