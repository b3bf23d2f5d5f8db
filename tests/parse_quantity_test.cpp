// SPDX-License-Identifier: GPL-2.0-or-later
//
// `--time 10` taken for ten minutes, or `--memory 2g` for two bytes, turns a check into an `unknown`, or into
// none.
#include "cli/parse_quantity.h"

#include "support/error.h"

#include <doctest/doctest.h>

namespace parse_quantity_test {

using namespace tdxcheck;

TEST_CASE("sizes are powers of 1024") {
  CHECK(cli::parse_size("4096") == 4096);
  CHECK(cli::parse_size("500M") == 500ull << 20);
  CHECK(cli::parse_size("2G") == 2ull << 30);
  CHECK(cli::parse_size("2g") == 2ull << 30);
  CHECK(cli::parse_size("1.5G") == 3ull << 29);
  CHECK(cli::parse_size("3TiB") == 3ull << 40);
}

TEST_CASE("durations have a unit, or are seconds") {
  CHECK(cli::parse_duration("45s") == 45);
  CHECK(cli::parse_duration("45") == 45);
  CHECK(cli::parse_duration("10m") == 600);
  CHECK(cli::parse_duration("1.5h") == 5400);
  CHECK(cli::parse_duration("500ms") == 0.5);
}

TEST_CASE("whatever else is refused") {
  for (const char* text :
       {"", "0", "G", "-1G", "+1G", "1 G", "1GG", "2X", "inf", "nan", "0x10", "1e3", "0.1", "9999999999T"})
    CHECK_THROWS_AS((void)cli::parse_size(text), support::InputError);
  for (const char* text : {"", "0s", "s", "-1s", "1 s", "1min", "inf", "1m30s", "1e9h", "99999999999d"})
    CHECK_THROWS_AS((void)cli::parse_duration(text), support::InputError);
}

} // namespace parse_quantity_test
