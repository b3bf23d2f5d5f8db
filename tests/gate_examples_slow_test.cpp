// SPDX-License-Identifier: GPL-2.0-or-later
//
// The example gate is what people start from: it must be green, must cover every protocol, and must stay
// cheap enough for the 45 seconds that a kernel selftest has on two cores.
#include "run/gate_file.h"
#include "run/target.h"
#include "tests/gate_workplace.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <sys/resource.h>

namespace gate_examples_slow_test {

using namespace tdxcheck;
using nlohmann::json;

std::string example(const char* name) { return std::string(TDXCHECK_SOURCE_DIR) + "/examples/" + name; }

// Of the programs that were run so far.
double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Cover {
  bool holding = false, violated = false;
};

std::map<std::string, Cover> coverage(const std::vector<run::PlannedCheck>& planned) {
  std::map<std::string, Cover> cover;
  for (const auto& [check, request, target, budget] : planned) {
    const bool violated = std::ranges::any_of(
        check.expectations, [](const auto& e) { return e.expected == result::Verdict::violated; });
    Cover& of = cover[target.model.name];
    (violated ? of.violated : of.holding) = true;
  }
  return cover;
}

TEST_CASE("the example gate is green, in 45 seconds on two cores, and again at next to no cost") {
  const tests::GateWorkplace work;
  const double before = cpu_seconds();
  const auto run = work.run({"gate", example("gate"), "--cache", "kept", "--quiet", "--junit", "report.xml"});
  const double searched = cpu_seconds() - before;
  INFO(run.out, run.err);
  CHECK(run.code == 0);
  CHECK(run.out.find(" met; ") != std::string::npos);
  // Processor time, which does not depend on who else uses the machine; sanitizers leave this test out.
  CHECK(searched < 60);
  CHECK(work.run({"gate", example("gate"), "--cache", "kept", "--quiet"}).code == 0);
  const double kept = cpu_seconds() - before - searched;
  MESSAGE("CPU seconds: ", searched, " searched, ", kept, " kept");
  CHECK(kept < searched / 2);
}

TEST_CASE("the example gate has something that holds and something violated of every protocol") {
  auto cover = coverage(run::read_gates({example("gate")}));
  for (const auto& model : run::built_in_models()) {
    INFO(model.name);
    CHECK(cover[model.name].holding);
    CHECK(cover[model.name].violated);
  }
}

TEST_CASE("a red gate on a deliberately broken variant says where, with the run") {
  const tests::GateWorkplace work;
  json patch = json::parse(std::ifstream(example("broken/release_without_flush.json")));
  patch["expect"] = {{"hkid_not_leaked", "holds"}};
  work.write("my-patch.json", patch);
  const auto run = work.run({"gate", "my-patch.json", "--artifacts", "art", "--sarif", "r.sarif"});
  CHECK(run.code == 1);
  CHECK(run.out.find("`hkid_not_leaked` is violated, expected to hold") != std::string::npos);
  CHECK(run.out.find("step  thread") != std::string::npos);
  CHECK(work.run({"replay", "art/my-patch_json/hkid_not_leaked.json"}).code == 0);
  CHECK(work.read("r.sarif").find("protocols/hkid_release/") != std::string::npos);
}

TEST_CASE("every example variant is a gate that is read, and every gate conforms to its schema") {
  CHECK(!run::read_gates({example("broken")}).empty());
  for (const char* folder : {"gate", "gate-nightly"}) {
    CHECK(!run::read_gates({example(folder)}).empty());
    for (const auto& file : std::filesystem::directory_iterator(example(folder)))
      CHECK(tests::complaints_of_schema("gate", json::parse(std::ifstream(file.path()))) == "");
  }
}

} // namespace gate_examples_slow_test
