// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_open_sets.h"

#include "emit/smt2_named.h"
#include "emit/smt2_open_subsets.h"
#include "emit/smt2_terms.h"
#include "emit/substitute.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tdxcheck::emit::smt2 {

using model::Expr;
using model::Id;
using model::IndexSet;
using model::Value;

const result::OpenSet* OpenSets::find(Id<IndexSet> set) const {
  const auto found = std::ranges::find(open_, set, &result::OpenSet::set);
  return found == open_.end() ? nullptr : &*found;
}

bool OpenSets::has_index(const model::Sort& sort) const {
  const bool is_index = sort.kind == model::SortKind::index || sort.kind == model::SortKind::optional_index;
  return is_index && contains(Id<IndexSet>{sort.of});
}

std::string OpenSets::size(Id<IndexSet> set) const {
  const result::OpenSet* open = find(set);
  return open == nullptr ? number(to_.instance().size(set)) : to_.term(open->size, {}).text;
}

std::string OpenSets::member(Id<IndexSet> set, Value name) const {
  if (!contains(set)) return number(name);
  return to_.names().of(Names::Kind::function,
                        fmt::format("{} #{}", to_.instance().model().sets[set].name, name));
}

std::string OpenSets::exists(Id<IndexSet> set, Value name) const {
  return contains(set) ? call("<", {number(name), size(set)}) : yes;
}

std::optional<Value> OpenSets::name_of(const Expr& index, const Speaker& speaker) const {
  if (!has_index(index.sort())) return {};
  if (std::holds_alternative<model::Self>(index.node().kind)) return speaker.self;
  if (const auto* bound = std::get_if<model::BoundRef>(&index.node().kind))
    return speaker.members.at(bound->bound.number);
  return {};
}

std::string OpenSets::others(Id<IndexSet> set) const {
  return to_.names().of(Names::Kind::function,
                        fmt::format("others of {}", to_.instance().model().sets[set].name));
}

std::string OpenSets::others_at(Id<model::Thread> id, Id<model::Label> label) const {
  const model::Thread& thread = to_.instance().model().threads[id];
  return to_.names().of(Names::Kind::function,
                        fmt::format("others of {} at {}", thread.name, thread.labels[label].name));
}

Value OpenSets::names_of_a_step(Id<IndexSet> set) const {
  const auto known = names_of_a_step_.find(set.value);
  if (known != names_of_a_step_.end()) return known->second;
  return names_of_a_step_.emplace(set.value, smt2::names_of_a_step(to_.instance(), set)).first->second;
}

std::string OpenSets::elsewhere(const std::string& what, const std::vector<std::string>& at,
                                const std::string& sort) const {
  const std::string symbol = to_.names().of(Names::Kind::function, what + " elsewhere");
  return declared(symbol, at, sort);
}

std::string OpenSets::constant_function(const std::string& name, const std::vector<std::string>& arguments,
                                        const std::string& sort) const {
  return declared(to_.names().of(Names::Kind::function, name), arguments, sort);
}

std::string OpenSets::declared(const std::string& symbol, const std::vector<std::string>& integers,
                               const std::string& sort) const {
  const std::vector<std::string> sorts(integers.size(), "Int");
  declared_.try_emplace(symbol,
                        fmt::format("(declare-fun {} ({}) {})\n", symbol, fmt::join(sorts, " "), sort));
  return call(symbol, integers);
}

void OpenSets::starts_with(const std::string& elsewhere, const std::string& value) const {
  start_.insert(equals(elsewhere, value));
}

std::string OpenSets::anything() const {
  const std::string symbol =
      to_.names().of(Names::Kind::function, fmt::format("anything {}", declared_.size()));
  declared_.try_emplace(symbol, fmt::format("(declare-const {} Bool)\n", symbol));
  return symbol;
}

std::string OpenSets::others_ended(Id<model::Thread> id) const {
  const model::Thread& thread = to_.instance().model().threads[id];
  if (!thread.over || !contains(*thread.over)) return yes;
  std::vector<std::string> ended;
  for (const auto label : thread.labels.ids())
    if (thread.labels[label].end && to_.is_reached(id, label)) ended.push_back(others_at(id, label));
  return equals(ended.empty() ? "0" : sum(ended), others(*thread.over));
}

std::string OpenSets::names_of(const result::OpenSet& open) const {
  const std::string size = this->size(open.set);
  const Value names = to_.instance().size(open.set);
  std::string text = comment(fmt::format("{} has any number of members: so many of them have a name, or all",
                                         to_.instance().model().sets[open.set].name));
  std::vector<std::string> all{"(<= 0 " + member(open.set, 0) + ")"}, counted;
  for (Value m = 0; m < names; ++m) {
    text += fmt::format("(declare-const {} Int)\n", member(open.set, m));
    counted.push_back(equals(member(open.set, m), number(m)));
    if (m > 0) all.push_back(call("<", {member(open.set, m - 1), member(open.set, m)}));
  }
  all.push_back(call("<", {member(open.set, names - 1), size}));
  text += fmt::format("(assert (<= 1 {}))\n", size);
  const std::string is_small = call("<=", {size, number(names)});
  text += laid_out(call("assert", {if_then_else(is_small, all_of(counted), all_of(all))}), 0) + "\n";
  text += fmt::format("(define-fun {} () Int {})\n", others(open.set),
                      if_then_else(is_small, "0", call("-", {size, number(names)})));
  for (const auto id : to_.instance().model().threads.ids()) {
    const model::Thread& thread = to_.instance().model().threads[id];
    if (thread.over != open.set) continue;
    std::vector<std::string> parts;
    for (const auto label : thread.labels.ids()) {
      if (!to_.is_reached(id, label)) continue;
      parts.push_back(others_at(id, label));
      text += fmt::format("(declare-const {0} Int)\n(assert (<= 0 {0}))\n", parts.back());
    }
    text += laid_out(call("assert", {equals(sum(parts), others(open.set))}), 0) + "\n";
  }
  return text;
}

std::string OpenSets::declarations() const {
  std::string text;
  for (const result::OpenSet& open : open_) text += names_of(open);
  for (const auto& [symbol, declaration] : declared_) text += declaration;
  return text;
}

std::vector<std::string> OpenSets::at_the_start() const {
  std::vector<std::string> all(start_.begin(), start_.end());
  for (const result::OpenSet& open : open_)
    for (const auto id : to_.instance().model().threads.ids()) {
      const model::Thread& thread = to_.instance().model().threads[id];
      if (thread.over == open.set) all.push_back(equals(others_at(id, thread.start), others(open.set)));
    }
  return all;
}

} // namespace tdxcheck::emit::smt2
