// SPDX-License-Identifier: GPL-2.0-or-later
//
// The usual way: a temporary file in the same directory (rename does not cross file systems), fsync before
// the rename (else a crash may leave the new name with no content), fsync of the directory after it.
#include "support/atomic_file.h"

#include "support/error.h"
#include "support/file_descriptor.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace tdxcheck::support {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::error_code& reason) {
  throw InputError(fmt::format("cannot write {}: {}", path.string(), reason.message()));
}

[[noreturn]] void refuse_by_errno(const fs::path& path) { refuse(path, {errno, std::generic_category()}); }

void write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) refuse_by_errno(path);
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
}

// A fresh file beside `path`, removed again unless it takes its place. Not mkstemp, which creates mode 0600
// where the umask ought to decide.
class TemporaryFile {
public:
  explicit TemporaryFile(const fs::path& path) : name_(unused_name(path)), file_(create()) {
    if (!file_.is_open()) refuse_by_errno(path);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (file_was_created_) ::unlink(name_.c_str());
  }

  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] bool take_the_place_of(const fs::path& path) {
    if (!file_.close() || ::rename(name_.c_str(), path.c_str()) != 0) return false;
    file_was_created_ = false;
    return true;
  }

private:
  static fs::path unused_name(const fs::path& path) {
    static std::atomic<unsigned> counter{0};
    fs::path name = path;
    name += fmt::format(".{}.{}.tmp", ::getpid(), counter++);
    return name;
  }
  FileDescriptor create() {
    const int fd = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    file_was_created_ = fd >= 0;
    return FileDescriptor(fd);
  }

  fs::path name_;
  bool file_was_created_ = false;
  FileDescriptor file_;
};

void write_in_place(const fs::path& path, std::string_view content) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) refuse_by_errno(path);
  write_all(file.get(), content, path);
  if (!file.close()) refuse_by_errno(path);
}

void make_the_rename_last(const fs::path& path) {
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const FileDescriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot; the content is in place either way, so a failure here is not one of ours.
  if (opened.is_open()) (void)::fsync(opened.get());
}

} // namespace

void write_atomically(const fs::path& path, std::string_view content) {
  struct stat existing {};
  const bool exists = ::stat(path.c_str(), &existing) == 0;
  if (exists && S_ISDIR(existing.st_mode)) refuse(path, std::make_error_code(std::errc::is_a_directory));
  if (exists && !S_ISREG(existing.st_mode)) return write_in_place(path, content);

  const fs::path target = exists ? fs::canonical(path) : path;
  TemporaryFile temporary(target);
  if (exists) (void)::fchmod(temporary.fd(), existing.st_mode & 07777);
  write_all(temporary.fd(), content, path);
  if (::fsync(temporary.fd()) != 0 || !temporary.take_the_place_of(target)) refuse_by_errno(path);
  make_the_rename_last(target);
}

} // namespace tdxcheck::support
