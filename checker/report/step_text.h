// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The words for one step of a trace, shared by every way of showing it.

#include "result/trace.h"

#include <string>
#include <vector>

namespace tdxcheck::report {

// What happens: the step's own text, with the SEAMCALL where the text does not name it; "failed: TEXT" where
// the step is nothing but its failed assertion.
[[nodiscard]] std::string what_happens(const result::TraceStep& step);

// "takes tdx_lock", "takes mmu_lock (shared)", "TDR is busy", "drops TDR".
[[nodiscard]] std::string describe(const result::TraceLock& lock);

// "failed: KVM_BUG_ON(err, kvm)", one per assertion; not again what what_happens() says.
[[nodiscard]] std::vector<std::string> failures(const result::TraceStep& step);

// A kernel function as a heading.
[[nodiscard]] std::string with_parentheses(const std::string& function);

// "v=1, c=0", or nothing.
[[nodiscard]] std::string listed(const result::Names& names, const std::string& separator = ", ");

// Says where a step belongs to a function other than the one its thread was in before, as a heading does.
class FunctionHeadings {
public:
  // The function that the thread has entered (or come back to) with this step; empty if it is still in it.
  [[nodiscard]] std::string entered(const result::TraceStep& step);

private:
  result::Names in_;
};

// The threads of a trace in the order in which they first move.
[[nodiscard]] std::vector<std::string> threads_that_move(const result::Trace& trace);

} // namespace tdxcheck::report
