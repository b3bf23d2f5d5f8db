// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/mirror.h"

namespace tdxcheck::protocols {

using dsl::Body;
using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;

namespace {
const std::vector<std::string> values{"SHADOW_NONPRESENT", "FROZEN_SPTE", "PRESENT"};
}

dsl::Type mirror_spte_type() { return dsl::enumeration("mirror_spte", values); }

Expr mirror_spte(const std::string& value) { return dsl::constant("mirror_spte", values, value); }

Expr is_shadow_present(const Variable& spte) { return spte == "PRESENT"; }

Expr is_frozen(const Variable& spte) { return spte == "FROZEN_SPTE"; }

void read_spte(Thread& t, const std::string& name, const Variable& spte, const Body& frozen,
               const Body& nonpresent, const Body& present, Location where) {
  t.one_of({[&] {
              t.step(name + " is FROZEN_SPTE", where).when(is_frozen(spte));
              frozen();
            },
            [&] {
              t.step(name + " is not present", where).when(spte == "SHADOW_NONPRESENT");
              nonpresent();
            },
            [&] {
              t.step(name + " is present", where).when(is_shadow_present(spte));
              present();
            }},
           where);
}

void try_cmpxchg(Thread& t, const std::string& name, const Variable& spte, const std::string& old,
                 const std::string& desired, const Body& lost,
                 const std::function<void(dsl::StepWords&)>& also, Location where) {
  const std::string text = "try_cmpxchg64(" + name + ", " + old + ", " + desired + ")";
  t.one_of({[&] {
              auto step = t.step(text, where);
              step.when(spte == old.c_str()).set(spte, desired.c_str());
              if (also) also(step);
            },
            [&] {
              t.step(text + " fails", where).when(spte != old.c_str());
              lost();
            }},
           where);
}

void write_spte(Thread& t, const std::string& name, const Variable& spte, const std::string& value,
                const std::function<void(dsl::StepWords&)>& also, Location where) {
  auto step = t.step(name + " = " + value, where);
  step.set(spte, value.c_str());
  if (also) also(step);
}

} // namespace tdxcheck::protocols
