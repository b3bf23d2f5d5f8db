// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/run_program.h"

#include "support/read_file.h"
#include "tests/scratch_folder.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tdxcheck::tests {
namespace {

[[noreturn]] void become_program(std::vector<std::string> words, const ProgramSettings& settings,
                                 const std::filesystem::path& out, const std::filesystem::path& err) {
  ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), STDOUT_FILENO);
  ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), STDERR_FILENO);
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  if (settings.close_standard_output) ::close(STDOUT_FILENO);
  for (const auto& [name, value] : settings.environment)
    value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (::chdir(settings.directory.c_str()) == 0) ::execv(argv.front(), argv.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

ProgramRun run_tdxcheck(const std::vector<std::string>& arguments, const ProgramSettings& settings) {
  const ScratchFolder folder;
  std::vector<std::string> words{TDXCHECK_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto out = folder / "out", err = folder / "err";
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) become_program(words, settings, settings.standard_output.value_or(out), err);
  if (settings.interrupt_after) {
    std::this_thread::sleep_for(std::chrono::duration<double>(*settings.interrupt_after));
    ::kill(child, SIGINT);
  }
  ProgramRun run;
  run.code = wait_for(child);
  if (!settings.standard_output) run.out = support::read_file(out);
  run.err = support::read_file(err);
  return run;
}

} // namespace tdxcheck::tests
