// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/read_file.h"

#include "scratch_folder.h"
#include "support/error.h"

#include <doctest/doctest.h>

#include <fstream>

namespace fs = std::filesystem;
namespace read_file_test {

using namespace tdxcheck::support;
using tdxcheck::tests::ScratchFolder;

std::string complaint_about(const fs::path& path) {
  try {
    (void)read_file(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("an empty file and one of several pieces are read to their last byte") {
  const ScratchFolder folder;
  std::ofstream(folder / "empty").close();
  CHECK(read_file(folder / "empty").empty());
  const std::string content(300'001, 'x');
  std::ofstream(folder / "large") << content;
  CHECK(read_file(folder / "large") == content);
}

TEST_CASE("a file that does not announce its size is read all the same") {
  CHECK(read_file("/proc/self/status").starts_with("Name:"));
}

TEST_CASE("what cannot be read is reported with its path and the reason") {
  const ScratchFolder folder;
  const std::string missing = (folder / "missing").string();
  CHECK(complaint_about(missing) == "cannot read " + missing + ": No such file or directory");
  CHECK(complaint_about(folder.path()) == "cannot read " + folder.path().string() + ": it is a directory");
}

TEST_CASE("a file beyond the limit is refused before it is read") {
  const ScratchFolder folder;
  const fs::path path = folder / "sparse";
  std::ofstream(path).close();
  fs::resize_file(path, most_bytes_read + 1);
  CHECK(complaint_about(path) == "cannot read " + path.string() + ": it is larger than 256 MiB");
}

} // namespace read_file_test
