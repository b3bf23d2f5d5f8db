// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run_program.h"

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/standard_streams.h"
#include "support/error.h"

#include <fmt/format.h>

#include <exception>
#include <new>

namespace tdxcheck::cli {
namespace {

// A terminal sends SIGINT to the compiler of a protocol, too; what fails then is no fault of the input.
ExitCode refuse(const support::InputError& error) {
  if (interrupt_requested()) return ExitCode::interrupted;
  complain(error.what());
  return ExitCode::bad_input;
}

ExitCode blame_ourselves(const char* what) {
  complain(
      fmt::format("internal error: {}\nThis is a bug in tdxcheck, and no verdict. Please report it together "
                  "with the command line and the target.",
                  what));
  return ExitCode::internal_error;
}

ExitCode run_command(int argc, const char* const* argv) {
  try {
    const Command command = parse(argc, argv);
    return command ? command() : ExitCode::good;
  } catch (const support::InputError& error) {
    return refuse(error);
  } catch (const std::bad_alloc&) {
    complain("out of memory; `--memory SIZE` makes a search stop, and report, before that");
    return ExitCode::unknown;
  } catch (const std::exception& error) {
    return blame_ourselves(error.what());
  } catch (...) {
    return blame_ourselves("an exception of unknown kind");
  }
}

} // namespace

int run_program(int argc, const char* const* argv) {
  keep_standard_streams();
  ExitCode code = run_command(argc, argv);
  if (!close_standard_output() && code != ExitCode::internal_error) {
    complain("cannot write the report to standard output");
    code = ExitCode::bad_input;
  }
  return static_cast<int>(code);
}

} // namespace tdxcheck::cli
