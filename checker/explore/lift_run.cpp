// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/lift_run.h"

#include <algorithm>

#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

// The first state whose form is wanted, its move, and the renaming into the form.
class Find : public SuccessorSink {
public:
  Find(const InterpretedSystem& system, CanonicalForm* form, StateView wanted)
      : form_(form), wanted_(wanted), form_of_next_(system.words()), renaming(system.instance()) {}

  void take(StateView next, Move by, std::uint8_t flags) override {
    if (move || (flags & range_left) != 0) return;
    if (form_ != nullptr) form_->of(next, form_of_next_.data(), renaming);
    if (!std::ranges::equal(form_ != nullptr ? StateView(form_of_next_) : next, wanted_)) return;
    move = by;
    state.assign(next.begin(), next.end());
  }

private:
  CanonicalForm* form_;
  StateView wanted_;
  std::vector<Word> form_of_next_;

public:
  std::optional<Move> move;
  std::vector<Word> state;
  Renaming renaming;
};

} // namespace

void RunLifter::start(LiftedRun& run, StateNumber initial) {
  Find find(system_, form_, graph_.state(initial));
  system_.initial(find);
  support::ensures_internal(find.move.has_value(), "a path begins with an initial state");
  run.start = run.end = find.state;
  run.last = find.renaming.inverse();
}

// All moves are in the names of the form that the edge leaves.
void RunLifter::follow_way(LiftedRun& run, StateNumber from, StateNumber to) {
  const StateView wanted = graph_.state(to);
  std::vector<Word> form_of_end(system_.words());
  Renaming renaming(system_.instance());
  std::vector<Word> end;
  const std::vector<Move> moves = way_(graph_.state(from), [&](StateView state) {
    if (form_ != nullptr) form_->of(state, form_of_end.data(), renaming);
    if (!std::ranges::equal(form_ != nullptr ? StateView(form_of_end) : state, wanted)) return false;
    end.assign(state.begin(), state.end());
    return true;
  });
  support::ensures_internal(!moves.empty(), "a state is a successor of its parent");
  for (const Move move : moves)
    run.moves.push_back(form_ != nullptr ? renamed_move(system_, run.last, move) : move);
  run.end = form_ != nullptr ? renamed_state(system_, run.last, end) : end;
  if (form_ != nullptr) run.last = renaming.inverse().then(run.last);
}

void RunLifter::follow(LiftedRun& run, StateNumber from, StateNumber to) {
  if (way_) return follow_way(run, from, to);
  Find find(system_, form_, graph_.state(to));
  system_.successors(graph_.state(from), find);
  support::ensures_internal(find.move.has_value(), "a state is a successor of its parent");
  run.moves.push_back(form_ != nullptr ? renamed_move(system_, run.last, *find.move) : *find.move);
  run.end = form_ != nullptr ? renamed_state(system_, run.last, find.state) : find.state;
  run.last = find.renaming.inverse().then(run.last);
}

LiftedRun RunLifter::to(StateNumber state) {
  std::vector<StateNumber> path{state};
  while (graph_.parent[path.back()] != no_state) path.push_back(graph_.parent[path.back()]);
  std::ranges::reverse(path);
  LiftedRun run{{}, {}, Renaming(system_.instance()), {}};
  start(run, path.front());
  for (std::size_t i = 0; i + 1 < path.size(); ++i) follow(run, path[i], path[i + 1]);
  return run;
}

} // namespace tdxcheck::explore
