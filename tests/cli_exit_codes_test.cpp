// SPDX-License-Identifier: GPL-2.0-or-later
//
// CI jobs look at nothing but the exit code. An unknown, a model error or a lost report that exits with 0 is
// a pass.
#include "model/model_json.h"
#include "result/trace_json.h"
#include "tests/counting_model.h"
#include "tests/has_part.h"
#include "tests/run_program.h"
#include "tests/sample_models.h"
#include "tests/schema_check.h"
#include "tests/scratch_folder.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace cli_exit_codes_test {

using namespace tdxcheck;
using nlohmann::json;
using tests::has;
using tests::ProgramRun;
using tests::run_tdxcheck;

namespace fs = std::filesystem;

// A folder with a model that holds, and violates `mutual_exclusion` without the guard `exclusion`.
struct Workplace {
  Workplace() { write("model.json", tests::two_threads_one_lock()); }
  void write(const char* name, const model::Model& model) const {
    std::ofstream(folder / name) << model::to_json(model).dump();
  }
  [[nodiscard]] ProgramRun run(const std::vector<std::string>& arguments,
                               tests::ProgramSettings settings = {}) const {
    settings.directory = folder.path();
    return run_tdxcheck(arguments, settings);
  }
  [[nodiscard]] json read(const char* name) const { return json::parse(std::ifstream(folder / name)); }

  tests::ScratchFolder folder;
};

TEST_CASE("0: every property holds") {
  const Workplace work;
  const ProgramRun run = work.run({"check", "model.json", "--as-written"});
  CHECK(run.code == 0);
  CHECK(run.err == "");
  CHECK(has(run.out, "holds (complete); 8 states, 8 transitions, depth 4, "));
  CHECK(run.out.ends_with("reproduce: tdxcheck check model.json --as-written\n"));
}

TEST_CASE("1: a property is violated, by either engine, and its trace replays") {
  const Workplace work;
  for (const char* engine : {"explore", "reference"}) {
    const ProgramRun run = work.run(
        {"check", "model.json", "--without", "exclusion", "--engine", engine, "--trace", "run.json"});
    CHECK(run.code == 1);
    CHECK(has(run.out, "violated  mutual_exclusion"));
    CHECK(tests::complaints_of_schema("trace", work.read("run.json")) == "");
    CHECK(work.run({"replay", "run.json"}).code == 0);
    for (const char* form : {"table", "race", "mermaid", "itf", "html"})
      CHECK(work.run({"render", "run.json", "--as", form}).code == 0);
  }
}

TEST_CASE("1: a trace that is not valid") {
  const Workplace work;
  CHECK(work.run({"check", "model.json", "--without", "exclusion", "--trace", "run.json"}).code == 1);
  const json trace = work.read("run.json");
  const auto edited = [&](const char* field, const json& value) {
    json other = trace;
    other[field] = value;
    std::ofstream(work.folder / "edited.json") << other.dump();
    return work.run({"replay", "edited.json"});
  };
  CHECK(edited("without", json::array()).code == 1);
  CHECK(edited("steps", json::array()).code == 1);
  CHECK(edited("property", "no_deadlock").code == 1);
  CHECK(edited("target", "model.json").code == 0);
  json lasso = trace;
  lasso["shape"] = "lasso";
  lasso["loop"] = 99;
  std::ofstream(work.folder / "lasso.json") << lasso.dump();
  CHECK(work.run({"replay", "lasso.json"}).code == 1);
  const ProgramRun answer = work.run({"replay", "lasso.json", "--json", "-"});
  CHECK(tests::complaints_of_schema("replay", json::parse(answer.out)) == "");
}

TEST_CASE("2: a model error, with its path and without a verdict") {
  const Workplace work;
  work.write("error.json", tests::counting_model(1, 3, 2));
  for (const char* engine : {"explore", "reference"}) {
    const ProgramRun run =
        work.run({"check", "error.json", "--engine", engine, "--json", "result.json", "--trace", "t.json"});
    CHECK(run.code == 2);
    CHECK(run.out == "");
    CHECK(has(run.err, "model error: "));
    CHECK(has(run.err, "counts"));
    CHECK(!fs::exists(work.folder / "result.json"));
    CHECK(!fs::exists(work.folder / "t.json"));
  }
}

TEST_CASE("3: a budget that runs out is no pass, and what was seen is reported") {
  const Workplace work;
  work.write("large.json", tests::counting_model(6, 30, 30));
  const ProgramRun run = work.run({"check", "large.json", "--time", "0.2s", "--json", "-"});
  CHECK(run.code == 3);
  const json result = json::parse(run.out);
  CHECK(tests::complaints_of_schema("result", result) == "");
  CHECK(result["verdict"] == "unknown");
  CHECK(result["complete"] == false);
  CHECK(result["states"] > 0);
  CHECK(result["properties"][0]["verdict"] == "unknown");
  CHECK(work.run({"check", "large.json", "--memory", "30M", "--quiet"}).code == 3);
}

TEST_CASE("130: interrupted, and what was seen is reported") {
  const Workplace work;
  work.write("large.json", tests::counting_model(6, 60, 60));
  tests::ProgramSettings settings;
  settings.interrupt_after = 2.0;
  const ProgramRun run = work.run({"check", "large.json", "--json", "result.json"}, settings);
  CHECK(run.code == 130);
  CHECK(has(run.out, "unknown (incomplete: interrupted)"));
  CHECK(work.read("result.json")["verdict"] == "unknown");
}

TEST_CASE("a report that cannot be written is not a success") {
  const Workplace work;
  tests::ProgramSettings full;
  full.standard_output = "/dev/full";
  tests::ProgramSettings closed;
  closed.close_standard_output = true;
  for (const auto& settings : {full, closed})
    for (const std::vector<std::string>& command : {std::vector<std::string>{"check", "model.json"},
                                                    {"list"},
                                                    {"show", "model.json"},
                                                    {"--version"},
                                                    {"--help"}}) {
      const ProgramRun run = work.run(command, settings);
      CHECK(run.code == 2);
      CHECK(has(run.err, "cannot write the report to standard output"));
    }
}

TEST_CASE("standard output is JSON and nothing else where it was asked for") {
  const Workplace work;
  for (const char* command : {"check", "show"})
    CHECK(json::accept(work.run({command, "model.json", "--json", "-"}).out));
  CHECK(json::accept(work.run({"list", "--json", "-"}).out));
  CHECK(json::accept(work.run({"export", "model.json", "--as", "json"}).out));
}

TEST_CASE("colours go to no file, unless they are asked for") {
  const Workplace work;
  CHECK(!has(work.run({"check", "model.json"}).out, "\033"));
  CHECK(has(work.run({"check", "model.json", "--color", "always"}).out, "\033"));
  CHECK(!has(work.run({"check", "model.json", "--color", "never"}).out, "\033"));
}

TEST_CASE("one trace per violated property goes into a directory") {
  const Workplace work;
  model::Model model = tests::two_threads_one_lock();
  model.properties.push_back(model.properties.front());
  model.properties.back().name = "another/one";
  std::ofstream(work.folder / "two.json") << model::to_json(model).dump();
  CHECK(work.run({"check", "two.json", "--without", "exclusion", "--all", "--trace", "traces"}).code == 1);
  CHECK(fs::exists(work.folder / "traces/mutual_exclusion.json"));
  CHECK(fs::exists(work.folder / "traces/another_one.json"));
}

TEST_CASE("where nothing is violated, no trace is written, and that is said") {
  const Workplace work;
  const ProgramRun run = work.run({"check", "model.json", "--trace", "t.json"});
  CHECK(run.code == 0);
  CHECK(has(run.err, "t.json is not written"));
  CHECK(!fs::exists(work.folder / "t.json"));
}

TEST_CASE("help and version") {
  CHECK(run_tdxcheck({"--help"}).code == 0);
  CHECK(run_tdxcheck({"--version"}).out.starts_with("tdxcheck "));
  for (const char* command : {"list", "show", "check", "replay", "render", "export"}) {
    const ProgramRun run = run_tdxcheck({command, "--help"});
    CHECK(run.code == 0);
    CHECK(has(run.out, "Examples:"));
    CHECK(has(run.out, std::string("tdxcheck ") + command));
  }
}

} // namespace cli_exit_codes_test
