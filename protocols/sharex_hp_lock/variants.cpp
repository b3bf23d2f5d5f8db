// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of sharex_hp_lock. The essay is at the head of sharex_hp_lock.cpp.

#include "protocols/sharex_hp_lock/sharex_hp_lock.h"

namespace tdxcheck::protocols {

void SharexHpLock::variants() {
  variant({.name = "module", .set = {}, .source = "TDX module", .expected = "x"});
  default_variant("module");
}

} // namespace tdxcheck::protocols
