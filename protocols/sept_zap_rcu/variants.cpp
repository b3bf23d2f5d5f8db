// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of sept_zap_rcu. The essay is at the head of sept_zap_rcu.cpp.

#include "protocols/sept_zap_rcu/sept_zap_rcu.h"

namespace tdxcheck::protocols {

namespace {

const std::string january = "Re: [PATCH v11 018/113] KVM: TDX: create/destroy VM structure, January 2023: ";

}

void SeptZapRcu::variants() {
  variant({.name = "proposal",
           .set = {},
           .source = january + "Sean Christopherson, 2023-01-26",
           .expected = "the callback has the branch to itself"});
  default_variant("proposal");
}

} // namespace tdxcheck::protocols
