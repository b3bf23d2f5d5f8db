// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A model of a few lines, for tests of what one thing means:
//
//   Sketch s;
//   const auto x = s.boolean("x");
//   const auto t = s.thread("t", "a b end*");     // labels; `*` marks an end label, the first one is the
//   start s.step(t, "a", "b").updates = {set(x, truth(true))};

#include "model/model.h"
#include "semantics/interpreter.h"

#include <string>

namespace tdxcheck::tests {

struct Sketch {
  model::Model model;

  model::Id<model::Variable> boolean(const std::string& name, bool initial = false);
  model::Id<model::Variable> number(const std::string& name, model::Value low, model::Value high,
                                    model::Value initial = 0);
  // Of the thread, named THREAD.NAME.
  model::Id<model::Variable> local(model::Id<model::Thread> thread, const std::string& name, model::Value low,
                                   model::Value high, model::Value initial = 0);
  model::Id<model::IndexSet> set(const std::string& name, model::Value size);
  model::Id<model::Thread> thread(const std::string& name, const std::string& labels,
                                  std::optional<model::Id<model::IndexSet>> over = {});
  model::Id<model::Label> label(model::Id<model::Thread> thread, const std::string& name) const;
  // Weakly fair, always enabled, changes nothing.
  model::Step& step(model::Id<model::Thread> thread, const std::string& from, const std::string& to);
  model::Step& silent(model::Id<model::Thread> thread, const std::string& from, const std::string& to,
                      model::Expr guard = model::truth(true));
  void claim(const std::string& name, model::Claim claim);

  [[nodiscard]] model::Expr read(model::Id<model::Variable> variable) const;
  [[nodiscard]] semantics::Interpreter interpreter() const { return {model, model::defaults(model)}; }
};

[[nodiscard]] model::Update set(model::Id<model::Variable> variable, model::Expr value);

// The labels of all threads: "a b".
[[nodiscard]] std::string labels_of(const semantics::Interpreter& interpreter, const semantics::State& state);

} // namespace tdxcheck::tests
