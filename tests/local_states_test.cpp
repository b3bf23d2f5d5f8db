// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a local state that was not foreseen, or one number for two of them, would lose states of
// every model whose states are wide, and only of those.
#include "explore/local_states.h"

#include "explore/breadth_first_search.h"
#include "explore/interpreted_system.h"
#include "lower/instantiate.h"
#include "support/error.h"
#include "tests/generated_models.h"
#include "tests/inputs.h"
#include "tests/planted_bugs.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

#include <set>

namespace local_states_test {

using namespace tdxcheck;
using namespace tdxcheck::explore;
using model::Value;

using States = std::set<std::vector<Value>>;

struct Reached {
  States states;
  std::uint64_t transitions = 0;
  bool error = false;
  std::size_t bits = 0;
};

Reached reach(const model::Instance& instance, const Layout& layout) {
  InterpretedSystem system(instance, layout);
  SearchObserver observer;
  const Search search = breadth_first_search(system, observer, {}, false);
  Reached result{{}, search.graph.transitions, search.model_error.has_value(), layout.bits()};
  std::vector<Value> values(layout.fields().size());
  std::vector<Word> again(layout.words());
  for (StateNumber s = 0; s < search.graph.states(); ++s) {
    layout.unpack(search.graph.state(s).data(), values.data());
    layout.pack(values.data(), again.data());
    REQUIRE(std::equal(again.begin(), again.end(), search.graph.state(s).begin()));
    result.states.insert(values);
  }
  return result;
}

struct Saved {
  std::size_t models = 0, plain = 0, coded = 0;
};

void expect_the_same(const model::Model& written, Saved& saved) {
  const model::Valuation valuation = model::defaults(written);
  model::Model instantiated;
  try {
    instantiated = lower::instantiate(written, valuation);
  } catch (const support::InputError&) {
    return;
  }
  const model::Instance instance(instantiated, valuation);
  const Layout plain = InterpretedSystem::plain_layout(instance);
  const Layout coded(instance, assigned_ranges(instance), local_states(instance, plain));
  const Reached one = reach(instance, plain), other = reach(instance, coded);
  CHECK(one.error == other.error);
  if (!one.error) CHECK(one.states == other.states);
  if (!one.error) CHECK(one.transitions == other.transitions);
  ++saved.models;
  saved.plain += one.bits;
  saved.coded += other.bits;
}

TEST_CASE("coded local states are the same states, and take fewer bits") {
  Saved saved;
  for (std::uint64_t seed = 1; seed <= tests::inputs(300); ++seed) {
    INFO("seed " << seed);
    expect_the_same(tests::random_model(seed), saved);
  }
  for (const model::Model& written : {tests::two_threads_one_lock(), tests::every_feature()})
    expect_the_same(written, saved);
  CHECK(saved.coded < saved.plain);
  MESSAGE(saved.models << " models: " << saved.plain << " bits, coded " << saved.coded);
}

TEST_CASE("no bug that is planted in a step is hidden by coding") {
  Saved saved;
  for (std::uint64_t seed = 1; seed <= 15; ++seed)
    for (const tests::PlantedBug& bug : tests::planted_bugs(tests::random_model(seed))) {
      INFO("seed " << seed << ": " << bug.what);
      expect_the_same(bug.model, saved);
    }
  CHECK(saved.models > 100);
  MESSAGE(saved.models << " models with a bug planted");
}

TEST_CASE("a thread whose locals may be anything is not coded, one with few local states is") {
  tests::Sketch sketch;
  const auto few = sketch.thread("few", "a b* c");
  const auto local = sketch.local(few, "x", 0, 7, 0);
  sketch.step(few, "a", "b").updates = {tests::set(local, model::integer(5))};
  sketch.step(few, "b", "c").updates = {tests::set(local, model::integer(0))};
  const auto many = sketch.thread("many", "a");
  const auto wide = sketch.local(many, "y", 0, 100000, 0), shared = sketch.number("n", 0, 100000, 0);
  sketch.step(many, "a", "a").updates = {tests::set(wide, sketch.read(shared))};
  sketch.step(many, "a", "a").updates = {tests::set(shared, model::integer(100000))};
  const model::Instance instance(sketch.model, model::defaults(sketch.model));
  const auto states = local_states(instance, Layout(instance));
  REQUIRE(states.size() == 2);
  REQUIRE(states[0]);
  CHECK(states[0]->count() == 3);
  CHECK(states[0]->width() == 2);
  CHECK(states[1] == nullptr);
  const Value never[] = {1, 3};
  CHECK_FALSE(states[0]->number(never));
}

} // namespace local_states_test
