// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Reads what result/formula.h prints, and decides whether it holds: from the text that the user sees, by code
// that knows nothing of how it was found. `and` binds more tightly than `or`; numbers compare as numbers, and
// `unlimited` is more than any of them.

#include <map>
#include <string>

namespace tdxcheck::audit {

// InternalError for a text that is no such formula, and for a parameter without a value.
[[nodiscard]] bool evaluate_formula(const std::string& text,
                                    const std::map<std::string, std::string>& values);

} // namespace tdxcheck::audit
