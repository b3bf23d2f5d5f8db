// SPDX-License-Identifier: GPL-2.0-or-later
//
// Values, parameters and the names of enumerators. Expressions are in print_expression.cpp.
#include "model/print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace tdxcheck::model {
namespace {

std::string constant_of(const Enumeration& enumeration, Value value) {
  if (value >= 0 && value < static_cast<Value>(enumeration.constants.size()))
    return enumeration.constants[static_cast<std::size_t>(value)];
  return fmt::format("{}#{}", enumeration.name, value);
}

std::string members_of(Value subset) {
  std::vector<int> members;
  for (int member = 0; member < 63; ++member)
    if ((subset >> member & 1) != 0) members.push_back(member);
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

std::optional<Value> number(const std::string& text) {
  Value value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

struct PrintParameter {
  const Model& model;
  Value value;

  std::string operator()(const BoolParameter&) const { return value != 0 ? "true" : "false"; }
  std::string operator()(const IntegerParameter& type) const {
    return type.may_be_unlimited && value == unlimited ? "unlimited" : std::to_string(value);
  }
  std::string operator()(const EnumParameter& type) const {
    return constant_of(model.enumerations[type.enumeration], value);
  }
};

struct ParseParameter {
  const Model& model;
  const std::string& text;

  std::optional<Value> operator()(const BoolParameter&) const {
    if (text == "true") return 1;
    if (text == "false") return 0;
    return std::nullopt;
  }
  std::optional<Value> operator()(const IntegerParameter& type) const {
    if (type.may_be_unlimited && text == "unlimited") return unlimited;
    const std::optional<Value> value = number(text);
    if (!value || *value < type.low || *value > type.high) return std::nullopt;
    return value;
  }
  std::optional<Value> operator()(const EnumParameter& type) const {
    const auto& constants = model.enumerations[type.enumeration].constants;
    const auto found = std::ranges::find(constants, text);
    if (found == constants.end()) return std::nullopt;
    return found - constants.begin();
  }
};

struct PrintRange {
  const Model& model;

  std::string operator()(const BoolParameter&) const { return "true, false"; }
  std::string operator()(const IntegerParameter& type) const {
    return fmt::format("{}..{}{}", type.low, type.high, type.may_be_unlimited ? ", unlimited" : "");
  }
  std::string operator()(const EnumParameter& type) const {
    return fmt::format("{}", fmt::join(model.enumerations[type.enumeration].constants, ", "));
  }
};

} // namespace

std::string print_value(const Model& model, const Sort& sort, Value value) {
  switch (sort.kind) {
  case SortKind::boolean: return value != 0 ? "true" : "false";
  case SortKind::integer:
  case SortKind::bits:
  case SortKind::index: return std::to_string(value);
  case SortKind::enumeration: return constant_of(model.enumerations[Id<Enumeration>{sort.of}], value);
  case SortKind::optional_index: return value == no_member ? "none" : std::to_string(value);
  case SortKind::subset: return members_of(value);
  }
  return std::to_string(value);
}

std::string print_parameter(const Model& model, Id<Parameter> parameter, Value value) {
  return std::visit(PrintParameter{model, value}, model.parameters[parameter].type);
}

std::optional<Value> parse_parameter(const Model& model, Id<Parameter> parameter, const std::string& text) {
  return std::visit(ParseParameter{model, text}, model.parameters[parameter].type);
}

std::string print_range(const Model& model, Id<Parameter> parameter) {
  return std::visit(PrintRange{model}, model.parameters[parameter].type);
}

std::string_view name_of(Domain domain) {
  switch (domain) {
  case Domain::host: return "host";
  case Domain::guest: return "guest";
  case Domain::module: return "module";
  case Domain::hardware: return "hardware";
  }
  return "?";
}

std::string_view name_of(Fairness fairness) {
  switch (fairness) {
  case Fairness::none: return "none";
  case Fairness::weak: return "weak";
  case Fairness::strong: return "strong";
  }
  return "?";
}

std::string_view name_of(LockMode mode) {
  switch (mode) {
  case LockMode::shared: return "shared";
  case LockMode::exclusive: return "exclusive";
  }
  return "?";
}

std::string_view name_of(LockAction action) {
  switch (action) {
  case LockAction::acquire: return "acquire";
  case LockAction::try_acquire: return "try_acquire";
  case LockAction::busy: return "busy";
  case LockAction::release: return "release";
  }
  return "?";
}

std::string_view name_of(LockKind kind) {
  switch (kind) {
  case LockKind::mutex: return "mutex";
  case LockKind::spinlock: return "spinlock";
  case LockKind::rwlock: return "rwlock";
  case LockKind::rwsem: return "rwsem";
  case LockKind::srcu: return "srcu";
  case LockKind::rcu: return "rcu";
  case LockKind::sharex: return "sharex";
  case LockKind::sharex_hp: return "sharex_hp";
  case LockKind::bit: return "bit";
  case LockKind::exclusive: return "exclusive";
  }
  return "?";
}

} // namespace tdxcheck::model
