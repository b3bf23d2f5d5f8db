// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/judge.h"

#include <algorithm>

namespace tdxcheck::explore {

Judge::Judge(InterpretedSystem& system, const Contexts& contexts, const std::vector<std::string>& properties,
             bool until_first_violation)
    : system_(system), coverage_(system), until_first_violation_(until_first_violation) {
  const auto& all = system.instance().model().properties;
  for (std::size_t p = 0; p < all.size(); ++p) {
    const bool asked = std::find(properties.begin(), properties.end(), all[p].name) != properties.end();
    if (!properties.empty() && !asked) continue;
    cases_.push_back({&all[p], p, watch_for(system, contexts, all[p]), {}});
  }
  for (Case& c : cases_) {
    if (!c.watch) continue;
    open_.push_back(&c);
    if (c.watch->looks_at_states()) open_to_states_.push_back(&c);
    if (c.watch->looks_at_moves()) open_to_moves_.push_back(&c);
    if (c.watch->looks_at_ends()) open_to_ends_.push_back(&c);
  }
  for (const model::ThreadInstance& who : system.instance().threads()) {
    std::vector<std::uint8_t>& end = end_.emplace_back();
    for (const model::Label& label : system.instance().model().threads[who.thread].labels)
      end.push_back(label.end ? 1 : 0);
  }
}

bool Judge::all_ended(StateView state) const {
  for (std::size_t t = 0; t < end_.size(); ++t)
    if (end_[t][system_.label(state, t).value] == 0) return false;
  return true;
}

bool Judge::asks_for_no_deadlock() const {
  return std::any_of(cases_.begin(), cases_.end(), [](const Case& c) {
    return std::holds_alternative<model::NoDeadlock>(c.property->claim);
  });
}

void Judge::settle(Case& settled, StateNumber state, std::optional<Move> move, Sighting sighting) {
  settled.finding = Finding{state, move, std::move(sighting)};
  violated_ = violated_ || !settled.looks_for_a_witness();
}

void Judge::close_settled() {
  for (std::vector<Case*>* open : {&open_, &open_to_states_, &open_to_moves_, &open_to_ends_}) {
    std::erase_if(*open, [](const Case* c) { return c->finding.has_value(); });
  }
}

void Judge::ask_for_moves(TransitionSystem& system) const {
  every_move(system_, [&](Move move) {
    for (const Case* c : open_to_moves_)
      if (c->watch->looks_at_move(move)) return system.show(move);
  });
}

void Judge::found(const ReachedGraph& graph, StateNumber first, StateNumber end) {
  const bool anything = !open_to_states_.empty() || !open_to_ends_.empty() || coverage_.looks_at_states();
  // Only an initial state is a start, and there are none behind others.
  for (StateNumber state = first; state < end; ++state)
    if (anything || graph.parent[state] == no_state) look_at(graph, state);
    else break;
}

void Judge::look_at(const ReachedGraph& graph, StateNumber state) {
  const StateView view = graph.state(state);
  system_.load(view);
  bool settled = false;
  const auto take = [&](Case& c, std::optional<Sighting> sighting) {
    if (!sighting || c.finding) return;
    settle(c, state, {}, std::move(*sighting));
    settled = true;
  };
  for (Case* c : open_to_states_) take(*c, c->watch->at_state(view));
  if (!open_to_ends_.empty() && all_ended(view)) {
    for (Case* c : open_to_ends_) take(*c, c->watch->at_end(view));
  }
  if (graph.parent[state] == no_state) {
    for (Case* c : open_) take(*c, c->watch->at_start());
  }
  coverage_.at_state(view);
  if (settled) close_settled();
}

void Judge::flagged(const ReachedGraph& graph, StateNumber from, Move move, std::uint8_t flags) {
  bool settled = false;
  for (Case* c : open_to_moves_) {
    auto sighting = c->watch->at_move(graph.state(from), move, flags);
    if (!sighting) continue;
    settle(*c, from, move, std::move(*sighting));
    settled = true;
  }
  if (settled) close_settled();
}

void Judge::add(const Judge& other, const ReachedGraph& graph) {
  const auto depth = [&](const Finding& finding) {
    const auto level = std::ranges::upper_bound(graph.level, finding.state);
    return (level - graph.level.begin()) + (finding.move ? 1 : 0);
  };
  const auto is_nearer = [&](const Finding& a, const Finding& b) {
    if (depth(a) != depth(b)) return depth(a) < depth(b);
    return std::ranges::lexicographical_compare(graph.state(a.state), graph.state(b.state));
  };
  for (std::size_t i = 0; i < cases_.size(); ++i) {
    const std::optional<Finding>& theirs = other.cases_[i].finding;
    std::optional<Finding>& ours = cases_[i].finding;
    if (theirs && (!ours || is_nearer(*theirs, *ours))) ours = theirs;
  }
  violated_ = violated_ || other.violated_;
  coverage_.add(other.coverage_);
}

void Judge::stopped(const ReachedGraph& graph, StateNumber state) {
  for (Case* c : open_) {
    if (auto sighting = c->watch->at_stop(graph.state(state))) settle(*c, state, {}, std::move(*sighting));
  }
  close_settled();
}

} // namespace tdxcheck::explore
