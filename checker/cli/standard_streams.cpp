// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/standard_streams.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace tdxcheck::cli {
namespace {

constexpr std::size_t width_in_a_mail = 100;

std::size_t columns_of(int stream) {
  winsize size{};
  if (::isatty(stream) == 0 || ::ioctl(stream, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return width_in_a_mail;
  return size.ws_col;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

} // namespace

void keep_standard_streams() {
  // Opened for reading, so that writing to a standard output that is closed still fails.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0)
      (void)::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error, too
}

void print(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stdout); }

void remark(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

void complain(std::string_view text) {
  (void)std::fflush(stdout); // what was printed before, first
  remark("tdxcheck: " + std::string(text) + "\n");
}

bool close_standard_output() {
  const bool was_good = std::ferror(stdout) == 0;
  const bool flushed = std::fflush(stdout) == 0;
  // Some file systems say only now that there was no room.
  return std::fclose(stdout) == 0 && flushed && was_good;
}

std::size_t output_width() { return std::clamp<std::size_t>(columns_of(STDOUT_FILENO), 72, 160); }
bool errors_go_to_a_terminal() { return ::isatty(STDERR_FILENO) != 0; }
std::size_t error_width() { return columns_of(STDERR_FILENO); }

bool may_color(const std::string& choice) {
  if (choice != "auto") return choice == "always";
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return !is_set("NO_COLOR") && !dumb && ::isatty(STDOUT_FILENO) != 0;
}

} // namespace tdxcheck::cli
