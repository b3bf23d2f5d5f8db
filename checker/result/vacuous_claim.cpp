// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/vacuous_claim.h"

#include "result/vacuous_claim_json.h"

namespace tdxcheck::result {

std::string_view name_of(Vacuousness reason) {
  switch (reason) {
  case Vacuousness::never_applies: return "never_applies";
  case Vacuousness::never_made: return "never_made";
  case Vacuousness::cannot_hold: return "cannot_hold";
  case Vacuousness::cannot_fail: return "cannot_fail";
  case Vacuousness::is_implied: return "is_implied";
  }
  return "";
}

std::string in_words(const VacuousClaim& claim) {
  switch (claim.reason) {
  case Vacuousness::never_applies: return "no type-correct state satisfies what it starts from";
  case Vacuousness::never_made: return "no step makes this assertion";
  case Vacuousness::cannot_hold: return "no type-correct state is what it looks for";
  case Vacuousness::cannot_fail: return "every type-correct state satisfies it";
  case Vacuousness::is_implied: return "`" + claim.by + "` implies it in every type-correct state";
  }
  return "";
}

nlohmann::ordered_json to_json(const std::vector<VacuousClaim>& claims) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const VacuousClaim& claim : claims) {
    list.push_back(
        {{"property", claim.property}, {"reason", name_of(claim.reason)}, {"in_words", in_words(claim)}});
    if (!claim.by.empty()) list.back()["by"] = claim.by;
  }
  return list;
}

} // namespace tdxcheck::result
