// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a command or an option could be missing in the manual page or the completions, or be there
// although the program does not have it any more.
#include "cli/program_words.h"
#include "run_program.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "scratch_folder.h"
#include "support/read_file.h"

namespace completions_test {

using namespace tdxcheck;

using Words = std::vector<std::string>;

std::string output_of(const Words& arguments) {
  const auto run = tests::run_tdxcheck(arguments);
  CHECK(run.code == 0);
  return run.out;
}

// The first words of the lines.
Words candidates(Words words) {
  words.insert(words.begin(), {"complete", "--"});
  std::istringstream lines(output_of(words));
  Words all;
  for (std::string line; std::getline(lines, line);) all.push_back(line.substr(0, line.find('\t')));
  return all;
}

bool has(const Words& all, const std::string& one) { return std::ranges::count(all, one) > 0; }

// What --help lists under a heading: "  list      What there is ..." or "  -h,--help   ...".
Words listed(const std::string& help, const std::string& heading) {
  std::istringstream lines(help.substr(std::min(help.find(heading), help.size())));
  Words all;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line.starts_with("  ")) {
    if (line[2] == ' ') continue; // goes on
    const std::string word = line.substr(2, line.find(' ', 2) - 2);
    all.push_back(word.substr(word.rfind(',') + 1));
  }
  return all;
}

std::string without_escapes(const std::string& roff) {
  std::string text;
  for (std::size_t i = 0; i < roff.size(); ++i)
    if (roff[i] != '\\' || i + 1 == roff.size() || roff[i + 1] != '-') text += roff[i];
  return text;
}

TEST_CASE("the manual page and the completions have every command and option that --help has, and no other") {
  const std::string page = without_escapes(output_of({"man"}));
  const Words commands = listed(output_of({"--help"}), "Subcommands:");
  REQUIRE(commands.size() > 10);
  CHECK(candidates({""}) == commands);
  std::size_t sections = 0;
  for (std::size_t at = page.find(".SS "); at != std::string::npos; at = page.find(".SS ", at + 1))
    ++sections;
  CHECK(sections == commands.size());
  for (const std::string& command : commands) {
    CAPTURE(command);
    const auto begin = page.find(".SS \"tdxcheck " + command + "\"\n");
    REQUIRE(begin != std::string::npos);
    const std::string section = page.substr(begin, page.find("\n.S", begin + 1) - begin);
    const Words options = listed(output_of({command, "--help"}), "Options:");
    CHECK(candidates({command, "--"}) == options);
    std::size_t told = 0;
    for (std::size_t at = section.find("\\fB--"); at != std::string::npos;
         at = section.find("\\fB--", at + 1))
      ++told;
    CHECK(told + 1 == options.size()); // --help is told of once for all
    for (const std::string& option : options)
      if (option != "--help") CHECK(section.find("\\fB" + option + "\\fR") != std::string::npos);
  }
}

TEST_CASE("groff has nothing to complain about in the manual page") {
  if (std::system("command -v groff > /dev/null") != 0) return;
  const tests::ScratchFolder folder;
  const std::string page = folder / "page.1", said = folder / "said";
  std::ofstream(page) << output_of({"man"});
  CHECK(std::system(("groff -man -Tascii -ww " + page + " > /dev/null 2> " + said).c_str()) == 0);
  CHECK(support::read_file(said) == "");
}

TEST_CASE("completions know targets, their parameters, guards, loops and properties, and fixed words") {
  CHECK(candidates({"check", "hkid_rel"}) == Words{"hkid_release"});
  CHECK(has(candidates({"check", "hkid_release@v19"}), "hkid_release@v19_load"));
  CHECK(has(candidates({"check", "sept_zap", "--set", ""}), "retries="));
  CHECK(has(candidates({"check", "--set", "retries=1", "sept_zap@landed", "--set", "kick="}), "kick=each"));
  CHECK(candidates({"sweep", "sept_zap", "--set", "kick=none,ea"}) == Words{"kick=none,each"});
  CHECK(candidates({"check", "sept_zap", "--set=kick=ea"}) == Words{"--set=kick=each"});
  CHECK(has(candidates({"check", "hkid_release", "--without", "fl"}), "flush_vcpus"));
  CHECK(has(candidates({"bound", "hkid_release", "--loop", ""}), "vpflushdone"));
  CHECK(has(candidates({"check", "hkid_release", "--property", "no_d"}), "no_deadlock"));
  CHECK(candidates({"check", "--color", ""}) == Words{"auto", "always", "never"});
  CHECK(candidates({"completions", "z"}) == Words{"zsh"});
  // An option that was given once is not offered again, one that may be repeated is.
  CHECK_FALSE(has(candidates({"check", "--first", "--"}), "--first"));
  CHECK(has(candidates({"check", "--set", "a=1", "--"}), "--set"));
  // Nothing to offer is no error.
  CHECK(candidates({"check", "no_such_protocol", "--set", ""}).empty());
  CHECK(candidates({"no_such_command", ""}).empty());
  CHECK(candidates({"replay", ""}).empty());
}

TEST_CASE("bash puts the rest of a word behind @ and = where it takes words apart") {
  if (std::system("command -v bash > /dev/null") != 0) return;
  const tests::ScratchFolder folder;
  const auto completed = [&](const std::string& line) {
    const std::string script = folder / "script", said = folder / "said";
    std::ofstream(script) << output_of({"completions", "bash"}) << "compopt() { :; }\nCOMP_LINE='" << line
                          << "' COMP_POINT=" << line.size()
                          << "\n_tdxcheck\nprintf '%s\n' \"${COMPREPLY[@]}\"\n";
    CHECK(std::system(("bash " + script + " > " + said).c_str()) == 0);
    return support::read_file(said);
  };
  const std::string program = TDXCHECK_PROGRAM;
  CHECK(completed(program + " check hkid_rel") == "hkid_release\n");
  CHECK(completed(program + " check hkid_release@v19_loa") == "v19_load\n");
  CHECK(completed(program + " check sept_zap --set kick=ea") == "each\n");
  CHECK(completed(program + " completions ") == "bash\nzsh\nfish\n");
}

TEST_CASE("the choices are read off the help text") {
  CHECK(cli::choices_in("text, markdown or csv") == Words{"text", "markdown", "csv"});
  CHECK(cli::choices_in("Colours in the report: auto, always, never") == Words{"auto", "always", "never"});
  CHECK(cli::choices_in("explore, or reference (slow, plain)") == Words{"explore", "reference"});
  CHECK(cli::choices_in("loop, or operation: the one around the loop") == Words{"loop", "operation"});
  CHECK(cli::choices_in("Stop after that time, e.g. 45s, 10m, 1h").empty());
  CHECK(cli::choices_in("Judge this property only (repeatable)").empty());
}

} // namespace completions_test
