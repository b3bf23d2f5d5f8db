// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A transition system up to renaming of interchangeable members: its states are the canonical forms of those
// of another one, and its moves are the moves of the form that stands for a state, in the names of that form.
// What no claim can tell apart is searched once. (Quotient structures; canonical_form.h has the literature.)
//
// A path here is a path there with its members renamed step by step; lift_run.h takes the renamings back.

#include "explore/canonical_form.h"

namespace tdxcheck::explore {

class QuotientSystem : public TransitionSystem {
public:
  // Both must outlive this, and belong to the same system.
  QuotientSystem(TransitionSystem& inner, CanonicalForm& form)
      : inner_(inner), form_(form), next_(inner.words()) {}

  [[nodiscard]] std::size_t words() const override { return inner_.words(); }
  [[nodiscard]] std::size_t bits() const override { return inner_.bits(); }
  void initial(SuccessorSink& sink) override {
    Canonical canonical(*this, sink);
    inner_.initial(canonical);
  }
  void successors(StateView state, SuccessorSink& sink) override {
    Canonical canonical(*this, sink);
    inner_.successors(state, canonical);
  }

private:
  class Canonical : public SuccessorSink {
  public:
    Canonical(QuotientSystem& system, SuccessorSink& sink) : system_(system), sink_(sink) {}
    void take(StateView next, Move move, std::uint8_t flags) override {
      // What has left a range means nothing, and its members need not exist.
      if ((flags & range_left) != 0) return sink_.take(next, move, flags);
      system_.form_.of(next, system_.next_.data());
      sink_.take(system_.next_, move, flags);
    }

  private:
    QuotientSystem& system_;
    SuccessorSink& sink_;
  };

  TransitionSystem& inner_;
  CanonicalForm& form_;
  std::vector<Word> next_;
};

} // namespace tdxcheck::explore
