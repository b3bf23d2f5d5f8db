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
    : footprints_(footprints), held_(held), seen_(seen), unnamed_(footprints.system(), {}) {
  const InterpretedSystem& system = footprints.system();
  every_move(system, [&](Move move) {
    const ReadWriteSets& sets = footprints.of(move);
    Summary unnamed{sets.reads, sets.writes};
    for (const Access& access : sets.accesses) {
      if (access.is_write) unnamed.writes -= access.fields;
      if (!access.is_write || access.is_count) unnamed.reads -= access.fields;
    }
    unnamed_[move] = std::move(unnamed);
  });
  const std::size_t fields = system.layout().fields().size();
  for (std::size_t t = 0; t < system.moves().size(); ++t) {
    std::vector<Summary>& labels = summaries_.emplace_back();
    for (std::size_t l = 0; l < system.moves()[t].at.size(); ++l) {
      Summary& summary = labels.emplace_back(Summary{FieldSet(fields), FieldSet(fields)});
      summary.reads |= seen[t][l];
      for (const std::uint16_t m : system.moves()[t].at[l]) {
        summary.reads |= footprints.of(move_of(t, m)).reads;
        summary.writes |= footprints.of(move_of(t, m)).writes;
      }
    }
  }
  rows_.resize(system.moves().size());
  for (std::size_t t = 0; t < rows_.size(); ++t) {
    rows_[t].resize(summaries_[t].size());
    for (std::size_t l = 0; l < rows_[t].size(); ++l) fill(t, l);
  }
}

// Backwards over the control flow of each other thread, from where it meets this one.
void Dependence::fill(std::size_t thread, std::size_t label) {
  const InterpretedSystem& system = footprints_.system();
  auto& row = rows_[thread][label];
  row.resize(rows_.size());
  const bool reached = held_.is_reached(thread, id_of(label));
  for (std::size_t other = 0; other < rows_.size(); ++other) {
    std::vector<bool>& meets = row[other];
    meets.assign(summaries_[other].size(), !reached);
    if (other == thread || !reached) continue;
    const std::vector<Place>& held = held_.at(thread, id_of(label));
    std::vector<std::vector<std::size_t>> before(meets.size());
    std::deque<std::size_t> open;
    for (std::size_t there = 0; there < meets.size(); ++there) {
      if (!held_.is_reached(other, id_of(there)) || is_kept_out(other, there, held)) continue;
      if (conflict(thread, label, other, there)) {
        meets[there] = true;
        open.push_back(there);
      }
      for (const std::uint16_t m : system.moves()[other].at[there])
        if (const Move move = move_of(other, m); !is_kept_out(move, held))
          before[system.step_of(move).to.value].push_back(there);
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
}

bool Dependence::is_ever_alone(std::size_t thread, std::size_t label) const {
  for (std::size_t other = 0; other < rows_.size(); ++other)
    if (other != thread &&
        std::ranges::find(rows_[thread][label][other], false) == rows_[thread][label][other].end())
      return false;
  return held_.is_reached(thread, id_of(label));
}

bool Dependence::is_kept_out(std::size_t other, std::size_t there, const std::vector<Place>& held) const {
  return std::ranges::any_of(held, [&](const Place& mine) {
    return mine.is_one_cell() && std::ranges::any_of(held_.at(other, id_of(there)), [&](const Place& theirs) {
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

bool Dependence::conflict(std::size_t thread, std::size_t label, std::size_t other, std::size_t there) const {
  const Summary &mine = summaries_[thread][label], &theirs = summaries_[other][there];
  if (!mine.writes.meets(theirs.reads) && !mine.writes.meets(theirs.writes) &&
      !mine.reads.meets(theirs.writes))
    return false;
  const InterpretedSystem& system = footprints_.system();
  const std::vector<Place>&held_by_me = held_.at(thread, id_of(label)),
        &held_there = held_.at(other, id_of(there));
  if (mine.writes.meets(seen_[other][there])) return true;
  for (const std::uint16_t m : system.moves()[other].at[there]) {
    const Move move = move_of(other, m);
    if (is_kept_out(move, held_by_me)) continue;
    if (footprints_.of(move).writes.meets(seen_[thread][label])) return true;
    for (const std::uint16_t own : system.moves()[thread].at[label])
      if (conflict(move_of(thread, own), held_by_me, move, held_there)) return true;
  }
  return false;
}

bool Dependence::conflict(Move a, const std::vector<Place>& held_by_a, Move b,
                          const std::vector<Place>& held_by_b) const {
  const ReadWriteSets &mine = footprints_.of(a), &theirs = footprints_.of(b);
  if (!mine.writes.meets(theirs.reads) && !mine.writes.meets(theirs.writes) &&
      !mine.reads.meets(theirs.writes))
    return false;
  const Summary &unnamed_a = unnamed_[a], &unnamed_b = unnamed_[b];
  if (unnamed_a.writes.meets(theirs.reads) || unnamed_a.writes.meets(theirs.writes) ||
      unnamed_a.reads.meets(theirs.writes) || mine.writes.meets(unnamed_b.reads) ||
      mine.writes.meets(unnamed_b.writes) || mine.reads.meets(unnamed_b.writes))
    return true;
  for (const Access& x : mine.accesses)
    for (const Access& y : theirs.accesses)
      if ((x.is_write || y.is_write) && x.fields.meets(y.fields) && !commute(x, y) &&
          !different_cells(x, held_by_a, y, held_by_b, b))
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
