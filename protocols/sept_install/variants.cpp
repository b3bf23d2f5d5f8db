// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of sept_install. The essay is at the head of sept_install.cpp.

#include "protocols/sept_install/sept_install.h"

namespace tdxcheck::protocols {

void SeptInstall::variants() {
  landed_variants();
  races_of_the_mirror();
  forms_of_retrying();
}

void SeptInstall::landed_variants() {
  const std::string landed = "Linux 6.16, kvm_tdp_mmu_map and tdx_handle_ept_violation";
  variant({.name = "landed",
           .set = {},
           .source = landed,
           .expected = "the mirror and the S-EPT never differ, BUSY ends in another try, every fault resolves"});
  default_variant("landed");
  variant({.name = "landed_1_5_16",
           .set = {{"module", "1.5.16"}},
           .source = landed + "; a module whose zero-step check takes the tree lock exclusive",
           .expected = "as landed"});
  variant({.name = "landed_1_0",
           .set = {{"module", "1.0"}},
           .source = landed + "; a module whose SEPT.ADD and PAGE.AUG take the tree lock exclusive "
                              "(the specification as quoted in January 2023)",
           .expected = "as landed: the faults make each other BUSY, and one of them succeeds"});
}

void SeptInstall::races_of_the_mirror() {}

void SeptInstall::forms_of_retrying() {}

} // namespace tdxcheck::protocols
