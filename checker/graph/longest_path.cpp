// SPDX-License-Identifier: GPL-2.0-or-later
#include "graph/longest_path.h"

#include <limits>

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dag_shortest_paths.hpp>

#include "graph/way_within.h"
#include "support/contract.h"

namespace tdxcheck::graph {
namespace {

struct Between {
  Amount weight = 0; // negated
};
using Quotient = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Between>;
using Vertex = boost::graph_traits<Quotient>::vertex_descriptor;

constexpr Amount unreached = -1;

// An edge with the state that it leaves.
struct Hop {
  StateNumber from = 0;
  std::uint64_t edge = 0;
};

class Worst {
public:
  Worst(const ReachedGraph& graph, const Section& section, const SectionComponents& components)
      : graph_(graph), section_(section), components_(components) {}

  Longest find() {
    if (const auto adds = edge_that_adds_in_a_circle()) return round_and_round(*adds);
    sum_up();
    find_end();
    if (result_.entered) find_way();
    return std::move(result_);
  }

private:
  struct End {
    Amount sum = unreached;
    StateNumber state = 0;   // the last one in the section
    std::optional<Hop> last; // an edge that ends the section
    bool is_inside = false;  // all of it happens in `last`
  };

  [[nodiscard]] bool has(StateNumber s) const { return section_.in[s] != 0; }
  template <class Visit>
  void every_edge(Visit visit) const;
  [[nodiscard]] std::optional<Hop> edge_that_adds_in_a_circle() const;
  [[nodiscard]] Longest round_and_round(const Hop& adds) const;
  void sum_up();
  void find_end();
  void offer(const End& end);
  void find_way();

  const ReachedGraph& graph_;
  const Section& section_;
  const SectionComponents& components_;
  std::vector<Amount> sum_; // by component
  End end_;
  Longest result_;
};

template <class Visit>
void Worst::every_edge(Visit visit) const {
  for (StateNumber s = 0; s < graph_.states(); ++s)
    for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1]; ++e) visit(Hop{s, e});
}

std::optional<Hop> Worst::edge_that_adds_in_a_circle() const {
  std::optional<Hop> found;
  every_edge([&](const Hop& hop) {
    const StateNumber to = graph_.target[hop.edge];
    if (found || !has(hop.from) || !has(to) || components_.of[hop.from] != components_.of[to]) return;
    const Passage passage = section_.passage(hop.from, graph_.move[hop.edge]);
    if (passage.through.value_or(0) > 0) found = hop;
  });
  return found;
}

// The moves along which a way may stay in a component.
auto goes_on_in(const Section& section, const ReachedGraph& graph, const SectionComponents& components,
                StateNumber component) {
  return [&section, &graph, &components, component](StateNumber from, std::uint64_t e) {
    const StateNumber to = graph.target[e];
    return section.in[to] != 0 && components.of[to] == component &&
           section.passage(from, graph.move[e]).through.has_value();
  };
}

Longest Worst::round_and_round(const Hop& adds) const {
  Longest result;
  result.bounded = false;
  result.entered = true;
  result.from = adds.from;
  result.edges = {adds.edge};
  const auto back = way_within(graph_, graph_.target[adds.edge], adds.from,
                               goes_on_in(section_, graph_, components_, components_.of[adds.from]));
  result.edges.insert(result.edges.end(), back.begin(), back.end());
  return result;
}

// Vertices are components, and one more that leads to where the section begins.
void Worst::sum_up() {
  const Vertex source = components_.count;
  std::vector<std::pair<Vertex, Vertex>> ends;
  std::vector<Between> weights;
  const auto connect = [&](Vertex from, Vertex to, Amount weight) {
    ends.emplace_back(from, to);
    weights.push_back({-weight});
  };
  for (StateNumber s = 0; s < graph_.states(); ++s)
    if (graph_.parent[s] == explore::no_state && has(s))
      connect(source, components_.of[s], section_.at_start);
  every_edge([&](const Hop& hop) {
    const StateNumber to = graph_.target[hop.edge];
    if (!has(to)) return;
    const Passage passage = section_.passage(hop.from, graph_.move[hop.edge]);
    if (passage.begins) connect(source, components_.of[to], *passage.begins);
    if (!has(hop.from) || !passage.through || components_.of[hop.from] == components_.of[to]) return;
    connect(components_.of[hop.from], components_.of[to], *passage.through);
  });
  const Quotient quotient(boost::edges_are_unsorted_multi_pass, ends.begin(), ends.end(), weights.begin(),
                          std::size_t{components_.count} + 1);
  constexpr Amount far = std::numeric_limits<Amount>::max();
  std::vector<Amount> distance(std::size_t{components_.count} + 1, far);
  boost::dag_shortest_paths(quotient, source,
                            boost::weight_map(boost::get(&Between::weight, quotient))
                                .distance_map(boost::make_iterator_property_map(
                                    distance.begin(), boost::get(boost::vertex_index, quotient))));
  sum_.assign(components_.count, unreached);
  for (StateNumber c = 0; c < components_.count; ++c)
    if (distance[c] != far) sum_[c] = -distance[c];
}

void Worst::offer(const End& end) {
  result_.entered = true;
  if (end.sum > end_.sum) end_ = end;
}

void Worst::find_end() {
  for (StateNumber s = 0; s < graph_.states(); ++s)
    if (has(s)) offer({sum_[components_.of[s]], s, {}});
  every_edge([&](const Hop& hop) {
    const Passage passage = section_.passage(hop.from, graph_.move[hop.edge]);
    if (passage.inside) offer({*passage.inside, hop.from, hop, true});
    if (passage.ends && has(hop.from) && *passage.ends > 0)
      offer({sum_[components_.of[hop.from]] + *passage.ends, hop.from, hop});
  });
  result_.value = result_.entered ? end_.sum : 0;
}

// Backwards from the end: for each component an edge into it, or into the section, that attains its sum.
void Worst::find_way() {
  if (end_.is_inside) {
    result_.from = end_.state;
    result_.edges = {end_.last->edge};
    return;
  }
  std::vector<std::optional<Hop>> attains(components_.count);
  std::vector<std::uint8_t> begins(components_.count, 0);
  every_edge([&](const Hop& hop) {
    const StateNumber to = graph_.target[hop.edge];
    if (!has(to)) return;
    const StateNumber c = components_.of[to];
    if (begins[c] != 0) return;
    const Passage passage = section_.passage(hop.from, graph_.move[hop.edge]);
    const bool enters = passage.begins && *passage.begins == sum_[c];
    const bool goes_on = has(hop.from) && passage.through && components_.of[hop.from] != c &&
                         sum_[components_.of[hop.from]] + *passage.through == sum_[c];
    if (!enters && (!goes_on || attains[c])) return;
    attains[c] = hop;
    begins[c] = enters;
  });
  std::vector<std::uint64_t> backwards;
  if (end_.last) backwards.push_back(end_.last->edge);
  StateNumber at = end_.state;
  for (;;) {
    const StateNumber c = components_.of[at];
    // Nothing leads to it with that sum: it is where an initial state lies.
    StateNumber arrival = at;
    if (attains[c]) {
      arrival = graph_.target[attains[c]->edge];
    } else {
      for (StateNumber s = 0; s < graph_.states(); ++s)
        if (graph_.parent[s] == explore::no_state && has(s) && components_.of[s] == c) arrival = s;
    }
    const auto stay = way_within(graph_, arrival, at, goes_on_in(section_, graph_, components_, c));
    backwards.insert(backwards.end(), stay.rbegin(), stay.rend());
    result_.from = arrival;
    if (!attains[c]) break;
    backwards.push_back(attains[c]->edge);
    result_.from = attains[c]->from;
    if (begins[c] != 0) break;
    at = attains[c]->from;
  }
  result_.edges.assign(backwards.rbegin(), backwards.rend());
}

} // namespace

Longest longest_path(const ReachedGraph& graph, const Section& section, const SectionComponents& components) {
  support::expects(graph.rows.size() == std::size_t{graph.states()} + 1,
                   "a longest path needs the rows of the graph");
  return Worst(graph, section, components).find();
}

} // namespace tdxcheck::graph
