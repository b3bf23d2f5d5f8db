// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The value of an expression, by looking things up. Private to semantics/.

#include "semantics/interpreter.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace tdxcheck::semantics {

// What an expression may look at. What is missing here is not known; parameters and named guards always are.
struct Environment {
  const model::Instance& instance;
  const State* state = nullptr;
  std::optional<model::Value> self = {};
  std::map<std::uint32_t, model::Value> bound = {}; // by BoundName::number
};

// An expression that has no value in this state: it names a member that does not exist, or leaves 64 bits.
class NoValue : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

// Nothing: the value depends on what the environment does not know. `and`, `or`, `implies` and conditionals
// look at their second operand only if the first leaves the answer open.
[[nodiscard]] std::optional<model::Value> evaluate_if_known(const Environment& environment,
                                                            const model::Expr& expression);

// The value; InternalError if it is not known.
[[nodiscard]] model::Value evaluate(const Environment& environment, const model::Expr& expression);
[[nodiscard]] std::vector<model::Value> evaluate(const Environment& environment,
                                                 std::span<const model::Expr> expressions);

// The cell that the reference names here; NoValue if there is none.
[[nodiscard]] std::size_t cell_of(const Environment& environment, const model::VariableRef& reference);

// Guard and named conjuncts, without those that were dropped. Nothing: not known.
[[nodiscard]] std::optional<bool> guard_of(const Environment& environment, const model::Step& step);

} // namespace tdxcheck::semantics
