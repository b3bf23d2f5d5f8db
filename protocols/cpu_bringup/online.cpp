// SPDX-License-Identifier: GPL-2.0-or-later

// What cpu_bringup does to one pCPU: VMX operation on and off, TDX's own callbacks, the veto. The essay is at
// the head of cpu_bringup.cpp.

#include "protocols/cpu_bringup/cpu_bringup.h"

namespace tdxcheck::protocols {

using dsl::StepWords;
using dsl::Variable;
using dsl::when;

// ---- VMX operation: arch/x86/virt/hw.c from 7.1 on, KVM before ----

void CpuBringup::vmx_enable_virtualization_cpu(const Context& at) {
  auto& t = at.t;
  t.function("vmx_enable_virtualization_cpu", [&] {
    when(tdx.vmx_on[at.cpu])
        .then([&] {
          t.step("CR4.VMXE is set already")
              .set(at.ret, "EBUSY")
              .asserts("no_warning", false, "VMXON on a pCPU that is in VMX operation");
        })
        .otherwise([&] {
          may_fail(at, "VMXON", "EIO", [&](StepWords& step) { step.set(tdx.vmx_on[at.cpu], true); });
        });
  });
}

void CpuBringup::vmx_disable_virtualization_cpu(const Context& at) {
  at.t.function("vmx_disable_virtualization_cpu",
                [&] { at.t.step("VMXOFF").set(tdx.vmx_on[at.cpu], false); });
}

void CpuBringup::x86_virt_get_ref(const Context& at) {
  auto& t = at.t;
  t.function("x86_virt_get_ref", [&] {
    with_preemption_off(at, [&] {
      when(vmx_refs[at.cpu] == 0).then([&] { vmx_enable_virtualization_cpu(at); });
      when(at.ret == "OK").then([&] {
        t.step("users++")
            .set_if(vmx_refs[at.cpu] != 3, vmx_refs[at.cpu], vmx_refs[at.cpu] + 1)
            .asserts("one_reference_each", vmx_refs[at.cpu] != 3, "TDX, KVM and one other user");
      });
    });
  });
}

void CpuBringup::x86_virt_put_ref(const Context& at) {
  auto& t = at.t;
  t.function("x86_virt_put_ref", [&] {
    with_preemption_off(at, [&] {
      t.step("users--")
          .set_if(vmx_refs[at.cpu] != 0, vmx_refs[at.cpu], vmx_refs[at.cpu] - 1)
          .asserts("one_reference_each", vmx_refs[at.cpu] != 0, "nobody gives back what he does not have");
      when(vmx_refs[at.cpu] == 0).then([&] { vmx_disable_virtualization_cpu(at); });
    });
  });
}

// ---- TDX's own cpuhp callbacks ----

void CpuBringup::tdx_online_cpu(const Context& at) {
  auto& t = at.t;
  t.function("tdx_online_cpu", [&] {
    when(form == "v7_1").then([&] {
      x86_virt_get_ref(at);
      when(at.ret != "OK").then([&] { t.return_(); });
      tdx_cpu_enable(at);
      when(at.ret != "OK").then([&] {
        t.relying_on("put_ref_on_failure", "a pCPU that is refused leaves VMX operation",
                     [&] { x86_virt_put_ref(at); });
      });
    });
    when(form == "v6_16").then([&] {
      t.check("no_warning", tdx.vmx_on[at.cpu], "WARN: CR4.VMXE is clear");
      with_irqs_off(at, [&] { tdx_cpu_enable(at); });
    });
    when(form == "tdx_callback_first").then([&] {
      vmx_enable_virtualization_cpu(at);
      when(at.ret != "OK").then([&] { t.return_(); });
      with_irqs_off(at, [&] { tdx_cpu_enable(at); });
      vmx_disable_virtualization_cpu(at);
    });
  });
}

void CpuBringup::veto(const Context& at) {
  auto& t = at.t;
  t.relying_on("veto", "the last pCPU of a package stays while an HKID is in use", [&] {
    when(hkid_in_use && is_last_of_its_package(at.cpu)).then([&] {
      t.step("return -EBUSY").set(at.ret, "EBUSY");
    });
  });
}

void CpuBringup::tdx_offline_cpu(const Context& at) {
  auto& t = at.t;
  t.function("tdx_offline_cpu", [&] {
    veto(at);
    when(form == "v7_1" && at.ret == "OK").then([&] { x86_virt_put_ref(at); });
  });
}

} // namespace tdxcheck::protocols
