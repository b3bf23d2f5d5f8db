// SPDX-License-Identifier: GPL-2.0-or-later

// The claims and the variants of module_update. The essay is at the head of module_update.cpp.

#include "protocols/module_update/module_update.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void ModuleUpdate::claims() {
  using namespace properties;
  const auto all = [&](const dsl::Predicate& holds) { return dsl::for_all(cpu, "d", holds); };
  const auto some = [&](const dsl::Predicate& holds) { return dsl::exists(cpu, "c", holds); };

  Expr in_step = true;
  for (std::size_t stage = 2; stage <= 5; ++stage) {
    in_step =
        in_step &&
        implies(some([&](const Expr& c) { return stopping[c] && reached(curstate[c], stage); }),
                all([&](const Expr& d) { return implies(stopping[d], reached(finished[d], stage - 1)); }));
  }
  always(*this, "nobody_runs_ahead", in_step,
         "no pCPU is in a stage before every pCPU of the update has acknowledged the one before");
  always(*this, "stopped_together",
         implies(somebody_updates(), all([&](const Expr& d) { return implies(online(d), stopped[d]); })),
         "while a pCPU is in the update no online pCPU runs anything else");
  assertion(*this, "no_busy_lp", "TDH.SYS.SHUTDOWN finds no other LP inside the module");
  assertion(*this, "sys_init_once", "TDH.SYS.INIT runs once");
  assertion(*this, "flags_cleared_alone", "the flags of tdx_cpu_enable() are cleared while nobody uses them");
  assertion(*this, "every_lp_initialised", "TDH.SYS.UPDATE finds every LP of the platform initialised");
  assertion(*this, "no_seamcall_between", "no task calls the module between the first stage and the last");
  assertion(*this, "no_straddling", "a reader that locks out updates sees one module");

  const Expr any_failed = some([&](const Expr& c) { return failed[c]; });
  always(*this, "fails_only_if_something_failed", implies(any_failed, injected || hotplug != "none"),
         "the update fails only if the module or P-SEAMLDR does");
  always(*this, "updated_or_failed",
         implies(returned, any_failed || (sys_state == "SYS_READY" && version == 2)),
         "the update has returned success only if the new module is ready");
  always(*this, "unusable_after_failure", implies(returned && any_failed, sys_state != "SYS_READY"),
         "after a failure the module is not ready; nothing is tried again");
  always(*this, "flags_true", all([&](const Expr& d) {
    return implies(returned && !any_failed && online(d), lp_initialized[d] && lp_init_of[d] == version);
  }),
         "after an update the flag of each online pCPU says what the module thinks");
  leads_to(*this, "update_returns", state != "START", returned, "whatever fails, everybody leaves");

  no_deadlock(*this);
  lock_discipline(*this);
  lock_order(*this);
  no_livelock(*this);
  no_starvation(*this, "the update ends; guests and readers do not keep it from beginning");

  sometimes(*this, "update_possible",
            (returned && sys_state == "SYS_READY" && version == 2) || failure != "none" ||
                hotplug == "cpu_up",
            "an update may succeed");
}

void ModuleUpdate::variants() {
  const std::string landed = "runtime module update, arch/x86/virt/vmx/tdx/seamldr.c, v7.1 development";
  variant({.name = "landed", .set = {}, .source = landed, .expected = "the update succeeds"});
  default_variant("landed");
  variant({.name = "fails_in_SHUTDOWN",
           .set = {{"failure", "SHUTDOWN"}},
           .source = landed,
           .expected = "everybody leaves; the module stays unusable, nothing is rolled back",
           .finding =
               "Unusable it is after every later failure, not after this one: TDH.SYS.SHUTDOWN that fails "
               "leaves the module ready and the kernel's flags as they were, so that TDs run on, on the "
               "old module, and the update may be asked for again."});
  for (const std::string stage : {"CPU_INSTALL", "CPU_INIT", "RUN_UPDATE"}) {
    variant({.name = "fails_in_" + stage,
             .set = {{"failure", stage}},
             .source = landed,
             .expected = "everybody leaves; the module stays unusable, nothing is rolled back"});
  }
  variant({.name = "fails_anywhere",
           .set = {{"failure", "anywhere"}},
           .source = landed + ", any number of failures",
           .expected = "everybody leaves",
           .finding = "See fails_in_SHUTDOWN."});
  const std::string offline_lp =
      "In between nothing happens. But TDH.SYS.UPDATE counts the LPs of the platform, not those that are "
      "online: "
      "with one pCPU offline an update that began cannot end well, and the module is unusable. Nothing here "
      "looks before TDH.SYS.SHUTDOWN, from where there is no way back.";
  variant({.name = "cpu_comes_up",
           .set = {{"hotplug", "cpu_up"}},
           .source = landed + ", cpus_read_lock()",
           .expected = "a pCPU comes up before or after, not in between",
           .finding = offline_lp});
  variant({.name = "cpu_goes_down",
           .set = {{"hotplug", "cpu_down"}},
           .source = landed + ", cpus_read_lock()",
           .expected = "a pCPU goes down before or after, not in between",
           .finding = offline_lp});
}

} // namespace tdxcheck::protocols
