// SPDX-License-Identifier: GPL-2.0-or-later

// The other exporters are held against the tools that read them; here is what a user sees of `export`: which
// files it writes under which names, what it refuses, and that a refusal leaves nothing behind.

#include "emit/tla.h"
#include "run/export_model.h"
#include "run/target.h"
#include "support/error.h"
#include "support/read_file.h"
#include "tests/has_part.h"
#include "tests/run_program.h"
#include "tests/scratch_folder.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

namespace export_files_test {

using namespace tdxcheck;
using tests::has;
using tests::run_tdxcheck;

constexpr const char* target = "sharex_hp_lock@host_against_shared_guest";

run::Target target_of(const model::Model& model) {
  const model::Valuation valuation = model::defaults(model);
  return {model.name, model, valuation, valuation, {}, {}};
}

std::string refusal_of(const model::Model& model) {
  try {
    (void)run::export_as_tla(target_of(model), "Refused");
  } catch (const support::InputError& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("a module and its configuration lie side by side, named after the file") {
  const tests::ScratchFolder folder;
  const auto run =
      run_tdxcheck({"export", target, "--as", "tla", "--output", (folder / "Lock.tla").string()});
  CHECK(run.code == 0);
  CHECK(run.out.empty());
  CHECK(has(support::read_file(folder / "Lock.tla"), " MODULE Lock "));
  const std::string configuration = support::read_file(folder / "Lock.cfg");
  CHECK(has(configuration, "SPECIFICATION Spec\n"));
  CHECK(has(configuration, "INVARIANT mutual_exclusion\n"));
}

TEST_CASE("in one stream the configuration follows the end of the module") {
  const auto run = run_tdxcheck({"export", target, "--as", "tla"});
  CHECK(run.code == 0);
  CHECK(run.out.rfind("=====\n") < run.out.find("SPECIFICATION Spec\n"));
}

TEST_CASE("a module that TLA+ could not name is refused, and nothing is written") {
  const tests::ScratchFolder folder;
  for (const char* name : {"my-lock.tla", "Lock.txt", "7.tla", "MODULE.tla"}) {
    const auto run = run_tdxcheck({"export", target, "--as", "tla", "--output", (folder / name).string()});
    CHECK(run.code == 2);
    CHECK(has(run.err, name));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("every format goes to a file as to standard output, the same each time") {
  const tests::ScratchFolder folder;
  for (const char* format : {"json", "promela", "dot"}) {
    const auto file = (folder / format).string();
    CHECK(run_tdxcheck({"export", target, "--as", format, "--output", file}).code == 0);
    CHECK(support::read_file(file) == run_tdxcheck({"export", target, "--as", format}).out);
  }
}

TEST_CASE("an unknown format, and an option of another format, are refused") {
  const auto unknown = run_tdxcheck({"export", target, "--as", "promla"});
  CHECK(unknown.code == 2);
  CHECK(has(unknown.err, "promela"));
  CHECK(run_tdxcheck({"export", target, "--as", "json", "--last-move"}).code == 2);
}

TEST_CASE("TLC has no numbers beyond 32 bits") {
  tests::Sketch sketch;
  const auto x = sketch.number("x", 0, 5'000'000'000);
  const auto t = sketch.thread("t", "a b*");
  sketch.step(t, "a", "b").updates = {tests::set(x, model::integer(3'000'000'000))};
  CHECK(has(refusal_of(sketch.model), "0..5000000000 of `x`"));
}

TEST_CASE("a picture has every label and every step, and says what cannot be drawn in notes") {
  const run::Target chosen = run::resolve({target});
  const model::Model model = run::instantiated(chosen);
  const std::string picture = run::export_as_dot(chosen);
  for (const auto& thread : model.threads) {
    for (const auto& label : thread.labels)
      CHECK(has(picture, "\"" + thread.name + ": " + label.name + "\" ["));
    for (const auto& step : thread.steps)
      CHECK(has(picture, "\"" + thread.name + ": " + thread.labels[step.from].name + "\" -> \"" +
                             thread.name + ": " + thread.labels[step.to].name + "\" ["));
  }
  for (const auto& property : model.properties) CHECK(has(picture, property.name));
}

} // namespace export_files_test
