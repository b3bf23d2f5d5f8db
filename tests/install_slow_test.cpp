// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this the installed program could miss a header that a protocol outside the tree needs, or quietly
// take those of the source tree, which may have moved on.
#include "scratch_folder.h"
#include "support/read_file.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>

namespace install_slow_test {

using namespace tdxcheck;
namespace fs = std::filesystem;

int run(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

const std::string build = fs::path(TDXCHECK_PROGRAM).parent_path().string();

TEST_CASE("what is installed checks a protocol outside the tree with the headers installed beside it") {
  const tests::ScratchFolder folder;
  const std::string prefix = folder / "usr", said = folder / "said", compiler = folder / "compiler";
  REQUIRE(run("cmake --install '" + build + "' --prefix '" + prefix + "' > '" + said + "'") == 0);
  for (const char* file :
       {"bin/tdxcheck", "share/man/man1", "share/bash-completion/completions/tdxcheck",
        "share/zsh/site-functions/_tdxcheck", "share/fish/vendor_completions.d/tdxcheck.fish",
        "share/tdxcheck/schemas/trace.schema.json", "share/tdxcheck/examples/ci/gate.sh",
        "share/doc/tdxcheck/copyright", "include/tdxcheck/protocols/hkid_release/hkid_release.h"})
    CHECK_MESSAGE(fs::exists(fs::path(prefix) / file), file);

  // Says where it was told to look for headers.
  std::ofstream(compiler) << "#!/bin/sh\necho \"$@\" >> '" << folder.path().string()
                          << "/asked'\nexec c++ \"$@\"\n";
  fs::permissions(compiler, fs::perms::owner_all);
  const std::string examples = prefix + "/share/tdxcheck/examples/";
  const std::string check = "CXX='" + compiler + "' '" + prefix + "/bin/tdxcheck' check '" + examples;
  CHECK(run(check + "first_lock.cpp' > /dev/null") == 0);
  CHECK(run(check + "first_lock.cpp@test_then_set' > /dev/null") == 1);
  CHECK(run(check + "load_links_and_sets_cpu_at_once.cpp' --first > /dev/null") < 2);
  const std::string asked = support::read_file(folder / "asked");
  CHECK(asked.find("-I" + prefix + "/include/tdxcheck") != std::string::npos);
  CHECK(asked.find("-I" TDXCHECK_SOURCE_DIR) == std::string::npos);
}

TEST_CASE("the Debian package names what the program is linked with, and runs where it is unpacked") {
  if (run("command -v dpkg-shlibdeps > /dev/null && command -v cpack > /dev/null") != 0) {
    MESSAGE("dpkg-dev is not installed: no package is made");
    return;
  }
  const tests::ScratchFolder folder;
  const std::string at = folder.path().string();
  const auto in_folder = [&](const std::string& command) { return run("cd '" + at + "' && " + command); };
  REQUIRE(in_folder("cpack --config '" + build + "/CPackConfig.cmake' -G DEB -B out > said 2>&1") == 0);
  REQUIRE(in_folder("mv out/*.deb package.deb") == 0);
  CHECK(in_folder(
            "dpkg-deb -f package.deb Depends > depends && grep -q libc6 depends && grep -q libfmt depends") ==
        0);
  CHECK(in_folder("dpkg-deb -f package.deb Description | grep -q '^ \\.$'") == 0);
  REQUIRE(in_folder("dpkg-deb -x package.deb root") == 0);
  CHECK(in_folder("test \"$(ls root)\" = usr") == 0);
  CHECK(in_folder("test -e root/usr/share/zsh/vendor-completions/_tdxcheck") == 0);
  CHECK(in_folder("gzip -dc root/usr/share/man/man1/tdxcheck.1.gz | grep -q '^.TH TDXCHECK 1'") == 0);
  CHECK(in_folder("test -z \"$(find root ! -type l -perm /022)\"") == 0);
  CHECK(in_folder(
            "root/usr/bin/tdxcheck check root/usr/share/tdxcheck/examples/first_lock.cpp > /dev/null") == 0);
  // Its symbols are stripped, but not those that a protocol outside the tree is linked with.
  CHECK(in_folder("test $(stat -c %s root/usr/bin/tdxcheck) -lt 30000000") == 0);
}

} // namespace install_slow_test
