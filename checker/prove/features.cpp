// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/features.h"

#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Value;

constexpr Value most_values = 64; // of a cell that each get a feature

bool is_literal(const Expr& e) { return std::holds_alternative<model::Literal>(e.node().kind); }

// Its range depends on a free parameter.
bool is_open(const model::Model& model, const model::Cell& cell) {
  const auto* type = std::get_if<model::IntegerType>(&model.variables[cell.variable].type.scalar);
  return type != nullptr && !(is_literal(type->low) && is_literal(type->high));
}

} // namespace

Expr cell_expression(const model::Instance& instance, std::size_t c) {
  const model::Cell& cell = instance.cells()[c];
  model::VariableRef reference{cell.variable, {}};
  const auto& dimensions = instance.dimensions(cell.variable);
  for (std::size_t d = 0; d < dimensions.size(); ++d)
    reference.at.push_back(model::literal({model::SortKind::index, dimensions[d].value}, cell.at[d]));
  return model::make(instance.sort(c), reference);
}

Features::Features(Problem& problem) : problem_(problem) {
  const model::Instance instance(problem.model, problem.valuation);
  Places places(problem.model);
  for (std::size_t t = 0; t < instance.threads().size(); ++t) {
    const auto& who = instance.threads()[t];
    begin_aspect();
    for (const auto label : problem.model.threads[who.thread].labels.ids())
      add({Feature::Kind::label, t, label.value}, places.is_at(who.thread, who.member, {label}));
    end_aspect();
  }
  for (std::size_t c = 0; c < instance.cells().size(); ++c) add_cell(problem.model, instance, c);
  for (const result::AnyParameter& any : problem.any) add_parameter(problem.model, any.parameter);
  // Cells of one sort whose values are too many, or that may hold the same member.
  for (std::size_t a = 0; a < instance.cells().size(); ++a) {
    for (std::size_t b = a + 1; b < instance.cells().size(); ++b) {
      if (!(instance.sort(a) == instance.sort(b)) || instance.sort(a).kind == model::SortKind::boolean)
        continue;
      const bool open =
          is_open(problem.model, instance.cells()[a]) || is_open(problem.model, instance.cells()[b]);
      const bool many = instance.cells()[a].high - instance.cells()[a].low >= most_values;
      if (open || many)
        add_alone({Feature::Kind::equal_cells, a, 0, {}, b},
                  model::binary(BinaryOp::equal, cell_expression(instance, a), cell_expression(instance, b)));
    }
  }
}

void Features::add(const Feature& feature, Expr said) {
  all_.push_back(feature);
  said_.push_back(std::move(said));
}

void Features::add_alone(const Feature& feature, Expr said) {
  begin_aspect();
  add(feature, std::move(said));
  end_aspect();
}

void Features::add_cell(const model::Model& model, const model::Instance& instance, std::size_t c) {
  const model::Cell& cell = instance.cells()[c];
  const Expr said = cell_expression(instance, c);
  if (said.sort().kind == model::SortKind::boolean) {
    begin_aspect();
    add({Feature::Kind::cell, c, 0}, model::negation(said));
    add({Feature::Kind::cell, c, 1}, said);
    end_aspect();
    return;
  }
  if (said.sort().kind == model::SortKind::subset) {
    const model::Id<model::IndexSet> set{said.sort().of};
    for (Value m = 0; m < instance.size(set); ++m)
      add_alone(
          {Feature::Kind::member, c, m},
          model::binary(BinaryOp::contains, said, model::literal({model::SortKind::index, set.value}, m)));
    return;
  }
  const auto number = [&](Value v) { return model::literal(said.sort(), v); };
  const auto compare = [&](BinaryOp op, Value v) { return model::binary(op, said, number(v)); };
  if (is_open(model, cell)) {
    for (Value v = 0; v <= 1; ++v) {
      add_alone({Feature::Kind::cell, c, v}, compare(BinaryOp::equal, v));
      add_alone({Feature::Kind::cell, c, v, {}, 0, Relation::at_most}, compare(BinaryOp::less_equal, v));
    }
    for (const result::AnyParameter& any : problem_.any) {
      if (!std::holds_alternative<model::IntegerParameter>(model.parameters[any.parameter].type)) continue;
      const Expr limit = model::make({model::SortKind::integer, 0}, model::ParameterRef{any.parameter});
      add_alone({Feature::Kind::compared, c, 0, any.parameter, 0, Relation::is},
                model::binary(BinaryOp::equal, said, limit));
      add_alone({Feature::Kind::compared, c, 0, any.parameter, 0, Relation::at_most},
                model::binary(BinaryOp::less_equal, said, limit));
    }
    return;
  }
  if (cell.high - cell.low >= most_values) return;
  begin_aspect();
  for (Value v = cell.low; v <= cell.high; ++v) add({Feature::Kind::cell, c, v}, compare(BinaryOp::equal, v));
  end_aspect();
}

void Features::add_parameter(const model::Model& model, model::Id<model::Parameter> id) {
  const auto& type = model.parameters[id].type;
  if (std::holds_alternative<model::IntegerParameter>(type)) return; // cells are compared with those
  const model::Sort sort = model::sort_of(model.parameters[id]);
  const Expr said = model::make(sort, model::ParameterRef{id});
  const auto* values = std::get_if<model::EnumParameter>(&type);
  const Value last = values == nullptr
                         ? 1
                         : static_cast<Value>(model.enumerations[values->enumeration].constants.size()) - 1;
  begin_aspect();
  for (Value v = 0; v <= last; ++v)
    add({Feature::Kind::parameter, id.value, v},
        values != nullptr ? model::binary(BinaryOp::equal, said, model::literal(sort, v))
        : v != 0          ? said
                          : model::negation(said));
  end_aspect();
}

bool Features::holds(std::size_t f, const Sample& sample) const {
  const Feature& feature = all_[f];
  const auto related = [&](Value a, Value b) { return feature.relation == Relation::is ? a == b : a <= b; };
  switch (feature.kind) {
  case Feature::Kind::label: return sample.state.at[feature.subject].value == feature.value;
  case Feature::Kind::cell: return related(sample.state.cells[feature.subject], feature.value);
  case Feature::Kind::compared:
    return related(sample.state.cells[feature.subject], sample.parameters[feature.against.value]);
  case Feature::Kind::member: return (sample.state.cells[feature.subject] >> feature.value & 1) != 0;
  case Feature::Kind::parameter: return sample.parameters[feature.subject] == feature.value;
  case Feature::Kind::equal_cells:
    return sample.state.cells[feature.subject] == sample.state.cells[feature.other];
  }
  support::ensures_internal(false, "every kind of feature is looked up");
  return false;
}

std::size_t Features::value_in(std::size_t aspect, const Sample& sample) const {
  const auto& [first, values] = aspects_[aspect];
  if (values == 1) return holds(first, sample) ? 0 : 1;
  const Feature& feature = all_[first];
  const Value value = feature.kind == Feature::Kind::label       ? sample.state.at[feature.subject].value
                      : feature.kind == Feature::Kind::parameter ? sample.parameters[feature.subject]
                                                                 : sample.state.cells[feature.subject];
  return static_cast<std::size_t>(value - feature.value);
}

bool Features::is_number(std::size_t aspect) const {
  const Feature& feature = all_[aspects_[aspect].first];
  if (feature.kind == Feature::Kind::label || feature.kind == Feature::Kind::parameter) return false;
  return model::Instance(problem_.model, problem_.valuation).sort(feature.subject).kind ==
         model::SortKind::integer;
}

Expr Features::has_value(std::size_t aspect, std::size_t value) const {
  const auto& [first, values] = aspects_[aspect];
  if (values == 1) return value == 0 ? said_[first] : model::negation(said_[first]);
  return said_[first + value];
}

} // namespace tdxcheck::prove
