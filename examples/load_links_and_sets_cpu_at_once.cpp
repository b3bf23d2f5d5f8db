// SPDX-License-Identifier: GPL-2.0-or-later

// A patch that replaces one kernel function of a built-in protocol. tdx_vcpu_load() finds the vCPU on this pCPU already
// and returns; vcpu->cpu is then set by its caller, with IRQs on. An IPI that disables virtualization in between unlinks
// the vCPU and sets vcpu->cpu to -1, and the late store makes KVM believe again that it is linked: the next flush
// unlinks it a second time. Here vcpu->cpu is set where the vCPU is linked, with IRQs off, and nowhere else.
//
//   tdxcheck check hkid_release@landed_reboot --property list_integrity                               # violated
//   tdxcheck check examples/load_links_and_sets_cpu_at_once.cpp@landed_reboot --property list_integrity  # holds

#include "properties/properties.h"
#include "protocols/hkid_release/hkid_release.h"

using namespace tdxcheck::dsl;

struct LoadLinksAndSetsCpuAtOnce : tdxcheck::protocols::HkidRelease {
  void tdx_vcpu_load(Task& k, const Expr& vcpu, const FlushCall& flush, const Expr& sender) override {
    auto& t = k.t;
    t.function("tdx_vcpu_load", [&] {
      when(vcpu_cpu[vcpu] == k.on.cpu()).then([&] { t.return_(); });
      when(!hkid_assigned[vm()]).then([&] { t.return_(); });
      tdx_flush_vp_on_cpu(k, vcpu, flush, sender);
      k.on.local_irq_disable(t);
      t.step("list_add(&tdx->cpu_list, &associated_tdvcpus)").set(listed[vcpu], k.on.cpu());
      t.step("vcpu->cpu = cpu").set(vcpu_cpu[vcpu], k.on.cpu());
      k.on.local_irq_enable(t);
    });
  }
};

extern "C" void tdxcheck_protocols(Catalogue& catalogue) { catalogue.add<LoadLinksAndSetsCpuAtOnce>(); }
