// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/views.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/rewrite.h"
#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Id;
using model::IndexSet;
using model::Value;

constexpr Value most_values = 64; // of a cell that each get an atom
// Bound names of a model are numbered from 0.
constexpr std::uint32_t first_viewer = 0x70000000, viewers_of_a_set = 16;

bool is_literal(const Expr& e) { return std::holds_alternative<model::Literal>(e.node().kind); }

} // namespace

Views::Views(Problem& problem, std::vector<Value> viewers)
    : problem_(problem), names_(problem.model, problem.valuation), viewers_(std::move(viewers)) {
  for (const auto id : problem.model.threads.ids()) look_at_labels(id);
  labels_ = places_.size();
  for (const auto id : problem.model.variables.ids()) look_at_cells(id);
}

std::optional<std::size_t> Views::open(Id<IndexSet> set) const {
  for (std::size_t i = 0; i < problem_.open.size(); ++i)
    if (problem_.open[i].set == set) return i;
  return {};
}

model::BoundName Views::viewer(std::size_t set, Value number) const {
  const std::string& name = problem_.model.sets[problem_.open[set].set].name;
  return {first_viewer + static_cast<std::uint32_t>(set) * viewers_of_a_set +
              static_cast<std::uint32_t>(number),
          fmt::format("{}{}", name, number + 1)};
}

Expr Views::viewing(std::size_t set, Value number) const {
  return model::make({model::SortKind::index, problem_.open[set].set.value},
                     model::BoundRef{viewer(set, number)});
}

std::vector<std::vector<Views::Place::At>>
Views::all_indices(const std::vector<Id<IndexSet>>& dimensions) const {
  std::vector<std::vector<Place::At>> all{{}};
  for (const auto set : dimensions) {
    const auto position = open(set);
    const Value most = position ? viewers_[*position] : names_.size(set);
    std::vector<std::vector<Place::At>> longer;
    for (const auto& before : all)
      for (Value m = 0; m < most; ++m) {
        longer.push_back(before);
        longer.back().push_back({position.has_value(), position.value_or(0), m});
      }
    all = std::move(longer);
  }
  return all;
}

void Views::add(const Look& look, Expr said, bool counts_negated) {
  looks_.push_back(look);
  said_.push_back(std::move(said));
  counts_negated_.push_back(counts_negated);
}

void Views::begin_place(Id<model::Variable> variable, Id<model::Thread> thread,
                        const std::vector<Place::At>& at) {
  places_.push_back({variable, thread, at, looks_.size()});
}

void Views::values_in_a_row(Value lowest, std::size_t number) {
  places_.back().lowest = lowest;
  places_.back().in_a_row = number;
}

void Views::look_at_labels(Id<model::Thread> id) {
  std::vector<Id<IndexSet>> dimensions;
  if (const auto& over = problem_.model.threads[id].over) dimensions.push_back(*over);
  for (const auto& at : all_indices(dimensions)) {
    begin_place({}, id, at);
    values_in_a_row(0, problem_.model.threads[id].labels.size());
    for (const auto label : problem_.model.threads[id].labels.ids())
      add({places_.size() - 1, Kind::is, label.value}, is_at(places_.back(), {label}), false);
  }
}

Expr Views::is_at(const Place& place, const std::vector<Id<model::Label>>& labels) const {
  Places where(problem_.model);
  if (place.at.empty()) return where.is_at(place.thread, 0, labels);
  const Place::At& who = place.at.front();
  return who.is_viewer ? where.is_at(place.thread, viewing(who.set, who.number), labels)
                       : where.is_at(place.thread, who.number, labels);
}

void Views::look_at_cells(Id<model::Variable> id) {
  const auto& dimensions = names_.dimensions(id);
  for (const auto& at : all_indices(dimensions)) {
    model::VariableRef read{id, {}};
    for (std::size_t d = 0; d < at.size(); ++d)
      read.at.push_back(at[d].is_viewer
                            ? viewing(at[d].set, at[d].number)
                            : model::literal({model::SortKind::index, dimensions[d].value}, at[d].number));
    begin_place(id, {}, at);
    look_at_cell(model::make(model::sort_of(problem_.model.variables[id].type.scalar), read));
  }
}

void Views::look_at_cell(const Expr& read) {
  const std::size_t here = places_.size() - 1;
  const model::ScalarType& type = problem_.model.variables[places_.back().variable].type.scalar;
  if (std::holds_alternative<model::BoolType>(type)) {
    values_in_a_row(0, 2);
    add({here, Kind::is, 0}, model::negation(read), false);
    add({here, Kind::is, 1}, read, false);
    return;
  }
  if (const auto* index = std::get_if<model::IndexType>(&type))
    if (open(index->set)) return look_at_index(here, index->set, read);
  if (const auto* index = std::get_if<model::OptionalIndexType>(&type))
    if (open(index->set)) return look_at_index(here, index->set, read);
  if (const auto* subset = std::get_if<model::SubsetType>(&type))
    return look_at_subset(here, subset->of, read);
  look_at_number(here, read);
}

void Views::look_at_index(std::size_t place, Id<IndexSet> set, const Expr& read) {
  const std::size_t position = *open(set);
  if (read.sort().kind == model::SortKind::optional_index)
    add({place, Kind::is, model::no_member},
        model::binary(BinaryOp::equal, read, model::literal(read.sort(), model::no_member)), true);
  const bool ordered = read.sort().kind == model::SortKind::index && !problem_.model.sets[set].symmetric;
  for (Value v = 0; v < viewers_[position]; ++v) {
    add({place, Kind::is_viewer, v, position}, model::binary(BinaryOp::equal, read, viewing(position, v)),
        true);
    if (ordered)
      add({place, Kind::below_viewer, v, position}, model::binary(BinaryOp::less, read, viewing(position, v)),
          true);
  }
}

// Of an open set, whether there is anybody, and who looks; of another, each member.
void Views::look_at_subset(std::size_t place, Id<IndexSet> set, const Expr& read) {
  const auto has = [&](const Expr& member) { return model::binary(BinaryOp::contains, read, member); };
  const auto position = open(set);
  if (!position) {
    for (Value m = 0; m < names_.size(set); ++m)
      add({place, Kind::contains, m}, has(model::literal({model::SortKind::index, set.value}, m)), true);
    return;
  }
  add({place, Kind::is, 0}, model::binary(BinaryOp::equal, read, model::literal(read.sort(), 0)), true);
  for (Value v = 0; v < viewers_[*position]; ++v)
    add({place, Kind::has_viewer, v, *position}, has(viewing(*position, v)), true);
}

void Views::look_at_number(std::size_t place, const Expr& read) {
  const auto number = [&](Value v) { return model::literal(read.sort(), v); };
  const auto compare = [&](BinaryOp op, Value v) { return model::binary(op, read, number(v)); };
  const model::Variable& variable = problem_.model.variables[places_[place].variable];
  const auto* type = std::get_if<model::IntegerType>(&variable.type.scalar);
  if (type != nullptr && !(is_literal(type->low) && is_literal(type->high))) {
    for (Value v = 0; v <= 1; ++v) {
      add({place, Kind::is, v}, compare(BinaryOp::equal, v), true);
      add({place, Kind::at_most, v}, compare(BinaryOp::less_equal, v), true);
    }
    for (const result::AnyParameter& any : problem_.any) {
      if (!std::holds_alternative<model::IntegerParameter>(problem_.model.parameters[any.parameter].type))
        continue;
      const Expr limit = model::make({model::SortKind::integer, 0}, model::ParameterRef{any.parameter});
      const auto p = static_cast<Value>(any.parameter.value);
      add({place, Kind::is_parameter, p}, model::binary(BinaryOp::equal, read, limit), true);
      add({place, Kind::at_most_parameter, p}, model::binary(BinaryOp::less_equal, read, limit), true);
    }
    return;
  }
  const model::Cell& cell = names_.cells()[names_.first_cell(places_[place].variable)];
  if (cell.high - cell.low >= most_values) return;
  values_in_a_row(cell.low, static_cast<std::size_t>(cell.high - cell.low) + 1);
  for (Value v = cell.low; v <= cell.high; ++v) add({place, Kind::is, v}, compare(BinaryOp::equal, v), false);
  if (read.sort().kind != model::SortKind::integer) return;
  for (Value v = cell.low + 1; v + 1 < cell.high; ++v)
    add({place, Kind::at_most, v}, compare(BinaryOp::less_equal, v), true);
}

std::size_t Views::symbol_of(std::size_t atom, const model::Instance& instance,
                             const Viewers& members) const {
  const Place& place = places_[looks_[atom].place];
  std::vector<Value> at;
  for (const Place::At& index : place.at)
    at.push_back(index.is_viewer ? members[index.set][static_cast<std::size_t>(index.number)] : index.number);
  return is_label(atom) ? instance.cells().size() + instance.thread(place.thread, at.empty() ? 0 : at.front())
                        : instance.cell(place.variable, at);
}

Value Views::value(const Place& place, const model::Instance& instance, const State& state,
                   const Viewers& members) const {
  std::vector<Value> at;
  for (const Place::At& index : place.at)
    at.push_back(index.is_viewer ? members[index.set][static_cast<std::size_t>(index.number)] : index.number);
  const bool is_thread = static_cast<std::size_t>(&place - places_.data()) < labels_;
  if (is_thread) return state.at[instance.thread(place.thread, at.empty() ? 0 : at.front())].value;
  return state.cells[instance.cell(place.variable, at)];
}

std::vector<std::size_t> Views::atoms_of(const model::Instance& instance, const State& state,
                                         const std::vector<Value>& parameters, const Viewers& members) const {
  std::vector<std::size_t> atoms;
  for (std::size_t p = 0; p < places_.size(); ++p) {
    const Place& place = places_[p];
    const std::size_t end = p + 1 < places_.size() ? places_[p + 1].first : looks_.size();
    if (place.first == end) continue;
    const Value here = value(place, instance, state, members);
    const auto in_row = static_cast<std::size_t>(here - place.lowest);
    if (in_row < place.in_a_row) atoms.push_back(place.first + in_row);
    for (std::size_t a = place.first + place.in_a_row; a < end; ++a)
      if (holds(looks_[a], here, parameters, members)) atoms.push_back(a);
  }
  return atoms;
}

bool Views::holds(const Look& look, Value here, const std::vector<Value>& parameters,
                  const Viewers& members) {
  const auto member = [&] { return members[look.set][static_cast<std::size_t>(look.value)]; };
  const auto parameter = [&] { return parameters[static_cast<std::size_t>(look.value)]; };
  switch (look.kind) {
  case Kind::is: return here == look.value;
  case Kind::at_most: return here <= look.value;
  case Kind::contains: return (here >> look.value & 1) != 0;
  case Kind::is_viewer: return here == member();
  case Kind::has_viewer: return (here >> member() & 1) != 0;
  case Kind::below_viewer: return here < member();
  case Kind::is_parameter: return here == parameter();
  case Kind::at_most_parameter: return here <= parameter();
  }
  support::ensures_internal(false, "every kind of look is taken");
  return false;
}

std::vector<AtomLiteral> Views::literals_of(const std::vector<std::size_t>& atoms) const {
  std::vector<AtomLiteral> literals;
  for (std::size_t a = 0; a < said_.size(); ++a) {
    const bool holds = std::ranges::binary_search(atoms, a);
    if (holds || counts_negated_[a]) literals.push_back({a, holds});
  }
  return literals;
}

std::vector<std::size_t> Views::rivals(std::size_t atom) const {
  std::vector<std::size_t> all;
  if (counts_negated_[atom] || looks_[atom].kind != Kind::is) return {atom};
  for (std::size_t a = 0; a < said_.size(); ++a)
    if (looks_[a].place == looks_[atom].place && looks_[a].kind == Kind::is) all.push_back(a);
  return all;
}

Views::About Views::about(std::size_t atom) const {
  const Look& look = looks_[atom];
  const Place& place = places_[look.place];
  const auto number = [&] { return place.at.empty() ? std::optional<Value>() : place.at.front().number; };
  About about;
  if (is_label(atom)) {
    about.owner = Who{place.thread, number()};
    return about;
  }
  const model::Variable& variable = problem_.model.variables[place.variable];
  if (const auto* local = std::get_if<model::LocalScope>(&variable.scope))
    about.owner = Who{local->thread, problem_.model.threads[local->thread].over ? number() : std::nullopt};
  const auto& dimensions = names_.dimensions(place.variable);
  for (std::size_t d = 0; d < place.at.size(); ++d)
    if (!place.at[d].is_viewer) about.members.push_back({dimensions[d], place.at[d].number});
  about.is_relative = look.kind == Kind::is_parameter || look.kind == Kind::at_most_parameter;
  const auto points_at = [&](Id<IndexSet> set) {
    if (open(set) || (look.kind != Kind::is && look.kind != Kind::contains)) return;
    about.points = true;
    if (look.value >= 0) about.members.push_back({set, look.value});
  };
  const model::ScalarType& type = variable.type.scalar;
  if (const auto* index = std::get_if<model::IndexType>(&type)) points_at(index->set);
  if (const auto* index = std::get_if<model::OptionalIndexType>(&type)) points_at(index->set);
  if (const auto* subset = std::get_if<model::SubsetType>(&type)) points_at(subset->of);
  about.is_scalar = !about.owner && place.at.empty() && !about.points;
  return about;
}

bool Views::is_about_all_viewers(const std::vector<AnyAtom>& cube) const {
  std::vector<std::vector<bool>> mentioned;
  for (const Value number : viewers_) mentioned.emplace_back(static_cast<std::size_t>(number), false);
  for (const AnyAtom& literal : cube)
    for (const std::size_t atom : literal.atoms) {
      const Look& look = looks_[atom];
      for (const Place::At& at : places_[look.place].at)
        if (at.is_viewer) mentioned[at.set][static_cast<std::size_t>(at.number)] = true;
      if (look.kind == Kind::below_viewer || look.kind == Kind::is_viewer || look.kind == Kind::has_viewer)
        mentioned[look.set][static_cast<std::size_t>(look.value)] = true;
    }
  return std::ranges::all_of(mentioned, [](const std::vector<bool>& of_set) {
    return std::ranges::all_of(of_set, [](bool is_mentioned) { return is_mentioned; });
  });
}

Expr Views::clause(const std::vector<AnyAtom>& cube) const {
  Expr all;
  for (const AnyAtom& literal : cube) all = model::conjunction(all, any(literal));
  return never(all);
}

// Labels by a region; values one by one, or those that it is not, if they are fewer.
Expr Views::any(const AnyAtom& literal) const {
  const std::size_t first = literal.atoms.front();
  if (!literal.positive) return model::negation(said_[first]);
  if (literal.atoms.size() == 1) return said_[first];
  if (is_label(first)) {
    std::vector<Id<model::Label>> labels;
    for (const std::size_t atom : literal.atoms)
      labels.push_back({static_cast<std::uint32_t>(looks_[atom].value)});
    std::ranges::sort(labels);
    return is_at(places_[looks_[first].place], labels);
  }
  std::vector<std::size_t> others = rivals(first);
  std::erase_if(others, [&](std::size_t a) { return std::ranges::count(literal.atoms, a) > 0; });
  const bool by_others = others.size() < literal.atoms.size();
  Expr either;
  for (const std::size_t atom : by_others ? others : literal.atoms)
    either = either.empty() ? said_[atom] : model::disjunction(either, said_[atom]);
  if (either.empty()) return model::truth(by_others);
  return by_others ? model::negation(either) : either;
}

Expr Views::never(const Expr& all) const {
  Expr closed = model::negation(all);
  for (std::size_t set = 0; set < viewers_.size(); ++set) {
    std::vector<Value> used;
    for (Value v = 0; v < viewers_[set]; ++v)
      if (mentions(all, viewer(set, v))) used.push_back(v);
    for (std::size_t i = 0; i < used.size(); ++i)
      for (std::size_t j = i + 1; j < used.size(); ++j)
        closed = model::disjunction(
            model::binary(BinaryOp::equal, viewing(set, used[i]), viewing(set, used[j])), closed);
    for (const Value v : used)
      closed = model::make(
          {model::SortKind::boolean, 0},
          model::Quantified{model::QuantifierKind::for_all, viewer(set, v), problem_.open[set].set, closed});
  }
  return closed;
}

} // namespace tdxcheck::prove
