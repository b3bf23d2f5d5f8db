// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/atomic_file.h"

#include "scratch_folder.h"
#include "support/error.h"
#include "support/read_file.h"

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include <sys/resource.h>

namespace fs = std::filesystem;
namespace atomic_file_test {

using namespace tdxcheck::support;
using tdxcheck::tests::ScratchFolder;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

std::string complaint_about(const fs::path& path) {
  try {
    write_atomically(path, "new");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// A full disk in small: writes of this process beyond the limit fail.
class NoFileLargerThan {
public:
  explicit NoFileLargerThan(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit lower{bytes, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lower);
  }
  NoFileLargerThan(const NoFileLargerThan&) = delete;
  NoFileLargerThan& operator=(const NoFileLargerThan&) = delete;
  ~NoFileLargerThan() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

private:
  void (*old_handler_)(int);
  rlimit old_limit_{};
};

TEST_CASE("what was written is read back, and nothing else is left in the folder") {
  const ScratchFolder folder;
  const std::string content("one\ntwo\0three", 13);
  write_atomically(folder / "file", content);
  CHECK(read_file(folder / "file") == content);
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("an existing file is replaced whole and keeps its permissions") {
  const ScratchFolder folder;
  const fs::path path = folder / "file";
  std::ofstream(path) << "an older and longer content";
  const auto only_owner = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(path, only_owner);
  write_atomically(path, "new");
  CHECK(read_file(path) == "new");
  CHECK(fs::status(path).permissions() == only_owner);
}

// Replacing the link would leave the file that others look at as it was.
TEST_CASE("through a symbolic link the file behind it is written") {
  const ScratchFolder folder;
  std::ofstream(folder / "file") << "old";
  fs::create_symlink("file", folder / "link");
  write_atomically(folder / "link", "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(read_file(folder / "file") == "new");
}

TEST_CASE("a missing folder is reported with the path and the reason, and nothing is created") {
  const ScratchFolder folder;
  const fs::path path = folder / "missing/file";
  CHECK(complaint_about(path) == "cannot write " + path.string() + ": No such file or directory");
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("a folder is not overwritten by a file") {
  const ScratchFolder folder;
  CHECK(complaint_about(folder.path()) == "cannot write " + folder.path().string() + ": Is a directory");
}

TEST_CASE("a write that fails half-way leaves the old content and no temporary file") {
  const ScratchFolder folder;
  const fs::path path = folder / "file";
  write_atomically(path, "old");
  const NoFileLargerThan limit(2);
  CHECK(complaint_about(path) == "cannot write " + path.string() + ": File too large");
  CHECK(read_file(path) == "old");
  CHECK(files_in(folder.path()) == 1);
}

// As root, renaming over the device would turn it into a regular file for everybody.
TEST_CASE("a device is written to, never replaced") {
  write_atomically("/dev/null", "gone");
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(complaint_about("/dev/full") == "cannot write /dev/full: No space left on device");
}

} // namespace atomic_file_test
