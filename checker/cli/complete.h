// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a shell offers when Tab is pressed. All of it is decided here, from the parser's own words and from
// the models; the scripts for the shells only ask (write_completions.h).

#include "cli/program_words.h"

#include <string>
#include <vector>

namespace tdxcheck::cli {

struct Candidate {
  std::string word;
  std::string description; // one line; may be empty
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

// `words` are those after the program's name; the last one, maybe empty, is being typed. None where a file is
// wanted, which shells know better. Never throws: what cannot be read has nothing to offer.
[[nodiscard]] std::vector<Candidate> complete(const ProgramWords& program,
                                              const std::vector<std::string>& words);

} // namespace tdxcheck::cli
