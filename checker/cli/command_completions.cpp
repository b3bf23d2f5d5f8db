// SPDX-License-Identifier: GPL-2.0-or-later
//
// Commands about the program itself: completions, the manual page. Their texts are made while the command
// line is parsed, for only then the parser is there.
#include "cli/commands.h"
#include "cli/complete.h"
#include "cli/options.h"
#include "cli/program_words.h"
#include "cli/standard_streams.h"
#include "cli/write_completions.h"
#include "cli/write_man.h"

#include <memory>
#include <string>
#include <vector>

namespace tdxcheck::cli {
namespace {

ExitCode printed(const std::string& text) {
  print(text);
  return ExitCode::good;
}

} // namespace

void add_completions(CLI::App& program, Command& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command =
      program.add_subcommand("completions", "A script that makes a shell complete command lines");
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  command->footer("Targets, parameters, guards, loops and properties are completed, too.\n\n"
                  "Examples:\n"
                  "  eval \"$(tdxcheck completions bash)\"\n"
                  "  tdxcheck completions zsh > ~/.zfunc/_tdxcheck\n"
                  "  tdxcheck completions fish > ~/.config/fish/completions/tdxcheck.fish");
  command->callback([shell, &chosen] {
    chosen = [shell] {
      return printed(completion_script(require_one_of("shell", *shell, {"bash", "zsh", "fish"})));
    };
  });
}

// Asked by those scripts; nothing that a person would type, hence in no help text.
void add_complete(CLI::App& program, Command& chosen) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* command = program.add_subcommand("complete", "Candidates for the last of the words");
  command->group("");
  command->add_option("WORD", *words);
  command->callback([words, &program, &chosen] {
    chosen = [words, known = words_of(program)] {
      std::string lines;
      for (const Candidate& candidate : complete(known, *words))
        lines += candidate.word + "\t" + candidate.description + "\n";
      return printed(lines);
    };
  });
}

void add_man(CLI::App& program, Command& chosen) {
  CLI::App* command = program.add_subcommand("man", "The manual page, for man(1)");
  command->footer("Examples:\n"
                  "  tdxcheck man | man -l -\n"
                  "  tdxcheck man > /usr/local/share/man/man1/tdxcheck.1");
  command->callback([&program, &chosen] {
    chosen = [page = manual_page(words_of(program), TDXCHECK_VERSION)] { return printed(page); };
  });
}

} // namespace tdxcheck::cli
