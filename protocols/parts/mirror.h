// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// SPTEs of the mirror page table: what KVM writes down about the S-EPT, which it cannot read. An SPTE is not
// present, present, or FROZEN_SPTE: a value that no walk takes for a mapping, written by whoever changes the
// entry and its counterpart in the S-EPT and means to do so alone.
//
// Left out: what a present SPTE maps (each GFN has one page at a time; a protocol that lets a page be
// replaced says how it tells the two apart), accessed and dirty bits, huge leaves.

#include <functional>
#include <string>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

// SHADOW_NONPRESENT, FROZEN_SPTE, PRESENT.
[[nodiscard]] dsl::Type mirror_spte_type();
// One of them, where nothing it meets says what it is.
[[nodiscard]] dsl::Expr mirror_spte(const std::string& value);

[[nodiscard]] dsl::Expr is_shadow_present(const dsl::Variable& spte);
[[nodiscard]] dsl::Expr is_frozen(const dsl::Variable& spte);

// kvm_tdp_mmu_read_spte(): one step, then what was read decides.
void read_spte(dsl::Thread& t, const std::string& name, const dsl::Variable& spte, const dsl::Body& frozen,
               const dsl::Body& nonpresent, const dsl::Body& present,
               dsl::Location where = dsl::Location::current());

// try_cmpxchg64(): one step, to which `also` adds; `lost` if the SPTE is no longer `old`.
void try_cmpxchg(dsl::Thread& t, const std::string& name, const dsl::Variable& spte, const std::string& old,
                 const std::string& desired, const dsl::Body& lost,
                 const std::function<void(dsl::StepWords&)>& also = {},
                 dsl::Location where = dsl::Location::current());

// __kvm_tdp_mmu_write_spte(): a plain store.
void write_spte(dsl::Thread& t, const std::string& name, const dsl::Variable& spte, const std::string& value,
                const std::function<void(dsl::StepWords&)>& also = {},
                dsl::Location where = dsl::Location::current());

} // namespace tdxcheck::protocols
