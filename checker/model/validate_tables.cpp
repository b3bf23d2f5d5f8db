// SPDX-License-Identifier: GPL-2.0-or-later
//
// Names and references: every row of every table can be told from the others, and refers to rows that are
// there.
#include "model/validation.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_set>

namespace tdxcheck::model::validation {
namespace {

// Names are shown in tables, given on the command line, and stand for their rows in JSON.
bool is_a_name(const std::string& name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
  });
}

class Names {
public:
  Names(Findings& findings, std::string kind) : findings_(findings), kind_(std::move(kind)) {}

  void take(const std::string& name, const Source& source) {
    if (!is_a_name(name))
      findings_.add(source,
                    "a {} is named `{}`; a name is not empty and has neither blanks nor control characters",
                    kind_, name);
    else if (!taken_.insert(name).second) findings_.add(source, "the {} `{}` is there twice", kind_, name);
  }

private:
  Findings& findings_;
  std::string kind_;
  std::unordered_set<std::string_view> taken_; // of the model, which outlives this
};

template <class Rows>
void check_names(Findings& findings, const std::string& kind, const Rows& rows) {
  Names names(findings, kind);
  for (const auto& row : rows) names.take(row.name, row.source);
}

// Loops and operations may be called alike in different threads.
template <class Row>
void check_rows_of_threads(Findings& findings, const std::string& kind, const Table<Row>& rows) {
  std::vector<Names> names(findings.model.threads.size(), Names(findings, kind));
  for (const Row& row : rows) {
    if (findings.model.threads.has(row.thread)) names[row.thread.value].take(row.name, row.source);
    else findings.add(row.source, "the {} `{}` belongs to a thread that does not exist", kind, row.name);
  }
}

// Enumerations have no line of their own: that of their first use, or else of the first declaration.
Source source_of(const Model& model, Id<Enumeration> enumeration) {
  for (const Parameter& parameter : model.parameters)
    if (const auto* type = std::get_if<EnumParameter>(&parameter.type);
        type && type->enumeration == enumeration)
      return parameter.source;
  for (const Variable& variable : model.variables)
    if (const auto* type = std::get_if<EnumType>(&variable.type.scalar);
        type && type->enumeration == enumeration)
      return variable.source;
  return model.parameters.empty() ? Source{} : model.parameters[Id<Parameter>{0}].source;
}

void check_enumerations(Findings& findings) {
  Names names(findings, "enumeration");
  for (const Id<Enumeration> id : findings.model.enumerations.ids()) {
    const Enumeration& enumeration = findings.model.enumerations[id];
    const Source source = source_of(findings.model, id);
    names.take(enumeration.name, source);
    if (enumeration.constants.empty())
      findings.add(source, "the enumeration `{}` has no constants", enumeration.name);
    Names constants(findings, "constant of " + enumeration.name);
    for (const std::string& constant : enumeration.constants) constants.take(constant, source);
  }
}

// What a type, scope or parameter refers to. Answers whether it is there.
struct RefersToRows {
  const Model& model;

  bool operator()(const BoolParameter&) const { return true; }
  bool operator()(const IntegerParameter&) const { return true; }
  bool operator()(const EnumParameter& type) const { return model.enumerations.has(type.enumeration); }

  bool operator()(const BoolType&) const { return true; }
  bool operator()(const IntegerType&) const { return true; }
  bool operator()(const BitsType&) const { return true; }
  bool operator()(const EnumType& type) const { return model.enumerations.has(type.enumeration); }
  bool operator()(const IndexType& type) const { return model.sets.has(type.set); }
  bool operator()(const OptionalIndexType& type) const { return model.sets.has(type.set); }
  bool operator()(const SubsetType& type) const { return model.sets.has(type.of); }

  bool operator()(const GlobalScope&) const { return true; }
  bool operator()(const MemberScope& scope) const { return model.sets.has(scope.set); }
  bool operator()(const LocalScope& scope) const { return model.threads.has(scope.thread); }
};

bool all_there(const Model& model, const std::vector<Id<IndexSet>>& sets) {
  return std::ranges::all_of(sets, [&](Id<IndexSet> set) { return model.sets.has(set); });
}

void check_ids_of(Findings& findings, const Variable& variable) {
  const Model& model = findings.model;
  if (!std::visit(RefersToRows{model}, variable.type.scalar))
    findings.add(variable.source, "the type of `{}` refers to an enumeration or a set that does not exist",
                 variable.name);
  if (!all_there(model, variable.type.array_of))
    findings.add(variable.source, "`{}` is an array over a set that does not exist", variable.name);
  if (!std::visit(RefersToRows{model}, variable.scope)) {
    findings.add(variable.source, "the scope of `{}` is a set or a thread that does not exist",
                 variable.name);
    return;
  }
  const auto* local = std::get_if<LocalScope>(&variable.scope);
  if (local != nullptr && !variable.name.starts_with(model.threads[local->thread].name + "."))
    findings.add(variable.source, "the local `{}` of the thread `{}` is not called `{}.{}`", variable.name,
                 model.threads[local->thread].name, model.threads[local->thread].name, variable.name);
}

void check_thread_tables(Findings& findings, const Thread& thread) {
  if (thread.over && !findings.model.sets.has(*thread.over))
    findings.add(thread.source, "the thread `{}` runs over a set that does not exist", thread.name);
  if (!thread.labels.has(thread.start))
    findings.add(thread.source, "the thread `{}` starts at a label that does not exist", thread.name);
  check_names(findings, "label of " + thread.name, thread.labels);
}

void check_regions(Findings& findings) {
  const Model& model = findings.model;
  Names names(findings, "region");
  for (const Region& region : model.regions) {
    if (!model.threads.has(region.thread)) {
      const Source nearest = model.threads.empty() ? Source{} : model.threads[Id<Thread>{0}].source;
      findings.add(nearest, "the region `{}` belongs to a thread that does not exist", region.name);
      continue;
    }
    const Thread& thread = model.threads[region.thread];
    names.take(region.name, thread.source);
    std::set<Id<Label>> seen;
    for (const Id<Label> label : region.labels) {
      if (!thread.labels.has(label))
        findings.add(thread.source, "the region `{}` has a label that its thread `{}` does not have",
                     region.name, thread.name);
      else if (!seen.insert(label).second)
        findings.add(thread.labels[label].source, "the region `{}` has the label `{}` twice", region.name,
                     thread.labels[label].name);
    }
  }
}

} // namespace

void check_tables(Findings& findings) {
  const Model& model = findings.model;
  check_enumerations(findings);
  check_names(findings, "parameter", model.parameters);
  check_names(findings, "set", model.sets);
  check_names(findings, "variable", model.variables);
  check_names(findings, "lock", model.locks);
  check_names(findings, "guard", model.guards);
  check_names(findings, "thread", model.threads);
  check_names(findings, "counter", model.counters);
  check_names(findings, "property", model.properties);
  for (const Parameter& parameter : model.parameters)
    if (!std::visit(RefersToRows{model}, parameter.type))
      findings.add(parameter.source, "the parameter `{}` is of an enumeration that does not exist",
                   parameter.name);
  for (const Variable& variable : model.variables) check_ids_of(findings, variable);
  for (const Lock& lock : model.locks)
    if (!all_there(model, lock.over))
      findings.add(lock.source, "the lock `{}` has an instance for each member of a set that does not exist",
                   lock.name);
  for (const Thread& thread : model.threads) check_thread_tables(findings, thread);
  check_rows_of_threads(findings, "loop", model.loops);
  check_rows_of_threads(findings, "operation", model.operations);
  check_regions(findings);
}

} // namespace tdxcheck::model::validation
