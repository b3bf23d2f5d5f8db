// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a state, or a move from it, shows to be violated of one claim. Private to prove/.

#include <string>
#include <vector>

#include "prove/encoding.h"
#include "prove/features.h"

namespace tdxcheck::prove {

// Which claims say something of single states and moves. Of no_deadlock, the half that says that nothing
// stops; the other half is about what may follow.
[[nodiscard]] bool is_about_states(const model::Claim& claim);

class EncodedClaim {
public:
  // Refers to both. InputError for a claim that is not about states.
  EncodedClaim(const Encoding& encoding, const model::Property& property);

  // Before any step, whatever the state.
  [[nodiscard]] bool broken_at_start() const { return broken_at_start_; }
  [[nodiscard]] z3::expr broken_in(const Symbols& state, const std::vector<Effect>& effects) const;
  [[nodiscard]] bool looks_at(std::size_t move) const { return !in_move_[move].empty(); }
  // By taking the move, given that it is enabled.
  [[nodiscard]] z3::expr broken_by(const Symbols& state, std::size_t move) const;
  // What the claim says of single states and of what is enabled in them, as closed expressions; or of states
  // as a whole alone.
  [[nodiscard]] std::vector<model::Expr> as_lemmas(const Features& features) const;
  [[nodiscard]] const std::vector<model::Expr>& conditions() const { return must_hold_; }
  // The claim is made at all: a condition on parameters.
  [[nodiscard]] z3::expr is_made() const;

private:
  void speak_of(const model::Always& claim);
  void speak_of(const model::Asserted& claim);
  void speak_of(const model::NoDeadlock& claim);
  void speak_of(const model::LockDiscipline& claim);
  void speak_of(const model::Balanced& claim);
  void speak_of(const model::Retries& claim);
  template <class Other>
  void speak_of(const Other& claim);
  [[nodiscard]] z3::expr all_ended(const Symbols& state) const;
  [[nodiscard]] z3::expr others_ended(model::Id<model::Thread> thread) const;
  [[nodiscard]] z3::expr stopped(const Symbols& state, const std::vector<Effect>& effects) const;

  struct AtLabel {
    std::size_t thread;
    model::Id<model::Label> label;
    model::Expr condition;
    Surroundings here;
  };

  const Encoding& encoding_;
  const model::Property& property_;
  bool broken_at_start_ = false;
  bool about_stops_ = false;
  std::vector<model::Expr> must_hold_, must_hold_at_the_end_; // closed
  std::vector<AtLabel> at_label_;
  std::vector<std::vector<model::Expr>> in_move_; // by move
};

} // namespace tdxcheck::prove
