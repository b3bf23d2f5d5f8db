// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this the recipe that users copy could name an option that is gone, be green where a line is
// missing, or take longer than a kernel selftest may.
#include "scratch_folder.h"
#include "support/read_file.h"
#include "support/stopwatch.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>

namespace ci_recipe_slow_test {

using namespace tdxcheck;

const std::string source = TDXCHECK_SOURCE_DIR;

struct Shell {
  tests::ScratchFolder folder;
  std::string out; // standard output and standard error

  // In a folder that looks like a clone from outside, but is not written to.
  Shell() {
    for (const char* name : {"examples", ".ci"})
      std::filesystem::create_symlink(std::filesystem::path(source) / name, folder / name);
  }
  int run(const std::string& script) {
    const std::string file = folder / "script", said = folder / "said";
    std::ofstream(file) << "cd '" << folder.path().string() << "'\nexport TDXCHECK='" << TDXCHECK_PROGRAM
                        << "'\n"
                        << script;
    const int status = std::system(("sh -eu " + file + " > " + said + " 2>&1").c_str());
    out = support::read_file(said);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }
};

TEST_CASE("the recipe is red where a line is missing, and shows the run") {
  Shell shell;
  CHECK(shell.run("unset GITHUB_ACTIONS; examples/ci/gate.sh examples/ci/broken") == 1);
  CHECK(shell.out.find("`hkid_not_leaked` is violated") != std::string::npos);
  CHECK(shell.out.find("TDH.MNG.VPFLUSHDONE") != std::string::npos);
  CHECK(shell.out.find("::error") == std::string::npos);
  CHECK(std::filesystem::exists(shell.folder / "gate-reports/junit.xml"));
  CHECK(std::filesystem::exists(shell.folder / "gate-reports/tdxcheck.sarif"));
  CHECK(!std::filesystem::is_empty(shell.folder / "gate-reports/artifacts"));

  CHECK(shell.run("GITHUB_ACTIONS=true examples/ci/gate.sh examples/ci/broken") == 1);
  CHECK(shell.out.find("::error file=protocols/hkid_release/") != std::string::npos);
  CHECK(shell.run("examples/ci/gate.sh no_such_file") == 2);
  CHECK(shell.run("make -s -C '" + source + "/examples/ci' patch GATE_REPORTS=\"$PWD/made\"") != 0);
  CHECK(std::filesystem::exists(shell.folder / "made/junit.xml"));
}

TEST_CASE("the workflow is YAML, and its gate is green on what has landed, in the time of a selftest") {
  Shell shell;
  if (std::system("python3 -c 'import yaml' 2> /dev/null") != 0) {
    MESSAGE("python3-yaml is not installed: the workflow is not read");
    return;
  }
  const std::string steps = "python3 -c 'import sys, yaml\n"
                            "for job in yaml.safe_load(open(sys.argv[1]))[\"jobs\"].values():\n"
                            "  for step in job[\"steps\"]:\n"
                            "    if step.get(\"name\") == sys.argv[2]: print(step[\"run\"])' '" +
                            source + "/examples/ci/github/tdxcheck.yml' ";
  REQUIRE(shell.run(steps + "Gate") == 0);
  const std::string gate = shell.out;
  REQUIRE(gate.find("gate.sh") != std::string::npos);
  const support::Stopwatch watch;
  CHECK(shell.run(gate) == 0);
  CAPTURE(shell.out);
  WARN(watch.seconds() < 45);
  CHECK(shell.out.find(" met; ") != std::string::npos);
  CHECK(std::filesystem::exists(shell.folder / ".gate-cache"));

  // What builds the program there is what is in the tree.
  REQUIRE(shell.run(steps + "Build") == 0);
  const std::string build = shell.out;
  std::ofstream(shell.folder / "build.sh") << build;
  CHECK(shell.run("sh -n build.sh") == 0);
  CHECK(build == ".ci/install-packages\n.ci/configure build\ncmake --build build --target tdxcheck\n\n");
  CHECK(shell.run("test -x .ci/install-packages -a -x .ci/configure") == 0);
}

} // namespace ci_recipe_slow_test
