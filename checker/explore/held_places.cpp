// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/held_places.h"

#include <deque>

namespace tdxcheck::explore {

using model::Value;

HeldPlaces::HeldPlaces(const Footprints& footprints)
    : footprints_(footprints), assignments_(footprints.system(), {}) {
  const InterpretedSystem& system = footprints.system();
  every_move(system, [&](Move move) { assignments_[move] = footprints.assignments(move); });
  find_candidates();
  for (std::size_t t = 0; t < system.instance().threads().size(); ++t) follow(t);
  drop_those_that_break_the_rules();
  find_exclusions();
  find_exact_counts();
}

// Whatever is shared and starts free, unless one step writes it twice: that may be one cell.
void HeldPlaces::find_candidates() {
  const model::Instance& instance = footprints_.system().instance();
  for (const model::Variable& variable : instance.model().variables) {
    Lock& lock = locks_.emplace_back();
    if (variable.initial && !std::holds_alternative<model::LocalScope>(variable.scope))
      lock.free = model::evaluate_constant(instance.model(), instance.valuation(), *variable.initial);
  }
  every_move(footprints_.system(), [&](Move move) {
    const std::vector<Assignment>& all = assignments_[move];
    for (std::size_t a = 0; a < all.size(); ++a) {
      Lock& lock = locks_[all[a].place.variable.value];
      for (std::size_t b = 0; b < a; ++b)
        if (all[b].place.variable == all[a].place.variable) lock.free.reset();
      lock.counts = lock.counts || all[a].kind == Assignment::Kind::one_more;
    }
  });
  for (Lock& lock : locks_)
    if (lock.counts && lock.free != 0) lock.free.reset();
}

bool HeldPlaces::requires_free(Move move, const Place& place) const {
  const std::optional<Value> free = locks_[place.variable.value].free;
  return free && place.is_determined() &&
         std::ranges::any_of(footprints_.of(move).required, [&](const PlaceReader::Required& required) {
           return required.place == place && required.value == *free;
         });
}

bool HeldPlaces::takes(Move move, const Assignment& assignment) const {
  const Lock& lock = locks_[assignment.place.variable.value];
  if (!lock.free || !assignment.place.is_determined()) return false;
  if (lock.counts) return assignment.kind == Assignment::Kind::one_more;
  const bool not_free = (assignment.kind == Assignment::Kind::constant && assignment.value != *lock.free) ||
                        (assignment.kind == Assignment::Kind::member && *lock.free == model::no_member);
  return not_free && requires_free(move, assignment.place);
}

// A member that the step chooses, and writes down in a local of its own, is known by that from then on.
Place HeldPlaces::as_remembered(Move move, Place place) const {
  const InterpretedSystem& system = footprints_.system();
  const auto self = system.instance().threads()[move.thread].thread;
  for (Member& member : place.at) {
    if (member.kind != Member::Kind::constant || system.step_of(move).choices.empty()) continue;
    for (const Assignment& assignment : assignments_[move]) {
      const auto& variable = system.instance().model().variables[assignment.place.variable];
      const auto* local = std::get_if<model::LocalScope>(&variable.scope);
      if (local == nullptr || local->thread != self || assignment.kind != Assignment::Kind::constant ||
          assignment.value != member.value || !assignment.place.is_one_cell() ||
          std::ranges::count_if(assignments_[move], [&](const Assignment& other) {
            return other.place.variable == assignment.place.variable;
          }) != 1)
        continue;
      std::vector<Value> at;
      for (const Member& m : assignment.place.at) at.push_back(m.value);
      const std::size_t cell = system.instance().cell(assignment.place.variable, at);
      if (!footprints_.owns(move.thread, cell)) continue;
      member = {Member::Kind::local, static_cast<Value>(cell)};
      break;
    }
  }
  return place;
}

std::vector<Place> HeldPlaces::after(Move move, std::vector<Place> held) const {
  const std::vector<Assignment>& all = assignments_[move];
  std::vector<Place> remembered;
  const FieldSet& writes = footprints_.of(move).writes;
  const auto names_what_changes = [&](const Place& place) {
    return std::ranges::any_of(place.at, [&](const Member& member) {
      return member.kind == Member::Kind::local && writes.has(static_cast<std::size_t>(member.value));
    });
  };
  for (const Assignment& assignment : all) {
    if (takes(move, assignment)) {
      if (names_what_changes(assignment.place)) continue;
      const Place place = as_remembered(move, assignment.place);
      if (place != assignment.place) remembered.push_back(place);
      if (std::ranges::find(held, place) == held.end()) held.push_back(place);
    } else {
      std::erase(held, assignment.place);
    }
  }
  std::erase_if(held, [&](const Place& place) {
    return std::ranges::find(remembered, place) == remembered.end() && names_what_changes(place);
  });
  return held;
}

// Forward over the control flow; a label holds what every path to it holds.
void HeldPlaces::follow(std::size_t thread) {
  const InterpretedSystem& system = footprints_.system();
  const model::Thread& what = system.instance().model().threads[system.instance().threads()[thread].thread];
  std::vector<Held>& held = held_.emplace_back(what.labels.size());
  held[what.start.value].emplace();
  std::deque<std::uint32_t> open{what.start.value};
  while (!open.empty()) {
    const std::uint32_t label = open.front();
    open.pop_front();
    for (const std::uint16_t m : system.moves()[thread].at[label]) {
      const Move move{static_cast<std::uint16_t>(thread), m};
      const std::vector<Place> brought = after(move, *held[label]);
      Held& there = held[system.step_of(move).to.value];
      const std::size_t before = there ? there->size() : 0;
      const bool is_new = !there;
      if (is_new) there = brought;
      else
        std::erase_if(*there,
                      [&](const Place& place) { return std::ranges::find(brought, place) == brought.end(); });
      if (is_new || there->size() != before) open.push_back(system.step_of(move).to.value);
    }
  }
}

bool HeldPlaces::keeps_the_rules(Move move, const Assignment& assignment) const {
  const Lock& lock = locks_[assignment.place.variable.value];
  const std::vector<Place>& held = at(move.thread, footprints_.system().step_of(move).from);
  const bool is_held =
      assignment.place.is_determined() && std::ranges::find(held, assignment.place) != held.end();
  if (lock.counts)
    return assignment.kind == Assignment::Kind::one_more ||
           (is_held && assignment.kind == Assignment::Kind::one_less);
  if (requires_free(move, assignment.place)) return true;
  return is_held || (assignment.kind == Assignment::Kind::constant && assignment.value != *lock.free) ||
         (assignment.kind == Assignment::Kind::member && *lock.free == model::no_member);
}

void HeldPlaces::drop_those_that_break_the_rules() {
  every_move(footprints_.system(), [&](Move move) {
    if (!is_reached(move.thread, footprints_.system().step_of(move).from)) return;
    for (const Assignment& assignment : assignments_[move]) {
      Lock& lock = locks_[assignment.place.variable.value];
      if (lock.free && !keeps_the_rules(move, assignment)) lock.free.reset();
    }
  });
  for (std::vector<Held>& labels : held_)
    for (Held& held : labels)
      if (held) std::erase_if(*held, [&](const Place& place) { return !locks_[place.variable.value].free; });
}

void HeldPlaces::find_exclusions() {
  const std::size_t variables = locks_.size();
  // Where each lock is taken, which others are free at the same members.
  std::vector<std::vector<std::uint8_t>> finds_free(variables, std::vector<std::uint8_t>(variables, 1));
  every_move(footprints_.system(), [&](Move move) {
    for (const Assignment& assignment : assignments_[move]) {
      if (!takes(move, assignment)) continue;
      for (std::uint32_t other = 0; other < variables; ++other)
        if (!requires_free(move, Place{{other}, assignment.place.at}))
          finds_free[assignment.place.variable.value][other] = 0;
    }
  });
  excludes_.assign(variables, std::vector<std::uint8_t>(variables, 0));
  for (std::uint32_t a = 0; a < variables; ++a)
    for (std::uint32_t b = 0; b < variables; ++b)
      excludes_[a][b] =
          locks_[a].free && locks_[b].free && finds_free[a][b] != 0 && finds_free[b][a] != 0 ? 1 : 0;
}

// No label forgets a holder, and no thread counts itself twice.
void HeldPlaces::find_exact_counts() {
  const InterpretedSystem& system = footprints_.system();
  std::vector<std::uint8_t> exact;
  for (const Lock& lock : locks_) exact.push_back(lock.free && lock.counts ? 1 : 0);
  const auto number = [](const std::vector<Place>& places, std::uint32_t variable) {
    return std::ranges::count_if(places, [&](const Place& p) { return p.variable.value == variable; });
  };
  every_move(system, [&](Move move) {
    const model::Step& step = system.step_of(move);
    if (!is_reached(move.thread, step.from)) return;
    const std::vector<Place>&before = at(move.thread, step.from), &there = at(move.thread, step.to);
    for (std::uint32_t v = 0; v < locks_.size(); ++v) {
      if (exact[v] == 0) continue;
      std::ptrdiff_t after = number(before, v);
      for (const Assignment& assignment : assignments_[move])
        if (assignment.place.variable.value == v) {
          const bool one_more = assignment.kind == Assignment::Kind::one_more;
          if (one_more && std::ranges::find(before, assignment.place) != before.end()) exact[v] = 0;
          after += one_more ? 1 : -1;
        }
      if (after != number(there, v)) exact[v] = 0;
    }
  });
  for (std::uint32_t v = 0; v < locks_.size(); ++v) {
    std::ptrdiff_t most = 0;
    for (const std::vector<Held>& labels : held_) {
      std::ptrdiff_t by_thread = 0;
      for (const Held& held : labels)
        if (held) by_thread = std::max(by_thread, number(*held, v));
      most += by_thread;
    }
    const model::Cell& cell = system.instance().cells()[system.instance().first_cell({v})];
    locks_[v].stays_in_range = exact[v] != 0 && cell.low <= 0 && most <= cell.high;
  }
}

bool HeldPlaces::excludes(model::Id<model::Variable> a, model::Id<model::Variable> b) const {
  return excludes_[a.value][b.value] != 0;
}

} // namespace tdxcheck::explore
