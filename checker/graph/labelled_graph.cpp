// SPDX-License-Identifier: GPL-2.0-or-later
#include "graph/labelled_graph.h"

#include <algorithm>
#include <limits>

namespace tdxcheck::graph {
namespace {

constexpr Node none = std::numeric_limits<Node>::max();
constexpr std::uint64_t often = 4096; // how many nodes between two looks at the budget

void sort_and_unite(std::vector<LabelledEdge>& edges) {
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
}

void sort_and_unite(std::vector<Node>& nodes) {
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

// Components of the silent edges; they come out in reverse topological order.
class SilentComponents {
public:
  SilentComponents(const LabelledGraph& graph, const CheckBudget& check)
      : of(graph.nodes(), none), graph_(graph), low_(graph.nodes(), none) {
    for (Node n = 0; n < graph.nodes(); ++n) {
      if (n % often == 0) check(graph.nodes() * std::uint64_t{2 * sizeof(Node)});
      if (low_[n] == none) visit(n);
    }
  }

  std::vector<Node> of; // by node
  Node count = 0;

private:
  struct Frame {
    Node node;
    Node index;
    std::uint64_t edge;
  };

  void enter(Node node) {
    frames_.push_back({node, next_index_, graph_.rows[node]});
    low_[node] = next_index_++;
    stack_.push_back(node);
  }

  void visit(Node root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& top = frames_.back();
      if (top.edge == graph_.rows[top.node + 1]) {
        leave(top);
        continue;
      }
      const LabelledEdge& edge = graph_.edges[top.edge];
      if (edge.label == silent && low_[edge.target] == none) {
        enter(edge.target); // and this edge once more when it is back
        continue;
      }
      if (edge.label == silent && of[edge.target] == none)
        low_[top.node] = std::min(low_[top.node], low_[edge.target]);
      ++top.edge;
    }
  }

  void leave(const Frame& frame) {
    const Node node = frame.node;
    if (low_[node] == frame.index) {
      Node member = none;
      do {
        member = stack_.back();
        stack_.pop_back();
        of[member] = count;
      } while (member != node);
      ++count;
    }
    frames_.pop_back();
  }

  const LabelledGraph& graph_;
  std::vector<Node> low_; // none: not seen yet
  std::vector<Node> stack_;
  std::vector<Frame> frames_;
  Node next_index_ = 0;
};

} // namespace

LabelledGraph labelled_graph_of(const explore::ReachedGraph& reached,
                                const std::vector<LabelNumber>& label_of_move) {
  LabelledGraph graph;
  graph.rows.reserve(std::size_t{reached.states()} + 1);
  graph.edges.reserve(reached.target.size());
  for (explore::StateNumber s = 0; s < reached.states(); ++s) {
    if (reached.parent[s] == explore::no_state) graph.initial.push_back(s);
    for (std::uint64_t e = reached.rows[s]; e < reached.rows[s + 1]; ++e)
      graph.edges.push_back({label_of_move[reached.move.number(e)], reached.target[e]});
    graph.rows.push_back(graph.edges.size());
  }
  return graph;
}

LabelledGraph without_silent_cycles(const LabelledGraph& graph, const CheckBudget& check) {
  const SilentComponents components(graph, check);
  std::vector<Node> first(std::size_t{components.count} + 1, 0), members(graph.nodes());
  for (const Node c : components.of) ++first[c + 1];
  for (Node c = 0; c < components.count; ++c) first[c + 1] += first[c];
  std::vector<Node> next(first.begin(), first.end() - 1);
  for (Node n = 0; n < graph.nodes(); ++n) members[next[components.of[n]]++] = n;

  LabelledGraph merged;
  for (const Node n : graph.initial) merged.initial.push_back(components.of[n]);
  sort_and_unite(merged.initial);
  std::vector<LabelledEdge> out;
  for (Node c = 0; c < components.count; ++c) {
    if (c % often == 0) check(merged.bytes() + graph.nodes() * std::uint64_t{4 * sizeof(Node)});
    out.clear();
    for (Node m = first[c]; m < first[c + 1]; ++m)
      for (const LabelledEdge& edge : graph.out(members[m]))
        if (edge.label != silent || components.of[edge.target] != c)
          out.push_back({edge.label, components.of[edge.target]});
    sort_and_unite(out);
    merged.add(out);
  }
  return merged;
}

LabelledGraph without_silent_edges(const LabelledGraph& graph, const CheckBudget& check) {
  std::vector<Node> number(graph.nodes(), none), kept, seen(graph.nodes(), none), open;
  const auto keep = [&](Node node) {
    if (number[node] == none) {
      number[node] = static_cast<Node>(kept.size());
      kept.push_back(node);
    }
    return number[node];
  };
  LabelledGraph told;
  for (const Node n : graph.initial) told.initial.push_back(keep(n));
  std::vector<LabelledEdge> out;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    check(told.bytes() + graph.nodes() * std::uint64_t{3 * sizeof(Node)});
    out.clear();
    open = {kept[k]};
    seen[kept[k]] = static_cast<Node>(k);
    while (!open.empty()) {
      const Node at = open.back();
      open.pop_back();
      for (const LabelledEdge& edge : graph.out(at)) {
        if (edge.label != silent) out.push_back({edge.label, keep(edge.target)});
        else if (seen[edge.target] != k) {
          seen[edge.target] = static_cast<Node>(k);
          open.push_back(edge.target);
        }
      }
    }
    sort_and_unite(out);
    told.add(out);
  }
  return told;
}

} // namespace tdxcheck::graph
