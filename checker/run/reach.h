// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "explore/check.h"
#include "explore/explored.h"
#include "result/verdict.h"
#include "run/target.h"

namespace tdxcheck::run {

// The whole reached graph of a target, for analyses that judge no property. Everything refers to everything:
// it stays where it is.
class Reach {
public:
  // Of the options: budgets and progress. Refuses an ill-formed model.
  Reach(const Target& target, const explore::Options& options);
  Reach(const Reach&) = delete;
  Reach& operator=(const Reach&) = delete;

  [[nodiscard]] bool is_complete() const { return search_.stop == explore::Stop::complete; }
  [[nodiscard]] std::string incomplete_because() const { return explore::because(search_.stop); }
  [[nodiscard]] std::optional<result::ModelError> model_error();
  [[nodiscard]] const model::Model& instantiated() const { return instantiated_; }
  [[nodiscard]] explore::Explored explored() { return {written_, system_, contexts_, search_.graph, &told_}; }

private:
  model::Model instantiated_, searched_;
  model::Instance written_, instance_, told_instance_;
  explore::InterpretedSystem system_, told_; // of what is searched, and of the instantiated model
  explore::Contexts contexts_;
  explore::Search search_;
};

} // namespace tdxcheck::run
