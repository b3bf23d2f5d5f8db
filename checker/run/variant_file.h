// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// "tdxcheck/variant/1": a built-in protocol, a variant of it to start from, and what differs. See
// schemas/variant.schema.json.

#include "result/trace.h"
#include "support/json_reader.h"

#include <string>
#include <vector>

namespace tdxcheck::run {

struct VariantFile {
  std::string protocol;
  std::string base; // a variant; empty: the protocol's default
  std::string name; // for the reader
  result::Names set;
  std::vector<std::string> without;
  result::Names expect; // property -> "holds", "violated" or "unknown"
};

inline constexpr const char* variant_schema = "tdxcheck/variant/1";

// Refuses what the schema refuses, with the path of the field.
[[nodiscard]] VariantFile variant_file_from(const support::JsonReader& json);

} // namespace tdxcheck::run
