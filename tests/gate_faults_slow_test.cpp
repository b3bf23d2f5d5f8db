// SPDX-License-Identifier: GPL-2.0-or-later
//
// What goes wrong around a gate must not come out as a pass: it is killed, the disk is full, a report cannot
// be written, two gates share a cache. Each is really done, to the program as it is, many times.
#include "tests/dice.h"
#include "tests/gate_workplace.h"
#include "tests/has_part.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gate_faults_slow_test {

using namespace tdxcheck;
using nlohmann::json;
using tests::GateWorkplace;
using tests::has;
using tests::ProgramRun;

namespace fs = std::filesystem;

const std::vector<std::string> reports{"--ktap",  "r.ktap",  "--junit", "r.xml",
                                       "--sarif", "r.sarif", "--json",  "r.json"};

std::vector<std::string> gate_command(std::vector<std::string> more = {}) {
  std::vector<std::string> words{"gate", "gate.json", "--cache", "kept"};
  words.insert(words.end(), reports.begin(), reports.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Some checks that take a while, one of them unexpectedly broken: code 1 is the only right answer.
json gate_that_is_red() {
  std::vector<json> checks;
  for (int workers = 1; workers <= 4; ++workers) {
    json check = tests::gate_check("mutual_exclusion", "holds", workers != 3);
    check["set"] = {{"workers", workers}};
    checks.push_back(check);
  }
  checks.push_back(
      {{"target", "sharex_lock@counter_too_small"}, {"expect", {{"mutual_exclusion", "holds"}}}});
  checks.push_back({{"target", "vp_init_against_zap@before"}, {"expect", {{"no_kvm_bug", "violated"}}}});
  checks.push_back({{"target", "dynamic_pamt@landed"}, {"expect", {{"no_deadlock", "holds"}}}});
  return tests::gate_of(checks);
}

// A report is whole or not there.
void check_whole(const GateWorkplace& work) {
  for (const char* name : {"r.json", "r.sarif"})
    if (work.has(name)) CHECK(json::accept(work.read(name)));
  if (work.has("r.json")) CHECK(tests::complaints_of_schema("gate-result", work.read_json("r.json")) == "");
  if (work.has("r.xml")) CHECK(work.read("r.xml").ends_with("</testsuites>\n"));
  if (work.has("r.ktap")) CHECK(has(work.read("r.ktap"), "\nnot ok 1 - gate.json\n"));
}

// Runs it and kills it after that many seconds; its code, or 128 + 9.
int run_and_kill(const GateWorkplace& work, const std::vector<std::string>& arguments, double seconds) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<std::string> words{TDXCHECK_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    if (::chdir(work.folder.path().c_str()) == 0) ::execv(argv.front(), argv.data());
    ::_exit(127);
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// No file that this process and its children write may grow beyond that.
class FileSizeLimit {
public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
  rlimit before_{};
};

double seconds_of(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST_CASE("killed at any time: no report is torn or old, and the next run of the same cache is right") {
  const GateWorkplace work;
  work.write("gate.json", gate_that_is_red());
  const double whole = seconds_of([&] { CHECK(work.run(gate_command()).code == 1); });
  std::size_t killed = 0, ended = 0, without_report = 0;
  for (int trial = 0; trial < 24; ++trial) {
    // Every other trial begins with an empty cache, so that entries are being written.
    if (trial % 2 == 0) fs::remove_all(work.folder / "kept");
    const double after = whole * (trial + 1) / 20;
    const int code = run_and_kill(work, gate_command({"--artifacts", "art"}), after);
    (code == 128 + SIGKILL ? killed : ended) += 1;
    CHECK((code == 128 + SIGKILL || code == 1));
    check_whole(work);
    without_report += work.has("r.json") ? 0u : 1u;
    if (trial % 4 == 1) CHECK(work.run(gate_command()).code == 1);
    check_whole(work);
  }
  const ProgramRun last = work.run(gate_command());
  CHECK(last.code == 1);
  CHECK(has(last.out, "7 checks: 6 met, 1 unexpectedly broken"));
  MESSAGE("trials: ", killed, " killed, ", ended, " ended before, ", without_report, " left no report");
  CHECK(killed > 5);
  CHECK(without_report > 0);
}

TEST_CASE("killed before it reports: what the last run said is gone") {
  const GateWorkplace work;
  work.write("gate.json", tests::gate_of({tests::gate_check("mutual_exclusion", "holds")}));
  CHECK(work.run(gate_command()).code == 0);
  CHECK(work.has("r.xml"));
  const std::string property = work.read_json("large.json")["properties"][0]["name"];
  json gate = tests::gate_of({{{"target", "large.json"}, {"expect", {{property, "holds"}}}}});
  gate["budget"] = {{"time", "20s"}, {"memory", "1G"}}; // should the search begin after all
  work.write("gate.json", gate);
  CHECK(run_and_kill(work, gate_command(), 2.0) == 128 + SIGKILL);
  for (const char* report : {"r.ktap", "r.xml", "r.sarif", "r.json"}) CHECK(!work.has(report));
}

TEST_CASE("a full disk: exit code 2, and what was written is whole") {
  const GateWorkplace work;
  work.write("gate.json", tests::gate_of({tests::gate_check("mutual_exclusion", "holds")}));
  REQUIRE(work.run({"gate", "gate.json", "--json", "r.json", "--junit", "r.xml"}).code == 0);
  const std::size_t size = work.read("r.json").size();
  std::size_t full = 0, fits = 0;
  for (std::size_t limit = 0; limit <= size + size / 4; limit += size / 16) {
    if (limit + 100 > size && limit < size + 100) continue; // a report's times differ in length
    ProgramRun run;
    {
      // Also for what the program says: it goes into files here, which a limit of nothing refuses, too.
      const FileSizeLimit files(std::max<std::size_t>(limit, 1));
      run = work.run({"gate", "gate.json", "--json", "r.json", "--quiet"});
    }
    if (limit < size) {
      ++full;
      CHECK(run.code == 2);
      CHECK(!work.has("r.json"));
    } else {
      ++fits;
      CHECK(run.code == 0);
      CHECK(json::accept(work.read("r.json")));
    }
  }
  for (const char* option : {"--ktap", "--junit", "--sarif", "--json"}) {
    const ProgramRun run = work.run({"gate", "gate.json", option, "/dev/full"});
    CHECK(run.code == 2);
    CHECK(has(run.err, "cannot write /dev/full: No space left on device"));
    ++full;
  }
  tests::ProgramSettings settings;
  settings.standard_output = "/dev/full";
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{}, {"--ktap", "-"}, {"--json", "-"}, {"--github"}}) {
    std::vector<std::string> words{"gate", "gate.json"};
    words.insert(words.end(), options.begin(), options.end());
    CHECK(work.run(words, settings).code == 2);
    ++full;
  }
  MESSAGE("trials: ", full, " without room, ", fits, " with room");
}

TEST_CASE("a full disk under the cache: results are not kept, and the verdicts are no worse") {
  const GateWorkplace work;
  work.write("gate.json", tests::mixed_gate());
  ProgramRun run;
  {
    const FileSizeLimit files(3000);
    run = work.run({"gate", "gate.json", "--cache", "kept", "--quiet"});
  }
  CHECK(run.code == 1);
  CHECK(has(run.err, "results are not kept: cannot write kept/"));
  CHECK(fs::is_empty(work.folder / "kept"));
  CHECK(has(work.run({"gate", "gate.json", "--cache", "kept"}).out, "2 met, 1 unexpectedly broken"));
}

// As root a small file system of its own: what fails is then not one file, but whatever comes last.
TEST_CASE("a file system that is really full, where one may be mounted") {
  const GateWorkplace work;
  work.write("gate.json", tests::mixed_gate());
  std::size_t trials = 0, full = 0;
  for (const int kilobytes : {4, 8, 16, 32, 48, 64, 96, 128, 4096}) {
    const std::string script = fmt::format(
        "cd '{0}' && mkdir -p small && mount -t tmpfs -o size={1}k none small && "
        "'{2}' gate gate.json --quiet --json small/r.json --junit small/r.xml --ktap small/r.ktap "
        "--artifacts small/art --cache small/kept > out 2> err; code=$?; rm -rf got; mkdir got; "
        "cp small/r.* got/ 2> /dev/null; exit $code",
        work.folder.path().string(), kilobytes, TDXCHECK_PROGRAM);
    work.write("script", script);
    const auto run = tests::run_command("unshare -m sh '" + work.path("script") + "'");
    if (has(run.out, "Operation not permitted") || has(run.out, "permission denied")) {
      MESSAGE("nothing may be mounted here: ", run.out);
      return;
    }
    INFO(kilobytes, " KiB: ", run.out, work.read("err"));
    ++trials;
    full += run.code == 2 ? 1u : 0u;
    CHECK((run.code == 1 || run.code == 2));
    if (work.has("got/r.json")) CHECK(json::accept(work.read("got/r.json")));
    if (work.has("got/r.xml")) CHECK(work.read("got/r.xml").ends_with("</testsuites>\n"));
    if (work.has("got/r.ktap")) CHECK(work.read("got/r.ktap").ends_with("not ok 1 - gate.json\n"));
    if (run.code == 1) CHECK((work.has("got/r.json") && work.has("got/r.xml") && work.has("got/r.ktap")));
  }
  MESSAGE("file systems: ", trials, ", of which ", full, " were full");
  CHECK(full > 0);
  CHECK(full < trials);
}

TEST_CASE("an unwritable report is told before anything is judged") {
  const GateWorkplace work;
  const std::string property = work.read_json("large.json")["properties"][0]["name"];
  json gate = tests::gate_of({{{"target", "large.json"}, {"expect", {{property, "holds"}}}}});
  gate["budget"] = {{"time", "20s"}, {"memory", "1G"}}; // should the search begin after all
  work.write("gate.json", gate);
  fs::create_directory(work.folder / "directory");
  std::size_t trials = 0;
  for (const char* option : {"--ktap", "--junit", "--sarif", "--json"})
    for (const char* path : {"directory", "nowhere/report", "/proc/report", "gate.json"}) {
      const ProgramRun run = work.run({"gate", "gate.json", option, path});
      CHECK(run.code == 2);
      CHECK(run.out.empty());
      ++trials;
    }
  for (const char* path : {"gate.json", "/proc/artifacts", "nowhere/artifacts"}) {
    CHECK(work.run({"gate", "gate.json", "--artifacts", path}).code == 2);
    ++trials;
  }
  CHECK(work.run({"gate", "gate.json", "--junit", "same", "--sarif", "./same"}).code == 2);
  CHECK(work.run({"gate", "gate.json", "--junit", "-", "--sarif", "-"}).code == 2);
  CHECK(work.read_json("gate.json")["schema"] == "tdxcheck/gate/1");
  MESSAGE("unwritable reports: ", trials + 2);
}

TEST_CASE("gates at once in one cache, which somebody damages meanwhile, all find the same") {
  const GateWorkplace work;
  work.write("gate.json", gate_that_is_red());
  std::atomic<std::size_t> runs{0}, damaged{0};
  std::atomic<bool> over{false};
  {
    std::vector<std::jthread> gates;
    for (int i = 0; i < 3; ++i)
      gates.emplace_back([&work, &runs, i] {
        for (int trial = 0; trial < 5; ++trial) {
          const std::string report = fmt::format("r{}.json", i);
          const ProgramRun run = work.run({"gate", "gate.json", "--cache", "kept", "--json", report});
          if (run.code == 1 && has(run.out, "7 checks: 6 met, 1 unexpectedly broken") &&
              json::accept(work.read(report)))
            ++runs;
        }
      });
    const std::jthread vandal([&] {
      tests::Dice dice(7);
      while (!over) {
        std::error_code error;
        std::vector<fs::path> entries;
        for (fs::directory_iterator entry(work.folder / "kept", error), end; !error && entry != end;
             entry.increment(error))
          entries.push_back(entry->path());
        if (!entries.empty()) {
          const fs::path& one = entries[dice.below(entries.size())];
          const auto size = fs::file_size(one, error);
          if (!error) fs::resize_file(one, size / 2, error);
          if (!error) ++damaged;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
      }
    });
    gates.clear();
    over = true;
  }
  CHECK(runs == 15);
  MESSAGE("gates at once: ", runs.load(), "; entries cut in half meanwhile: ", damaged.load());
}

} // namespace gate_faults_slow_test
