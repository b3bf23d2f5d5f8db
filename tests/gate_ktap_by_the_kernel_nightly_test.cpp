// SPDX-License-Identifier: GPL-2.0-or-later
//
// The kernel's own parser, tools/testing/kunit/kunit.py, decides what is KTAP. It is taken from the source
// tree that $TDXCHECK_KERNEL_SOURCE names, or from Debian's linux-source (140 MB, and so no package that all
// need); where neither is there, this test has nothing to ask, and says so.
#include "tests/gate_workplace.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>

namespace gate_ktap_by_the_kernel_nightly_test {

using namespace tdxcheck;
using tests::GateWorkplace;
using tests::run_command;

std::string kunit_folder(const GateWorkplace& work) {
  if (const char* tree = std::getenv("TDXCHECK_KERNEL_SOURCE"))
    return std::string(tree) + "/tools/testing/kunit";
  const auto unpacked =
      run_command(fmt::format("cd '{}' && tar -xf \"$(ls /usr/src/linux-source-*.tar.xz | tail -1)\" "
                              "--wildcards 'linux-source-*/tools/testing/kunit' && "
                              "echo linux-source-*/tools/testing/kunit",
                              work.folder.path().string()));
  if (unpacked.code != 0) return "";
  return work.path(unpacked.out.substr(0, unpacked.out.find('\n')));
}

TEST_CASE("the kernel's parser counts what passed and what failed") {
  const GateWorkplace work;
  const std::string kunit = kunit_folder(work);
  if (kunit.empty()) {
    MESSAGE("no kernel source is installed (apt-get install linux-source): nothing was asked");
    return;
  }
  const auto parsed = [&](const std::string& gates) {
    const auto run = work.run({"gate", gates, "--ktap", "out.ktap"});
    CHECK((run.code == 0 || run.code == 1));
    return run_command(
        fmt::format("cd '{}' && /usr/bin/python3 kunit.py parse '{}'", kunit, work.path("out.ktap")));
  };
  work.write("gate.json", tests::mixed_gate());
  const auto red = parsed("gate.json");
  INFO(red.out);
  CHECK(red.code != 0);
  CHECK(red.out.find("Testing complete. Ran 4 tests: passed: 2, failed: 2") != std::string::npos);
  CHECK(red.out.find("[ERROR]") == std::string::npos);
  const auto green = parsed(std::string(TDXCHECK_SOURCE_DIR) + "/examples/gate/tdx_module.json");
  INFO(green.out);
  CHECK(green.out.find("Testing complete. Ran 16 tests: passed: 16") != std::string::npos);
  CHECK(green.out.find("[ERROR]") == std::string::npos);
}

} // namespace gate_ktap_by_the_kernel_nightly_test
