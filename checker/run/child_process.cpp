// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/child_process.h"

#include "support/error.h"
#include "support/stopwatch.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace tdxcheck::run {
namespace {

namespace fs = std::filesystem;
using support::InputError;

// Standard output belongs to the report; an ignored SIGPIPE would be inherited.
class SpawnSettings {
public:
  explicit SpawnSettings(const ChildProcess& child) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!child.output.empty())
      ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, child.output.c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
    if (!child.directory.empty()) ::posix_spawn_file_actions_addchdir_np(&actions_, child.directory.c_str());
    ::posix_spawnattr_init(&attributes_);
    sigset_t to_default;
    ::sigemptyset(&to_default);
    ::sigaddset(&to_default, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &to_default);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// Nothing: it had to be killed. Asks now and then instead of waiting where there is a reason to stop.
std::optional<int> status_of(pid_t process, const ChildProcess& child) {
  const bool watched = child.seconds.has_value() || child.interrupted != nullptr;
  const support::Stopwatch watch;
  bool killed = false;
  for (auto pause = std::chrono::milliseconds(1);;
       pause = std::min(2 * pause, std::chrono::milliseconds(50))) {
    int status = 0;
    const pid_t ended = ::waitpid(process, &status, watched && !killed ? WNOHANG : 0);
    if (ended == process) return killed ? std::optional<int>{} : status;
    if (ended < 0 && errno != EINTR)
      throw InputError(fmt::format("cannot wait for {}: {}", child.command.front(),
                                   std::generic_category().message(errno)));
    if (!watched || killed) continue;
    if ((child.seconds && watch.seconds() > *child.seconds) ||
        (child.interrupted != nullptr && child.interrupted->load())) {
      ::kill(process, SIGKILL);
      killed = true;
    } else if (ended == 0) std::this_thread::sleep_for(pause);
  }
}

} // namespace

PrivateDirectory::PrivateDirectory() {
  std::string name = (fs::temp_directory_path() / "tdxcheck-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw InputError(
        fmt::format("cannot make a directory like {}: {}", name, std::generic_category().message(errno)));
  path_ = name;
}

PrivateDirectory::~PrivateDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

ChildEnd run_child(const ChildProcess& child) {
  std::vector<std::string> words = child.command;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const SpawnSettings settings(child);
  pid_t process = 0;
  const int error =
      ::posix_spawnp(&process, argv.front(), settings.actions(), settings.attributes(), argv.data(), environ);
  if (error == ENOENT) return ChildEnd::no_such_program;
  if (error != 0)
    throw InputError(
        fmt::format("cannot run {}: {}", child.command.front(), std::generic_category().message(error)));
  const std::optional<int> status = status_of(process, child);
  if (!status) return ChildEnd::out_of_time;
  return WIFEXITED(*status) && WEXITSTATUS(*status) == 0 ? ChildEnd::succeeded : ChildEnd::failed;
}

} // namespace tdxcheck::run
