// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "report/write_list.h"
#include "result/trace_json.h"
#include "run/target.h"

#include <algorithm>
#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  std::vector<std::string> names;
  JsonOption json;
};

ExitCode list(const Options& options) {
  options.json.refuse_unwritable();
  auto protocols = run::built_in_models();
  std::vector<std::string> known;
  for (const auto& protocol : protocols) known.push_back(protocol.name);
  for (const std::string& name : options.names) require_one_of("protocol", name, known);
  if (!options.names.empty())
    std::erase_if(protocols, [&](const auto& p) { return std::ranges::count(options.names, p.name) == 0; });
  if (!options.json.to_standard_output()) print(report::write_list(protocols, output_width()));
  options.json.write(result::text_of(report::list_to_json(protocols)));
  return ExitCode::good;
}

} // namespace

void add_list(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("list", "What there is to check: protocols, variants, properties, ...");
  command->add_option("PROTOCOL", options->names, "Only these");
  options->json.add(*command, "the list");
  command->footer("Examples:\n"
                  "  tdxcheck list\n"
                  "  tdxcheck list hkid_release\n"
                  "  tdxcheck list --json - | jq -r '.protocols[].name'");
  command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
}

} // namespace tdxcheck::cli
