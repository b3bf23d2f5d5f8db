// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Stores that become visible late. Every other part assumes sequentially consistent memory; where a write
// barrier is the point, the protocol names one store that its CPU may delay, and this part keeps at most one
// such store per pCPU: later stores of that pCPU overtake it, smp_wmb() and release operations wait for it,
// and the thread `store_buffer[c]` makes it visible at any time, as all other pCPUs see it.
//
// That is enough to show what a missing smp_wmb() between two stores does, and no more: x86 itself keeps
// stores in order (there the barrier stops the compiler alone), two delayed stores never change places, and
// loads are never early, so an smp_rmb() has no effect on any run. The pCPU that delays a store must not load
// that cell before it is visible: the protocol sees to that or says why nobody does.

#include <functional>
#include <string>

#include "dsl/dsl.h"
#include "protocols/parts/cpus.h"

namespace tdxcheck::protocols {

class StoreBuffer {
public:
  // What the store writes to the cell.
  using Effect = std::function<void(dsl::StepWords&, const dsl::Expr& cell)>;

  // `store` is its text; there is one cell per member of `cells`. `delays`, over parameters: it may be late.
  StoreBuffer(dsl::Protocol& protocol, const Cpus& cpus, const dsl::IndexSet& cells, const std::string& store,
              Effect effect, const dsl::Expr& delays);

  // Visible at once, or later.
  void store(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Expr& cell,
             dsl::Location where = dsl::Location::current()) const;
  // This step stores to the cell, too: stores of one pCPU to one cell stay in order, so an older one that is
  // still on its way is never seen.
  void overwrites(dsl::StepWords& step, const dsl::Expr& cpu, const dsl::Expr& cell) const;
  // smp_wmb(), or a store with release semantics (`text`): what came before is visible.
  void drain(dsl::Thread& t, const dsl::Expr& cpu, const std::string& text = "smp_wmb()",
             dsl::Location where = dsl::Location::current()) const;
  // The threads store_buffer[c].
  void declare(dsl::Protocol& protocol) const;

private:
  dsl::IndexSet cpus_, cells_;
  std::string text_;
  Effect effect_;
  dsl::Expr delays_;
  dsl::Variable late_; // [cpu]: the cell of the delayed store
};

} // namespace tdxcheck::protocols
