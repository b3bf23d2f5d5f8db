// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/instance.h"

#include "model/limits.h"
#include "model/print.h"
#include "support/contract.h"
#include "support/error.h"

#include <fmt/format.h>

namespace tdxcheck::model {
namespace {

constexpr Value widest = 62;
constexpr std::size_t most_cells = std::size_t{1} << 20; // a state with more could not be stored anyway

std::string place(const Source& source) {
  return source.file.empty() ? "" : fmt::format("{}:{}: ", source.file, source.line);
}

template <class... Arguments>
[[noreturn]] void refuse(const Source& source, fmt::format_string<Arguments...> english,
                         Arguments&&... arguments) {
  throw support::InputError(place(source) + fmt::format(english, std::forward<Arguments>(arguments)...));
}

void check_parameters(const Model& model, const Valuation& valuation) {
  for (const Id<Parameter> id : model.parameters.ids()) {
    const Parameter& parameter = model.parameters[id];
    const Value value = valuation.parameters[id.value];
    if (is_value_of(model, id, value)) continue;
    refuse(parameter.source, "the parameter `{}` is {}; it may be {}", parameter.name,
           print_parameter(model, id, value), print_range(model, id));
  }
}

struct Range {
  Value low, high;
};

// The values of one cell of a variable.
struct RangeOf {
  const Instance& instance;
  const Variable& variable;

  Value constant(const Expr& e) const { return evaluate_constant(instance.model(), instance.valuation(), e); }

  Range operator()(const BoolType&) const { return {0, 1}; }
  Range operator()(const IntegerType& type) const {
    const Range range{constant(type.low), constant(type.high)};
    if (range.low > range.high)
      refuse(variable.source, "the variable `{}` has the range {}..{}, which is empty", variable.name,
             range.low, range.high);
    return range;
  }
  Range operator()(const BitsType& type) const {
    const Value width = constant(type.width);
    if (width < 1 || width > widest)
      refuse(variable.source, "the variable `{}` has {} bits; it may have 1 to {}", variable.name, width,
             widest);
    return {0, (Value{1} << width) - 1};
  }
  Range operator()(const EnumType& type) const {
    return {0, static_cast<Value>(instance.model().enumerations[type.enumeration].constants.size()) - 1};
  }
  Range operator()(const IndexType& type) const { return {0, instance.size(type.set) - 1}; }
  Range operator()(const OptionalIndexType& type) const { return {no_member, instance.size(type.set) - 1}; }
  Range operator()(const SubsetType& type) const { return {0, (Value{1} << instance.size(type.of)) - 1}; }
};

Value size_of(const Model& model, const Valuation& valuation, const IndexSet& set) {
  const Value size = evaluate_constant(model, valuation, set.size);
  if (size < 1 || size > most_members)
    refuse(set.source, "the set `{}` has {} members; it may have 1 to {}", set.name, size, most_members);
  return size;
}

std::vector<Id<IndexSet>> dimensions_of(const Model& model, const Variable& variable) {
  std::vector<Id<IndexSet>> dimensions;
  if (const auto* scope = std::get_if<MemberScope>(&variable.scope)) dimensions.push_back(scope->set);
  if (const auto* scope = std::get_if<LocalScope>(&variable.scope))
    if (const auto& over = model.threads[scope->thread].over) dimensions.push_back(*over);
  dimensions.insert(dimensions.end(), variable.type.array_of.begin(), variable.type.array_of.end());
  return dimensions;
}

std::string bracketed(std::span<const Value> at) {
  std::string text;
  for (const Value index : at) text += fmt::format("[{}]", index);
  return text;
}

// The local "vcpu.cpu" of member 1 is "vcpu[1].cpu".
std::string cell_name(const Model& model, const Variable& variable, std::span<const Value> at) {
  const auto* local = std::get_if<LocalScope>(&variable.scope);
  if (local != nullptr && model.threads[local->thread].over) {
    const std::string& thread = model.threads[local->thread].name;
    if (variable.name.starts_with(thread + "."))
      return thread + bracketed(at.first(1)) + variable.name.substr(thread.size()) + bracketed(at.subspan(1));
  }
  return variable.name + bracketed(at);
}

} // namespace

Instance::Instance(const Model& model, Valuation valuation)
    : model_(&model), valuation_(std::move(valuation)) {
  support::expects(valuation_.parameters.size() == model.parameters.size() &&
                       valuation_.kept.size() == model.guards.size(),
                   "a valuation has a value for every parameter and every named guard of its model");
  check_parameters(model, valuation_);
  for (const IndexSet& set : model.sets) sizes_.push_back(size_of(model, valuation_, set));
  for (const Id<Thread> id : model.threads.ids()) add_threads(id);
  for (const Id<Variable> id : model.variables.ids()) add_cells(id);
}

void Instance::add_threads(Id<Thread> id) {
  const Thread& thread = model_->threads[id];
  first_thread_.push_back(threads_.size());
  if (!thread.over) {
    threads_.push_back({id, 0, thread.name});
    return;
  }
  for (Value member = 0; member < size(*thread.over); ++member)
    threads_.push_back({id, member, fmt::format("{}[{}]", thread.name, member)});
}

void Instance::add_cells(Id<Variable> id) {
  const Variable& variable = model_->variables[id];
  first_.push_back(cells_.size());
  dimensions_.push_back(dimensions_of(*model_, variable));
  const std::vector<Id<IndexSet>>& dimensions = dimensions_.back();

  std::size_t cells = 1;
  for (const Id<IndexSet> set : dimensions) {
    cells *= static_cast<std::size_t>(size(set));
    if (cells_.size() + cells > most_cells)
      refuse(variable.source, "with the variable `{}` there are more than {} cells", variable.name,
             most_cells);
  }

  const Range range = std::visit(RangeOf{*this, variable}, variable.type.scalar);
  if (variable.initial) {
    const Value initial = evaluate_constant(*model_, valuation_, *variable.initial);
    if (initial < range.low || initial > range.high)
      refuse(variable.source, "the variable `{}` starts with {}, outside its range {}..{}", variable.name,
             initial, range.low, range.high);
  }

  std::vector<Value> at(dimensions.size(), 0);
  for (std::size_t i = 0; i < cells; ++i) {
    std::size_t rest = i;
    for (std::size_t d = dimensions.size(); d-- > 0;) {
      const auto extent = static_cast<std::size_t>(size(dimensions[d]));
      at[d] = static_cast<Value>(rest % extent);
      rest /= extent;
    }
    cells_.push_back({id, at, range.low, range.high, cell_name(*model_, variable, at)});
  }
}

std::size_t Instance::cell(Id<Variable> variable, std::span<const Value> at) const {
  const std::vector<Id<IndexSet>>& dimensions = dimensions_.at(variable.value);
  support::ensures_internal(at.size() == dimensions.size(),
                            "a variable is read with an index for each dimension");
  std::size_t offset = 0;
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    const Value extent = size(dimensions[d]);
    support::ensures_internal(at[d] >= 0 && at[d] < extent, "a variable is read at a member that exists");
    offset = offset * static_cast<std::size_t>(extent) + static_cast<std::size_t>(at[d]);
  }
  return first_[variable.value] + offset;
}

std::size_t Instance::thread(Id<Thread> thread, Value member) const {
  const std::size_t first = first_thread_.at(thread.value);
  const std::size_t last =
      thread.value + 1 < first_thread_.size() ? first_thread_[thread.value + 1] : threads_.size();
  support::ensures_internal(member >= 0 && static_cast<std::size_t>(member) < last - first,
                            "a thread is named by a member that exists");
  return first + static_cast<std::size_t>(member);
}

Sort Instance::sort(std::size_t cell) const {
  return sort_of(model_->variables[cells_.at(cell).variable].type.scalar);
}

} // namespace tdxcheck::model
