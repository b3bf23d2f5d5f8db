// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/other_members.h"

#include <map>
#include <set>

#include "prove/rewrite.h"

namespace tdxcheck::prove {

std::vector<model::Expr> for_other_members(const model::Instance& instance, const model::Expr& expression) {
  std::map<std::uint32_t, std::set<model::Value>> named; // members, by set
  (void)with_literals(expression, [&](const model::Expr& literal, model::Value value) {
    const auto kind = literal.sort().kind;
    const bool is_member = kind == model::SortKind::index || kind == model::SortKind::optional_index;
    if (is_member && value >= 0) named[literal.sort().of].insert(value);
    return value;
  });
  std::vector<model::Expr> all;
  for (const auto& [set, members] : named) {
    if (members.size() != 1) continue;
    for (model::Value other = 0; other < instance.size(model::Id<model::IndexSet>{set}); ++other) {
      if (members.contains(other)) continue;
      all.push_back(with_literals(expression, [&](const model::Expr& literal, model::Value value) {
        const auto kind = literal.sort().kind;
        const bool is_member = kind == model::SortKind::index || kind == model::SortKind::optional_index;
        return is_member && value >= 0 && literal.sort().of == set ? other : value;
      }));
    }
  }
  return all;
}

} // namespace tdxcheck::prove
