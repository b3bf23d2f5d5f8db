// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is left of a move where some fields are known: whether it can still happen, which other fields it
// reads, and what the known ones are afterwards. (Partial evaluation of the bytecode, online, over all its
// paths at once: N. D. Jones, C. K. Gomard, P. Sestoft, Partial Evaluation and Automatic Program Generation,
// 1993. Jumps lead forward only, so one pass does it; where paths meet, what differs is not known.)
//
// A thread's own label and locals are known wherever its tables are looked up: a guard on a local alone is
// decided, and `assoc[cpu]` is one cell and not all of them.
// Tests: partial_evaluation_test.cpp holds it against the bytecode.

#include <map>
#include <optional>
#include <vector>

#include "explore/bytecode.h"

namespace tdxcheck::explore {

struct KnownField {
  std::size_t field; // position in the layout
  model::Value value;
};

struct Residue {
  bool happens = false;    // for some values of the other fields, be it with a model error
  std::vector<bool> reads; // by field: besides those that are known
  // By known field: its value afterwards, where that is known as well.
  std::vector<std::optional<model::Value>> after;
};

class PartialEvaluation {
public:
  // Of the code as it is now. Both must outlive this.
  PartialEvaluation(const Code& code, const Layout& layout);

  [[nodiscard]] Residue of(std::size_t start, const std::vector<KnownField>& known);

private:
  struct State {
    std::vector<model::Value> registers; // constants first
    std::vector<bool> known;             // by register
    std::vector<std::optional<model::Value>> after;
  };
  using Addresses = std::vector<model::Value>;

  void begin(const std::vector<KnownField>& known);
  void perform(const Instruction& i);
  void compute(const Instruction& i);
  void load(const Instruction& i);
  void jump(const Instruction& i);
  void require(const Instruction& i);
  void patch(const Instruction& i);
  void store(std::size_t field, std::int32_t value);
  void store_somewhere(const Instruction& i);
  void lead_to(std::size_t at);
  void meet(State arrived);
  static void join(State& one, const State& other);
  [[nodiscard]] bool look(std::int32_t place);
  [[nodiscard]] Result run_one(const Instruction& i, const Instruction& then);
  [[nodiscard]] std::size_t at(std::int32_t place) const {
    return static_cast<std::size_t>(static_cast<std::int32_t>(constants_) + place);
  }
  void set(std::int32_t place, std::optional<model::Value> value);
  [[nodiscard]] Addresses addresses(std::int32_t place) const;

  const Code& code_;
  const Layout& layout_;
  const std::vector<Field>& fields_;
  std::size_t constants_;
  State unknown_;                     // all but the constants
  std::vector<std::size_t> position_; // by field: of the known ones, from 1
  std::optional<State> now_;          // none: this is not reached
  std::map<std::size_t, State> later_;
  std::map<std::int32_t, Addresses> addresses_; // by register, where that is not known
  Residue residue_;
  Code one_;
};

} // namespace tdxcheck::explore
