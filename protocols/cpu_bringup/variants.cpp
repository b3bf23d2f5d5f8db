// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of cpu_bringup: who said what, and what came of it. The essay is at the head of
// cpu_bringup.cpp.

#include "protocols/cpu_bringup/cpu_bringup.h"

namespace tdxcheck::protocols {

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Settings operator+(Settings settings, const Settings& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

const Settings v19{{"form", "v19"}}, v6_16{{"form", "v6_16"}}, sean{{"form", "sean"}}, kai{{"form", "kai"}};
const Settings hook{{"online_hook", "true"}}, one_failure{{"failures", "1"}};
const Settings boots_without_one{{"offline_at_boot", "true"}};
// The module as its source (tag TDX_1.5.01) has it.
const Settings as_read{{"lp_init_window", "before_config"}, {"lp_check", "reads_only"}};

const std::string thread_023 =
    "Re: [PATCH v19 023/130] KVM: TDX: Initialize the TDX module when loading the KVM intel kernel module";
const std::string module_wants_all =
    "With the window of the module's source no pCPU may be offline when the module is configured: "
    "TDH.SYS.CONFIG answers TDX_SYS_CONFIG_NOT_PENDING and TDX stays off. Nor could a late pCPU get LP.INIT; "
    "but then none is ever late, because whoever is away makes the bring-up fail. A pCPU that went and comes "
    "back is no problem: LP.INIT is not repeated.";

} // namespace

void CpuBringup::variants() {
  variants_7_1();
  variants_6_16();
  variants_of_the_thread();
  default_variant("landed_7_1");
}

void CpuBringup::variants_7_1() {
  const std::string source = "Linux 7.1, arch/x86/virt/vmx/tdx/tdx.c, arch/x86/virt/hw.c";
  variant({.name = "landed_7_1",
           .set = one_failure + boots_without_one,
           .source = source,
           .expected =
               "an initcall needs no cpus_read_lock around init_tdx_module(); a pCPU that was not there "
               "gets LP.INIT when it comes"});
  variant({.name = "landed_7_1_module_as_read",
           .set = boots_without_one + as_read,
           .source = source + "; TDX module 1.5.01, tdh_sys_lp_init.c, tdh_sys_config.c",
           .expected = "nothing was said; Linux does not ask for every pCPU",
           .finding = module_wants_all});
  variant({.name = "landed_7_1_two_vms",
           .set = {{"other_vm", "true"}},
           .source = source + ", kvm_enable_virtualization",
           .expected = "kvm_usage_lock keeps the first and the last VM apart"});
  variant({.name = "landed_7_1_reboot",
           .set = {{"power", "reboots"}},
           .source = source + ", tdx_shutdown",
           .expected =
               "TDH.SYS.DISABLE comes to an end although its loop has no limit: the first call locks out "
               "later ones"});
  variant({.name = "landed_7_1_suspend",
           .set = {{"power", "suspends"}},
           .source = source + ", suspend and resume",
           .expected =
               "references are given back and taken again; with a TD alive the last pCPU of the second "
               "package vetoes, and the suspend is called off"});
  variant(
      {.name = "landed_7_1_user_task",
       .set = boots_without_one + Settings{{"second_user", "task"}},
       .source = source + "; a second user: the question of TDX Connect in the thread, nobody's posting",
       .expected = "for the checker to decide",
       .finding =
           "tdx_cpu_enable() may run twice at once on one pCPU, now that IRQs and preemption are on between "
           "the look at tdx_lp_initialized and TDH.SYS.LP.INIT. The second call is told "
           "TDX_SYS_LP_INIT_DONE, "
           "and the bring-up fails, or the pCPU is refused, for nothing; or it meets TDH.SYS.CONFIG and is "
           "told TDX_SYS_BUSY. In 6.16, with IRQs off, the pCPU is "
           "its own lock."});
  variant(
      {.name = "landed_7_1_user_smp_call",
       .set = {{"second_user", "smp_call"}, {"td", "false"}},
       .source = source + ", sysinit_lock; a second user in IRQ context, nobody's posting",
       .expected = "a deadlock if an IRQ handler wants sysinit_lock from a task on the same pCPU; said to be "
                   "safe because nobody does",
       .finding =
           "So it is: the handler spins on sysinit_lock with the holder underneath. And it need not come "
           "to that: a handler that does LP.INIT between the task's look and the task's own LP.INIT makes "
           "the task fail with TDX_SYS_LP_INIT_DONE."});
}

void CpuBringup::variants_6_16() {
  const std::string source = "Linux 6.16, arch/x86/kvm/vmx/tdx.c, tdx_bringup";
  variant({.name = "landed_6_16",
           .set = v6_16 + one_failure,
           .source = source + "; Kai Huang and Paolo Bonzini, February 2025",
           .expected = "KVM's callback comes before TDX's on the way up and after it on the way down"});
  variant({.name = "landed_6_16_module_as_read",
           .set = v6_16 + as_read,
           .source = source + "; TDX module 1.5.01, tdh_sys_lp_init.c, tdh_sys_config.c",
           .expected = "nothing was said; Linux does not ask for every pCPU",
           .finding = module_wants_all});
  variant({.name = "landed_6_16_unsupported",
           .set = v6_16 + Settings{{"unsupported", "true"}},
           .source = source + ": the checks after tdx_enable() go to the cleanup with r == 0; noted by Sean "
                              "Christopherson on 2024-11-07",
           .expected = "violated: the bring-up says that it succeeded although everything was taken back",
           .finding =
               "TDs can be created. Their SEAMCALLs work, because the VM itself enables virtualization; but "
               "nobody does LP.INIT for a pCPU that comes later, and nobody vetoes when the last pCPU of a "
               "package leaves."});
  variant({.name = "unsupported_is_an_error",
           .set = v6_16 + Settings{{"unsupported", "true"}, {"cleanup_returns", "EINVAL"}},
           .source = "landed_6_16_unsupported with the explicit -EINVAL that came with the rework for 7.1",
           .expected = "mends it"});
  variant({.name = "landed_6_16_two_vms",
           .set = v6_16 + Settings{{"other_vm", "true"}},
           .source = source + ", kvm_enable_virtualization",
           .expected = "the bring-up's own reference keeps every pCPU in VMX operation whatever VMs do"});
  variant({.name = "landed_6_16_reboot",
           .set = v6_16 + Settings{{"power", "reboots"}},
           .source = source + ", kvm_shutdown",
           .expected = "SEAMCALLs are #UD from then on, and that is tolerated",
           .finding =
               "A reboot while the module is being loaded trips the WARN in tdx_online_cpu(): CR4.VMXE is "
               "clear. It does not look at kvm_rebooting. Harmless, TDX stays off."});
  variant({.name = "landed_6_16_suspend",
           .set = v6_16 + Settings{{"power", "suspends"}},
           .source = source + ", kvm_suspend",
           .expected = "likewise as in 7.1"});
  variant({.name = "landed_6_16_user_task",
           .set = v6_16 + Settings{{"second_user", "task"}},
           .source = source + "; a second user, nobody's posting",
           .expected =
               "sysinit_lock and tdx_module_lock make SYS.INIT and the module's initialisation happen once",
           .finding =
               "They do. But the second user has no say in VMX operation: if KVM's bring-up fails, it gives "
               "its reference back and every pCPU leaves VMX operation while the other user is about to "
               "make a SEAMCALL, which is #UD. A reference of his own (7.1) mends this."});
  variant({.name = "landed_6_16_user_smp_call",
           .set = v6_16 + Settings{{"second_user", "smp_call"}, {"td", "false"}},
           .source = source +
                     "; Kai Huang in the thread: tdx_cpu_enable() wants IRQs off so that it may be called "
                     "from an SMP call and from a task",
           .expected = "IRQs off make it safe"});
}

void CpuBringup::variants_of_the_thread() {
  variant({.name = "all_present",
           .set = v19 + as_read + Settings{{"all_present", "true"}},
           .source = thread_023 + ", Kai Huang on 2024-04-23 on the rule of 2021: LP.INIT on all of "
                                  "cpu_present_mask right after SYS.INIT",
           .expected = "does not get along with pCPUs that are offline, or with SMT turned off",
           .finding = "One pCPU offline while the module is loaded, and TDX stays off."});
  variant({.name = "v19",
           .set = v19 + one_failure,
           .source = "[PATCH v19 023/130]",
           .expected = "a pCPU that comes online later lacks LP.INIT unless something else does it"});
  variant(
      {.name = "v19_online_hook",
       .set = v19 + hook + one_failure,
       .source = "[PATCH v19 023/130] with tdx_cpu_enable() in kvm_online_cpu()",
       .expected = "mends v19",
       .finding =
           "It does not. kvm_online_cpu() does nothing while no VM exists; a pCPU that comes then is put "
           "in VMX operation by the first VM's hardware_enable_all(), which knows nothing of LP.INIT. The "
           "same way a pCPU whose LP.INIT failed once becomes online."});
  variant(
      {.name = "v19_reads_only",
       .set = v19 + Settings{{"lp_check", "reads_only"}},
       .source = thread_023 + ", Kai Huang: a SEAMCALL tells by a code of its own whether VMXON or "
                              "tdx_cpu_enable() is missing; Sean Christopherson: it is just #UD",
       .expected = "both can be told apart",
       .finding =
           "#UD tells that VMXON is missing, and the assembly makes a status of it (-EACCES). That LP.INIT "
           "is missing is told by TDH.SYS.INFO, RD and RDALL alone, as the module's source has it; "
           "any other SEAMCALL goes through unnoticed."});
  variant({.name = "v19_two_vms",
           .set = v19 + hook + Settings{{"other_vm", "true"}},
           .source = "[PATCH v19 023/130], hardware_enable_all under kvm_lock",
           .expected = "kvm_lock keeps the first and the last VM apart"});
  variant(
      {.name = "v19_kvm_lock_first",
       .set = v19 + Settings{{"kvm_lock_order", "kvm_lock_first"}},
       .source =
           "Documentation/virt/kvm/locking.rst: cpus_read_lock is taken before kvm_lock; nobody's posting",
       .expected = "violated: kvm_online_cpu() takes kvm_lock under cpu_hotplug_lock"});
  variant({.name = "kai",
           .set = kai + hook + one_failure,
           .source = thread_023 + ", Kai Huang on 2024-04-23: his preference",
           .expected = "good as long as the hook runs after VMXON",
           .left_out = "the mail leaves VMXON at module load to KVM; here KVM's state is installed first"});
  variant(
      {.name = "sean",
       .set = sean + one_failure,
       .source = thread_023 + ", Sean Christopherson on 2024-04-22: tdx_enable() takes cpus_read_lock itself",
       .expected = "a pCPU that comes after tdx_enable() needs one more hook"});
  variant({.name = "sean_online_hook",
           .set = sean + hook + one_failure,
           .source = "the sketch of 2024-04-22 with that hook",
           .expected = "mends it"});
  const std::string plan =
      thread_023 + ", Kai Huang on 2024-04-23: TDX's own callback, ahead of every user's, refuses the pCPU";
  variant({.name = "tdx_callback_first",
           .set = {{"form", "tdx_callback_first"}},
           .source = plan,
           .expected = "every online pCPU is ready for SEAMCALLs, once its user has done VMXON"});
  variant(
      {.name = "tdx_callback_first_failures",
       .set = {{"form", "tdx_callback_first"}, {"failures", "2"}},
       .source = plan + "; with hardware that fails",
       .expected = "likewise",
       .finding =
           "What comes first on the way up comes last on the way down: the veto of TDX's callback is heard "
           "when KVM has left VMX operation already. KVM's callback is run again to undo that, and if "
           "VMXON fails now nobody listens: the pCPU stays online outside VMX operation, and the next "
           "SEAMCALL there is #UD. That errors are ignored while a hotplug operation is undone is general "
           "knowledge of kernel/cpu.c."});
}

} // namespace tdxcheck::protocols
