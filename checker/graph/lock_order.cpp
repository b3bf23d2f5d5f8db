// SPDX-License-Identifier: GPL-2.0-or-later
#include "graph/lock_order.h"

#include <algorithm>
#include <deque>
#include <map>
#include <sstream>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphviz.hpp>
#include <boost/graph/strong_components.hpp>

#include "model/print.h"

namespace tdxcheck::graph {
namespace {

using Digraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

bool conflict(model::LockMode a, model::LockMode b) {
  return a == model::LockMode::exclusive || b == model::LockMode::exclusive;
}

bool goes_on_with(const OrderEdge& first, const OrderEdge& second) {
  return first.acquired.lock == second.held.lock && conflict(first.acquired.mode, second.held.mode);
}

Digraph line_graph(const std::vector<OrderEdge>& edges) {
  Digraph lines(edges.size());
  for (std::size_t a = 0; a < edges.size(); ++a)
    for (std::size_t b = 0; b < edges.size(); ++b)
      if (goes_on_with(edges[a], edges[b])) boost::add_edge(a, b, lines);
  return lines;
}

// The shortest way round from a vertex to itself; empty if there is none.
LockCycle shortest_cycle(const Digraph& lines, std::size_t start) {
  std::map<std::size_t, std::size_t> came;
  std::deque<std::size_t> open{start};
  for (; !open.empty(); open.pop_front()) {
    for (auto [e, end] = boost::out_edges(open.front(), lines); e != end; ++e) {
      const std::size_t next = boost::target(*e, lines);
      if (next == start) {
        LockCycle cycle;
        for (std::size_t at = open.front(); at != start; at = came[at]) cycle.push_back(at);
        cycle.push_back(start);
        std::reverse(cycle.begin(), cycle.end());
        return cycle;
      }
      if (came.try_emplace(next, open.front()).second) open.push_back(next);
    }
  }
  return {};
}

} // namespace

std::vector<LockCycle> lock_cycles(const std::vector<OrderEdge>& edges) {
  const Digraph lines = line_graph(edges);
  std::vector<std::size_t> component(edges.size());
  const auto count = static_cast<std::size_t>(boost::strong_components(
      lines, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, lines))));
  std::vector<LockCycle> shortest(count);
  for (std::size_t e = 0; e < edges.size(); ++e) {
    LockCycle cycle = shortest_cycle(lines, e);
    LockCycle& known = shortest[component[e]];
    if (!cycle.empty() && (known.empty() || cycle.size() < known.size())) known = std::move(cycle);
  }
  std::erase_if(shortest, [](const LockCycle& cycle) { return cycle.empty(); });
  return shortest;
}

std::string lock_order_as_dot(const model::Model& model, const std::vector<OrderEdge>& edges) {
  Digraph graph(model.locks.size());
  std::map<std::pair<std::size_t, std::size_t>, std::vector<const OrderEdge*>> between;
  for (const OrderEdge& edge : edges)
    between[{edge.held.lock.value, edge.acquired.lock.value}].push_back(&edge);
  for (const auto& [ends, all] : between) boost::add_edge(ends.first, ends.second, graph);
  std::ostringstream text;
  boost::write_graphviz(
      text, graph,
      [&](std::ostream& out, std::size_t v) {
        out << "[label=" << boost::escape_dot_string(model.locks[{static_cast<std::uint32_t>(v)}].name)
            << "]";
      },
      [&](std::ostream& out, const auto& e) {
        const auto& all = between.at({boost::source(e, graph), boost::target(e, graph)});
        std::string label;
        bool tried = true;
        for (const OrderEdge* edge : all) {
          tried = tried && !edge->blocking;
          if (!label.empty()) label += ", ";
          label += std::string(model::name_of(edge->held.mode)) + (edge->blocking ? " -> " : " -> try ") +
                   std::string(model::name_of(edge->acquired.mode));
        }
        out << "[label=" << boost::escape_dot_string(label) << (tried ? ", style=dashed" : "") << "]";
      });
  return text.str();
}

} // namespace tdxcheck::graph
