// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A claim that says nothing, or nothing of its own, whatever the protocol does: as its wording and the
// declared types show, without any run.

#include <string>
#include <string_view>

namespace tdxcheck::result {

enum class Vacuousness {
  never_applies, // no type-correct state satisfies what it starts from: `a` of `always (a implies b)`, ...
  never_made,    // an assertion that no step makes, for these parameters
  cannot_hold,   // no type-correct state is what `sometimes` or `recoverable` looks for
  cannot_fail,   // every type-correct state satisfies it
  is_implied,    // by another claim, in every type-correct state
};

struct VacuousClaim {
  std::string property;
  Vacuousness reason = Vacuousness::cannot_fail;
  std::string by = {}; // is_implied: by that claim
  friend bool operator==(const VacuousClaim&, const VacuousClaim&) = default;
};

[[nodiscard]] std::string_view name_of(Vacuousness reason);    // "never_applies"
[[nodiscard]] std::string in_words(const VacuousClaim& claim); // "no type-correct state satisfies ..."

} // namespace tdxcheck::result
