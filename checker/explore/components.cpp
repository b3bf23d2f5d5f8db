// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/components.h"

#include <numeric>

#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

// One number per state: 0 not visited; while it is open, the smallest visit number known to be reachable;
// once its component is complete, a number from the top downwards. Visit numbers and component numbers cannot
// meet, because each closed state frees its visit number.
template <class Part>
class Pearce {
public:
  Pearce(const ReachedGraph& graph, const Part& part)
      : graph_(graph), part_(part), number_(graph.states(), 0), component_(graph.states()) {}

  Components run() {
    for (StateNumber root = 0; root < graph_.states(); ++root) {
      if (number_[root] == 0 && part_.has(root)) visit(root);
    }
    const StateNumber last = graph_.states();
    Components result{std::move(number_), last - component_};
    for (StateNumber& number : result.of) number = number == 0 ? no_component : last - number;
    return result;
  }

private:
  struct Open {
    StateNumber state;
    bool is_root;
    std::uint64_t edge;
  };

  void begin(StateNumber state) {
    call_.push_back({state, true, graph_.rows[state]});
    number_[state] = ++visited_;
  }

  // A state whose successor has the smaller number is not the root of its component.
  void see(Open& open, StateNumber successor) {
    if (number_[successor] < number_[open.state]) {
      number_[open.state] = number_[successor];
      open.is_root = false;
    }
  }

  void visit(StateNumber root) {
    begin(root);
    while (!call_.empty()) {
      Open& open = call_.back();
      if (open.edge < graph_.rows[open.state + 1]) {
        if (!part_.has_edge(graph_, open.edge)) {
          ++open.edge;
          continue;
        }
        const StateNumber successor = graph_.target[open.edge];
        if (number_[successor] == 0) {
          begin(successor); // and looked at again when it is done
          continue;
        }
        see(open, successor);
        ++open.edge;
      } else {
        end();
      }
    }
  }

  void end() {
    const Open done = call_.back();
    call_.pop_back();
    if (!done.is_root) {
      members_.push_back(done.state);
      return;
    }
    while (!members_.empty() && number_[members_.back()] >= number_[done.state]) {
      close(members_.back());
      members_.pop_back();
    }
    close(done.state);
    --component_;
  }

  void close(StateNumber state) {
    number_[state] = component_;
    --visited_;
  }

  const ReachedGraph& graph_;
  const Part& part_;
  std::vector<StateNumber> number_;
  StateNumber component_; // the number of the next component, counting down
  StateNumber visited_ = 0;
  std::vector<Open> call_;
  std::vector<StateNumber> members_;
};

struct Everything {
  [[nodiscard]] static constexpr bool has(StateNumber) { return true; }
  [[nodiscard]] static constexpr bool has_edge(const ReachedGraph&, std::uint64_t) { return true; }
};

template <class Part>
Components components_of(const ReachedGraph& graph, const Part& part) {
  support::expects(graph.rows.size() == std::size_t{graph.states()} + 1,
                   "components need the rows of the graph");
  return Pearce<Part>(graph, part).run();
}

} // namespace

Components strongly_connected_components(const ReachedGraph& graph) {
  return components_of(graph, Everything{});
}

Components strongly_connected_components(const ReachedGraph& graph, const Subgraph& part) {
  return components_of(graph, PartView(graph, part));
}

ByComponent by_component(const Components& components) {
  ByComponent sorted{std::vector<StateNumber>(std::size_t{components.count} + 1, 0), {}};
  for (const StateNumber c : components.of)
    if (c != no_component) ++sorted.first[c + 1];
  std::partial_sum(sorted.first.begin(), sorted.first.end(), sorted.first.begin());
  sorted.states.resize(sorted.first.back());
  std::vector<StateNumber> next(sorted.first.begin(), sorted.first.end() - 1);
  for (StateNumber s = 0; s < components.of.size(); ++s)
    if (components.of[s] != no_component) sorted.states[next[components.of[s]]++] = s;
  return sorted;
}

} // namespace tdxcheck::explore
