// SPDX-License-Identifier: GPL-2.0-or-later
//
// The table of folders is the architecture: who may include whom. Here it is once more, as code, and every
// source is held against it. An include that points the wrong way compiles like any other, so without this
// test the first one would go unnoticed and the second would follow it.
#include "scratch_folder.h"
#include "support/read_file.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace includes_follow_the_arrows_test {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

constexpr std::size_t most_arrows = 12;
using Targets = std::array<std::string_view, most_arrows>; // the rest is empty

struct Folder {
  std::string_view name;
  Targets may_include;         // whole folders
  Targets may_include_headers; // single headers of other folders
};

constexpr auto table = std::to_array<Folder>({
    {"support", {}, {}},
    {"model", {"support"}, {}},
    {"dsl", {"model", "support"}, {}},
    {"semantics", {"model", "support"}, {}},
    {"result", {"model", "support"}, {}},
    {"lower", {"result", "model", "support"}, {}},
    {"explore", {"result", "model", "support"}, {}},
    {"prove", {"result", "model", "support"}, {}},
    {"graph", {"result", "model", "support"}, {"explore/transition_system.h", "explore/reached_graph.h"}},
    {"audit", {"semantics", "result", "model", "support"}, {}},
    {"emit", {"result", "model", "support"}, {}},
    {"report", {"result", "model", "support"}, {}},
    {"run",
     {"support", "model", "dsl", "semantics", "result", "lower", "explore", "prove", "graph", "audit",
      "emit"},
     {}},
    {"cli", {"run", "report", "emit", "result", "support"}, {}},
    {"properties", {"dsl"}, {}},
    {"protocols", {"dsl", "properties"}, {}},
});

struct ForeignLibrary {
  std::string_view beginning; // of the include
  std::string_view only_in;
};

constexpr auto foreign = std::to_array<ForeignLibrary>({{"z3", "prove"}, {"boost/", "graph"}});

const Folder* find_folder(std::string_view name) {
  const auto* found = std::ranges::find(table, name, &Folder::name);
  return found == table.end() ? nullptr : found;
}

bool names(const Targets& targets, std::string_view name) { return std::ranges::count(targets, name) > 0; }

std::string_view first_part(std::string_view path) { return path.substr(0, path.find('/')); }

// "checker/model/step.h" lies in model, "protocols/parts/mutex.h" in protocols.
std::string_view folder_of(std::string_view path) {
  if (path.starts_with("checker/")) path.remove_prefix(std::string_view("checker/").size());
  return first_part(path);
}

struct Include {
  std::string_view path;
  bool quoted;
};

std::optional<Include> include_on(std::string_view line) {
  const auto skip = [&line](std::string_view expected) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(expected)) return false;
    line.remove_prefix(expected.size());
    return true;
  };
  if (!skip("#") || !skip("include") || !(skip("\"") || skip("<"))) return std::nullopt;
  const auto end = line.find_first_of("\">");
  if (end == std::string_view::npos) return std::nullopt;
  return Include{line.substr(0, end), line[end] == '"'};
}

// Why this include is wrong in this folder, or nothing.
std::string fault_of(const Include& include, const Folder& folder) {
  const std::string_view target = first_part(include.path);
  if (find_folder(target) != nullptr) {
    const bool allowed = target == folder.name || names(folder.may_include, target) ||
                         names(folder.may_include_headers, include.path);
    return allowed ? "" : fmt::format("{} may not include {}", folder.name, target);
  }
  // Spelled any other way, an include would escape the table, or not be found once the headers are installed.
  if (include.quoted || target == "checker" || target == "..")
    return "an include of ours begins with the name of a folder";
  for (const auto& library : foreign)
    if (include.path.starts_with(library.beginning) && folder.name != library.only_in)
      return fmt::format("only {} may see this library", library.only_in);
  return "";
}

Lines violations_in(std::string_view path, const std::string& text) {
  Lines result;
  if (!text.starts_with("// SPDX-License-Identifier: GPL-2.0-or-later\n"))
    result.push_back(fmt::format("{}:1 does not begin with the SPDX line", path));
  const Folder* folder = find_folder(folder_of(path));
  if (folder == nullptr) {
    result.push_back(fmt::format("{}:1 lies in no folder of the table", path));
    return result;
  }
  bool once = !path.ends_with(".h");
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    once = once || line.starts_with("#pragma once");
    const auto include = include_on(line);
    const std::string fault = include ? fault_of(*include, *folder) : "";
    if (!fault.empty())
      result.push_back(fmt::format("{}:{} includes {}: {}", path, number, include->path, fault));
  }
  if (!once) result.push_back(fmt::format("{}:1 has no #pragma once", path));
  return result;
}

bool is_source(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".h" || extension == ".cpp" || extension == ".hpp" || extension == ".inc";
}

Lines violations_below(const fs::path& root) {
  Lines result;
  for (const char* top : {"checker", "properties", "protocols"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      const std::string path = entry.path().lexically_relative(root).generic_string();
      const auto found = violations_in(path, tdxcheck::support::read_file(entry.path()));
      result.insert(result.end(), found.begin(), found.end());
    }
  }
  std::ranges::sort(result);
  return result;
}

// A source that is right but for the lines given.
Lines violations_of(std::string_view path, std::string_view lines) {
  return violations_in(
      path, fmt::format("// SPDX-License-Identifier: GPL-2.0-or-later\n#pragma once\n{}\n", lines));
}

TEST_CASE("every include in the tree follows the arrows of the table") {
  const Lines violations = violations_below(TDXCHECK_SOURCE_DIR);
  CHECK_MESSAGE(violations.empty(), fmt::format("\n{}", fmt::join(violations, "\n")));
}

TEST_CASE("each folder of the table names only folders above itself, so the arrows make no cycle") {
  for (std::size_t i = 0; i < table.size(); ++i)
    for (const auto target : table[i].may_include) {
      CAPTURE(table[i].name);
      CAPTURE(target);
      if (!target.empty()) CHECK(find_folder(target) < &table[i]);
    }
}

TEST_CASE("an include against an arrow is found with its file and line") {
  CHECK(violations_of("checker/explore/search.cpp", "#include \"prove/by_induction.h\"") ==
        Lines{"checker/explore/search.cpp:3 includes prove/by_induction.h: explore may not include prove"});
  CHECK(violations_of("properties/always.cpp", "#include \"model/step.h\"").size() == 1);
  CHECK(violations_of("protocols/parts/mutex.h", "#include \"support/contract.h\"").size() == 1);
  CHECK(violations_of("checker/run/run_check.cpp", "#include \"report/write_text.h\"").size() == 1);
  CHECK(violations_of("checker/cli/main.cpp", "  #  include <explore/search.h>").size() == 1);
}

TEST_CASE("an include along an arrow is none, nor is one that is only talked about") {
  CHECK(violations_of("checker/explore/search.cpp", "#include \"explore/search.h\"\n#include <vector>")
            .empty());
  CHECK(violations_of("protocols/zap.cpp", "#include \"protocols/parts/mutex.h\"").empty());
  CHECK(violations_of("checker/model/step.cpp", "// #include \"cli/main.h\"").empty());
}

TEST_CASE("graph sees the two cards of explore and nothing else of it") {
  CHECK(violations_of("checker/graph/lock_order.cpp", "#include \"explore/reached_graph.h\"").empty());
  CHECK(violations_of("checker/graph/lock_order.cpp", "#include \"explore/transition_system.h\"").empty());
  CHECK(violations_of("checker/graph/lock_order.cpp", "#include \"explore/search.h\"").size() == 1);
}

TEST_CASE("Z3 stays in prove and Boost in graph") {
  CHECK(violations_of("checker/prove/by_induction.cpp", "#include <z3++.h>").empty());
  CHECK(violations_of("checker/graph/lock_order.cpp", "#include <boost/graph/graphviz.hpp>").empty());
  CHECK(violations_of("checker/audit/proof.cpp", "#include <z3++.h>").size() == 1);
  CHECK(violations_of("checker/prove/by_induction.cpp", "#include <boost/rational.hpp>").size() == 1);
}

TEST_CASE("an include cannot escape the table by its spelling, nor a source by its folder") {
  for (const char* spelling : {"../prove/by_induction.h", "checker/prove/by_induction.h", "step.h"}) {
    CAPTURE(spelling);
    CHECK(violations_of("checker/model/step.cpp", fmt::format("#include \"{}\"", spelling)).size() == 1);
  }
  CHECK(violations_of("checker/utils/step.cpp", "").size() == 1);
  CHECK(violations_of("checker/step.cpp", "").size() == 1);
}

TEST_CASE("a header without #pragma once and a source without the SPDX line are found") {
  CHECK(violations_in("checker/model/step.h", "// SPDX-License-Identifier: GPL-2.0-or-later\n") ==
        Lines{"checker/model/step.h:1 has no #pragma once"});
  CHECK(violations_in("checker/model/step.cpp", "int x;\n") ==
        Lines{"checker/model/step.cpp:1 does not begin with the SPDX line"});
}

// The other cases look at text; this one would notice a walk that visits nothing and finds nothing.
TEST_CASE("a violation planted in a tree of files is found there") {
  const tdxcheck::tests::ScratchFolder root;
  fs::create_directories(root / "checker/model/deeper");
  std::ofstream(root / "checker/model/deeper/step.cpp")
      << "// SPDX-License-Identifier: GPL-2.0-or-later\n#include \"cli/main.h\"\n";
  CHECK(violations_below(root.path()) ==
        Lines{"checker/model/deeper/step.cpp:2 includes cli/main.h: model may not include cli"});
}

} // namespace includes_follow_the_arrows_test
