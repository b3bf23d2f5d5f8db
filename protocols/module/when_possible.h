// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Control flow on parameters, left out where it is decided while the model is built. Of seamcall.cpp and
// take_and_release.cpp only.

#include <functional>
#include <stdexcept>

#include "protocols/module/locks.h"

namespace tdxcheck::protocols {

inline const auto no_place = dsl::ThreadBuilder::Place();

// Of whoever writes a leaf.
inline void expects(bool condition, const char* contract) {
  if (!condition) throw std::logic_error(contract);
}

// A literal, or a literal's negation, or a conjunction with a literal that decides it.
inline bool literally(bool value, const dsl::Expr& e) {
  const model::Expr& tree = e.tree();
  if (const auto* unary = std::get_if<model::Unary>(&tree.node().kind))
    return unary->op == model::UnaryOp::logical_not && literally(!value, dsl::Expr(unary->operand));
  if (const auto* both = std::get_if<model::Binary>(&tree.node().kind);
      both != nullptr && both->op == model::BinaryOp::logical_and) {
    const dsl::Expr left(both->left), right(both->right);
    return value ? literally(true, left) && literally(true, right)
                 : literally(false, left) || literally(false, right);
  }
  return value ? model::is_true(tree) : model::is_false(tree);
}

// Control flow on parameters, where there is any.
inline void when_possible(const dsl::Expr& condition, const dsl::Body& body, dsl::Location where) {
  if (literally(true, condition)) return body();
  if (!literally(false, condition)) dsl::when(condition, where).then(body);
}

inline void in_its_mode(const Mode& mode, const std::function<void(model::LockMode)>& body,
                        dsl::Location where) {
  if (literally(true, mode.exclusive())) return body(model::LockMode::exclusive);
  if (literally(false, mode.exclusive())) return body(model::LockMode::shared);
  dsl::when(mode.exclusive(), where).then([&] { body(model::LockMode::exclusive); }).otherwise([&] {
    body(model::LockMode::shared);
  });
}

} // namespace tdxcheck::protocols
