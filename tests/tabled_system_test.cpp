// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a field that a move reads and the table does not know of would make one valuation's patches
// pass for another's: states would be lost or invented, and only models that happen to be compared with the
// reference would show it.
#include "explore/tabled_system.h"

#include "explore/breadth_first_search.h"
#include "lower/instantiate.h"
#include "support/error.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace tabled_system_test {

using namespace tdxcheck;
using namespace tdxcheck::explore;

struct Gather : SuccessorSink {
  void take(StateView next, Move move, std::uint8_t flags) override {
    // What a model error writes means nothing.
    const bool error = (flags & range_left) != 0;
    states.emplace_back(error ? std::vector<Word>{} : std::vector<Word>(next.begin(), next.end()));
    moves.push_back(move);
    all_flags.push_back(error ? std::uint8_t{range_left} : flags);
  }
  std::vector<std::vector<Word>> states;
  std::vector<Move> moves;
  std::vector<std::uint8_t> all_flags;
  friend bool operator==(const Gather& a, const Gather& b) {
    return a.states == b.states && a.moves == b.moves && a.all_flags == b.all_flags;
  }
};

// With local states coded, whether that saves words or not.
Layout coded_layout(const model::Instance& instance) {
  return {instance, assigned_ranges(instance),
          local_states(instance, InterpretedSystem::plain_layout(instance))};
}

bool alike(const model::Model& written, const model::Valuation& valuation, bool coded = false) {
  model::Model instantiated;
  try {
    instantiated = lower::instantiate(written, valuation);
  } catch (const support::InputError&) {
    return true;
  }
  const model::Instance instance(instantiated, valuation);
  const Layout layout = coded ? coded_layout(instance) : InterpretedSystem::plain_layout(instance);
  InterpretedSystem interpreted(instance, layout), below(instance, layout);
  TabledSystem tables(below);
  SearchObserver observer;
  const Search search = breadth_first_search(interpreted, observer, {}, false);
  // Twice: what was filled in is then used, by states that differ elsewhere.
  for (int round = 0; round < 2; ++round) {
    for (StateNumber s = 0; s < search.graph.states(); ++s) {
      Gather slowly, fast;
      interpreted.successors(search.graph.state(s), slowly);
      tables.successors(search.graph.state(s), fast);
      if (!(slowly == fast)) return false;
    }
  }
  return true;
}

TEST_CASE("tables yield the moves of the bytecode, in its order") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const model::Model written = tests::random_model(seed);
    INFO("seed " << seed);
    REQUIRE(alike(written, model::defaults(written)));
    REQUIRE(alike(written, tests::random_valuation(written, seed)));
    REQUIRE(alike(written, model::defaults(written), true));
  }
  for (const model::Model& written : {tests::two_threads_one_lock(), tests::every_feature()})
    CHECK(alike(written, model::defaults(written)));
}

// A step that adds up `numbers` numbers of 0..15.
tests::Sketch adder(int numbers) {
  tests::Sketch s;
  const auto t = s.thread("t", "a");
  const auto sum = s.number("sum", 0, 1000);
  model::Expr total = model::integer(0);
  std::vector<model::Id<model::Variable>> added;
  for (int i = 0; i < numbers; ++i) added.push_back(s.number("n" + std::to_string(i), 0, 15, i % 16));
  for (const auto number : added) total = model::binary(model::BinaryOp::add, total, s.read(number));
  s.step(t, "a", "a").updates = {tests::set(sum, total)};
  // Never, but who knows: so that no number takes less than its four bits.
  for (const model::Value value : {0, 15}) {
    model::Step& never = s.step(t, "a", "a");
    never.guard = model::binary(model::BinaryOp::less, s.read(sum), model::integer(0));
    for (const auto number : added) never.updates.push_back(tests::set(number, model::integer(value)));
  }
  return s;
}

TEST_CASE("a move that reads much is left to the bytecode, and does the same") {
  for (const int numbers : {2, 4, 5, 6, 20}) {
    const model::Model written = adder(numbers).model;
    const model::Valuation valuation = model::defaults(written);
    const model::Model instantiated = lower::instantiate(written, valuation);
    const model::Instance instance(instantiated, valuation);
    InterpretedSystem system(instance);
    TabledSystem tables(system);
    Gather initial, next;
    system.initial(initial);
    tables.successors(initial.states.front(), next);
    CHECK(tables.left_to_bytecode().size() ==
          (numbers * 4 > static_cast<int>(TabledSystem::bits_alone) ? 1 : 0));
    CHECK(alike(written, valuation));
  }
}

TEST_CASE("gathering bits one by one does what the processor does") {
  tests::Dice dice(1);
  for (int i = 0; i < 10000; ++i) {
    const Word word = dice.next(), mask = dice.next() & dice.next();
    REQUIRE(gather_bits(word, mask) == gather_bits_one_by_one(word, mask));
  }
  CHECK(gather_bits_one_by_one(0b1011'0100, 0b1111'0000) == 0b1011);
  CHECK(gather_bits_one_by_one(~Word{0}, ~Word{0}) == ~Word{0});
}

} // namespace tabled_system_test
