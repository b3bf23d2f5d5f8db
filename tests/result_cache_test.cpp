// SPDX-License-Identifier: GPL-2.0-or-later
//
// A cache that answers for another model, or from half an entry, is a false pass that nobody can reproduce.
#include "result/result_json.h"
#include "run/result_cache.h"
#include "run/run_check.h"
#include "support/build_id.h"
#include "tests/gate_workplace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace result_cache_test {

using namespace tdxcheck;
using nlohmann::json;
using tests::GateWorkplace;

namespace fs = std::filesystem;

struct Check {
  explicit Check(const run::Request& asked) : request(asked), target(run::resolve(asked)) {}
  [[nodiscard]] result::CheckResult judged() const { return run::run_check(target, request, options); }
  [[nodiscard]] std::string key() const { return run::ResultCache::key_of(target, options); }

  run::Request request;
  run::Target target;
  run::CheckOptions options = {};
};

std::vector<fs::path> entries(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) files.push_back(entry.path());
  return files;
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a result is read back as it was written") {
  for (const run::Request& request :
       {run::Request{"sept_zap@vcpu_init"}, run::Request{"sept_zap@vcpu_init_locked"},
        run::Request{"sharex_lock@module_retrying"}, run::Request{"vcpu_association@flush_with_irqs_off"}}) {
    const json written = json::parse(result::to_json(Check(request).judged()).dump());
    CHECK(json::parse(result::to_json(result::result_from_json(written)).dump()) == written);
  }
}

TEST_CASE("what was decided is kept and found again, and only for the same question") {
  const tests::ScratchFolder folder;
  const run::ResultCache cache(folder / "cache");
  const Check check({"sept_zap@vcpu_init"});
  CHECK(!cache.find(check.key(), check.target));
  const auto result = check.judged();
  cache.keep(check.key(), result);
  const auto kept = cache.find(check.key(), check.target);
  REQUIRE(kept);
  CHECK(result::to_json(*kept) == result::to_json(result));

  std::set<std::string> keys{check.key()};
  Check other = check;
  other.options.search.properties = {"no_kvm_bug"};
  CHECK(keys.insert(other.key()).second);
  other.options.as_written = true;
  CHECK(keys.insert(other.key()).second);
  for (const run::Request& request :
       {run::Request{"sept_zap@vcpu_init_locked"}, run::Request{"sept_zap@vcpu_init", {"vcpus=1"}, {}, {}},
        run::Request{"sept_zap@vcpu_init", {}, {}, {"weak"}}}) {
    CHECK(keys.insert(Check(request).key()).second);
    CHECK(!cache.find(Check(request).key(), Check(request).target));
  }
  CHECK(check.key().find(support::build_id()) != std::string::npos);
  CHECK(support::build_id().size() >= 16);
}

TEST_CASE("the model counts by its content, not by its file's name or time") {
  const GateWorkplace work;
  const std::string file = work.path("model.json");
  const std::string before = Check({file}).key();
  work.write("model.json", work.read("model.json") + "\n");
  CHECK(Check({file}).key() == before);
  json model = work.read_json("model.json");
  model["threads"][0]["steps"][0]["text"] = "something else";
  work.write("model.json", model);
  CHECK(Check({file}).key() != before);
}

TEST_CASE("what is not decided is not kept") {
  const tests::ScratchFolder folder;
  const run::ResultCache cache(folder / "cache");
  Check check({"sept_zap@vcpu_init"});
  auto result = check.judged();
  result.properties.front().verdict = result::Verdict::unknown;
  cache.keep(check.key(), result);
  CHECK(entries(folder / "cache").empty());
}

TEST_CASE("an entry that was cut off or damaged anywhere is as good as none") {
  const tests::ScratchFolder folder;
  const run::ResultCache cache(folder / "cache");
  const Check check({"sept_zap@vcpu_init"});
  const std::string key = check.key();
  cache.keep(key, check.judged());
  const fs::path file = entries(folder / "cache").at(0);
  const std::string whole = content(file);
  const std::size_t stride = std::max<std::size_t>(1, whole.size() / 300);
  std::size_t trials = 0;
  const auto damaged = [&](const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
    CHECK(!cache.find(key, check.target));
    ++trials;
  };
  for (std::size_t at = 0; at < whole.size(); at += stride) {
    damaged(whole.substr(0, at));
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    damaged(flipped);
  }
  damaged(whole + "x");
  // `violated` that became `holds` is the false pass that all this is about.
  std::string forged = whole;
  const auto verdict = forged.rfind("\"violated\"");
  REQUIRE(verdict != std::string::npos);
  damaged(forged.replace(verdict, 10, "\"holds\"   "));
  MESSAGE("damaged entries that were not believed: ", trials);
  std::ofstream(file, std::ios::binary) << whole;
  CHECK(cache.find(key, check.target));
}

TEST_CASE("an entry under the right name with another key does not count, as after a collision") {
  const tests::ScratchFolder folder;
  const run::ResultCache cache(folder / "cache");
  const Check broken({"sept_zap@vcpu_init"}), fine({"sept_zap@vcpu_init_locked"});
  cache.keep(broken.key(), broken.judged());
  const fs::path where = entries(folder / "cache").at(0);
  cache.keep(fine.key(), fine.judged());
  for (const fs::path& entry : entries(folder / "cache"))
    if (entry != where) fs::copy_file(entry, where, fs::copy_options::overwrite_existing);
  CHECK(!cache.find(broken.key(), broken.target));
  CHECK(cache.find(fine.key(), fine.target));
}

TEST_CASE("a kept violation whose run does not replay is not believed") {
  const tests::ScratchFolder folder;
  const run::ResultCache cache(folder / "cache");
  const Check check({"sept_zap@vcpu_init"});
  auto result = check.judged();
  for (auto& property : result.properties)
    if (property.trace) property.trace->steps.pop_back();
  cache.keep(check.key(), result);
  CHECK(!cache.find(check.key(), check.target));
}

TEST_CASE("the program takes kept results, and says so") {
  const GateWorkplace work;
  work.write("gate.json", tests::mixed_gate());
  const auto first = work.run({"gate", "gate.json", "--cache", "kept", "--json", "a.json"});
  const auto again = work.run({"gate", "gate.json", "--cache", "kept", "--json", "b.json"});
  CHECK(first.code == 1);
  CHECK(again.code == 1);
  CHECK(again.out.find("4 kept from before") != std::string::npos);
  const json a = work.read_json("a.json"), b = work.read_json("b.json");
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(a["checks"][i]["outcome"] == b["checks"][i]["outcome"]);
    CHECK(a["checks"][i]["result"]["properties"] == b["checks"][i]["result"]["properties"]);
    CHECK(a["checks"][i]["reproduce"] == b["checks"][i]["reproduce"]);
  }
  work.write("file", std::string("no directory"));
  CHECK(work.run({"gate", "gate.json", "--cache", "file"}).code == 2);
  CHECK(work.run({"gate", "gate.json", "--cache", "/proc/nowhere"}).code == 2);
}

} // namespace result_cache_test
