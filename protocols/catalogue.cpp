// SPDX-License-Identifier: GPL-2.0-or-later

// The protocols that the program knows by name.

#include "dsl/catalogue.h"
#include "protocols/cpu_bringup/cpu_bringup.h"
#include "protocols/dynamic_pamt/dynamic_pamt.h"
#include "protocols/hkid_release/hkid_release.h"
#include "protocols/memslot_delete/memslot_delete.h"
#include "protocols/mirror_root/mirror_root.h"
#include "protocols/module_update/module_update.h"
#include "protocols/populate_order/populate_order.h"
#include "protocols/sharex_hp_lock/sharex_hp_lock.h"
#include "protocols/sharex_lock/sharex_lock.h"
#include "protocols/tdx_module/tdx_module.h"
#include "protocols/vcpu_association/vcpu_association.h"
#include "protocols/vm_state_locks/vm_state_locks.h"
#include "protocols/vp_init_against_zap/vp_init_against_zap.h"

extern "C" void tdxcheck_protocols(tdxcheck::dsl::Catalogue& catalogue) {
  catalogue.add<tdxcheck::protocols::CpuBringup>();
  catalogue.add<tdxcheck::protocols::DynamicPamt>();
  catalogue.add<tdxcheck::protocols::HkidRelease>();
  catalogue.add<tdxcheck::protocols::MemslotDelete>();
  catalogue.add<tdxcheck::protocols::MirrorRoot>();
  catalogue.add<tdxcheck::protocols::ModuleUpdate>();
  catalogue.add<tdxcheck::protocols::PopulateOrder>();
  catalogue.add<tdxcheck::protocols::SharexHpLock>();
  catalogue.add<tdxcheck::protocols::SharexLockWord>();
  catalogue.add<tdxcheck::protocols::TdxModule>();
  catalogue.add<tdxcheck::protocols::VcpuAssociation>();
  catalogue.add<tdxcheck::protocols::VmStateLocks>();
  catalogue.add<tdxcheck::protocols::VpInitAgainstZap>();
}
