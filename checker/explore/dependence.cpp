// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/dependence.h"

#include <deque>

namespace tdxcheck::explore {
namespace {

Move move_of(std::size_t thread, std::uint16_t move) { return {static_cast<std::uint16_t>(thread), move}; }

model::Id<model::Label> id_of(std::size_t label) { return {static_cast<std::uint32_t>(label)}; }

} // namespace

Dependence::Dependence(const Footprints& footprints, const HeldPlaces& held,
                       const std::vector<std::vector<FieldSet>>& seen)
    : footprints_(footprints), held_(held), seen_(seen) {
  const InterpretedSystem& system = footprints.system();
  for (std::size_t t = 0; t < system.moves().size(); ++t) {
    std::vector<Stand>& stands = stands_.emplace_back();
    for (std::size_t l = 0; l < system.moves()[t].at.size(); ++l) stands.push_back(stand(t, l));
  }
  for (std::size_t t = 0; t < stands_.size(); ++t) {
    rows_.emplace_back(stands_[t].size());
    told_apart_by_.emplace_back(stands_[t].size());
    for (std::size_t l = 0; l < stands_[t].size(); ++l) fill(t, l);
  }
}

Dependence::View Dependence::view_of(Move move) const {
  const ReadWriteSets& sets = footprints_.of(move);
  View view{{sets.reads, sets.writes}, {sets.reads, sets.writes}, sets.accesses, move};
  for (const Access& access : sets.accesses) {
    if (access.is_write) view.unnamed.writes -= access.fields;
    if (!access.is_write || access.is_count) view.unnamed.reads -= access.fields;
  }
  return view;
}

Dependence::Stand Dependence::stand(std::size_t thread, std::size_t label) const {
  const InterpretedSystem& system = footprints_.system();
  const std::size_t fields = system.layout().fields().size();
  Stand result{thread, label, {FieldSet(fields), FieldSet(fields)}, {}, {}};
  result.all.reads |= seen_[thread][label];
  if (held_.is_reached(thread, id_of(label))) result.held = held_.at(thread, id_of(label));
  for (const std::uint16_t m : system.moves()[thread].at[label]) {
    result.moves.push_back(view_of(move_of(thread, m)));
    result.all.reads |= result.moves.back().all.reads;
    result.all.writes |= result.moves.back().all.writes;
  }
  return result;
}

Dependence::Stand Dependence::stand(std::size_t thread, std::size_t label, const Values& values) const {
  Stand result = stands_[thread][label];
  const auto look_up = [&](Place& place) {
    for (Member& member : place.at) {
      if (member.kind != Member::Kind::local) continue;
      const auto value = values.find(static_cast<std::size_t>(member.value));
      if (value != values.end()) member = {Member::Kind::constant, value->second};
    }
  };
  for (Place& place : result.held) look_up(place);
  result.all.writes -= result.all.writes;
  result.all.reads = seen_[thread][label];
  for (View& view : result.moves) {
    view.all = view.unnamed;
    for (Access& access : view.accesses) {
      look_up(access.place);
      access.fields &= footprints_.reader(thread).cells(access.place);
      if (access.is_write) view.all.writes |= access.fields;
      if (!access.is_write || access.is_count) view.all.reads |= access.fields;
    }
    result.all.reads |= view.all.reads;
    result.all.writes |= view.all.writes;
  }
  return result;
}

// Locals that index what somebody else may have to do with.
std::vector<std::size_t> Dependence::find_what_tells_apart(const Stand& here) const {
  std::vector<std::size_t> locals;
  std::size_t values = 1;
  const auto add = [&](const Place& place) {
    for (const Member& member : place.at) {
      const auto field = static_cast<std::size_t>(member.value);
      if (member.kind != Member::Kind::local || std::ranges::find(locals, field) != locals.end()) continue;
      const Field& local = footprints_.system().layout().fields()[field];
      const auto range = static_cast<std::size_t>(local.high - local.low) + 1;
      if (range <= 1 || range > most_told_apart || values * range > most_told_apart) continue;
      values *= range;
      locals.push_back(field);
    }
  };
  for (const Place& place : here.held) add(place);
  for (const View& view : here.moves)
    for (const Access& access : view.accesses) add(access.place);
  return locals;
}

void Dependence::fill(std::size_t thread, std::size_t label) {
  const Stand& here = stands_[thread][label];
  std::vector<Row>& rows = rows_[thread][label];
  if (here.moves.empty()) return rows.push_back(Row());
  const std::vector<std::size_t> locals = find_what_tells_apart(here);
  told_apart_by_[thread][label] = locals;
  Values values;
  for (const std::size_t local : locals) values[local] = footprints_.system().layout().fields()[local].low;
  for (bool more = true; more;) {
    rows.push_back(row_of(locals.empty() ? here : stand(thread, label, values)));
    more = false;
    for (std::size_t i = locals.size(); i-- > 0 && !more;) {
      const Field& local = footprints_.system().layout().fields()[locals[i]];
      more = values[locals[i]] < local.high;
      values[locals[i]] = more ? values[locals[i]] + 1 : local.low;
    }
  }
}

// Backwards over the control flow of each other thread, from where it meets this one.
Dependence::Row Dependence::row_of(const Stand& here) const {
  const InterpretedSystem& system = footprints_.system();
  Row row(stands_.size());
  const bool reached = held_.is_reached(here.thread, id_of(here.label));
  for (std::size_t other = 0; other < row.size(); ++other) {
    std::vector<bool>& meets = row[other];
    meets.assign(stands_[other].size(), !reached);
    if (other == here.thread || !reached) continue;
    std::vector<std::vector<std::size_t>> before(meets.size());
    std::deque<std::size_t> open;
    for (const Stand& there : stands_[other]) {
      if (!held_.is_reached(other, id_of(there.label)) || is_kept_out(there, here.held)) continue;
      if (conflict(here, there)) {
        meets[there.label] = true;
        open.push_back(there.label);
      }
      for (const View& theirs : there.moves)
        if (!is_kept_out(theirs.move, here.held))
          before[system.step_of(theirs.move).to.value].push_back(there.label);
    }
    while (!open.empty()) {
      const std::size_t there = open.front();
      open.pop_front();
      for (const std::size_t earlier : before[there]) {
        if (meets[earlier]) continue;
        meets[earlier] = true;
        open.push_back(earlier);
      }
    }
  }
  return row;
}

bool Dependence::is_ever_alone(std::size_t thread, std::size_t label) const {
  const auto is_alone = [&](const Row& row) {
    for (std::size_t other = 0; other < row.size(); ++other)
      if (other != thread && std::ranges::find(row[other], false) == row[other].end()) return false;
    return true;
  };
  return held_.is_reached(thread, id_of(label)) && !stands_[thread][label].moves.empty() &&
         std::ranges::any_of(rows_[thread][label], is_alone);
}

bool Dependence::is_kept_out(const Stand& other, const std::vector<Place>& held) const {
  return std::ranges::any_of(held, [&](const Place& mine) {
    return mine.is_one_cell() && std::ranges::any_of(other.held, [&](const Place& theirs) {
             return theirs.at == mine.at && held_.excludes(mine.variable, theirs.variable);
           });
  });
}

bool Dependence::is_kept_out(Move move, const std::vector<Place>& held) const {
  if (!footprints_.of(move).always_decided) return false;
  return std::ranges::any_of(held, [&](const Place& mine) {
    return mine.is_one_cell() &&
           std::ranges::any_of(footprints_.of(move).required, [&](const PlaceReader::Required& required) {
             return required.place == mine && required.value == held_.free_value(mine.variable);
           });
  });
}

namespace {

template <class Summary>
bool meet(const Summary& a, const Summary& b) {
  return a.writes.meets(b.reads) || a.writes.meets(b.writes) || a.reads.meets(b.writes);
}

} // namespace

bool Dependence::conflict(const Stand& here, const Stand& there) const {
  if (here.all.writes.meets(seen_[there.thread][there.label])) return true;
  if (!meet(here.all, there.all)) return false;
  for (const View& theirs : there.moves) {
    if (is_kept_out(theirs.move, here.held)) continue;
    if (theirs.all.writes.meets(seen_[here.thread][here.label])) return true;
    for (const View& mine : here.moves)
      if (conflict(mine, here.held, theirs, there.held)) return true;
  }
  return false;
}

bool Dependence::conflict(const View& a, const std::vector<Place>& held_by_a, const View& b,
                          const std::vector<Place>& held_by_b) const {
  if (!meet(a.all, b.all)) return false;
  if (meet(a.unnamed, b.all) || meet(a.all, b.unnamed)) return true;
  for (const Access& x : a.accesses)
    for (const Access& y : b.accesses)
      if ((x.is_write || y.is_write) && x.fields.meets(y.fields) && !commute(x, y) &&
          !different_cells(x, held_by_a, y, held_by_b, b.move))
        return true;
  return false;
}

bool Dependence::commute(const Access& a, const Access& b) const {
  if (a.is_count && b.is_count) return held_.stays_in_range(a.place.variable);
  return a.member != Glance::all && b.member != Glance::all && a.member != b.member;
}

// Where the two lie in one cell, the members of two locks that exclude each other would be the same.
bool Dependence::different_cells(const Access& a, const std::vector<Place>& held_by_a, const Access& b,
                                 const std::vector<Place>& held_by_b, Move by) const {
  const auto same_members_if_one_cell = [&](const Place& mine, const Place& theirs) {
    if (mine.at.size() != theirs.at.size()) return false;
    for (std::size_t i = 0; i < mine.at.size(); ++i) {
      const Member &m = mine.at[i], &n = theirs.at[i];
      bool same = m.kind == Member::Kind::constant && m == n;
      for (std::size_t d = 0; d < a.place.at.size() && d < b.place.at.size() && !same; ++d)
        same = a.place.variable == b.place.variable && a.place.at[d] == m && b.place.at[d] == n &&
               m.kind != Member::Kind::any && n.kind != Member::Kind::any;
      if (!same) return false;
    }
    return true;
  };
  return std::ranges::any_of(held_by_a, [&](const Place& mine) {
    const bool both_hold = std::ranges::any_of(held_by_b, [&](const Place& theirs) {
      return held_.excludes(mine.variable, theirs.variable) && same_members_if_one_cell(mine, theirs);
    });
    return both_hold ||
           (footprints_.of(by).always_decided &&
            std::ranges::any_of(footprints_.of(by).required, [&](const PlaceReader::Required& required) {
              return required.place.variable == mine.variable && required.place.is_determined() &&
                     required.value == held_.free_value(mine.variable) &&
                     same_members_if_one_cell(mine, required.place);
            }));
  });
}

} // namespace tdxcheck::explore
