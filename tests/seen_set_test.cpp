// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a table that trusts its hash would pass: two states with one hash would be one state.
#include "explore/seen_set.h"
#include "tests/dice.h"

#include <doctest/doctest.h>

#include <map>

namespace {

using namespace tdxcheck::explore;
using tdxcheck::tests::Dice;

TEST_CASE("every state is found under the number it got, through all growth") {
  for (const std::size_t words : {1, 2, 3, 5}) {
    Dice dice(words);
    SeenSet seen(words, 4);
    tdxcheck::support::GrowingArray<Word> pool;
    std::map<std::vector<Word>, StateNumber> known;
    for (int i = 0; i < 20000; ++i) {
      std::vector<Word> state(words, 0);
      for (Word& word : state) word = dice.below(words == 1 ? 9000 : 20);
      if (seen.must_grow()) seen.grow(pool);
      const SeenSet::Found found = seen.insert(state, hash_of(state), pool);
      const auto [at, is_new] = known.emplace(state, static_cast<StateNumber>(known.size()));
      REQUIRE(found.is_new == is_new);
      REQUIRE(found.number == at->second);
    }
    CHECK(seen.size() == known.size());
    CHECK(pool.size() == known.size() * words);
  }
}

TEST_CASE("states are told apart although their hashes are equal") {
  SeenSet seen(1, 1024);
  tdxcheck::support::GrowingArray<Word> pool;
  constexpr Word hash = 0x1234567800000042;
  for (Word state = 0; state < 500; ++state) {
    const SeenSet::Found found = seen.insert({&state, 1}, hash, pool);
    CHECK(found.is_new);
    CHECK(found.number == state);
  }
  for (Word state = 0; state < 500; ++state) {
    const SeenSet::Found found = seen.insert({&state, 1}, hash, pool);
    CHECK(!found.is_new);
    CHECK(found.number == state);
  }
}

TEST_CASE("probing goes round the end of the table") {
  SeenSet seen(1, 16);
  tdxcheck::support::GrowingArray<Word> pool;
  for (Word state = 0; state < 8; ++state) CHECK(seen.insert({&state, 1}, 15 | state << 32, pool).is_new);
  for (Word state = 0; state < 8; ++state)
    CHECK(seen.insert({&state, 1}, 15 | state << 32, pool).number == state);
}

TEST_CASE("a full table is not inserted into") {
  SeenSet seen(1, 4);
  tdxcheck::support::GrowingArray<Word> pool;
  Word state = 0;
  while (!seen.must_grow()) static_cast<void>(seen.insert({&++state, 1}, hash_of({&state, 1}), pool));
  CHECK(seen.size() < 4);
  CHECK_THROWS(static_cast<void>(seen.insert({&++state, 1}, 0, pool)));
}

TEST_CASE("the hash depends on every bit of every word, in both halves") {
  const std::vector<Word> state = {1, 2, 3};
  for (std::size_t bit = 0; bit < 192; ++bit) {
    std::vector<Word> other = state;
    other[bit / 64] ^= Word{1} << bit % 64;
    const Word difference = hash_of(state) ^ hash_of(other);
    CHECK((difference >> 32) != 0);
    CHECK((difference & 0xffffffff) != 0);
  }
}

} // namespace
