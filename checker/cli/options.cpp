// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include "cli/interrupt.h"
#include "cli/output_files.h"
#include "cli/parse_quantity.h"
#include "cli/standard_streams.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/near_miss.h"

#include <algorithm>

namespace tdxcheck::cli {

void add_target(CLI::App& command, run::Request& request) {
  add_target(command, request, "");
  command.get_option("TARGET")->required();
}

void add_target(CLI::App& command, run::Request& request, const std::string& without_it) {
  command.add_option("TARGET", request.target,
                     "PROTOCOL[@VARIANT], FILE.json (variant or model), or FILE.cpp[@VARIANT]" + without_it);
  add_settings(command, request);
}

void add_settings(CLI::App& command, run::Request& request) {
  // Each takes one value: what follows may be the target.
  command.add_option("--set", request.set, "Override a parameter (repeatable)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--without", request.without, "Drop a named guard (repeatable)")
      ->type_name("GUARD")
      ->allow_extra_args(false);
}

void add_fairness(CLI::App& command, run::Request& request) {
  command
      .add_option("--fair", request.fair,
                  "Other fairness than written: none, weak or strong; of one step only: weak:TEXT")
      ->type_name("HOW")
      ->allow_extra_args(false);
}

void BudgetOption::add(CLI::App& command) {
  command.add_option("--time", time, "Stop after that time, e.g. 45s, 10m, 1h")->type_name("DURATION");
  command
      .add_option("--memory", memory,
                  "Stop at that much memory, e.g. 500M, 2G (default: 75 % of what is free)")
      ->type_name("SIZE");
}

void BudgetOption::put(run::CheckOptions& check) const {
  if (!time.empty()) check.search.seconds = parse_duration(time);
  if (!memory.empty()) check.search.memory_bytes = parse_size(memory);
  check.search.interrupted = &interrupt_requested();
}

void JsonOption::add(CLI::App& command, const std::string& what) {
  command
      .add_option("--json", path,
                  "Write " + what + " as JSON; - is standard output, and then nothing else is")
      ->type_name("FILE|-")
      ->check(not_empty());
}

void JsonOption::refuse_unwritable() const {
  if (!path.empty() && !to_standard_output()) refuse_unwritable_file(path);
}

void JsonOption::write(const std::string& json) const {
  if (to_standard_output()) print(json);
  else if (!path.empty()) support::write_atomically(path, json);
}

void ColorOption::add(CLI::App& command) {
  command.add_option("--color", choice, "Colours in the report: auto, always, never")->type_name("WHEN");
}

bool ColorOption::allowed() const {
  return may_color(require_one_of("choice of colours", choice, {"auto", "always", "never"}));
}

CLI::Validator not_empty() {
  return {[](const std::string& name) {
            return name.empty() ? std::string("a file needs a name") : std::string();
          },
          ""};
}

const std::string& require_one_of(const char* kind, const std::string& text,
                                  const std::vector<std::string>& known) {
  if (std::ranges::find(known, text) == known.end())
    throw support::InputError(support::did_you_mean(kind, text, known));
  return text;
}

} // namespace tdxcheck::cli
