// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/module/generation.h"

#include <vector>

namespace tdxcheck::protocols {

// The first value of an enum parameter is its default.
Generation module_parameter(dsl::Protocol& protocol, const std::string& usual, dsl::Location where) {
  std::vector<std::string> values{usual};
  for (const char* generation : {"1.0", "1.5.16", "1.5.20", "1.5.20_dpamt"})
    if (generation != usual) values.emplace_back(generation);
  return Generation(protocol.enum_parameter("module", values, "version of the TDX module", where));
}

} // namespace tdxcheck::protocols
