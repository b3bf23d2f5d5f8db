// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/unrolling.h"

#include "support/contract.h"

namespace tdxcheck::prove {

void Unrolling::add_state() {
  states_.push_back(encoding_.fresh(std::to_string(states_.size())));
  effects_.push_back(encoding_.effects(states_.back()));
}

z3::expr Unrolling::extend() {
  const std::size_t i = states_.size() - 1;
  selectors_.push_back(encoding_.selector(std::to_string(i)));
  add_state();
  return encoding_.step(states_[i], effects_[i], states_[i + 1], selectors_[i]);
}

z3::expr Unrolling::move_breaks(const EncodedClaim& claim, std::size_t i) const {
  const Terms& terms = encoding_.terms();
  z3::expr any = encoding_.context().bool_val(false);
  for (std::size_t m = 0; m < encoding_.moves().size(); ++m) {
    if (!claim.looks_at(m)) continue;
    any = terms.either(any, terms.both(encoding_.selects(selectors_[i], m), claim.broken_by(states_[i], m)));
  }
  return any;
}

z3::expr Unrolling::some_move_breaks(const EncodedClaim& claim, std::size_t i) const {
  const Terms& terms = encoding_.terms();
  z3::expr any = encoding_.context().bool_val(false);
  for (std::size_t m = 0; m < encoding_.moves().size(); ++m)
    if (claim.looks_at(m))
      any = terms.either(any, terms.both(effects_[i][m].enabled, claim.broken_by(states_[i], m)));
  return any;
}

z3::expr Unrolling::some_move_is_an_error(std::size_t i) const {
  const Terms& terms = encoding_.terms();
  z3::expr any = encoding_.context().bool_val(false);
  for (const Effect& effect : effects_[i]) any = terms.either(any, terms.both(effect.enabled, effect.error));
  return any;
}

z3::expr Unrolling::last_is_new() const {
  z3::expr all = encoding_.context().bool_val(true);
  for (std::size_t i = 0; i + 1 < states_.size(); ++i)
    all = encoding_.terms().both(all, !encoding_.same(states_[i], states_.back()));
  return all;
}

Run Unrolling::run_in(const z3::model& found, std::size_t last) const {
  Run run;
  run.parameters = encoding_.parameters_in(found);
  for (std::size_t i = 0; i <= last; ++i) run.states.push_back(encoding_.state_in(found, states_[i]));
  for (std::size_t i = 0; i < last; ++i)
    run.moves.push_back(encoding_.moves()[encoding_.move_in(found, selectors_[i])]);
  return run;
}

Move Unrolling::move_with(const z3::model& found, std::size_t i, bool error,
                          const EncodedClaim* breaks) const {
  for (std::size_t m = 0; m < encoding_.moves().size(); ++m) {
    z3::expr wanted = effects_[i][m].enabled;
    if (error) wanted = encoding_.terms().both(wanted, effects_[i][m].error);
    if (breaks != nullptr) wanted = encoding_.terms().both(wanted, breaks->broken_by(states_[i], m));
    if (found.eval(wanted, true).is_true()) return encoding_.moves()[m];
  }
  support::ensures_internal(false, "a move that a formula asks for is in its model");
  return {};
}

} // namespace tdxcheck::prove
