// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is true of a thread at a label whatever the run: locks held, IRQs and preemption, open operations and
// loops. A forward pass over the control flow of a model without silent steps (an instantiated one). A label
// that can be reached with two different contexts is a problem of the model.

#include <vector>

#include "model/model.h"
#include "model/validate.h"

namespace tdxcheck::model {

struct HeldLock {
  Id<Lock> lock;
  std::vector<Expr> instance;
  LockMode mode;
  friend bool operator==(const HeldLock&, const HeldLock&) = default;
};

struct LabelContext {
  bool reached = false;
  std::vector<HeldLock> held; // in the order of acquisition
  bool irqs_off = false;
  bool preempt_off = false;
  bool in_irq = false;
  std::vector<Id<Operation>> operations; // open, outermost first
  std::vector<Id<Loop>> loops;
  friend bool operator==(const LabelContext&, const LabelContext&) = default;
};

// By thread, by label. Problems are appended; a label keeps the context that reached it first. A release of
// what is not held changes nothing here (properties judge it).
[[nodiscard]] std::vector<std::vector<LabelContext>> label_contexts(const Model& model,
                                                                    std::vector<Problem>& problems);

} // namespace tdxcheck::model
