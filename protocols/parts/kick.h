// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Kicking vCPUs out of the guest: vcpu->mode, requests, and the IPI that is waited for
// (kvm_make_all_cpus_request, kvm_kick_many_cpus, vcpu_enter_guest of virt/kvm and arch/x86/kvm).
//
// The two sides meet as in Dekker's algorithm. The vCPU stores its mode and then reads requests, mode and
// whatever flag a vendor's hook looks at; the sender stores its request or flag and then reads the modes. At
// least one of them sees the other. Memory is sequentially consistent here: the barriers between store and
// read are taken as given.
//
// KVM_REQ_OUTSIDE_GUEST_MODE stores no request: KVM_REQUEST_NO_ACTION. It only makes sure that each vCPU was
// out of the guest once after the modes were read; nothing keeps a vCPU from coming back at once.
//
// The handler of the IPI is empty, so it is no thread. A pCPU takes a pending IPI when its IRQs are on: the
// step in which a vCPU turns them on takes what is pending, and a sender that finds them on need not wait.
// Turning IRQs off and mode = IN_GUEST_MODE are one step, and so are mode = OUTSIDE_GUEST_MODE and turning
// IRQs on: in between the vCPU is outside the guest with IRQs off, where a sender neither sends nor waits.
// One word holds what is pending for a pCPU, whoever sent it, because one interrupt serves the whole queue.
// A sender whose IPI was served may thus wait a second time for a later one of somebody else; its wait is
// strongly fair, so that this ends.
//
// Each vCPU has a pCPU to itself. A vCPU that is preempted is outside the guest: for a sender on that pCPU
// this is the state OUTSIDE_GUEST_MODE. Migration, vcpu->cpu and NMIs are left out.

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

class Kick {
public:
  // `irqs_off_outside`, if given, says where a vCPU has IRQs off although it is outside the guest.
  Kick(dsl::Protocol& protocol, const dsl::IndexSet& vcpus, dsl::Predicate irqs_off_outside = {});

  // A request bit per vCPU, for requests that stay set.
  [[nodiscard]] dsl::Variable request(dsl::Protocol& protocol, const std::string& name,
                                      const std::string& doc) const;

  // ---- The vCPU's side, in its own thread ----

  // local_irq_disable(); vcpu->mode = IN_GUEST_MODE
  void enter_guest_mode(dsl::Thread& t, const std::function<void(dsl::StepWords&)>& besides = {},
                        dsl::Location where = dsl::Location::current()) const;
  // vcpu->mode = OUTSIDE_GUEST_MODE; local_irq_enable(): a pending IPI is taken here.
  void leave_guest_mode(dsl::Thread& t, const std::function<void(dsl::StepWords&)>& besides = {},
                        dsl::Location where = dsl::Location::current()) const;
  // What kvm_vcpu_exit_request() looks at, apart from requests.
  [[nodiscard]] dsl::Expr asked_to_exit(const dsl::Expr& vcpu) const {
    return mode[vcpu] == "EXITING_GUEST_MODE";
  }
  // An IPI is on its way to the vCPU's pCPU: a guest that runs there exits.
  [[nodiscard]] dsl::Expr interrupted(const dsl::Expr& vcpu) const { return contains(pending_, vcpu); }

  // ---- The sender's side, in any thread that has IRQs on ----

  // kvm_make_all_cpus_request(kvm, KVM_REQ_OUTSIDE_GUEST_MODE), or with a request bit that stays set.
  void make_all_cpus_request(dsl::Thread& t, const std::string& name,
                             dsl::Location where = dsl::Location::current()) const;
  void make_all_cpus_request(dsl::Thread& t, const std::string& name, const dsl::Variable& request,
                             dsl::Location where = dsl::Location::current()) const;

  dsl::IndexSet vcpus;
  dsl::Variable mode; // [vcpu]

private:
  void read_mode_and_send(dsl::Thread& t, const std::function<void(const dsl::Expr&)>& store_request,
                          dsl::Location where) const;
  [[nodiscard]] dsl::Expr irqs_on(const dsl::Expr& vcpu) const;

  dsl::Variable pending_; // vCPUs whose pCPU has not taken the IPI yet
  dsl::Predicate irqs_off_outside_;
};

} // namespace tdxcheck::protocols
