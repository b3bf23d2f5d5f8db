// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Expressions of the model that the prover makes: closed ones, about members that are named by number.

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "model/model.h"

namespace tdxcheck::prove {

// Self and bound names replaced by members.
struct Members {
  std::optional<model::Value> self = {};
  std::map<std::uint32_t, model::Value> bound = {};
};
[[nodiscard]] model::Expr with_members(const model::Expr& expression, const Members& members);

// Every literal's value replaced by what comes of it.
using ReplaceLiteral = std::function<model::Value(const model::Expr& literal, model::Value value)>;
[[nodiscard]] model::Expr with_literals(const model::Expr& expression, const ReplaceLiteral& replace);

// A literal if the expression is one once members are replaced (nothing is folded beyond that).
[[nodiscard]] std::optional<model::Value> member_value(const model::Expr& expression, const Members& members);

// Its parts, left to right.
[[nodiscard]] std::vector<model::Expr> operands(const model::Expr& expression);

[[nodiscard]] bool mentions(const model::Expr& expression, const model::BoundName& name);

// From the outside in: what `replacement` gives stands for the whole part. Logic of what is then true or
// false is folded.
[[nodiscard]] model::Expr
rewritten(const model::Expr& expression,
          const std::function<std::optional<model::Expr>(const model::Expr&)>& replacement);

[[nodiscard]] model::Expr conjunction_of(const std::vector<model::Expr>& all); // of none: true

// Conditions on where threads are. They need regions, which are added to the model as they are asked for.
class Places {
public:
  explicit Places(model::Model& model) : model_(model) {}
  // The thread (its member) is at one of the labels.
  [[nodiscard]] model::Expr is_at(model::Id<model::Thread> thread, model::Value member,
                                  const std::vector<model::Id<model::Label>>& labels);
  [[nodiscard]] model::Expr is_at(model::Id<model::Thread> thread, const model::Expr& member,
                                  const std::vector<model::Id<model::Label>>& labels);
  // How many of the thread's members are.
  [[nodiscard]] model::Expr how_many_at(model::Id<model::Thread> thread,
                                        const std::vector<model::Id<model::Label>>& labels);

private:
  [[nodiscard]] model::Id<model::Region> region(model::Id<model::Thread> thread,
                                                const std::vector<model::Id<model::Label>>& labels);

  model::Model& model_;
};

} // namespace tdxcheck::prove
