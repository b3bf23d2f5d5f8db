// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a range that is too narrow would turn a good step into a model error, or two states into one;
// one that is too wide would go unnoticed and cost memory.
#include "explore/assigned_ranges.h"

#include "lower/instantiate.h"
#include "semantics/brute_force.h"
#include "support/error.h"
#include "tests/generated_models.h"
#include "tests/sketch.h"
#include "tests/with_leftovers.h"

#include <doctest/doctest.h>

namespace assigned_ranges_test {

using namespace tdxcheck;
using model::BinaryOp;

std::vector<explore::AssignedRange> ranges_of(const model::Model& model) {
  return explore::assigned_ranges(model::Instance(model, model::defaults(model)));
}

void check_range(const explore::AssignedRange& range, model::Value low, model::Value high) {
  CHECK(range.low == low);
  CHECK(range.high == high);
}

TEST_CASE("what nobody assigns keeps its initial value, and what is assigned counts from there") {
  tests::Sketch s;
  const auto t = s.thread("t", "a");
  const auto constant = s.number("constant", 0, 9, 3), status = s.number("status", 0, 30, 7);
  const auto copy = s.number("copy", 0, 30, 8), up = s.number("up", 0, 5);
  s.step(t, "a", "a").updates = {tests::set(status, model::integer(9)), tests::set(copy, s.read(status)),
                                 tests::set(up, model::binary(BinaryOp::add, s.read(up), s.read(constant)))};
  const auto ranges = ranges_of(s.model);
  check_range(ranges[constant.value], 3, 3);
  check_range(ranges[status.value], 7, 9);
  check_range(ranges[copy.value], 7, 9);
  check_range(ranges[up.value], 0, 5); // 6 would be a model error
}

TEST_CASE("what counts far is as wide as it is declared") {
  tests::Sketch s;
  const auto t = s.thread("t", "a");
  const auto down = s.number("down", -1000, 1000);
  s.step(t, "a", "a").updates = {
      tests::set(down, model::binary(BinaryOp::subtract, s.read(down), model::integer(1)))};
  const auto ranges = ranges_of(s.model);
  CHECK(ranges[down.value].low == -1000);
  CHECK(ranges[down.value].high >= 0);
}

TEST_CASE("no reachable state of a random model has a value outside") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const model::Model written = tests::with_leftovers(tests::random_model(seed), seed);
    const model::Valuation valuation = model::defaults(written);
    try {
      const model::Model instantiated = lower::instantiate(written, valuation);
      const semantics::Interpreter interpreter(instantiated, valuation);
      const auto ranges = explore::assigned_ranges(interpreter.instance());
      for (const auto& state : semantics::explore_plainly(interpreter, 2000).states)
        for (std::size_t c = 0; c < ranges.size(); ++c)
          REQUIRE((ranges[c].low <= state.cells[c] && state.cells[c] <= ranges[c].high));
    } catch (const support::InputError&) {
      continue;
    }
  }
}

} // namespace assigned_ranges_test
