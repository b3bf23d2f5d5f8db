// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/variant_file.h"

#include "result/trace_json.h"

namespace tdxcheck::run {

VariantFile variant_file_from(const support::JsonReader& json) {
  json.schema(variant_schema);
  json.no_unknown_fields({"schema", "protocol", "base", "name", "set", "without", "expect"});
  VariantFile file;
  file.protocol = json.required("protocol").name();
  if (const auto base = json.optional("base")) file.base = base->name();
  if (const auto name = json.optional("name")) file.name = name->name();
  if (const auto set = json.optional("set"))
    for (const auto& [parameter, value] : set->members())
      file.set[parameter] = result::value_from_json(value);
  if (const auto without = json.optional("without"))
    for (const auto& guard : without->array()) file.without.push_back(guard.name());
  if (const auto expect = json.optional("expect"))
    for (const auto& [property, verdict] : expect->members()) {
      (void)verdict.one_of("verdict", {"holds", "violated", "unknown"});
      file.expect[property] = verdict.string();
    }
  return file;
}

} // namespace tdxcheck::run
