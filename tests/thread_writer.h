// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Writes one random thread as structured code (sequence, branch, bounded loop, locked section), which is what
// keeps locks, interrupts, operations and loops a function of the label.

#include "model/model.h"
#include "tests/dice.h"
#include "tests/generated_expressions.h"

#include <set>
#include <string>
#include <vector>

namespace tdxcheck::tests {

// What the threads of one generated model have in common.
struct Generated {
  model::Model model;
  std::vector<model::Id<model::Variable>> taken; // by lock: the boolean that stands for it
  std::uint32_t next_bound = 0;
  bool may_leave_ranges = false;
  bool may_be_undecided = false; // silent branches that do not always decide
};

class ThreadWriter {
public:
  // The thread is in the model already, empty.
  ThreadWriter(Dice& dice, Generated& all, model::Id<model::Thread> thread);
  void write();

private:
  using Place = model::Id<model::Label>;

  struct LockUse {
    model::Id<model::Lock> lock;
    std::vector<model::Expr> instance;
    model::LockMode mode;
    friend bool operator==(const LockUse&, const LockUse&) = default;
  };

  model::Thread& thread() { return all_.model.threads[id_]; }
  Surroundings surroundings(bool silent = false);
  Place fresh();
  model::Step step(Place from, Place to);
  void go(model::Step made) { thread().steps.push_back(std::move(made)); }

  void sequence(int statements, int depth);
  void statement(int depth);
  void plain();
  void decorate(model::Step& made, ExpressionMaker& maker);
  void update(model::Step& made, ExpressionMaker& maker);
  void silent_assignment(bool at_start = false);
  void open_branch(int depth);
  void silent_branch(int depth);
  void bounded_loop(int depth);
  void locked(int depth);
  void tried(int depth);
  void without_irqs(int depth);
  void take(const LockUse& use, model::LockAction action);
  void give(const LockUse& use);
  bool can_share(model::Id<model::Lock> lock) const;
  LockUse some_lock();
  model::VariableRef boolean_of(const LockUse& use);
  void slip(const LockUse& use);
  void finish();

  Dice& dice_;
  Generated& all_;
  model::Id<model::Thread> id_;
  Place here_{};
  int branches_ = 0;        // that are open around here
  bool unbalanced_ = false; // a lock or a context is left behind: the thread must not go round
  std::vector<LockUse> held_;
  std::set<model::ContextAction> off_;
};

} // namespace tdxcheck::tests
