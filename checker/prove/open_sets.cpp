// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/open_sets.h"

#include <fmt/format.h>

#include "prove/encoding.h"
#include "support/contract.h"

namespace tdxcheck::prove {

using model::Value;

OpenSets::OpenSets(const Encoding& encoding)
    : encoding_(encoding), sets_(encoding.model().sets.size()), unnamed_at_(encoding.model().threads.size()) {
  for (const result::OpenSet& open : encoding.problem().open) name_members(open);
  for (const auto id : encoding.model().threads.ids()) count_labels(id);
}

bool OpenSets::empty() const { return encoding_.problem().open.empty(); }

void OpenSets::name_members(const result::OpenSet& open) {
  const Terms& terms = encoding_.terms();
  z3::context& context = encoding_.context();
  const Value names = encoding_.instance().size(open.set);
  OpenSet named{encoding_.evaluate({}, open.size), {}, {}, {}};
  const bool all_have_one = named.size.kind == TermKind::bits && named.size.high <= names;
  if (!all_have_one) {
    named.size = {TermKind::integer, terms.as_integer(named.size)};
    const z3::expr all = context.int_val(static_cast<std::int64_t>(names));
    named.others = z3::ite(named.size.value > all, named.size.value - all, context.int_val(0));
  }
  for (Value m = 0; m < names; ++m) {
    Term member = terms.number(m);
    if (!all_have_one)
      member = {TermKind::integer, context.int_const(fmt::format("member{}!{}", open.set.value, m).c_str())};
    member.named = m;
    named.members.push_back(member);
    named.exists.push_back(terms.less(terms.number(m), named.size));
  }
  sets_[open.set.value] = std::move(named);
}

void OpenSets::count_labels(model::Id<model::Thread> id) {
  const model::Thread& thread = encoding_.model().threads[id];
  const OpenSet* set = thread.over ? find(*thread.over) : nullptr;
  if (set == nullptr || !set->others) return;
  for (const auto label : thread.labels.ids())
    unnamed_at_[id.value].push_back(
        encoding_.context().int_const(fmt::format("unnamed{}!{}", id.value, label.value).c_str()));
}

const OpenSet* OpenSets::find(model::Id<model::IndexSet> set) const {
  const auto& found = sets_[set.value];
  return found ? &*found : nullptr;
}

const z3::expr& OpenSets::unnamed_at(model::Id<model::Thread> thread, model::Id<model::Label> label) const {
  return unnamed_at_[thread.value][label.value];
}

z3::expr OpenSets::constraints() const {
  z3::context& context = encoding_.context();
  z3::expr_vector all(context);
  for (const auto& set : sets_) {
    if (!set || !set->others) continue;
    // Of a small set, all have names; of a large one, some have, in ascending order.
    const z3::expr& size = set->size.value;
    z3::expr_vector ascending(context), counted(context);
    for (std::size_t m = 0; m < set->members.size(); ++m) {
      const z3::expr& member = set->members[m].value;
      counted.push_back(member == static_cast<int>(m));
      ascending.push_back(m == 0 ? member >= 0 : set->members[m - 1].value < member);
    }
    ascending.push_back(set->members.back().value < size);
    all.push_back(
        z3::ite(size <= static_cast<int>(set->members.size()), z3::mk_and(counted), z3::mk_and(ascending)));
    all.push_back(size >= 1);
  }
  for (std::size_t t = 0; t < unnamed_at_.size(); ++t) {
    if (unnamed_at_[t].empty()) continue;
    const auto& thread = encoding_.model().threads[model::Id<model::Thread>{static_cast<std::uint32_t>(t)}];
    z3::expr sum = context.int_val(0);
    for (const z3::expr& count : unnamed_at_[t]) {
      all.push_back(count >= 0);
      sum = sum + count;
    }
    all.push_back(sum == *find(*thread.over)->others);
  }
  return z3::mk_and(all);
}

z3::expr OpenSets::elsewhere(const std::string& what, const std::vector<Term>& at,
                             const z3::sort& sort) const {
  z3::context& context = encoding_.context();
  z3::sort_vector sorts(context);
  z3::expr_vector arguments(context);
  for (const Term& index : at) {
    sorts.push_back(context.int_sort());
    arguments.push_back(encoding_.terms().as_integer(index));
  }
  return context.function(what.c_str(), sorts, sort)(arguments);
}

} // namespace tdxcheck::prove
