// SPDX-License-Identifier: GPL-2.0-or-later
//
// One line of standard input after the other, so that a run can be typed, and kept in a file and piped in.
// Who types may err; a file that is wrong is bad input, and says in which line.
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output_files.h"
#include "cli/standard_streams.h"
#include "report/columns.h"
#include "report/quantities.h"
#include "report/render_table.h"
#include "report/step_text.h"
#include "result/trace_json.h"
#include "run/stepper.h"
#include "support/atomic_file.h"
#include "support/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include <unistd.h>

namespace tdxcheck::cli {
namespace {

using support::InputError;

constexpr const char* what_can_be_said = "  N          take the step with that number\n"
                                         "  undo [N]   take back one step, or N\n"
                                         "  goto N     the state after N steps, back or forth on the run\n"
                                         "  start N    begin anew, in another initial state\n"
                                         "  state      every variable\n"
                                         "  run        the run so far\n"
                                         "  save FILE  the run so far as a trace\n"
                                         "  quit\n";

struct Options {
  run::Request request;
};

std::optional<std::size_t> number_in(const std::string& word) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return {};
  return number;
}

std::size_t required_number(const std::string& word, const std::string& what, std::size_t least,
                            std::size_t most) {
  const auto number = number_in(word);
  if (!number || *number < least || *number > most)
    throw InputError(fmt::format("expected {} from {} to {}, not `{}`", what, least, most, word));
  return *number;
}

class Session {
public:
  explicit Session(const run::Target& target) : stepper_(target) {}

  void show() const {
    std::string text;
    const auto line = [&](const std::string& words, std::size_t hanging) {
      for (const std::string& part : report::wrap(words, output_width(), hanging)) text += part + "\n";
    };
    line(fmt::format("after {}", report::counted(stepper_.steps(), "step")), 0);
    if (stepper_.steps() == 0 && stepper_.starts() > 1)
      line(fmt::format("one of {}{} initial states (`start N`)", stepper_.more_starts() ? "more than " : "",
                       stepper_.starts()),
           2);
    for (std::size_t i = 0; i < stepper_.next().size(); ++i) {
      const run::NextStep& next = stepper_.next()[i];
      std::string words =
          fmt::format("{:>4}  {}  {}", i + 1, next.step.thread, report::what_happens(next.step));
      if (!next.step.choices.empty()) words += " [" + report::listed(next.step.choices) + "]";
      if (!next.step.status.empty()) words += " -> " + next.step.status;
      for (const std::string& failed : next.step.failed) words += "; fails: " + failed;
      if (!next.error.empty()) words += "; model error: " + next.error;
      line(words, 8);
    }
    if (stepper_.next().empty()) text += "nothing is enabled\n";
    print(text);
  }

  // False at the end.
  bool obey(const std::string& line) {
    std::istringstream words(line);
    std::string word, rest;
    words >> word;
    std::getline(words >> std::ws, rest);
    if (word.empty() || word.starts_with('#')) return true;
    if (const auto number = number_in(word))
      return take(required_number(word, "a step", 1, stepper_.next().size()));
    if (word == "quit" || word == "q") return false;
    if (word == "undo" || word == "u") return undo(rest);
    if (word == "goto" || word == "g") return go_to(rest);
    if (word == "start") return start(rest);
    if (word == "save") return save(rest);
    if (word == "state") print(state());
    else if (word == "run") print(report::render_table(stepper_.trace(), output_width()));
    else if (word == "help" || word == "h") print(what_can_be_said);
    else
      (void)require_one_of("word", word, {"undo", "goto", "start", "state", "run", "save", "help", "quit"});
    return true;
  }

private:
  bool take(std::size_t number) {
    if (!stepper_.take(number - 1)) throw InputError("this step is a model error: no state comes after it");
    show();
    return true;
  }
  bool undo(const std::string& word) {
    const std::size_t back =
        word.empty() ? 1 : required_number(word, "a number of steps", 1, stepper_.steps());
    if (back > stepper_.steps()) throw InputError("there is no step to take back");
    stepper_.go_to(stepper_.steps() - back);
    show();
    return true;
  }
  bool go_to(const std::string& word) {
    stepper_.go_to(required_number(word, "a number of steps", 0, stepper_.known_steps()));
    show();
    return true;
  }
  bool start(const std::string& word) {
    stepper_.start(required_number(word, "an initial state", 1, stepper_.starts()) - 1);
    show();
    return true;
  }
  bool save(const std::string& file) const {
    if (file.empty()) throw InputError("save where? `save FILE`");
    refuse_unwritable_file(file);
    support::write_atomically(file, result::text_of(to_json(stepper_.trace())));
    print(fmt::format("{} written to {}\n", report::counted(stepper_.steps(), "step"), file));
    return true;
  }
  [[nodiscard]] std::string state() const {
    std::string text;
    for (const auto& [name, value] : stepper_.state()) text += fmt::format("  {} = {}\n", name, value);
    return text;
  }

  run::Stepper stepper_;
};

ExitCode explore(const Options& options) {
  const run::Target target = run::resolve(options.request);
  Session session(target);
  const bool typed = ::isatty(STDIN_FILENO) != 0;
  session.show();
  std::string line;
  for (std::size_t number = 1;; ++number) {
    if (typed) print("> ");
    (void)std::fflush(stdout);
    if (!std::getline(std::cin, line)) return ExitCode::good;
    try {
      if (!session.obey(line)) return ExitCode::good;
    } catch (const InputError& error) {
      if (!typed) throw InputError(fmt::format("standard input, line {}: {}", number, error.what()));
      complain(error.what());
    }
  }
}

} // namespace

void add_explore(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("explore", "Step by hand through what a target can do");
  add_target(*command, options->request);
  command->footer(std::string("Shows the steps that are enabled, and reads what to do, a line each:\n\n") +
                  what_can_be_said +
                  "\nLines that begin with # are passed over.\n"
                  "Exit code: 0 the input has ended, 2 bad input\n\n"
                  "Examples:\n"
                  "  tdxcheck explore hkid_release@v19\n"
                  "  printf '1\\n2\\nsave run.json\\n' | tdxcheck explore sept_zap --set retries=2");
  command->callback([options, &chosen] { chosen = [options] { return explore(*options); }; });
}

} // namespace tdxcheck::cli
