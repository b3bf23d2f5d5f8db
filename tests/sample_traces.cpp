// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sample_traces.h"

#include <fmt/format.h>

namespace tdxcheck::tests {
namespace {

using result::TraceStep;

TraceStep step(const std::string& thread, const std::string& from, const std::string& to,
               const std::string& text) {
  TraceStep made;
  made.thread = thread;
  made.domain = "host";
  made.from = from;
  made.to = to;
  made.text = text;
  made.source = "protocols/sample.cpp:12";
  return made;
}

TraceStep in(TraceStep made, const std::string& function, const std::string& call,
             const std::string& status) {
  made.function = function;
  made.call = call;
  made.status = status;
  return made;
}

TraceStep with_lock(TraceStep made, const std::string& lock, const std::string& event,
                    const std::string& mode) {
  made.locks.push_back({lock, event, mode});
  return made;
}

TraceStep on(TraceStep made, int cpu) {
  made.cpu = cpu;
  return made;
}

} // namespace

result::Trace sample_race() {
  result::Trace trace;
  trace.target = "sample@race";
  trace.parameters = {{"retries", "1"}, {"kick", "true"}, {"form", "v19"}, {"limit", "unlimited"}};
  trace.without = {"mmu_lock"};
  trace.property = "no_kvm_bug";
  trace.initial = {{"at vcpu[0]", "run.1"}, {"at vcpu[1]", "load.1"}, {"assoc[0]", "0"},
                   {"vm_dead", "false"},    {"waiting", "{0,2}"},     {"owner", "none"}};
  trace.steps = {
      on(with_lock(in(step("vcpu[0]", "run.1", "run.2", "TDVPR shared"), "tdx_vcpu_run", "TDH.VP.ENTER", ""),
                   "TDVPR[0]", "try_acquire", "shared"),
         0),
      on(with_lock(in(step("vcpu[1]", "load.1", "load.2", "TDVPR exclusive"), "tdx_flush_vp", "TDH.VP.FLUSH",
                      "TDX_OPERAND_BUSY"),
                   "TDVPR[0]", "busy", "exclusive"),
         1),
      on(with_lock(in(step("vcpu[0]", "run.2", "run.3", "the guest exits"), "tdx_vcpu_run", "TDH.VP.ENTER",
                      "TDX_SUCCESS"),
                   "TDVPR[0]", "release", "shared"),
         0),
      on(in(step("vcpu[1]", "load.2", "load.3", "KVM_BUG_ON(err, kvm)"), "tdx_flush_vp", "", ""), 1),
  };
  trace.steps[0].choices = {{"c", "0"}};
  trace.steps[1].domain = "module";
  trace.steps[2].changed = {{"assoc[0]", "none"}};
  trace.steps[3].changed = {{"vm_dead", "true"}};
  trace.steps[3].failed = {"KVM_BUG_ON(err, kvm)"};
  trace.final = trace.initial;
  trace.final["assoc[0]"] = "none";
  trace.final["vm_dead"] = "true";
  trace.final["at vcpu[0]"] = "run.3";
  trace.final["at vcpu[1]"] = "load.3";
  return trace;
}

result::Trace sample_lasso() {
  result::Trace trace;
  trace.target = "sample";
  trace.property = "no_livelock";
  trace.shape = result::TraceShape::lasso;
  trace.loop = 1;
  trace.initial = {{"at zap", "zap.1"}, {"at guest", "accept.1"}};
  trace.steps = {
      in(step("zap", "zap.1", "zap.2", "write_lock(mmu_lock)"), "tdx_sept_zap", "", ""),
      in(step("guest", "accept.1", "accept.1", "locks the entry, gives it back"), "", "TDG.MEM.PAGE.ACCEPT",
         "TDX_SUCCESS"),
      in(step("zap", "zap.2", "zap.2", "entry exclusive"), "tdx_sept_zap", "TDH.MEM.RANGE.BLOCK",
         "TDX_OPERAND_BUSY"),
  };
  trace.final = {{"at zap", "zap.2"}, {"at guest", "accept.1"}};
  return trace;
}

result::Trace sample_crowd(int threads, int rounds) {
  result::Trace trace;
  trace.target = "crowd";
  trace.property = "no_deadlock";
  for (int round = 0; round < rounds; ++round)
    for (int thread = 0; thread < threads; ++thread)
      trace.steps.push_back(
          in(step(fmt::format("a_thread_with_a_rather_long_name[{}]", thread), "a", "a",
                  "takes → every-thing_that_there_is_in_one_word_without_any_space and_then_some…"),
             "__kvm_function_with_a_long_name_smp_func_do_phymem_cache_wb", "", ""));
  return trace;
}

} // namespace tdxcheck::tests
