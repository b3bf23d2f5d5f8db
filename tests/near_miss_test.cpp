// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/near_miss.h"

#include <doctest/doctest.h>

namespace near_miss_test {

using tdxcheck::support::did_you_mean;
using tdxcheck::support::near_misses;
using Names = std::vector<std::string>;

TEST_CASE("a slip of the finger names what was meant") {
  const Names known{"kick", "retries", "form"};
  CHECK(did_you_mean("parameter", "retrys", known) == "no parameter `retrys`; did you mean `retries`?");
}

TEST_CASE("where nothing is near, everything known is listed") {
  const Names known{"a", "b", "c"};
  CHECK(did_you_mean("parameter", "x", known) == "no parameter `x`; known: a, b, c");
}

TEST_CASE("where nothing is known, that is said") {
  CHECK(did_you_mean("loop", "block", Names{}) == "no loop `block`; there is none");
}

TEST_CASE("several near names are joined as in English") {
  const Names known{"lock_a", "lock_b", "lock_c", "irq"};
  CHECK(did_you_mean("lock", "lock_x", known) ==
        "no lock `lock_x`; did you mean `lock_a`, `lock_b` or `lock_c`?");
}

TEST_CASE("insertion, deletion, substitution and the exchange of neighbours each count as one slip") {
  const Names known{"kick"};
  for (const char* asked : {"kiick", "kck", "kilk", "kcik"}) {
    CAPTURE(asked);
    CHECK(near_misses(asked, known) == known);
  }
}

// Counted as two substitutions, the exchange would lose to the name with one wrong letter that comes first.
TEST_CASE("an exchange is as near as a substitution, and equally near names keep their order") {
  const Names known{"form", "from"};
  CHECK(near_misses("fomr", known) == Names{"form"});
  CHECK(near_misses("frob", Names{"frot", "frbo", "frog"}) == Names{"frot", "frbo", "frog"});
}

TEST_CASE("the nearest comes first and no more than asked for are named") {
  const Names known{"retire_s", "retried", "retries", "retry"};
  CHECK(near_misses("retriess", known).front() == "retries");
  CHECK(near_misses("retriess", known, 1) == Names{"retries"});
}

TEST_CASE("case and hyphens are no mistakes, and the beginning of a long name is enough") {
  const Names known{"hkid_release", "sept_zap"};
  CHECK(near_misses("SEPT-Zap", known) == Names{"sept_zap"});
  CHECK(near_misses("hkid", known) == Names{"hkid_release"});
}

TEST_CASE("a short name is not near to every other short name") {
  const Names known{"n", "m", "irq"};
  CHECK(near_misses("x", known).empty());
  CHECK(near_misses("", known).empty());
}

} // namespace near_miss_test
