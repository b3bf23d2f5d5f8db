// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a change to a protocol or to the engine could turn a verdict while the page that people quote
// still says the old one. Everyday runs judge the variants of up to `everyday_states` states again, nightly
// ones (TDXCHECK_NIGHTLY=1) all of them; names, expectations and findings are compared always.

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "report/write_verdicts.h"
#include "run/run_verdicts.h"
#include "run/target.h"
#include "support/read_file.h"

namespace {

using namespace tdxcheck;

constexpr std::uint64_t everyday_states = 200'000;

// One section of the page: the rows by variant, in order, and the paragraphs of findings.
struct Section {
  std::vector<std::string> variants;
  std::map<std::string, std::string> row;
  std::vector<std::string> findings;
};

std::map<std::string, Section> sections_of(const std::string& page) {
  std::map<std::string, Section> sections;
  Section* section = nullptr;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) section = &sections[line.substr(3)];
    else if (section == nullptr || line.starts_with("| variant |") || line.starts_with("|--")) continue;
    else if (line.starts_with("| ")) {
      const std::string name = line.substr(2, line.find(" |") - 2);
      section->variants.push_back(name);
      section->row[name] = line;
    } else if (line.starts_with("**")) section->findings.push_back(line);
  }
  return sections;
}

// "| name | 12,345 | ..." -> 12345
std::uint64_t states_in(const std::string& row) {
  std::uint64_t states = 0;
  for (std::size_t i = row.find(" | ") + 3; i < row.size() && row[i] != ' '; ++i)
    if (row[i] != ',') states = 10 * states + static_cast<std::uint64_t>(row[i] - '0');
  return states;
}

std::string row_today(const std::string& target) {
  run::CheckOptions options;
  options.as_written = true;
  const auto decided = run::run_verdicts({target}, options);
  REQUIRE(decided.size() == 1);
  return report::verdict_line({decided[0].protocol, &decided[0].variant, &decided[0].result});
}

} // namespace

TEST_CASE("the page of verdicts says what the checker decides") {
  const bool nightly = std::getenv("TDXCHECK_NIGHTLY") != nullptr;
  auto sections = sections_of(support::read_file(TDXCHECK_SOURCE_DIR "/examples/VERDICTS.md"));
  const auto models = run::built_in_models();
  CHECK(sections.size() == models.size());
  for (const auto& model : models) {
    INFO("protocol ", model.name);
    const Section& section = sections[model.name];
    std::vector<std::string> names, findings;
    for (const auto& variant : model.variants) {
      names.push_back(variant.name);
      if (!variant.finding.empty()) findings.push_back("**" + variant.name + "**: " + variant.finding);
    }
    CHECK(section.variants == names);
    CHECK(section.findings == findings);
    for (const auto& [name, row] : section.row) {
      CHECK_MESSAGE(row.find("unknown:") == std::string::npos, "every verdict was reached: ", row);
      if (nightly || states_in(row) <= everyday_states) CHECK(row == row_today(model.name + "@" + name));
    }
  }
}
