// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Compiles expressions into bytecode, evaluating on the way whatever is known: the member of the thread,
// choices, bound names of quantifiers (which are unrolled: a set has at most 62 members). An index that is
// known costs nothing, so that `busy[self]` is an operand, not a computation.
//
// `and`, `or`, `implies`, conditionals and quantifiers look no further than the answer needs, by jumps where
// looking further could go wrong or cost much. The one liberty: an operand that decides whatever the other
// is (`x && false`) wins even if the other one, before it, would have no value.

#include <map>
#include <optional>
#include <vector>

#include "explore/bytecode.h"
#include "model/instance.h"

namespace tdxcheck::explore {

// What is known where an expression stands.
struct Surroundings {
  std::optional<model::Value> self = {};
  std::map<std::uint32_t, model::Value> bound = {}; // by BoundName::number
};

// A register, or a value that is known.
struct Operand {
  std::int32_t place = 0;
  std::optional<model::Value> known = {};
};

[[nodiscard]] inline Operand known(model::Value value) { return {0, value}; }

class ExpressionCompiler {
public:
  // Appends to `code`; intermediate registers are numbered from the first free one on, for each program anew.
  ExpressionCompiler(const model::Instance& instance, Code& code, Surroundings surroundings)
      : instance_(instance), code_(code), surroundings_(std::move(surroundings)), next_(state_registers()) {}

  [[nodiscard]] Operand value(const model::Expr& expression);
  // The step is not enabled unless it holds. False if it never does; then nothing more need be compiled.
  [[nodiscard]] bool require(const model::Expr& condition);
  // The number of the cell (or, past the cells, of the label) that the reference names.
  [[nodiscard]] Operand cell(const model::VariableRef& reference);

  [[nodiscard]] std::int32_t in_register(const Operand& operand);
  std::size_t emit(Instruction instruction);
  void land(std::size_t jump); // the jump at that position leads here
  [[nodiscard]] std::int32_t fresh();

private:
  class Nodes;

  [[nodiscard]] std::int32_t state_registers() const {
    return static_cast<std::int32_t>(instance_.cells().size() + instance_.threads().size());
  }
  [[nodiscard]] Operand logic(model::BinaryOp op, const model::Expr& left, const model::Expr& right);
  [[nodiscard]] Operand binary(model::BinaryOp op, const model::Expr& left, const model::Expr& right);
  [[nodiscard]] Operand unary(model::UnaryOp op, const model::Expr& operand);
  [[nodiscard]] Operand conditional(const model::Conditional& conditional);
  [[nodiscard]] Operand wrapped(const model::Wrap& wrap);
  [[nodiscard]] Operand quantified(const model::Quantified& quantified);
  [[nodiscard]] Operand counted(const model::Quantified& quantified);
  [[nodiscard]] Operand in_region(const model::InRegion& in);
  [[nodiscard]] Operand at_one_of(std::int32_t label, const std::vector<model::Id<model::Label>>& labels);
  [[nodiscard]] Operand computed(Op op, const Operand& a, const Operand& b);
  [[nodiscard]] Operand member_of(const Operand& sum, const Operand& member, model::Value size,
                                  model::Value stride);
  [[nodiscard]] bool require_comparison(const model::Binary& comparison);

  const model::Instance& instance_;
  Code& code_;
  Surroundings surroundings_;
  std::int32_t next_;
};

} // namespace tdxcheck::explore
