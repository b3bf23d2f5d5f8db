// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/contract.h"

#include <fmt/format.h>

namespace tdxcheck::support {
namespace {

std::string located(std::string_view kind, std::string_view english, const std::source_location& where) {
  return fmt::format("{}:{}: {}: {} (in {})", where.file_name(), where.line(), kind, english,
                     where.function_name());
}

} // namespace

void contract_violated(std::string_view english, std::source_location where) {
  throw ContractViolation(located("contract violated", english, where));
}

void invariant_broken(std::string_view english, std::source_location where) {
  throw InternalError(located("internal error", english, where));
}

} // namespace tdxcheck::support
