// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/read_write_sets.h"

#include "explore/fields_read.h"
#include "model/may_lack_a_value.h"

namespace tdxcheck::explore {

using model::Expr;

Footprints::Footprints(InterpretedSystem& system) : system_(system), sets_(system, {}) {
  const std::size_t threads = system.instance().threads().size();
  const std::size_t fields = system.layout().fields().size();
  every_move(system, [&](Move move) { read_and_write(move); });
  owned_.assign(threads, FieldSet(std::vector<bool>(fields, true)));
  every_move(system, [&](Move move) {
    for (std::size_t t = 0; t < threads; ++t)
      if (t != move.thread) owned_[t] -= sets_[move].writes;
  });
  for (std::size_t t = 0; t < threads; ++t) readers_.emplace_back(system.instance(), t, owned_[t]);
  every_move(system, [&](Move move) { name(move); });
}

void Footprints::read_and_write(Move move) {
  const std::size_t program = system_.compiled(move).program;
  const std::vector<Field>& fields = system_.layout().fields();
  ReadWriteSets& sets = sets_[move];
  sets.reads = FieldSet(fields_read(system_.code(), program, fields.size()));
  sets.writes = FieldSet(fields_written(system_.code(), program, fields));
  const std::size_t own = system_.layout().cells() + move.thread;
  const model::Step& step = system_.step_of(move);
  const auto id = system_.instance().threads()[move.thread].thread;
  const bool can_be_told =
      std::ranges::any_of(system_.instance().model().regions, [&](const model::Region& region) {
        const auto has = [&](model::Id<model::Label> label) {
          return std::ranges::find(region.labels, label) != region.labels.end();
        };
        return region.thread == id && has(step.from) != has(step.to);
      });
  sets.reads.remove(own);
  if (!can_be_told) sets.writes.remove(own);
}

void Footprints::name(Move move) {
  ReadWriteSets& sets = sets_[move];
  const model::Step& step = system_.step_of(move);
  const PlaceReader& reader = readers_[move.thread];
  const Surroundings here =
      surroundings_of(system_.instance().threads()[move.thread], step, system_.compiled(move).choices);
  std::vector<Glance> read;
  reader.add_glances(step.guard, here, read);
  for (const model::NamedConjunct& conjunct : step.named) reader.add_glances(conjunct.condition, here, read);
  for (const model::Fact& fact : step.facts) {
    if (const auto* assertion = std::get_if<model::Assertion>(&fact))
      reader.add_glances(assertion->holds, here, read);
    if (const auto* event = std::get_if<model::LockEvent>(&fact))
      for (const Expr& member : event->instance) reader.add_glances(member, here, read);
  }
  const auto add = [&](const Place& place, const FieldSet& all, const Access& how) {
    Access access = how;
    access.place = place;
    access.fields = reader.cells(place);
    access.fields &= all;
    if (!access.fields.empty()) sets.accesses.push_back(std::move(access));
  };
  const std::vector<Assignment> assigned = assignments(move);
  for (std::size_t u = 0; u < step.updates.size(); ++u) {
    const model::Update& update = step.updates[u];
    const Place& place = assigned[u].place;
    for (const Expr& index : update.target.at) reader.add_glances(index, here, read);
    const bool alone = std::ranges::count_if(assigned, [&](const Assignment& other) {
                         return other.place.variable == place.variable;
                       }) == 1;
    const bool counts =
        assigned[u].kind == Assignment::Kind::one_more || assigned[u].kind == Assignment::Kind::one_less;
    if (counts && alone) {
      add(place, sets.writes, {{}, {}, true, Glance::all, true});
      continue;
    }
    reader.add_glances(update.value, here, read);
    const auto member = alone ? reader.changed_member(place, update.value, here) : std::nullopt;
    add(place, sets.writes, {{}, {}, true, member.value_or(Glance::all), false});
  }
  for (const Glance& glance : read) add(glance.place, sets.reads, {{}, {}, false, glance.member, false});

  sets.always_decided = !model::may_lack_a_value(step.guard);
  for (const model::NamedConjunct& conjunct : step.named)
    sets.always_decided = sets.always_decided && !model::may_lack_a_value(conjunct.condition);
  reader.add_required(step.guard, true, here, sets.required);
  for (const model::NamedConjunct& conjunct : step.named)
    reader.add_required(conjunct.condition, true, here, sets.required);
}

std::vector<Assignment> Footprints::assignments(Move move) const {
  const model::Step& step = system_.step_of(move);
  const PlaceReader& reader = readers_[move.thread];
  const Surroundings here =
      surroundings_of(system_.instance().threads()[move.thread], step, system_.compiled(move).choices);
  std::vector<Assignment> result;
  for (const model::Update& update : step.updates) {
    Assignment assignment{reader.place(update.target, here), Assignment::Kind::unknown, 0};
    const auto* change = std::get_if<model::Binary>(&update.value.node().kind);
    if (const auto value = reader.constant(update.value, here)) {
      assignment.kind = Assignment::Kind::constant;
      assignment.value = *value;
    } else if (update.value.sort().kind == model::SortKind::index) {
      assignment.kind = Assignment::Kind::member;
    } else if (change != nullptr && reader.constant(change->right, here) == 1) {
      const auto* before = std::get_if<model::VariableRef>(&change->left.node().kind);
      if (before != nullptr && reader.place(*before, here) == assignment.place &&
          assignment.place.is_determined()) {
        if (change->op == model::BinaryOp::add) assignment.kind = Assignment::Kind::one_more;
        if (change->op == model::BinaryOp::subtract) assignment.kind = Assignment::Kind::one_less;
      }
    }
    result.push_back(std::move(assignment));
  }
  return result;
}

} // namespace tdxcheck::explore
