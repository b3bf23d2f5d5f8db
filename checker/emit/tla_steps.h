// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The steps of a model as actions of TLA+, by name. Private to emit/.

#include "emit/tla_expression.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tdxcheck::emit {

// The variables of the module in groups, each with a name for the tuple of all of them: those that are
// shared, and for each thread its locals and where it is.
struct TlaVariables {
  std::string name; // "vcpu_vars"
  std::vector<model::Id<model::Variable>> variables;
  std::vector<std::string> names; // of the variables; a thread's place comes last
};

class TlaSteps {
public:
  TlaSteps(const model::Instance& instance, Identifiers& names, const TlaExpressions& expressions);

  // "vcpu_enter(self)", or without `(self)` for a single thread.
  [[nodiscard]] std::string call(model::Id<model::Thread> thread, std::size_t step) const;
  // Any step of the thread.
  [[nodiscard]] std::string call(model::Id<model::Thread> thread) const;
  // One of the chosen steps: "(A(self) \/ B(self))"; empty if there are none.
  [[nodiscard]] std::string any_of(model::Id<model::Thread> thread,
                                   const std::vector<std::size_t>& steps) const;
  // "\A self \in vcpu : ", empty for a single thread.
  [[nodiscard]] std::string for_member(const char* quantifier, model::Id<model::Thread> thread) const;
  // What stands for the thread's member; empty for a single thread.
  [[nodiscard]] std::string self(model::Id<model::Thread> thread) const;
  // "(self)", likewise.
  [[nodiscard]] std::string arguments(model::Id<model::Thread> thread) const;

  [[nodiscard]] const std::vector<TlaVariables>& variables() const { return variables_; }

  // The definitions: every step, every thread, Next.
  [[nodiscard]] std::string definitions() const;
  // "the thread is at the label, and this way to choose is open", for claims: what quantifies over the
  // choices stands in front.
  struct Enabled {
    std::string quantified; // "\A self \in vcpu, g \in gfn : "
    std::string condition;
    TlaExpressions::Scope scope;
  };
  [[nodiscard]] Enabled enabled(model::Id<model::Thread> thread, const model::Step& step) const;

private:
  [[nodiscard]] TlaExpressions::Scope scope_of(model::Id<model::Thread> thread, const model::Step& step,
                                               std::vector<std::string>& binders) const;
  [[nodiscard]] std::string definition(model::Id<model::Thread> thread, std::size_t step) const;

  const model::Instance* instance_;
  const TlaExpressions* expressions_;
  std::vector<TlaVariables> variables_;
  std::vector<std::vector<std::string>> names_; // by thread, by step
};

// Whether the step may leave the state as it is: TLA+ cannot tell that from no step at all.
[[nodiscard]] bool may_stutter(const model::Step& step);

// Text behind "\* ", on one line.
[[nodiscard]] std::string tla_comment(const std::string& text);

} // namespace tdxcheck::emit
