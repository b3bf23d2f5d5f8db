// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/gate_workplace.h"

#include "model/model_json.h"
#include "support/read_file.h"
#include "tests/counting_model.h"
#include "tests/sample_models.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <sys/wait.h>

namespace tdxcheck::tests {

using nlohmann::json;

GateWorkplace::GateWorkplace() {
  write("model.json", model::to_json(two_threads_one_lock()).dump());
  write("large.json", model::to_json(counting_model(6, 60, 60)).dump());
  write("wrong.json", model::to_json(counting_model(1, 3, 2)).dump());
}

void GateWorkplace::write(const std::string& name, const std::string& text) const {
  std::ofstream(folder.path() / name) << text;
}

std::string GateWorkplace::read(const std::string& name) const {
  return support::read_file(folder.path() / name);
}

json GateWorkplace::read_json(const std::string& name) const { return json::parse(read(name)); }

bool GateWorkplace::has(const std::string& name) const {
  return std::filesystem::exists(folder.path() / name);
}

ProgramRun GateWorkplace::run(const std::vector<std::string>& arguments, ProgramSettings settings) const {
  settings.directory = folder.path();
  return run_tdxcheck(arguments, settings);
}

json gate_check(const char* property, const char* verdict, bool guarded) {
  json check{{"target", "model.json"}, {"expect", {{property, verdict}}}};
  if (!guarded) check["without"] = {"exclusion"};
  return check;
}

json gate_of(const std::vector<json>& checks) { return {{"schema", "tdxcheck/gate/1"}, {"checks", checks}}; }

json mixed_gate() {
  return gate_of({gate_check("mutual_exclusion", "holds"), gate_check("mutual_exclusion", "violated", false),
                  gate_check("mutual_exclusion", "holds", false), gate_check("no_deadlock", "violated")});
}

CommandRun run_command(const std::string& command) {
  std::FILE* pipe = ::popen(("(" + command + ") 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  CommandRun run;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    run.out.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  run.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

} // namespace tdxcheck::tests
