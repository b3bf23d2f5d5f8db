// SPDX-License-Identifier: GPL-2.0-or-later
#include "dsl/protocol.h"

#include <algorithm>

#include "dsl/thread.h"
#include "model/print.h"
#include "support/contract.h"
#include "support/error.h"
#include "support/near_miss.h"

namespace tdxcheck::dsl {

using model::Id;
using model::Sort;
using model::SortKind;

// ---- handles ----

Expr Parameter::is_unlimited() const { return *this == Expr(unlimited); }

Expr IndexSet::size() const { return Expr(here().model().sets[id_].size); }
Expr IndexSet::member(int number) const { return Expr(model::literal({SortKind::index, id_.value}, number)); }

Expr IndexSet::last() const {
  const model::Expr steps = model::binary(model::BinaryOp::subtract, size().tree(), model::integer(1));
  return Expr(model::binary(model::BinaryOp::add, member(0).tree(), steps));
}

Type boolean() { return Type(model::BoolType{}); }
Type integer(const Expr& low, const Expr& high) { return Type(model::IntegerType{low.tree(), high.tree()}); }
Type bits(const Expr& width) { return Type(model::BitsType{width.tree()}); }
Type enumeration(const std::string& name, const std::vector<std::string>& constants) {
  return Type(model::EnumType{here().enumeration(name, constants)});
}
Expr constant(const std::string& enumeration, const std::vector<std::string>& constants,
              const std::string& name) {
  const Sort sort{SortKind::enumeration, here().enumeration(enumeration, constants).value};
  return Expr(here().constant(sort, name));
}
Type index(const IndexSet& set) { return Type(model::IndexType{set.id()}); }
Type optional_index(const IndexSet& set) { return Type(model::OptionalIndexType{set.id()}); }
Type subset(const IndexSet& set) { return Type(model::SubsetType{set.id()}); }
Type array(const IndexSet& set, const Type& element) {
  model::Type type = element.type();
  type.array_of.insert(type.array_of.begin(), set.id());
  return Type(type);
}

namespace {

model::Expr reference_to(Id<model::Variable> id, const std::vector<model::Expr>& at) {
  return model::make(model::sort_of(here().type_of(id).scalar), model::VariableRef{id, at});
}

model::Expr width_of(Id<model::Variable> id) {
  const auto type = here().type_of(id);
  const auto* bits = std::get_if<model::BitsType>(&type.scalar);
  return bits == nullptr ? model::Expr() : bits->width;
}

// The sets that the variable's `at` ranges over, in order.
std::vector<Id<model::IndexSet>> dimensions_of(Id<model::Variable> id) {
  const auto& model = here().model();
  const auto& variable = model.variables[id];
  std::vector<Id<model::IndexSet>> sets;
  if (const auto* member = std::get_if<model::MemberScope>(&variable.scope)) sets.push_back(member->set);
  if (const auto* local = std::get_if<model::LocalScope>(&variable.scope)) {
    if (const auto over = model.threads[local->thread].over) sets.push_back(*over);
  }
  sets.insert(sets.end(), variable.type.array_of.begin(), variable.type.array_of.end());
  return sets;
}

} // namespace

Variable::Variable(Id<model::Variable> id, std::vector<model::Expr> at)
    : Expr(reference_to(id, at), width_of(id)), id_(id), at_(std::move(at)) {}

Variable Variable::operator[](const Expr& index) const {
  const auto sets = dimensions_of(id_);
  support::expects(at_.size() < sets.size(), "`" + here().model().variables[id_].name +
                                                 "` is indexed more often than it has dimensions");
  auto at = at_;
  at.push_back(index.as({SortKind::index, sets[at_.size()].value}));
  return {id_, std::move(at)};
}

Lock Lock::operator[](const Expr& index) const {
  const auto& over = here().model().locks[id_].over;
  support::expects(instance_.size() < over.size(), "the lock `" + here().model().locks[id_].name +
                                                       "` is indexed more often than it has members");
  auto instance = instance_;
  instance.push_back(index.as({SortKind::index, over[instance_.size()].value}));
  return {id_, std::move(instance)};
}

// ---- quantifiers ----

namespace {

Expr quantified(model::QuantifierKind kind, const IndexSet& set, const std::string& name,
                const Predicate& body) {
  const auto bound = here().fresh_bound(name);
  const Expr member(model::make({SortKind::index, set.id().value}, model::BoundRef{bound}));
  const model::Expr inner = body(member).tree();
  const Sort sort{kind == model::QuantifierKind::count ? SortKind::integer : SortKind::boolean, 0};
  return Expr(model::make(sort, model::Quantified{kind, bound, set.id(), inner}));
}

Expr region_test(const std::string& name, std::vector<model::Expr> member) {
  return Expr(model::make({SortKind::boolean, 0}, model::InRegion{here().region(name), std::move(member)}));
}

} // namespace

Expr for_all(const IndexSet& set, const std::string& name, const Predicate& body) {
  return quantified(model::QuantifierKind::for_all, set, name, body);
}
Expr exists(const IndexSet& set, const std::string& name, const Predicate& body) {
  return quantified(model::QuantifierKind::exists, set, name, body);
}
Expr count(const IndexSet& set, const std::string& name, const Predicate& body) {
  return quantified(model::QuantifierKind::count, set, name, body);
}

Expr in_region(const std::string& name) { return region_test(name, {}); }
Expr in_region(const std::string& name, const Expr& member) { return region_test(name, {member.tree()}); }

Expr kept(const std::string& guard, const std::string& doc, Location where) {
  return Expr(model::make({SortKind::boolean, 0}, model::Kept{here().guard(guard, doc, where)}));
}

// ---- the protocol ----

Protocol::Protocol(std::string name, std::string summary, std::string essay)
    : name_(std::move(name)), summary_(std::move(summary)) {
  builder_.model().name = name_;
  builder_.model().summary = summary_;
  builder_.model().essay = std::move(essay);
}

model::Model Protocol::finish() {
  support::expects(!finished_, "a protocol is run once");
  finished_ = true;
  define();
  builder_.resolve_waits();
  resolve_presets();
  return std::move(builder_.model()); // a protocol is run once
}

Id<model::Parameter> Protocol::add_parameter(model::Parameter parameter) {
  return builder_.model().parameters.add(std::move(parameter));
}

namespace {

Parameter handle(Id<model::Parameter> id, Sort sort) {
  return {id, model::make(sort, model::ParameterRef{id})};
}

} // namespace

Parameter Protocol::integer_parameter(const std::string& name, int default_value, int low, int high,
                                      const std::string& doc, Location where) {
  return handle(
      add_parameter({name, model::IntegerParameter{low, high, false}, default_value, doc, source_of(where)}),
      {SortKind::integer, 0});
}

Parameter Protocol::limit_parameter(const std::string& name, int default_value, int high,
                                    const std::string& doc, Location where) {
  return handle(
      add_parameter({name, model::IntegerParameter{0, high, true}, default_value, doc, source_of(where)}),
      {SortKind::integer, 0});
}

Parameter Protocol::bool_parameter(const std::string& name, bool default_value, const std::string& doc,
                                   Location where) {
  return handle(add_parameter({name, model::BoolParameter{}, default_value ? 1 : 0, doc, source_of(where)}),
                {SortKind::boolean, 0});
}

Parameter Protocol::enum_parameter(const std::string& name, const std::vector<std::string>& values,
                                   const std::string& doc, Location where) {
  const auto constants = builder_.enumeration(name, values);
  return handle(add_parameter({name, model::EnumParameter{constants}, 0, doc, source_of(where)}),
                {SortKind::enumeration, constants.value});
}

IndexSet Protocol::index_set(const std::string& name, const Expr& size, Members members, Location where) {
  return IndexSet(
      builder_.model().sets.add({name, size.tree(), members == Members::symmetric, source_of(where)}));
}

Variable Protocol::add_variable(const std::string& name, const Type& type, const Expr& initial,
                                model::Scope scope, const std::string& doc, Location where) {
  std::optional<model::Expr> value;
  if (!initial.empty()) value = initial.as(model::sort_of(type.type().scalar));
  const auto id =
      builder_.model().variables.add({name, type.type(), value, std::move(scope), doc, source_of(where)});
  return {id, {}};
}

Variable Protocol::variable(const std::string& name, const Type& type, const Expr& initial,
                            const std::string& doc, Location where) {
  return add_variable(name, type, initial, model::GlobalScope{}, doc, where);
}

Variable Protocol::variable(const std::string& name, const IndexSet& per, const Type& type,
                            const Expr& initial, const std::string& doc, Location where) {
  return add_variable(name, type, initial, model::MemberScope{per.id()}, doc, where);
}

Lock Protocol::lock(const LockClass& lock_class, Location where) {
  model::Lock lock{lock_class.name,   {},
                   lock_class.kind,   lock_class.sleeping,
                   lock_class.module, lock_class.rank,
                   lock_class.doc,    source_of(where)};
  for (const auto& set : lock_class.over) lock.over.push_back(set.id());
  return {builder_.model().locks.add(std::move(lock)), {}};
}

void Protocol::add_thread(model::Thread thread, const std::function<void(Thread&)>& body) {
  const auto id = builder_.model().threads.add(std::move(thread));
  ThreadBuilder machine(builder_, id);
  builder_.set_thread(&machine);
  Thread words(machine);
  body(words);
  machine.finish();
  builder_.set_thread(nullptr);
}

void Protocol::thread(const std::string& name, const std::function<void(Thread&)>& body,
                      const std::string& doc, Location where) {
  model::Thread thread;
  thread.name = name;
  thread.doc = doc;
  thread.source = source_of(where);
  add_thread(std::move(thread), body);
}

void Protocol::thread(const std::string& name, const IndexSet& per, const std::function<void(Thread&)>& body,
                      const std::string& doc, Location where) {
  model::Thread thread;
  thread.name = name;
  thread.over = per.id();
  thread.doc = doc;
  thread.source = source_of(where);
  add_thread(std::move(thread), body);
}

void Protocol::counter(const std::string& name, const Expr& value, const Expr& holders, const Expr& freed,
                       Location where) {
  builder_.model().counters.add(
      {name, value.tree(), holders.tree(), freed.empty() ? model::Expr() : freed.tree(), source_of(where)});
}

void Protocol::claim(const std::string& name, model::Claim claim, const std::string& doc, Location where,
                     const Expr& claimed_when) {
  builder_.model().properties.push_back({name, std::move(claim),
                                         claimed_when.empty() ? model::Expr() : claimed_when.tree(), doc,
                                         source_of(where)});
}

Id<model::Loop> Protocol::loop_named(const std::string& name) const {
  std::vector<std::string> known;
  for (const auto id : builder_.model().loops.ids()) {
    if (builder_.model().loops[id].name == name) return id;
    known.push_back(builder_.model().loops[id].name);
  }
  throw support::InputError(support::did_you_mean("loop", name, known));
}

void Protocol::variant(Preset preset, Location where) {
  presets_.emplace_back(std::move(preset), source_of(where));
}

void Protocol::default_variant(const std::string& name) { builder_.model().default_variant = name; }

void Protocol::resolve_presets() {
  auto& model = builder_.model();
  std::vector<std::string> known;
  for (const auto& parameter : model.parameters) known.push_back(parameter.name);
  for (const auto& [preset, source] : presets_) {
    model::Variant variant{preset.name, {}, preset.source, preset.expected, preset.left_out, preset.finding};
    const std::string at =
        source.file + ":" + std::to_string(source.line) + ": variant `" + preset.name + "`: ";
    for (const auto& [name, text] : preset.set) {
      const auto found = std::find(known.begin(), known.end(), name);
      if (found == known.end())
        throw support::InputError(at + support::did_you_mean("parameter", name, known));
      const Id<model::Parameter> id{static_cast<std::uint32_t>(found - known.begin())};
      const auto value = model::parse_parameter(model, id, text);
      if (!value) {
        throw support::InputError(at + "`" + text + "` is not a value of `" + name + "`; expected " +
                                  model::print_range(model, id));
      }
      variant.settings.push_back({id, *value});
    }
    model.variants.push_back(std::move(variant));
  }
}

} // namespace tdxcheck::dsl
