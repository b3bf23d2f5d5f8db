// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/continuations.h"

#include <deque>
#include <set>

namespace tdxcheck::audit {

using semantics::Action;
using semantics::State;

Searched continuations(const semantics::Interpreter& interpreter, const State& from, std::size_t most,
                       const std::function<bool(const State&, std::span<const Action>)>& look) {
  std::set<State> found = {from};
  std::deque<const State*> open = {&*found.begin()};
  for (; !open.empty(); open.pop_front()) {
    const std::vector<Action> actions = interpreter.actions(*open.front());
    if (!look(*open.front(), actions)) return Searched::stopped;
    for (const Action& action : actions) {
      if (action.model_error) continue;
      const auto [state, is_new] = found.insert(action.next);
      if (is_new) open.push_back(&*state);
    }
    if (found.size() > most) return Searched::gave_up;
  }
  return Searched::all;
}

} // namespace tdxcheck::audit
