// SPDX-License-Identifier: GPL-2.0-or-later

// Replacing the TDX module while the machine runs. stop_machine() brings every online pCPU into
// do_seamldr_install_module(), IRQs off; there they go through the stages SHUTDOWN, CPU_INSTALL, CPU_INIT,
// RUN_UPDATE and DONE together. A stage is over when every pCPU has acknowledged it; if one of them reports a
// failure nobody goes on, and everybody leaves.
//
// THE QUESTION. Does a pCPU ever work on a stage before all have finished the one before? Does everybody get
// out, whatever fails and whenever (it spins with IRQs off)? May the flags of tdx_cpu_enable() be cleared
// without their lock? Does anybody call the module in between, or see two modules where it meant one? What is
// left after a failure?
//
// SOURCES. Runtime module update, arch/x86/virt/vmx/tdx/seamldr.c (v7.1 development):
// do_seamldr_install_module, ack_state, seamldr_install_module; tdx.c: tdx_module_shutdown,
// tdx_module_run_update, tdx_cpu_enable, try_init_module_global. The module's side: TDX module 1.5.01,
// TDH.SYS.SHUTDOWN, INIT, LP.INIT, UPDATE. kernel/stop_machine.c, multi_cpu_stop (from general knowledge).
//
// THREADS
//   update     seamldr_install_module(), once
//   stopper[c] the stopper thread of pCPU c: multi_cpu_stop(), once
//   vcpu[v]    a task that enters a TD, for ever; the guest runs until it exits by itself, or until the
//              stopper wants the pCPU. It gives up on the first error.
//   reader[r]  a task that asks the module two things that belong together, for ever, with
//              seamldr_lock_module_update(), which is preempt_disable(). It gives up on the first error.
//   hotplug    brings the last pCPU up, or takes it down, once, with cpus_write_lock; or does nothing
//
// THE MODULE. An LP is busy from SEAMCALL to SEAMRET, so also while a TD runs there. SHUTDOWN publishes its
// state, then counts busy LPs, and goes back if there is another. UPDATE wants every LP of the platform to
// have done LP.INIT, online or not. P-SEAMLDR admits one LP at a time; the new module is in place when the
// last pCPU of the update has called it.
//
// When all have acknowledged DONE the state moves once more, to a value that is no stage; everybody has left
// or is about to, so that nobody reads it.
//
// LEFT OUT. Taking cpu_hotplug_lock twice, allocation, the image and its checks, suspend and kexec. The
// global lock of the module: nobody else calls TDH.SYS.* meanwhile but LP.INIT, which takes it shared after
// SYS.INIT. The spinning itself: a pCPU that waits for the next stage is a step that waits. Reads of `state`
// and `num_failed` without the lock are as here: while it waits, a pCPU may see either first.

#include "protocols/module_update/module_update.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;
using model::Domain;
using model::Fairness;

namespace {

const std::vector<std::string> stages{"START",      "SHUTDOWN", "CPU_INSTALL", "CPU_INIT",
                                      "RUN_UPDATE", "DONE",     "after_DONE"};

dsl::Type stage_type() { return dsl::enumeration("module_update_state", stages); }
Expr stage(const std::string& name) { return dsl::constant("module_update_state", stages, name); }

} // namespace

ModuleUpdate::ModuleUpdate()
    : Protocol("module_update", "Runtime update of the TDX module: stop_machine() and its barrier"),
      pcpus(integer_parameter("pcpus", 3, 1, 4, "pCPUs")),
      vcpus(integer_parameter("vcpus", 2, 1, 3, "vCPU threads")),
      readers(
          integer_parameter("readers", 1, 1, 2, "tasks that ask the module two things that belong together")),
      failure(
          enum_parameter("failure", {"none", "SHUTDOWN", "CPU_INSTALL", "CPU_INIT", "RUN_UPDATE", "anywhere"},
                         "in which stage the module or P-SEAMLDR may fail, on any pCPU that works in it")),
      hotplug(enum_parameter("hotplug", {"none", "cpu_up", "cpu_down"},
                             "the last pCPU is offline and may come up, or may go down, at any time")),
      cpu(index_set("cpu", pcpus)),
      vcpu(index_set("vcpu", vcpus)),
      reader(index_set("reader", readers)),
      cpu_hotplug_lock(
          *this,
          {.name = "cpu_hotplug_lock", .doc = "cpus_read_lock()", .rank = 10, .guard = "cpus_read_lock"}, 1,
          1, true),
      update_ctrl_lock(*this, {.name = "update_ctrl.lock", .rank = 20, .guard = "update_ctrl_lock"}, false),
      seamldr_lock(*this, {.name = "seamldr_lock", .rank = 30, .guard = "seamldr_lock"}, false),
      sysinit_lock(*this, {.name = "sysinit_lock", .rank = 40, .guard = "sysinit_lock"}, false),
      state(variable("update_ctrl.state", stage_type(), stage("START"))),
      num_ack(variable("update_ctrl.num_ack", dsl::integer(0, pcpus), 0)),
      num_failed(variable("update_ctrl.num_failed", dsl::integer(0, pcpus), 0)),
      curstate(variable("curstate", cpu, stage_type(), stage("START"), "the stage that a pCPU is in")),
      finished(
          variable("finished", cpu, stage_type(), stage("START"), "the last stage that it acknowledged")),
      failed(variable("ret", cpu, dsl::boolean(), false, "its work has failed")),
      sysinit_done(variable("sysinit_done", dsl::boolean(), true)),
      sysinit_failed(variable("sysinit_ret", dsl::boolean(), false, "SYS.INIT has failed")),
      lp_initialized(variable("tdx_lp_initialized", cpu, dsl::boolean(), true)),
      last_online(variable("last_cpu_online", dsl::boolean(), hotplug != "cpu_up",
                           "the last pCPU is in cpu_online_mask")),
      stopping(variable("stopping", cpu, dsl::boolean(), false, "stop_machine() wants this pCPU")),
      stopped(variable("stopped", cpu, dsl::boolean(), false, "its stopper thread runs")),
      left(variable("left", cpu, dsl::boolean(), false, "it has left do_seamldr_install_module()")),
      preempt_off(variable("preempt_off", cpu, dsl::boolean(), false, "a task has preemption off there")),
      sys_state(variable(
          "sys_state",
          dsl::enumeration("sys_state", {"SYS_READY", "SYS_SHUTDOWN", "SYSINIT_PENDING", "SYSINIT_DONE"}),
          "SYS_READY", "of the TDX module")),
      lp_init_of(
          variable("lp_is_init", cpu, dsl::integer(1, 2), 1, "the version of the module that knows the LP")),
      lp_busy(variable("lp_is_busy", cpu, dsl::boolean(), false, "the LP is inside the module")),
      installed(variable("installed", cpu, dsl::boolean(), false, "the LP has called P-SEAMLDR's INSTALL")),
      in_seamldr(variable("in_p_seamldr", dsl::boolean(), false)),
      version(variable("module_version", dsl::integer(1, 2), 1)),
      queued(variable("stoppers_queued", dsl::boolean(), false, "all stopper threads were woken")),
      returned(variable("update_returned", dsl::boolean(), false)),
      offlining(variable("cpu_going_down", dsl::boolean(), false)),
      injected(variable("failure_happened", dsl::boolean(), false)) {}

Expr ModuleUpdate::somebody_updates() const {
  return dsl::exists(cpu, "c", [&](const Expr& c) { return dsl::in_region("in_update", c); });
}

Expr ModuleUpdate::next_state() const {
  Expr next = state;
  for (std::size_t i = 0; i + 1 < stages.size(); ++i)
    next = choose(state == stage(stages[i]), stage(stages[i + 1]), next);
  return next;
}

Expr ModuleUpdate::reached(const Expr& value, std::size_t number) const {
  Expr any = value == stage(stages[number]);
  for (std::size_t i = number + 1; i < stages.size(); ++i) any = any || value == stage(stages[i]);
  return any;
}

Expr ModuleUpdate::everywhere(const Variable& flag) const {
  return dsl::for_all(cpu, "c", [&](const Expr& c) { return implies(stopping[c], flag[c]); });
}

Expr ModuleUpdate::online(const Expr& c) const { return c != cpu.last() || last_online; }

Expr ModuleUpdate::runs_tasks(const Expr& c) const { return online(c) && !stopped[c] && !preempt_off[c]; }

void ModuleUpdate::may_fail(Thread& t, const std::string& where, const std::string& text,
                            const dsl::Body& body) {
  const Expr possible = failure == "anywhere" || failure == where.c_str();
  const Variable bad = failed_local(t);
  t.one_of({body, [&] { t.step(text + " fails").when(possible).set(bad, true).set(injected, true); }});
}

Variable ModuleUpdate::failed_local(Thread& t) { return t.scratch("failed", dsl::boolean(), false); }

// ---- seamldr.c ----

void ModuleUpdate::seamldr_install_module(Thread& t) {
  t.function("seamldr_install_module", [&] {
    t.operation("update", [&] {
      cpu_hotplug_lock.read_lock(t);
      t.step("init_state(); stop_machine_cpuslocked()").set(state, stage("SHUTDOWN"));
      t.for_each(cpu, "queueing", [&](const Expr& c) {
        t.step("cpu_stop_queue_work() where the pCPU is online").set_if(online(c), stopping[c], true);
      });
      t.step("all are queued").set(queued, true);
      t.step("every stopper is done")
          .when(dsl::for_all(cpu, "c", [&](const Expr& c) { return !stopping[c]; }))
          .set(returned, true);
      cpu_hotplug_lock.read_unlock(t);
    });
  });
}

// Spins until there is a new stage; does the work of it; acknowledges. Leaves after DONE, or as soon as it
// sees that something has failed.
void ModuleUpdate::do_seamldr_install_module(Thread& t, const Expr& c) {
  const Expr is_lead_cpu = c == cpu.member(0);
  const Variable bad = failed_local(t);
  t.function("do_seamldr_install_module", [&] {
    t.forever([&] {
      t.one_of({[&] { t.step("a new state").when(state != curstate[c]).set(curstate[c], state); },
                [&] {
                  t.step("no new state, and num_failed is not 0").when(num_failed != 0);
                  t.return_();
                }});
      const Variable at = t.scratch("stage", stage_type(), stage("START"));
      t.step("switch (curstate)").set(at, curstate[c]);
      when(at == "SHUTDOWN" && is_lead_cpu).then([&] { tdx_module_shutdown(t, c); });
      when(at == "CPU_INSTALL").then([&] { seamldr_install(t, c); });
      when(at == "CPU_INIT").then([&] { tdx_cpu_enable(t, c); });
      when(at == "RUN_UPDATE" && is_lead_cpu).then([&] { tdx_module_run_update(t); });
      ack_state(t, c);
      const Variable leaves = t.scratch("leaves", dsl::boolean(), false);
      t.step("while (curstate != DONE && !num_failed)").set(leaves, at == "DONE" || num_failed != 0);
      t.let(at, stage("START"));
      when(leaves).then([&] {
        t.let(leaves, false);
        t.return_();
      });
    });
  });
  t.let(bad, false);
}

void ModuleUpdate::ack_state(Thread& t, const Expr& c) {
  const Variable bad = failed_local(t);
  const Variable acks = t.scratch("num_ack_read", dsl::integer(0, pcpus), 0);
  t.function("ack_state", [&] {
    update_ctrl_lock.lock(t);
    t.step("read num_ack").set(acks, num_ack);
    const Expr last = acks + 1 == count(cpu, "c", [&](const Expr& d) { return online(d); });
    const Expr advances = last && num_failed == 0 && !bad;
    t.relying_on("barrier", "the last one to acknowledge moves to the next stage, if nothing has failed",
                 [&] {
                   t.step("acknowledge; the last one moves on")
                       .set_if(bad, num_failed, num_failed + 1)
                       .set(num_ack, choose(advances, 0, choose(acks < pcpus, acks + 1, acks)))
                       .set_if(advances, state, next_state())
                       .set(finished[c], curstate[c])
                       .set_if(bad, failed[c], true)
                       .set(acks, 0);
                   update_ctrl_lock.unlock(t);
                   t.return_();
                 });
    t.step("acknowledge; anybody moves on")
        .set_if(bad, num_failed, num_failed + 1)
        .set_if(state == curstate[c] && !bad, state, next_state())
        .set(finished[c], curstate[c])
        .set_if(bad, failed[c], true)
        .set(acks, 0);
    update_ctrl_lock.unlock(t);
  });
}

void ModuleUpdate::seamldr_install(Thread& t, const Expr& c) {
  const Variable bad = failed_local(t);
  const Expr all =
      dsl::for_all(cpu, "d", [&](const Expr& d) { return implies(stopping[d], installed[d] || d == c); });
  t.function("seamldr_install", [&] {
    seamldr_lock.lock(t);
    t.one_of({[&] {
                t.step("P-SEAMLDR is busy").when(in_seamldr).set(bad, true);
                seamldr_lock.unlock(t);
                t.return_();
              },
              [&] { t.step("SEAMLDR.INSTALL begins").when(!in_seamldr).set(in_seamldr, true); }});
    may_fail(t, "CPU_INSTALL", "SEAMLDR.INSTALL", [&] {
      t.step("SEAMLDR.INSTALL; the last pCPU puts the new module in place")
          .set(installed[c], true)
          .set_if(all, version, 2)
          .set_if(all, sys_state, "SYSINIT_PENDING");
    });
    t.step("SEAMRET").set(in_seamldr, false);
    seamldr_lock.unlock(t);
  });
}

// ---- tdx.c ----

// On the lead pCPU alone. The flags are cleared without the lock of those who use them.
void ModuleUpdate::tdx_module_shutdown(Thread& t, const Expr& c) {
  const Variable bad = failed_local(t);
  const Expr others = dsl::exists(cpu, "d", [&](const Expr& d) { return d != c && lp_busy[d]; });
  t.function("tdx_module_shutdown", [&] {
    t.call("TDH.SYS.SHUTDOWN", Domain::module, [&] {
      may_fail(t, "SHUTDOWN", "TDH.SYS.SHUTDOWN", [&] {
        t.step("sys_state = SYS_SHUTDOWN").when(sys_state == "SYS_READY").set(sys_state, "SYS_SHUTDOWN");
        t.step("another LP is busy: back to SYS_READY")
            .set_if(others, sys_state, "SYS_READY")
            .set(bad, others)
            .asserts("no_busy_lp", !others, "no other LP is inside the module");
      });
    });
    when(bad).then([&] { t.return_(); });
    t.step("sysinit_done = false")
        .set(sysinit_done, false)
        .set(sysinit_failed, false)
        .asserts("flags_cleared_alone", !sysinit_lock.locked(), "nobody holds sysinit_lock");
    t.for_each(cpu, "clearing", [&](const Expr& d) {
      t.step("per_cpu(tdx_lp_initialized, cpu) = false")
          .set(lp_initialized[d], false)
          .asserts("flags_cleared_alone", !dsl::in_region("onlining"), "no pCPU is coming up");
    });
  });
}

void ModuleUpdate::try_init_module_global(Thread& t) {
  const Variable bad = failed_local(t);
  const Variable known = t.scratch("sysinit_done_read", dsl::boolean(), false);
  t.function("try_init_module_global", [&] {
    sysinit_lock.lock(t);
    t.step("read sysinit_done").set(known, sysinit_done);
    when(!known).then([&] {
      t.call("TDH.SYS.INIT", Domain::module, [&] {
        may_fail(t, "CPU_INIT", "TDH.SYS.INIT", [&] {
          t.step("TDH.SYS.INIT")
              .set(bad, sys_state != "SYSINIT_PENDING")
              .set_if(sys_state == "SYSINIT_PENDING", sys_state, "SYSINIT_DONE")
              .asserts("sys_init_once", sys_state != "SYSINIT_DONE", "TDH.SYS.INIT has not run yet");
        });
      });
      t.step("sysinit_done = true").set(sysinit_done, true).set(sysinit_failed, bad);
    });
    t.step("return sysinit_ret").set(bad, sysinit_failed).set(known, false);
    sysinit_lock.unlock(t);
  });
}

void ModuleUpdate::tdx_cpu_enable(Thread& t, const Expr& c) {
  const Variable bad = failed_local(t);
  const Variable known = t.scratch("lp_initialized_read", dsl::boolean(), false);
  t.function("tdx_cpu_enable", [&] {
    t.step("read tdx_lp_initialized").set(known, lp_initialized[c]);
    when(known).then([&] {
      t.let(known, false);
      t.return_();
    });
    try_init_module_global(t);
    when(bad).then([&] { t.return_(); });
    t.call("TDH.SYS.LP.INIT", Domain::module, [&] {
      may_fail(t, "CPU_INIT", "TDH.SYS.LP.INIT", [&] {
        t.step("TDH.SYS.LP.INIT")
            .set(bad, sys_state != "SYSINIT_DONE")
            .set_if(sys_state == "SYSINIT_DONE", lp_init_of[c], version);
      });
    });
    when(bad).then([&] { t.return_(); });
    t.step("tdx_lp_initialized = true").set(lp_initialized[c], true);
  });
}

void ModuleUpdate::tdx_module_run_update(Thread& t) {
  const Variable bad = failed_local(t);
  const Expr every_lp = dsl::for_all(cpu, "d", [&](const Expr& d) { return lp_init_of[d] == version; });
  const Expr ready = sys_state == "SYSINIT_DONE" && every_lp;
  t.function("tdx_module_run_update", [&] {
    t.call("TDH.SYS.UPDATE", Domain::module, [&] {
      may_fail(t, "RUN_UPDATE", "TDH.SYS.UPDATE", [&] {
        t.step("TDH.SYS.UPDATE")
            .set(bad, !ready)
            .set_if(ready, sys_state, "SYS_READY")
            .asserts("every_lp_initialised", every_lp, "every LP of the platform has done LP.INIT");
      });
    });
  });
}

// ---- stop_machine.c, cpu.c ----

void ModuleUpdate::multi_cpu_stop(Thread& t, const Expr& c) {
  t.may_stop_here();
  t.step("the stopper thread runs")
      .when(stopping[c] && !preempt_off[c])
      .set(stopped[c], true)
      .fair(Fairness::strong);
  t.function("multi_cpu_stop", [&] {
    t.step("all are here, IRQs off").when(queued && everywhere(stopped));
    t.region("in_update", [&] { do_seamldr_install_module(t, c); });
    t.step("acknowledges MULTI_STOP_RUN").set(left[c], true);
    t.step("all have run it").when(everywhere(left) || !stopping[c]);
    t.step("IRQs on again").set(stopped[c], false).set(stopping[c], false);
  });
}

void ModuleUpdate::cpu_up(Thread& t) {
  const Variable bad = failed_local(t);
  t.function("cpu_up", [&] {
    cpu_hotplug_lock.write_lock(t);
    t.region("onlining", [&] {
      t.step("the pCPU is online").set(last_online, true);
      tdx_cpu_enable(t, hotplugged());
      when(bad).then([&] { t.step("tdx_online_cpu() has failed").set(last_online, false); });
      t.let(bad, false);
    });
    cpu_hotplug_lock.write_unlock(t);
  });
}

void ModuleUpdate::cpu_down(Thread& t) {
  t.function("cpu_down", [&] {
    cpu_hotplug_lock.write_lock(t);
    t.step("the stopper thread is woken").set(offlining, true);
    t.step("the pCPU is offline")
        .when(runs_tasks(hotplugged()))
        .set(last_online, false)
        .set(offlining, false)
        .fair(Fairness::strong);
    cpu_hotplug_lock.write_unlock(t);
  });
}

} // namespace tdxcheck::protocols
