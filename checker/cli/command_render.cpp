// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "report/render_html.h"
#include "report/render_itf.h"
#include "report/render_mermaid.h"
#include "report/render_race.h"
#include "report/render_table.h"
#include "run/run_replay.h"

#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  std::string file;
  std::string form = "table";
};

std::string rendered(const result::Trace& trace, const std::string& form) {
  if (form == "race") return report::render_race(trace);
  if (form == "mermaid") return report::render_mermaid(trace);
  if (form == "itf") return report::render_itf(trace);
  if (form == "html") return report::render_html(trace);
  return report::render_table(trace, output_width());
}

ExitCode render(const Options& options) {
  require_one_of("form", options.form, {"table", "race", "mermaid", "itf", "html"});
  print(rendered(run::read_trace(options.file), options.form));
  return ExitCode::good;
}

} // namespace

void add_render(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("render", "Show a trace: for a commit message, a page, another tool");
  command->add_option("TRACE", options->file, "A trace file, as `check --trace` writes it")->required();
  command->add_option("--as", options->form, "table, race (75 columns of ASCII), mermaid, itf, html")
      ->type_name("FORM");
  command->footer("Examples:\n"
                  "  tdxcheck render run.json\n"
                  "  tdxcheck render run.json --as race\n"
                  "  tdxcheck render run.json --as html > run.html");
  command->callback([options, &chosen] { chosen = [options] { return render(*options); }; });
}

} // namespace tdxcheck::cli
