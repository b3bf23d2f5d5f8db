// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Traces as files, "tdxcheck/trace/1"; see schemas/trace.schema.json.

#include "result/trace.h"
#include "support/json_reader.h"

#include <nlohmann/json.hpp>

#include <string>

namespace tdxcheck::result {

[[nodiscard]] nlohmann::ordered_json to_json(const Trace& trace);

// Refuses what the schema refuses, with the path of the offending field (support::InputError). Whether the
// trace is a run of anything is for `replay` to say.
[[nodiscard]] Trace trace_from_json(const nlohmann::json& json);

// Integers and truth values become what JSON has for them; everything else stays text ("none", "{0,2}",
// "v19"). "007" stays text, too: reading back gives exactly what was written.
[[nodiscard]] nlohmann::ordered_json value_to_json(const std::string& value);
[[nodiscard]] nlohmann::ordered_json to_json(const Names& names);

// The inverse: an integer, a truth value or a text.
[[nodiscard]] std::string value_from_json(const support::JsonReader& value);

// As it is written to a file: indented, and readable JSON also where a text is not UTF-8.
[[nodiscard]] std::string text_of(const nlohmann::ordered_json& json);

} // namespace tdxcheck::result
