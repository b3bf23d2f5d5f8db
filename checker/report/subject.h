// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/model.h"

#include <set>
#include <string>
#include <vector>

namespace tdxcheck::report {

// What was checked, for the head of a report.
struct Subject {
  std::string summary;
  std::vector<std::string> changed; // "retries=2 (the variant says 16)"
  std::string sizes;                // "cpus 2, vcpus 2; threads reclaim, vcpu x2"
  std::set<std::string> chosen;     // the cells that may start with any value
};

// `base` is what the target says without --set and --without; `instantiated` is what is left of the written
// model for `valuation`: threads that never act there are not mentioned.
[[nodiscard]] Subject subject_of(const model::Model& written, const model::Valuation& base,
                                 const model::Valuation& valuation, const model::Model& instantiated);

} // namespace tdxcheck::report
