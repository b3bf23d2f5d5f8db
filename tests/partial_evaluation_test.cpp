// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a move that can happen could be left out of a table, or a field that it reads: states would
// be lost, or invented. Held against the bytecode, on reached states and on any others.
#include "explore/partial_evaluation.h"

#include "explore/breadth_first_search.h"
#include "explore/interpreted_system.h"
#include "lower/instantiate.h"
#include "support/error.h"
#include "tests/dice.h"
#include "tests/generated_models.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace partial_evaluation_test {

using namespace tdxcheck;
using namespace tdxcheck::explore;
using model::Value;

struct Seen {
  std::uint64_t residues = 0, never = 0, known_afterwards = 0, fields_spared = 0;
};

// Any value of its range for each field that is not known.
std::vector<Value> anything(const Layout& layout, tests::Dice& dice) {
  std::vector<Value> values;
  for (const Field& field : layout.fields())
    values.push_back(field.low +
                     static_cast<Value>(dice.next() % static_cast<Word>(field.high - field.low + 1)));
  return values;
}

class Trial {
public:
  Trial(const model::Instance& instance, tests::Dice& dice, Seen& seen)
      : system_(instance), dice_(dice), seen_(seen), next_(system_.words()) {}

  void run() {
    PartialEvaluation evaluation(system_.code(), system_.layout());
    for (std::size_t t = 0; t < system_.moves().size(); ++t) {
      const std::vector<std::size_t>& own = system_.layout().fields_of(t);
      for (std::size_t m = 0; m < system_.moves()[t].moves.size(); ++m) {
        std::vector<Value> one = anything(system_.layout(), dice_);
        one[own.front()] = system_.step_of(move(t, m)).from.value;
        std::vector<KnownField> known;
        for (const std::size_t field : own) known.push_back({field, one[field]});
        hold(evaluation.of(system_.moves()[t].moves[m].program, known), own, move(t, m), one);
      }
    }
  }

private:
  static Move move(std::size_t t, std::size_t m) {
    return {static_cast<std::uint16_t>(t), static_cast<std::uint16_t>(m)};
  }

  Result perform(Move move, const std::vector<Value>& values) {
    state_.assign(system_.words(), 0);
    system_.layout().pack(values.data(), state_.data());
    system_.load(state_);
    return system_.perform(move, state_, next_.data());
  }

  void hold(const Residue& residue, const std::vector<std::size_t>& own, Move move,
            std::vector<Value> values) {
    ++seen_.residues;
    seen_.never += residue.happens ? 0 : 1;
    const std::vector<Value> first = values;
    const Result before = perform(move, values);
    for (int i = 0; i < 8; ++i) {
      const std::vector<Value> other = anything(system_.layout(), dice_);
      // What it does not read does not matter.
      for (std::size_t f = 0; f < values.size(); ++f)
        if (!residue.reads[f] && std::ranges::find(own, f) == own.end())
          values[f] = other[f], ++seen_.fields_spared;
      const Result after = perform(move, values);
      CHECK(after.outcome == before.outcome);
      if (after.outcome == Outcome::taken) CHECK(after.flags == before.flags);
      check_what_is_known(residue, own, after);
    }
    for (int i = 0; i < 8; ++i) {
      values = anything(system_.layout(), dice_);
      for (const std::size_t f : own) values[f] = first[f];
      check_what_is_known(residue, own, perform(move, values));
    }
  }

  void check_what_is_known(const Residue& residue, const std::vector<std::size_t>& own,
                           const Result& result) {
    if (result.outcome != Outcome::taken) return;
    CHECK(residue.happens);
    if ((result.flags & range_left) != 0) return;
    for (std::size_t k = 0; k < own.size(); ++k) {
      if (!residue.after[k]) continue;
      ++seen_.known_afterwards;
      CHECK(system_.layout().fields()[own[k]].read(next_.data()) == *residue.after[k]);
    }
  }

  InterpretedSystem system_;
  tests::Dice& dice_;
  Seen& seen_;
  std::vector<Word> state_, next_;
};

TEST_CASE("what is left of a move says whether it can happen, what it reads and what is known afterwards") {
  Seen seen;
  tests::Dice dice(7);
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    const model::Model written = tests::random_model(seed);
    const model::Valuation valuation = model::defaults(written);
    try {
      const model::Model instantiated = lower::instantiate(written, valuation);
      const model::Instance instance(instantiated, valuation);
      Trial(instance, dice, seen).run();
    } catch (const support::InputError&) {
      continue; // ill-formed
    }
  }
  CHECK(seen.never > 0);
  CHECK(seen.known_afterwards > 0);
  MESSAGE(seen.residues << " residues, " << seen.never << " never happen, " << seen.fields_spared
                        << " fields spared");
}

} // namespace partial_evaluation_test
