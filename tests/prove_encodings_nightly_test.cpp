// SPDX-License-Identifier: GPL-2.0-or-later
//
// What each choice of sorts costs: the figures of checker/prove/ENCODINGS.md.

#include <doctest/doctest.h>

#include <ctime>
#include <string>

#include "prove/bounded_search.h"
#include "run/problem_of.h"
#include "run/target.h"

namespace tdxcheck::tests::prove_encodings_nightly_test {

struct Choice {
  const char* name;
  prove::Style style;
};

constexpr Choice choices[] = {
    {"bits", {prove::Finite::bits, prove::Numbers::bits}},
    {"datatypes and bits", {prove::Finite::datatype, prove::Numbers::bits}},
    {"datatypes and integers", {prove::Finite::datatype, prove::Numbers::integer}},
    {"integers", {prove::Finite::integer, prove::Numbers::integer}},
};

TEST_CASE("bounded search, by what values are encoded as") {
  for (const char* name : {"sharex_lock@module", "hkid_release@v19", "sept_zap@landed"}) {
    const run::Target target = run::resolve({name});
    const prove::Problem problem = run::problem_of(target, {});
    for (const Choice& choice : choices) {
      prove::BoundedOptions options;
      options.depth = 6;
      options.seconds = 60;
      options.style = choice.style;
      const std::clock_t start = std::clock();
      const prove::BoundedResult found = prove::search_bounded(problem, {}, options);
      const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      MESSAGE(std::string(name), ", ", std::string(choice.name), ": ", found.depth, " steps in ", seconds,
              " s of CPU");
      CHECK(found.depth <= options.depth);
    }
  }
}

} // namespace tdxcheck::tests::prove_encodings_nightly_test
