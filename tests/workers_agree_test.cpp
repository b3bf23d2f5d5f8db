// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a state that two workers find at once could be two states, or none; one that gets another
// number when a level ends could keep edges to the old one; and a verdict could depend on who was faster.
#include "explore/check.h"

#include "audit/replay.h"
#include "explore/tabled_system.h"
#include "lower/instantiate.h"
#include "support/error.h"
#include "tests/generated_models.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

#include <list>
#include <map>

namespace workers_agree_test {

using namespace tdxcheck;
using namespace tdxcheck::explore;

struct Parts {
  explicit Parts(const model::Instance& instance) : system(instance), tables(system) {}
  InterpretedSystem system;
  TabledSystem tables;
};

Search searched(const model::Instance& instance, unsigned workers, bool with_rows) {
  Parts first(instance);
  std::list<Parts> others;
  SearchObserver observer;
  const Helpers helpers{workers - 1,
                        [&] {
                          others.emplace_back(instance);
                          return Helpers::Hand{others.back().tables, observer};
                        },
                        1};
  return breadth_first_search(first.tables, observer, {}, with_rows, helpers);
}

using State = std::vector<Word>;
using Graph = std::map<State, std::multimap<State, std::pair<unsigned, unsigned>>>;

State state_of(const ReachedGraph& graph, StateNumber number) {
  const StateView view = graph.state(number);
  return {view.begin(), view.end()};
}

// Without numbers.
Graph graph_of(const Search& search) {
  const ReachedGraph& graph = search.graph;
  Graph result;
  for (StateNumber s = 0; s < graph.states(); ++s) {
    auto& edges = result[state_of(graph, s)];
    for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e)
      edges.emplace(state_of(graph, graph.target[e]), std::pair{graph.move[e].thread, graph.move[e].step});
  }
  return result;
}

void expect_the_same_graph(const model::Model& written, const model::Valuation& valuation) {
  model::Model instantiated;
  try {
    instantiated = lower::instantiate(written, valuation);
  } catch (const support::InputError&) {
    return;
  }
  const model::Instance instance(instantiated, valuation);
  const Search one = searched(instance, 1, true), plain = searched(instance, 1, false);
  REQUIRE(one.graph.states() == plain.graph.states());
  for (const unsigned workers : {2U, 3U}) {
    const Search several = searched(instance, workers, true), lean = searched(instance, workers, false);
    REQUIRE(several.stop == one.stop);
    REQUIRE(several.graph.level == one.graph.level);
    REQUIRE(lean.graph.level == one.graph.level);
    REQUIRE(several.graph.transitions == one.graph.transitions);
    REQUIRE(lean.graph.transitions == one.graph.transitions);
    for (StateNumber s = 0; s < several.graph.states(); ++s) {
      const StateNumber parent = several.graph.parent[s];
      REQUIRE((parent == no_state || parent < s));
    }
    if (one.stop == Stop::complete) REQUIRE(graph_of(several) == graph_of(one));
    REQUIRE(several.model_error.has_value() == one.model_error.has_value());
    if (one.model_error)
      REQUIRE(state_of(several.graph, several.model_error->from) ==
              state_of(one.graph, one.model_error->from));
  }
}

TEST_CASE("several workers find the same graph as one") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const model::Model written = tests::random_model(seed);
    expect_the_same_graph(written, model::defaults(written));
  }
  for (const model::Model& written : {tests::two_threads_one_lock(), tests::every_feature()})
    expect_the_same_graph(written, model::defaults(written));
}

void expect_the_same_verdicts(const model::Model& written, const model::Valuation& valuation) {
  model::Model instantiated;
  try {
    instantiated = lower::instantiate(written, valuation);
  } catch (const support::InputError&) {
    return;
  }
  for (const bool first : {false, true}) {
    Options options;
    options.first = first;
    const result::CheckResult one = check(written, valuation, instantiated, options);
    options.workers = 2;
    options.large_level = 1;
    const result::CheckResult two = check(written, valuation, instantiated, options);
    // One that ends before the first step leaves nothing to do.
    REQUIRE(two.engine.workers == (one.depth == 0 && two.engine.workers == 1 ? 1 : 2));
    REQUIRE(two.verdict == one.verdict);
    REQUIRE(two.states == one.states);
    REQUIRE(two.transitions == one.transitions);
    REQUIRE(two.depth == one.depth);
    REQUIRE(two.vacuity.unreached_steps == one.vacuity.unreached_steps);
    REQUIRE(two.vacuity.idle_guards == one.vacuity.idle_guards);
    REQUIRE(two.vacuity.vacuous_properties == one.vacuity.vacuous_properties);
    REQUIRE(two.model_error.has_value() == one.model_error.has_value());
    for (std::size_t p = 0; p < one.properties.size(); ++p) {
      REQUIRE(two.properties[p].verdict == one.properties[p].verdict);
      REQUIRE(two.properties[p].trace.has_value() == one.properties[p].trace.has_value());
      if (!one.properties[p].trace) continue;
      if (!one.properties[p].trace->loop)
        REQUIRE(two.properties[p].trace->steps.size() == one.properties[p].trace->steps.size());
      const auto replayed = audit::replay(written, valuation, *two.properties[p].trace);
      INFO(replayed.why);
      REQUIRE(replayed.valid);
    }
  }
}

TEST_CASE("several workers come to the same verdicts as one") {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    INFO("seed " << seed);
    const model::Model written = tests::random_model(seed);
    expect_the_same_verdicts(written, model::defaults(written));
  }
  for (std::size_t number = 0; number < tests::tiny_model_count(); number += 37) {
    INFO("tiny model " << number);
    const model::Model written = tests::tiny_model(number);
    expect_the_same_verdicts(written, model::defaults(written));
  }
}

} // namespace workers_agree_test
