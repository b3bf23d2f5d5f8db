// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_update.h"

#include "emit/smt2_named.h"
#include "emit/smt2_open_sets.h"
#include "emit/smt2_open_subsets.h"
#include "emit/smt2_system.h"
#include "emit/smt2_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tdxcheck::emit::smt2 {

using model::Expr;
using model::Id;
using model::SortKind;
using model::Value;

namespace {

bool is_whole_number(SortKind kind) {
  return kind == SortKind::integer || kind == SortKind::index || kind == SortKind::optional_index;
}

struct Ends {
  std::string low, high;
};

// An integer's ends may name parameters that are left free.
Ends ends_of(const Expressions& to, std::size_t cell) {
  const model::Cell& row = to.instance().cells()[cell];
  const auto& type = to.instance().model().variables[row.variable].type.scalar;
  if (const auto* integer = std::get_if<model::IntegerType>(&type))
    return {to.term(integer->low, {}).text, to.term(integer->high, {}).text};
  const model::Sort sort = to.instance().sort(cell);
  if (to.open_sets().has_index(sort))
    return {to.literal(sort, row.low), call("-", {to.open_sets().size(Id<model::IndexSet>{sort.of}), "1"})};
  return {to.literal(to.instance().sort(cell), row.low), number(row.high)};
}

bool surely_fits(const Expressions& to, std::size_t cell, const Interval& value) {
  const model::Cell& row = to.instance().cells()[cell];
  const auto& type = to.instance().model().variables[row.variable].type.scalar;
  Value low = row.low, high = row.high;
  if (to.open_sets().has_index(to.instance().sort(cell))) return false;
  if (const auto* integer = std::get_if<model::IntegerType>(&type)) {
    // The largest low end and the smallest high end that free parameters can make.
    const Interval least = interval_of(to.instance(), integer->low, {}, {});
    const Interval most = interval_of(to.instance(), integer->high, {}, {});
    if (!least.high || !most.low) return false;
    low = *least.high;
    high = *most.low;
  }
  return value.lies_in(low, high);
}

// The same cell under the same name: it was in its range before.
bool copies_itself(const Expressions& to, std::size_t cell, const std::string& term) {
  return term == to.cell(cell, "s");
}

} // namespace

std::string range_of_cell(const Expressions& to, std::size_t cell, const std::string& term) {
  if (!is_whole_number(to.instance().sort(cell).kind)) return yes;
  const Ends ends = ends_of(to, cell);
  return call("<=", {ends.low, term, ends.high});
}

Term value_for_cell(const Expressions& to, std::size_t cell, const Expr& value, const Speaker& speaker,
                    const Assumptions& assumed) {
  const SortKind kind = to.instance().sort(cell).kind;
  const Value most = to.instance().cells()[cell].high;
  if (kind == SortKind::bits) {
    unsigned width = 1;
    while ((most >> width) != 0) ++width;
    Term term = to.bits(value, width, speaker, assumed);
    const unsigned needed = to.width_of(value, speaker);
    if (needed > width) { // then the places above have to be clear
      const std::string exact = to.bits(value, needed, speaker, assumed).text;
      term.defined = both(term.defined, equals(extract(exact, needed - 1, width), bits(0, needed - width)));
    }
    return term;
  }
  Term term = to.term(value, speaker, assumed);
  if (is_whole_number(kind) && !surely_fits(to, cell, to.interval(value, speaker)) &&
      !copies_itself(to, cell, term.text))
    term.defined = both(term.defined, range_of_cell(to, cell, term.text));
  return term;
}

namespace {

// Which cells of a variable an update may be meant for, and when it is.
struct Aim {
  std::size_t cell;
  std::string when;
};

std::string is_named(const Expressions& to, const Term& index, Id<model::IndexSet> set, Value name) {
  return both(to.open_sets().exists(set, name), equals(index.text, to.open_sets().member(set, name)));
}

// Of an open set: it is one of the members that have a name, or none at all.
std::string has_a_name(const Expressions& to, const Expr& index, const Term& written, Id<model::IndexSet> set,
                       const Speaker& speaker) {
  if (!to.open_sets().contains(set) || to.open_sets().name_of(index, speaker)) return yes;
  std::vector<std::string> ways{call("<", {written.text, "0"}),
                                call("<=", {to.open_sets().size(set), written.text})};
  for (Value m = 0; m < to.instance().size(set); ++m) ways.push_back(is_named(to, written, set, m));
  return any_of(ways);
}

std::vector<Aim> aims_of(const Expressions& to, const model::VariableRef& target, const Speaker& speaker,
                         const Assumptions& assumed, std::string& defined, std::string& named) {
  const auto& instance = to.instance();
  const auto& dimensions = instance.dimensions(target.variable);
  std::vector<Term> indices;
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < target.at.size(); ++i) {
    indices.push_back(to.term(target.at[i], speaker, assumed));
    intervals.push_back(to.interval(target.at[i], speaker));
    defined = all_of({defined, indices.back().defined,
                      to.is_member(target.at[i], indices.back(), dimensions[i], speaker, assumed)});
    named = both(named, has_a_name(to, target.at[i], indices.back(), dimensions[i], speaker));
  }
  std::vector<Aim> aims;
  for (std::size_t c = instance.first_cell(target.variable);
       c < instance.cells().size() && instance.cells()[c].variable == target.variable; ++c) {
    std::vector<std::string> here;
    bool possible = true;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const Value member = instance.cells()[c].at[i];
      const Interval& index = intervals[i];
      if (to.open_sets().contains(dimensions[i])) {
        const auto name = to.open_sets().name_of(target.at[i], speaker);
        if (name && *name != member) possible = false;
        here.push_back(name ? yes : is_named(to, indices[i], dimensions[i], member));
        continue;
      }
      if ((index.low && *index.low > member) || (index.high && *index.high < member)) possible = false;
      const bool surely = index.low && index.low == index.high && *index.low == member;
      here.push_back(surely ? yes : equals(indices[i].text, number(member)));
    }
    if (possible) aims.push_back({c, all_of(here)});
  }
  return aims;
}

struct Written {
  std::string value, fits = yes;
};

// Looking at what the step says it did may fail, too.
std::string facts_are_defined(const Expressions& to, const Move& move) {
  std::vector<std::string> defined;
  const auto look = [&](const Expr& e) { defined.push_back(to.term(e, move.speaker, move.guard).defined); };
  for (const model::Fact& fact : move.step->facts) {
    if (const auto* assertion = std::get_if<model::Assertion>(&fact)) look(assertion->holds);
    if (const auto* cost = std::get_if<model::Cost>(&fact)) look(cost->amount);
    if (const auto* lock = std::get_if<model::LockEvent>(&fact))
      for (const Expr& index : lock->instance) look(index);
  }
  return all_of(defined);
}

// What the step reads is of members that have a name, as far as names reach.
std::string read_of_names(const Expressions& to, const Move& move) {
  const model::Instance& instance = to.instance();
  const model::Thread& thread = instance.model().threads[instance.threads()[move.thread].thread];
  std::string all = yes;
  for (const auto set : instance.model().sets.ids()) {
    if (!to.open_sets().contains(set)) continue;
    for (const Expr& member :
         also_named(instance, thread, *move.step, set, to.open_sets().names_of_a_step(set)))
      all = both(all, has_a_name(to, member, to.term(member, move.speaker), set, move.speaker));
  }
  return all;
}

} // namespace

Effect effect_of(const Expressions& to, const Move& move) {
  if (!move.step->error.empty()) return {{}, no, yes};
  std::map<std::size_t, Written> written;
  std::string defined = facts_are_defined(to, move), named = yes;
  for (const model::Update& update : move.step->updates) { // of two for one cell, the later one counts
    std::string target_defined = yes;
    const auto aims = aims_of(to, update.target, move.speaker, move.guard, target_defined, named);
    defined = both(defined, target_defined);
    for (const Expr& member : OpenSubsets::touched(update.value)) {
      const Term index = to.term(member, move.speaker, move.guard);
      named = both(named, has_a_name(to, member, index, Id<model::IndexSet>{member.sort().of}, move.speaker));
    }
    bool looked_at = false;
    for (const Aim& aim : aims) {
      const Term value = value_for_cell(to, aim.cell, update.value, move.speaker, move.guard);
      // Whether it has a value at all does not depend on where it goes.
      const std::string has_value = to.term(update.value, move.speaker, move.guard).defined;
      if (!looked_at) defined = both(defined, has_value);
      looked_at = true;
      const std::string fits = value.defined == has_value ? yes : value.defined;
      const auto [entry, is_first] = written.try_emplace(aim.cell, Written{to.cell(aim.cell, "s")});
      entry->second.value = if_then_else(aim.when, value.text, entry->second.value);
      entry->second.fits = if_then_else(aim.when, fits, entry->second.fits);
      const auto others = to.others_cell(aim.cell);
      if (!others) continue;
      Written& number = written.try_emplace(*others, Written{to.cell(*others, "s")}).first->second;
      number.value = if_then_else(aim.when, to.open_subsets().others(update.value, move.speaker, move.guard),
                                  number.value);
    }
  }
  named = both(named, read_of_names(to, move));
  Effect effect{{}, defined, named};
  for (const auto& [cell, one] : written) {
    effect.updates.push_back({cell, one.value});
    effect.possible = both(effect.possible, one.fits);
  }
  return effect;
}

} // namespace tdxcheck::emit::smt2
