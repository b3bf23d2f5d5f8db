// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The explicit-state engine: searches an instantiated model to the end and judges every property in that one
// run.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "explore/breadth_first_search.h"
#include "model/model.h"
#include "model/symmetry.h"
#include "result/verdict.h"

namespace tdxcheck::explore {

struct Explored;

struct Options {
  std::vector<std::string> properties; // empty: all
  bool first = false;                  // stop at the first violation
  bool partial_order = false;          // leave out orders of steps that no judged property tells apart
  unsigned workers = 1;                // at most, where there is enough to do
  StateNumber large_level = Helpers::worth_it;
  std::optional<double> seconds;
  std::optional<std::uint64_t> memory_bytes;
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const Progress&)> progress;
  // Judges claims that are not judged here (retries, lock_order), on the complete graph; fills in the
  // verdict. None: they stay unknown.
  std::function<void(const Explored&, const model::Property&, result::PropertyResult&)> judged_elsewhere = {};
  // Which members may change places in the model that is searched and in what is claimed: states are then
  // searched up to that. Not with claims about fair runs, nor with those judged elsewhere. Nothing: every
  // state is searched.
  const model::Symmetry* symmetry = nullptr;
};

// `instantiated` = lower::instantiate(written, valuation). Fills everything of the result but target,
// parameters, without, seconds, reproduce. InputError for a property that is unknown or is not claimed for
// this valuation.
[[nodiscard]] result::CheckResult check(const model::Model& written, const model::Valuation& valuation,
                                        const model::Model& instantiated, const Options& options);

// Searches `searched` instead, which lower/ has made of `instantiated`: with the same variables, threads,
// labels and steps in the same positions, and moves that correspond.
[[nodiscard]] result::CheckResult check(const model::Model& written, const model::Valuation& valuation,
                                        const model::Model& instantiated, const model::Model& searched,
                                        const Options& options);

} // namespace tdxcheck::explore
