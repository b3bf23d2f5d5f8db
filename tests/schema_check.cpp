// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/schema_check.h"

#if defined(__GNUC__) && !defined(__clang__)
// Of std::regex, which valijson uses, under sanitizers (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "support/read_file.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace tdxcheck::tests {
namespace {

nlohmann::json schema_in(const std::string& file) {
  return nlohmann::json::parse(
      support::read_file(std::string(TDXCHECK_SOURCE_DIR) + "/checker/schemas/" + file));
}

} // namespace

std::string complaints_of_schema(const std::string& schema, const nlohmann::json& document) {
  const nlohmann::json text = schema_in(schema + ".schema.json");
  // One schema may refer to another by its file's name.
  const auto fetch = [](const std::string& file) { return new nlohmann::json(schema_in(file)); };
  const auto release = [](const nlohmann::json* fetched) { delete fetched; };
  valijson::Schema parsed;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(text), parsed, fetch,
                                          release);

  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter target(document);
  if (valijson::Validator().validate(parsed, target, &results)) return "";
  std::string complaints;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    for (const std::string& step : error.context) complaints += step;
    complaints += ": " + error.description + "\n";
  }
  return complaints.empty() ? "refused without a reason\n" : complaints;
}

} // namespace tdxcheck::tests
