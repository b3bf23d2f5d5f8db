// SPDX-License-Identifier: GPL-2.0-or-later
//
// Whatever is wrong with the input: exit code 2, one message that says what and where, nothing written. A
// crash, a search of something else, or a file half written would each be taken for an answer.
#include "model/model_json.h"
#include "tests/has_part.h"
#include "tests/run_program.h"
#include "tests/sample_models.h"
#include "tests/scratch_folder.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace cli_bad_input_test {

using namespace tdxcheck;
using tests::has;
using tests::ProgramRun;
using tests::run_tdxcheck;

namespace fs = std::filesystem;

// A folder with model.json; whatever a refused command leaves there besides is a failure.
class Workplace {
public:
  Workplace() { write("model.json", model::to_json(tests::two_threads_one_lock()).dump()); }
  void write(const char* name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] fs::path operator/(const char* name) const { return folder_ / name; }

  // What standard error says, without "tdxcheck: ".
  [[nodiscard]] std::string refusal(const std::vector<std::string>& arguments) const {
    const auto before = files();
    tests::ProgramSettings settings;
    settings.directory = folder_.path();
    const ProgramRun run = run_tdxcheck(arguments, settings);
    CHECK_MESSAGE(run.code == 2, run.err);
    CHECK(run.out == "");
    CHECK(files() == before);
    REQUIRE(run.err.starts_with("tdxcheck: "));
    CHECK(run.err.find("tdxcheck: ", 1) == std::string::npos);
    return run.err.substr(std::string("tdxcheck: ").size());
  }

private:
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
  }

  tests::ScratchFolder folder_;
};

TEST_CASE("usage") {
  const Workplace work;
  CHECK(has(work.refusal({}), "a command is missing"));
  CHECK(work.refusal({"chekc", "model.json"}) == "no command `chekc`; did you mean `check`?\n");
  CHECK(work.refusal({"--verison"}) == "no option `--verison`; did you mean `--version`?\n");
  CHECK(work.refusal({"check", "model.json", "--frist"}) == "no option `--frist`; did you mean `--first`?\n");
  CHECK(work.refusal({"check", "model.json", "--frist=1"}) ==
        "no option `--frist`; did you mean `--first`?\n");
  CHECK(has(work.refusal({"check", "model.json", "model.json"}), "`model.json` is one argument too many"));
  CHECK(has(work.refusal({"check"}), "TARGET is required"));
  CHECK(has(work.refusal({"check", "model.json", "--set"}), "--set"));
  CHECK(has(work.refusal({"check", "model.json", "--workers", "0"}), "--workers"));
  CHECK(has(work.refusal({"check", "model.json", "--workers", "many"}), "--workers"));
  CHECK(has(work.refusal({"check", "model.json", "--time", "soon"}), "`soon` is no duration"));
  CHECK(has(work.refusal({"check", "model.json", "--memory", "lots"}), "`lots` is no size"));
  CHECK(has(work.refusal({"check", "model.json", "--engine", "explorer"}), "did you mean `explore`?"));
  CHECK(has(work.refusal({"check", "model.json", "--color", "alway"}), "did you mean `always`?"));
  CHECK(has(work.refusal({"export", "model.json", "--as", "jsno"}), "did you mean `json`?"));
}

TEST_CASE("names and values") {
  const Workplace work;
  CHECK(work.refusal({"check", "model.json", "--set", "wokers=1"}) ==
        "no parameter `wokers`; did you mean `workers`?\n");
  CHECK(has(work.refusal({"check", "model.json", "--set", "workers=9"}), "which takes 1..4"));
  CHECK(work.refusal({"check", "model.json", "--without", "exclusoin"}) ==
        "no guard `exclusoin`; did you mean `exclusion`?\n");
  CHECK(work.refusal({"check", "model.json", "--property", "no_daedlock"}) ==
        "no property `no_daedlock`; did you mean `no_deadlock`?\n");
  CHECK(has(work.refusal({"check", "model.json@v1"}), "no variant `v1`"));
  CHECK(has(work.refusal({"list", "no_such"}), "no protocol `no_such`"));
}

TEST_CASE("files that cannot be read, or are not what they should be") {
  const Workplace work;
  const std::string text = model::to_json(tests::two_threads_one_lock()).dump();
  work.write("truncated.json", text.substr(0, text.size() / 2));
  work.write("deep.json", std::string(1'000'000, '['));
  work.write("deeper.json", std::string(100'000, '[') + std::string(100'000, ']'));
  work.write("empty.json", "");
  work.write("number.json", "7");
  work.write("binary.json", std::string("\0\xff\xfe{}", 5));
  work.write("typed.json", R"({"schema": "tdxcheck/model/1", "threads": "none"})");
  work.write("twice.json", R"({"schema": "tdxcheck/variant/1", "protocol": "x", "protocol": "y"})");
  for (const char* file : {"truncated.json", "deep.json", "deeper.json", "empty.json", "number.json",
                           "binary.json", "typed.json", "twice.json", "missing.json"})
    for (const char* command : {"check", "show", "export", "replay", "render"})
      CHECK(has(work.refusal({command, file}), file));
  CHECK(has(work.refusal({"check", "."}), "neither a .json nor a .cpp file"));
  fs::create_directory(work / "folder.json");
  CHECK(has(work.refusal({"check", "folder.json"}), "it is a directory"));
}

TEST_CASE("an ill-formed model is refused with the line of each problem") {
  const Workplace work;
  model::Model model = tests::two_threads_one_lock();
  model.threads.begin()->steps[0].guard = model::integer(1);
  work.write("ill.json", model::to_json(model).dump());
  const std::string refusal = work.refusal({"check", "ill.json"});
  CHECK(has(refusal, "is ill-formed"));
  CHECK(has(refusal, "protocols/two_threads_one_lock.cpp:22"));
}

TEST_CASE("what cannot be written is said before the search, and nothing else is written") {
  const Workplace work;
  fs::create_directory(work / "folder");
  const auto check = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"check", "model.json", "--without", "exclusion"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return work.refusal(arguments);
  };
  CHECK(has(check({"--json", "no/such/folder/result.json"}), "cannot write no/such/folder/result.json"));
  CHECK(has(check({"--json", "folder"}), "it is a directory"));
  CHECK(has(check({"--trace", "no/such/folder/t.json"}), "cannot write"));
  CHECK(has(check({"--trace", "model.json", "--all"}), "it is no directory"));
  CHECK(has(check({"--trace", "model.json"}), "would overwrite model.json"));
  CHECK(has(check({"--json", "x.json", "--trace", "x.json"}), "would overwrite x.json"));
  CHECK(has(check({"--json", ""}), "a file needs a name"));
}

} // namespace cli_bad_input_test
