// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// States and steps of a model in SMT-LIB. A state is an element of a sort without a meaning of its own, and a
// variable is a function of the state: so `trans` speaks of any two states, a run is as long as somebody
// declares states, and no solver needs more than functions, integers, bit-vectors and enumerations.
//
//   in_range s      every variable has a value that it is declared with
//   init s          s is an initial state
//   may STEP s      the step is enabled in s, and no model error
//   STEP s t        it leads from s to t
//   trans s t       some step does
//   model_error s   some step is enabled in s that would leave a range, name what does not exist, ...
//   same s t        every variable has the same value in both
//
// Private to emit/smt2_*.

#include "emit/smt2_expression.h"
#include "result/proof.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tdxcheck::emit::smt2 {

// A step of one thread with its choices made.
struct Move {
  std::size_t thread = 0; // position in Instance::threads
  const model::Step* step = nullptr;
  Speaker speaker; // in state s
  std::string name, symbol, may;
  Assumptions guard;
};

class System {
public:
  // `model` is instantiated but for the parameters in `any`. InputError for what cannot be said.
  System(const model::Model& model, const model::Valuation& valuation,
         const std::vector<result::AnyParameter>& any, const std::vector<result::OpenSet>& open = {});

  [[nodiscard]] const model::Instance& instance() const { return instance_; }
  [[nodiscard]] const Expressions& expressions() const { return expressions_; }
  [[nodiscard]] Names& names() { return names_; }
  [[nodiscard]] const std::vector<Move>& moves() const { return moves_; }
  // In s. A thread is one that exists.
  [[nodiscard]] std::string is_at(std::size_t thread, model::Id<model::Label> label) const;
  [[nodiscard]] std::string exists(std::size_t thread) const;

  // `rest` are definitions that use the system's, written before this is asked for.
  [[nodiscard]] std::string text(const std::string& rest) const;

private:
  struct Block {
    std::string name;
    std::optional<std::size_t> thread; // its label
    std::vector<std::size_t> cells;
    std::string symbol = {};
  };

  void refuse_what_cannot_be_said() const;
  void find_moves();
  void write_move(const Move& move);
  void find_blocks();
  [[nodiscard]] std::string stays(const Block& block, std::optional<std::size_t> but_thread,
                                  const std::vector<bool>& written) const;
  [[nodiscard]] std::string rest_stays(std::size_t thread, const std::vector<bool>& written) const;
  [[nodiscard]] std::string blocks() const;
  [[nodiscard]] std::string types() const;
  [[nodiscard]] std::string parameters() const;
  [[nodiscard]] std::string variables() const;
  [[nodiscard]] std::string in_range() const;
  [[nodiscard]] std::vector<std::string> start() const;
  [[nodiscard]] std::string same() const;

  model::Instance instance_;
  std::vector<result::AnyParameter> any_;
  Names names_;
  Expressions expressions_;
  std::vector<Move> moves_;
  std::vector<std::string> errors_;
  std::vector<Block> blocks_;
  std::string steps_, in_range_;
  std::vector<std::string> start_; // what initial states satisfy
};

} // namespace tdxcheck::emit::smt2
