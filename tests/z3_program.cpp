// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/z3_program.h"

#include "support/read_file.h"
#include "tests/scratch_folder.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace tdxcheck::tests {

bool z3_is_installed() { return std::system("command -v z3 > /dev/null 2>&1") == 0; }

std::vector<std::string> answers_of_z3(const std::string& smt2, int seconds) {
  const ScratchFolder folder;
  std::ofstream(folder / "model.smt2") << smt2;
  const std::string command = "cd '" + folder.path().string() +
                              "' && z3 -smt2 -T:" + std::to_string(seconds) + " model.smt2 > answers 2>&1";
  const int code = std::system(command.c_str());
  std::vector<std::string> lines;
  std::istringstream text(support::read_file(folder / "answers"));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  if (lines.empty()) lines.push_back("z3 ended with " + std::to_string(code));
  return lines;
}

} // namespace tdxcheck::tests
