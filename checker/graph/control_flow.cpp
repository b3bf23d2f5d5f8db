// SPDX-License-Identifier: GPL-2.0-or-later
#include "graph/control_flow.h"

#include <sstream>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphviz.hpp>

namespace tdxcheck::graph {
namespace {

struct Place {
  std::string text;
  bool end = false;
};
struct Way {
  std::string text;
};
using Flow = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Place, Way>;

std::string words_of(const model::Step& step) {
  std::string words = step.call.empty() ? "" : step.call;
  for (const std::string& more : {step.text, step.status}) {
    if (more.empty() || more == words) continue;
    words += (words.empty() ? "" : "\n") + more;
  }
  return words;
}

} // namespace

std::string control_flow_as_dot(const model::Model& model) {
  Flow flow;
  for (const model::Thread& thread : model.threads) {
    const std::size_t first = boost::num_vertices(flow);
    for (const model::Label& label : thread.labels)
      boost::add_vertex(Place{thread.name + ": " + label.name, label.end}, flow);
    for (const model::Step& step : thread.steps)
      boost::add_edge(first + step.from.value, first + step.to.value, Way{words_of(step)}, flow);
  }
  std::ostringstream text;
  boost::write_graphviz(
      text, flow,
      [&](std::ostream& out, std::size_t v) {
        out << "[label=" << boost::escape_dot_string(flow[v].text) << (flow[v].end ? ", peripheries=2" : "")
            << "]";
      },
      [&](std::ostream& out, const auto& e) {
        out << "[label=" << boost::escape_dot_string(flow[e].text) << "]";
      });
  return text.str();
}

} // namespace tdxcheck::graph
