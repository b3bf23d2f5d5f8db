// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/read_file.h"

#include "support/error.h"
#include "support/file_descriptor.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace tdxcheck::support {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view reason) {
  throw InputError(fmt::format("cannot read {}: {}", path.string(), reason));
}

[[noreturn]] void refuse_by_errno(const std::filesystem::path& path) {
  refuse(path, std::generic_category().message(errno));
}

} // namespace

std::string read_file(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) refuse_by_errno(path);
  if (S_ISDIR(status.st_mode)) refuse(path, "it is a directory");

  const auto refuse_as_too_large = [&] {
    refuse(path, fmt::format("it is larger than {} MiB", most_bytes_read >> 20));
  };
  const auto announced = static_cast<std::size_t>(status.st_size);
  if (announced > most_bytes_read) refuse_as_too_large();

  // The announced size is a hint only: pipes and /proc announce none, and a file may grow meanwhile.
  std::string content;
  constexpr std::size_t piece = std::size_t{64} << 10;
  content.reserve(announced + piece);
  for (;;) {
    const std::size_t had = content.size();
    content.resize(had + piece);
    const ssize_t got = ::read(file.get(), content.data() + had, piece);
    if (got < 0 && errno != EINTR) refuse_by_errno(path);
    content.resize(had + static_cast<std::size_t>(got < 0 ? 0 : got));
    if (got == 0) return content;
    if (content.size() > most_bytes_read) refuse_as_too_large();
  }
}

} // namespace tdxcheck::support
