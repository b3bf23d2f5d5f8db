// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/cpu_bringup/cpu_bringup.h"

namespace tdxcheck::protocols {

void CpuBringup::variants() {
  const auto v = [&](const std::string& name, std::vector<std::pair<std::string, std::string>> set) {
    variant({.name = name, .set = set, .source = "x", .expected = "y"});
  };
  using S = std::pair<std::string, std::string>;
  const S f1{"failures", "1"}, ob{"offline_at_boot", "true"}, ar1{"lp_init_window", "before_config"},
      ar2{"lp_check", "reads_only"};
  v("landed_7_1", {f1, ob});
  v("landed_7_1_module_as_read", {ob, ar1, ar2});
  v("landed_7_1_user_task", {{"second_user", "task"}, ob});
  v("landed_7_1_user_smp_call", {{"second_user", "smp_call"}, {"td", "false"}});
  v("landed_7_1_reboot", {{"power", "reboots"}});
  v("landed_7_1_suspend", {{"power", "suspends"}});
  const S k616{"form", "v6_16"};
  v("landed_6_16", {k616, f1});
  v("landed_6_16_module_as_read", {k616, ar1, ar2});
  v("landed_6_16_unsupported", {k616, {"unsupported", "true"}});
  v("unsupported_is_an_error", {k616, {"unsupported", "true"}, {"cleanup_returns", "EINVAL"}});
  v("landed_6_16_user_task", {k616, {"second_user", "task"}});
  v("landed_6_16_user_smp_call", {k616, {"second_user", "smp_call"}, {"td", "false"}});
  v("landed_6_16_reboot", {k616, {"power", "reboots"}});
  v("landed_6_16_suspend", {k616, {"power", "suspends"}});
  const S v19{"form", "v19"}, hook{"online_hook", "true"};
  v("v19", {v19, f1});
  v("v19_online_hook", {v19, f1, hook});
  v("v19_reads_only", {v19, ar2});
  v("v19_kvm_lock_first", {v19, {"kvm_lock_order", "kvm_lock_first"}});
  v("all_present", {v19, {"all_present", "true"}, ar1});
  v("kai", {{"form", "kai"}, hook, f1});
  v("sean", {{"form", "sean"}, f1});
  v("sean_online_hook", {{"form", "sean"}, f1, hook});
  v("tdx_callback_first", {{"form", "tdx_callback_first"}, f1});
  v("tdx_callback_first_two_failures", {{"form", "tdx_callback_first"}, {"failures", "2"}});
  default_variant("landed_7_1");
}

} // namespace tdxcheck::protocols
