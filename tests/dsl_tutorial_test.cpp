// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the tutorial at the head of dsl/dsl.h would drift from the example that is compiled.

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "support/read_file.h"

namespace dsl_tutorial_test {

std::string tutorial_of(const std::string& header) {
  std::istringstream lines(header);
  std::string line, text;
  bool inside = false;
  while (std::getline(lines, line)) {
    if (line == "// END TUTORIAL") break;
    if (inside) text += (line.size() > 3 ? line.substr(3) : "") + "\n";
    if (line == "// BEGIN TUTORIAL") inside = true;
  }
  return text;
}

TEST_CASE("the tutorial in dsl.h is the compiled example first_lock.cpp") {
  const std::string root = TDXCHECK_SOURCE_DIR;
  const std::string example = tdxcheck::support::read_file(root + "/examples/first_lock.cpp");
  const auto after_licence = example.find("\n\n") + 2;
  CHECK(tutorial_of(tdxcheck::support::read_file(root + "/checker/dsl/dsl.h")) ==
        example.substr(after_licence));
}

} // namespace dsl_tutorial_test
