// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A sequence of symbolic states, each one move after the other. Private to prove/.

#include <vector>

#include "prove/claim.h"
#include "prove/encoding.h"

namespace tdxcheck::prove {

class Unrolling {
public:
  explicit Unrolling(const Encoding& encoding) : encoding_(encoding) { add_state(); }

  // One state more; what relates it to the one before (a move without a model error).
  [[nodiscard]] z3::expr extend();
  [[nodiscard]] std::size_t length() const { return selectors_.size(); }
  [[nodiscard]] const Symbols& state(std::size_t i) const { return states_[i]; }
  [[nodiscard]] const std::vector<Effect>& effects(std::size_t i) const { return effects_[i]; }
  [[nodiscard]] const z3::expr& selector(std::size_t i) const { return selectors_[i]; }
  // The move from state i violates the claim.
  [[nodiscard]] z3::expr move_breaks(const EncodedClaim& claim, std::size_t i) const;
  // Some move that is enabled in state i violates the claim (is a model error).
  [[nodiscard]] z3::expr some_move_breaks(const EncodedClaim& claim, std::size_t i) const;
  [[nodiscard]] z3::expr some_move_is_an_error(std::size_t i) const;
  // The states differ pairwise from the last one.
  [[nodiscard]] z3::expr last_is_new() const;

  // The run to state i, and one move more where `wanted` holds of it.
  [[nodiscard]] Run run_in(const z3::model& found, std::size_t i) const;
  [[nodiscard]] Move move_with(const z3::model& found, std::size_t i, bool error,
                               const EncodedClaim* breaks) const;

private:
  void add_state();

  const Encoding& encoding_;
  std::vector<Symbols> states_;
  std::vector<std::vector<Effect>> effects_;
  std::vector<z3::expr> selectors_;
};

} // namespace tdxcheck::prove
