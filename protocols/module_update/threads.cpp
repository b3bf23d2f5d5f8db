// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of module_update, and the order in which they are declared. The essay is at the head of
// module_update.cpp.

#include "protocols/module_update/module_update.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;
using model::Domain;
using model::Fairness;

void ModuleUpdate::vcpu_thread(Thread& t) {
  const Variable on = t.local("cpu", dsl::index(cpu), 0);
  t.runs_on(on);
  t.forever([&] {
    t.may_stop_here();
    t.function("tdx_vcpu_run", [&] {
      t.step("preempt_disable()").some(cpu, "c", [&](StepWords& step, const Expr& c) {
        step.when(runs_tasks(c)).set(on, c).set(preempt_off[c], true).fair(Fairness::none);
      });
      t.call("TDH.VP.ENTER", Domain::module, [&] {
        t.step("TDH.VP.ENTER")
            .set(lp_busy[on], true)
            .asserts("no_seamcall_between", !somebody_updates(), "no pCPU is in the update");
        t.one_of({[&] {
                    t.step("the module is not ready").when(sys_state != "SYS_READY").set(lp_busy[on], false);
                    t.step("preempt_enable(); the error kills the VM").set(preempt_off[on], false);
                    t.let(on, 0);
                    t.end();
                  },
                  [&] { t.step("the guest runs").when(sys_state == "SYS_READY"); }});
        t.one_of({[&] { t.step("TD exit of the guest's own").fair(Fairness::none).set(lp_busy[on], false); },
                  [&] {
                    t.step("TD exit: the stopper's IPI")
                        .when(stopping[on] || (offlining && on == hotplugged()))
                        .set(lp_busy[on], false);
                  }});
      });
      t.step("preempt_enable()").set(preempt_off[on], false);
      t.let(on, 0);
    });
  });
}

void ModuleUpdate::reader_thread(Thread& t) {
  const Variable on = t.local("cpu", dsl::index(cpu), 0);
  const Variable seen = t.local("seen", dsl::integer(0, 2), 0);
  const Variable gave_up = t.local("gave_up", dsl::boolean(), false);
  t.runs_on(on);
  // One step: nothing can stop a SEAMCALL, and the module looks at its own state only.
  const auto read_field = [&](const std::string& text, const std::function<Expr(const Expr&)>& possible,
                              const std::function<void(StepWords&)>& say) {
    t.call("TDH.SYS.RD", Domain::module, [&] {
      t.step(text).some(cpu, "c", [&](StepWords& step, const Expr& c) {
        step.when(possible(c))
            .set_if(sys_state == "SYS_SHUTDOWN" || lp_init_of[c] != version, gave_up, true)
            .asserts("no_seamcall_between", !somebody_updates(), "no pCPU is in the update");
        say(step);
      });
    });
  };
  const auto read_both = [&](const std::function<Expr(const Expr&)>& possible) {
    read_field("TDH.SYS.RD: the first field", possible, [&](StepWords& step) { step.set(seen, version); });
    read_field("TDH.SYS.RD: the second field", possible, [&](StepWords& step) {
      step.set(seen, 0).asserts("no_straddling", seen == version || gave_up,
                                "both fields come from one module");
    });
  };
  t.forever([&] {
    t.function("read_module_info", [&] {
      t.relying_on("lock_module_update", "seamldr_lock_module_update(): preempt_disable()", [&] {
        t.may_stop_here();
        t.step("preempt_disable()").some(cpu, "c", [&](StepWords& step, const Expr& c) {
          step.when(runs_tasks(c)).set(on, c).set(preempt_off[c], true).fair(Fairness::none);
        });
        read_both([&](const Expr& c) { return c == on; });
        t.step("preempt_enable()").set(preempt_off[on], false).set(on, 0);
        t.return_();
      });
      t.may_stop_here();
      t.step("a task that may be preempted").fair(Fairness::none);
      read_both([&](const Expr& c) { return runs_tasks(c); });
    });
    when(gave_up).then([&] { t.leave_loop(); });
  });
}

void ModuleUpdate::define() {
  thread(
      "update", [this](Thread& t) { seamldr_install_module(t); }, "one update");
  thread(
      "stopper", cpu, [this](Thread& t) { multi_cpu_stop(t, t.self()); },
      "the stopper thread of the pCPU, once, where stop_machine() wants it");
  thread(
      "vcpu", vcpu, [this](Thread& t) { vcpu_thread(t); }, "enters its TD, for ever; stops on an error");
  thread(
      "reader", reader, [this](Thread& t) { reader_thread(t); },
      "asks the module two things that belong together, for ever; stops on an error");
  thread(
      "hotplug",
      [this](Thread& t) {
        when(hotplug == "none").then([&] { t.end(); });
        when(hotplug == "cpu_up")
            .then([&] {
              t.may_stop_here();
              cpu_up(t);
            })
            .otherwise([&] {
              t.may_stop_here();
              cpu_down(t);
            });
      },
      "brings the last pCPU up or takes it down, once, or does nothing");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
