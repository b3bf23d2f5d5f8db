// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace tdxcheck::tests {

// What a JSON Schema of checker/schemas ("model" is model.schema.json) finds wrong with a document, one line
// each; empty if the document conforms.
[[nodiscard]] std::string complaints_of_schema(const std::string& schema, const nlohmann::json& document);

} // namespace tdxcheck::tests
