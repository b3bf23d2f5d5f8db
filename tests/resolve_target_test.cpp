// SPDX-License-Identifier: GPL-2.0-or-later
//
// A name that is silently not found, or found as something else, is a check of something else.
#include "run/target.h"

#include "model/model_json.h"
#include "result/trace_json.h"
#include "run/export_model.h"
#include "support/error.h"
#include "tests/has_part.h"
#include "tests/sample_models.h"
#include "tests/schema_check.h"
#include "tests/scratch_folder.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace resolve_target_test {

using namespace tdxcheck;
using nlohmann::json;
using tests::has;

// A file that holds the sample model, with a variant `crowd` of four workers.
class ModelFile {
public:
  ModelFile() : path_((folder_ / "model.json").string()) {
    model::Model model = tests::two_threads_one_lock();
    model.variants.push_back({"crowd", {{model::Id<model::Parameter>{0}, 4}}, "a mail", "holds", "", ""});
    write("model.json", model::to_json(model).dump());
  }
  void write(const char* name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] std::string in_folder(const char* name) const { return (folder_ / name).string(); }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  tests::ScratchFolder folder_;
  std::string path_;
};

std::string complaint_about(const run::Request& request) {
  try {
    (void)run::resolve(request);
  } catch (const support::InputError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a model file is a target, with its defaults or a variant of it") {
  const ModelFile file;
  const run::Target plain = run::resolve({file.path(), {}, {}});
  CHECK(plain.model.name == "two_threads_one_lock");
  CHECK(plain.name == file.path());
  CHECK(plain.parameters() == result::Names{{"workers", "2"}});
  const run::Target crowd = run::resolve({file.path() + "@crowd", {}, {}});
  CHECK(crowd.name == file.path() + "@crowd");
  CHECK(crowd.parameters() == result::Names{{"workers", "4"}});
}

TEST_CASE("settings and dropped guards count, and the target remembers what it was without them") {
  const ModelFile file;
  const run::Target target = run::resolve({file.path(), {"workers=1", "workers=3"}, {"exclusion"}});
  CHECK(target.parameters() == result::Names{{"workers", "3"}});
  CHECK(target.without() == std::vector<std::string>{"exclusion"});
  CHECK(target.base.parameters.at(0) == 2);
  CHECK(target.base.kept.at(0));
}

TEST_CASE("what is not known is refused, and what is near is named") {
  const ModelFile file;
  CHECK(complaint_about({"no_such_protocol_at_all", {}, {}})
            .starts_with("no protocol `no_such_protocol_at_all`; "));
  CHECK(complaint_about({"", {}, {}}).starts_with("no protocol ``; "));
  CHECK(has(complaint_about({file.path() + "@crwod", {}, {}}), "no variant `crwod`; did you mean `crowd`?"));
  CHECK(complaint_about({file.path(), {"wrokers=1"}, {}}) ==
        "no parameter `wrokers`; did you mean `workers`?");
  CHECK(complaint_about({file.path(), {}, {"exclusoin"}}) ==
        "no guard `exclusoin`; did you mean `exclusion`?");
  CHECK(complaint_about({file.path(), {"workers"}, {}}) == "--set takes NAME=VALUE, not `workers`");
  CHECK(complaint_about({file.path(), {"=1"}, {}}) == "--set takes NAME=VALUE, not `=1`");
}

TEST_CASE("a value outside the range is refused with the range") {
  const ModelFile file;
  for (const char* value : {"0", "5", "", "two", "2.0", "unlimited", "2 ", "99999999999999999999"})
    CHECK(complaint_about({file.path(), {"workers=" + std::string(value)}, {}}) ==
          "`" + std::string(value) + "` is no value of parameter `workers`, which takes 1..4");
}

TEST_CASE("a built-in protocol is found by name, and by a slip of its name") {
  const auto models = run::built_in_models();
  REQUIRE(!models.empty());
  const std::string name = models.front().name;
  CHECK(run::resolve({name, {}, {}}).model.name == name);
  CHECK(has(complaint_about({name + "e", {}, {}}), "did you mean `" + name + "`"));
}

TEST_CASE("a variant file starts from a protocol and says what differs") {
  const ModelFile file;
  const auto models = run::built_in_models();
  const model::Model& model = models.front();
  REQUIRE(!model.guards.empty());
  const std::string guard = model.guards.begin()->name;
  const json variant{{"schema", "tdxcheck/variant/1"},
                     {"protocol", model.name},
                     {"name", "mine"},
                     {"without", {guard}},
                     {"expect", {{model.properties.front().name, "holds"}}}};
  CHECK(tests::complaints_of_schema("variant", variant) == "");
  file.write("variant.json", variant.dump());
  const run::Target target = run::resolve({file.in_folder("variant.json"), {}, {}});
  CHECK(target.without() == std::vector<std::string>{guard});
  CHECK(target.name == file.in_folder("variant.json"));
  CHECK(target.base == target.valuation);
  CHECK(target.expect == result::Names{{model.properties.front().name, "holds"}});
}

TEST_CASE("a variant file with a mistake is refused with file and field") {
  const ModelFile file;
  const std::string protocol = run::built_in_models().front().name;
  const json good{{"schema", "tdxcheck/variant/1"}, {"protocol", protocol}};
  const std::string path = file.in_folder("variant.json");
  const auto complaint = [&](const json& patch) {
    json document = good;
    document.merge_patch(patch);
    file.write("variant.json", document.dump());
    return complaint_about({path, {}, {}});
  };
  CHECK(complaint(json::object()) == "");
  CHECK(complaint({{"protocol", nullptr}}) == path + ": /protocol: this field is missing");
  CHECK(complaint({{"protocol", protocol + "x"}}).starts_with(path + ": /protocol: no protocol"));
  CHECK(complaint({{"base", "nosuch"}}).starts_with(path + ": /base: no variant"));
  CHECK(complaint({{"set", {{"nosuch", 1}}}}).starts_with(path + ": /set/nosuch: no parameter"));
  CHECK(complaint({{"set", {{"nosuch", 1.5}}}}).starts_with(path + ": /set/nosuch: expected"));
  CHECK(complaint({{"without", {"nosuch"}}}).starts_with(path + ": /without/0: no guard"));
  CHECK(complaint({{"expect", {{"nosuch", "holds"}}}}).starts_with(path + ": /expect/nosuch: no property"));
  CHECK(complaint({{"expect", {{"no_deadlock", "passes"}}}})
            .starts_with(path + ": /expect/no_deadlock: no verdict"));
  CHECK(complaint({{"sett", 1}}).starts_with(path + ": /sett: no field `sett`; did you mean `set`"));
}

TEST_CASE("a file that is something else is refused as what it is") {
  const ModelFile file;
  file.write("trace.json", R"({"schema": "tdxcheck/trace/1"})");
  CHECK(has(complaint_about({file.in_folder("trace.json"), {}, {}}), "this is a trace"));
  file.write("gate.json", R"({"schema": "tdxcheck/gate/1"})");
  CHECK(has(complaint_about({file.in_folder("gate.json"), {}, {}}), "/schema: expected"));
  file.write("list.json", "[]");
  CHECK(has(complaint_about({file.in_folder("list.json"), {}, {}}), "list.json"));
  file.write("notes.txt", "");
  CHECK(has(complaint_about({file.in_folder("notes.txt"), {}, {}}), "neither a .json nor a .cpp file"));
  CHECK(has(complaint_about({file.in_folder("missing.json"), {}, {}}), "cannot read"));
  CHECK(has(complaint_about({file.in_folder("missing.cpp"), {}, {}}), "cannot read"));
}

TEST_CASE("a trace names its target, parameters and guards") {
  const ModelFile file;
  result::Trace trace;
  trace.target = file.path();
  trace.parameters = {{"workers", "3"}};
  trace.without = {"exclusion"};
  const run::Target target = run::target_of(trace);
  CHECK(target.parameters() == trace.parameters);
  CHECK(target.without() == trace.without);
  trace.parameters = {{"wrokers", "3"}};
  CHECK_THROWS_AS((void)run::target_of(trace), support::InputError);
}

TEST_CASE("an exported model is the same target again") {
  const ModelFile file;
  const run::Target crowd = run::resolve({file.path() + "@crowd", {}, {}});
  file.write("exported.json", run::export_as_json(crowd).dump());
  const run::Target again = run::resolve({file.in_folder("exported.json"), {}, {}});
  CHECK(again.parameters() == crowd.parameters());
  CHECK_THROWS_AS((void)run::export_as_json(run::resolve({file.path(), {}, {"exclusion"}})),
                  support::InputError);
}

} // namespace resolve_target_test
