// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "support/error.h"

#include <source_location>
#include <stdexcept>
#include <string_view>

namespace tdxcheck::support {

// An interface was used otherwise than it says. The caller is to blame, which is why this is no
// InternalError.
class ContractViolation : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

// The throwing halves live elsewhere, so that a check that holds costs one compare and one jump.
[[noreturn]] void contract_violated(std::string_view english, std::source_location where);
[[noreturn]] void invariant_broken(std::string_view english, std::source_location where);

// What the caller promised, in English: expects(n > 0, "a lock has at least one instance").
inline void expects(bool holds, std::string_view english,
                    std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    contract_violated(english, where);
}

// What we promised ourselves. On in release builds: a wrong verdict costs more than the check.
inline void ensures_internal(bool holds, std::string_view english,
                             std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    invariant_broken(english, where);
}

} // namespace tdxcheck::support
