// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/verdict_table.h"

#include <algorithm>

namespace tdxcheck::run {
namespace {

using result::SweptValues;
using result::Verdict;

Answer answer_of(Verdict verdict) {
  switch (verdict) {
  case Verdict::violated: return Answer::violated;
  case Verdict::holds: return Answer::holds;
  case Verdict::unknown: return Answer::undecided;
  }
  return Answer::undecided;
}

const model::Parameter& parameter_named(const model::Model& model, const std::string& name) {
  return *std::ranges::find(model.parameters, name, &model::Parameter::name);
}

// The distinct values that the cells have; `unlimited` is above every number.
SweptValues values_of(const Sweep& sweep, const model::Model& model, const std::string& name) {
  const auto* integer = std::get_if<model::IntegerParameter>(&parameter_named(model, name).type);
  SweptValues swept{name, integer != nullptr, {}};
  for (const result::CheckResult& cell : sweep.cells)
    if (const std::string& value = cell.parameters.at(name); std::ranges::count(swept.values, value) == 0)
      swept.values.push_back(value);
  const auto less = [](const std::string& a, const std::string& b) {
    const bool a_ends = a == "unlimited", b_ends = b == "unlimited";
    return a_ends || b_ends ? !a_ends && b_ends : std::stoll(a) < std::stoll(b);
  };
  if (swept.is_ordered) std::ranges::sort(swept.values, less);
  return swept;
}

} // namespace

Answer answer_of(const result::CheckResult& cell, const std::string& claim) {
  if (claim.empty()) return answer_of(cell.verdict);
  const auto found = std::ranges::find(cell.properties, claim, &result::PropertyResult::name);
  return found == cell.properties.end() ? Answer::not_claimed : answer_of(found->verdict);
}

std::vector<std::string> claims_of(const Sweep& sweep) {
  std::vector<std::string> claims;
  for (const result::CheckResult& cell : sweep.cells)
    for (const result::PropertyResult& property : cell.properties)
      if (std::ranges::count(claims, property.name) == 0) claims.push_back(property.name);
  return claims;
}

VerdictTable::VerdictTable(const Sweep& sweep, const model::Model& model) : sweep_(sweep) {
  for (const SweptParameter& parameter : sweep.swept)
    if (std::ranges::count(over_, parameter.name, &SweptValues::parameter) == 0)
      over_.push_back(values_of(sweep, model, parameter.name));
  std::size_t cells = 1;
  for (const SweptValues& swept : over_) {
    axes_.push_back({swept.values.size(), swept.is_ordered});
    cells *= swept.values.size();
  }
  cell_at_.resize(cells);
  for (std::size_t cell = sweep.cells.size(); cell-- > 0;) cell_at_[place_of(cell)] = cell;
}

std::size_t VerdictTable::place_at(const std::vector<std::size_t>& coordinates) const {
  std::size_t place = 0;
  for (std::size_t axis = 0; axis < axes_.size(); ++axis)
    place = place * axes_[axis].values + coordinates[axis];
  return place;
}

std::size_t VerdictTable::place_of(std::size_t cell) const {
  std::vector<std::size_t> coordinates;
  for (const SweptValues& swept : over_)
    coordinates.push_back(static_cast<std::size_t>(
        std::ranges::find(swept.values, sweep_.cells[cell].parameters.at(swept.parameter)) -
        swept.values.begin()));
  return place_at(coordinates);
}

prove::TruthTable VerdictTable::truth(const std::function<prove::Wanted(std::size_t place)>& wanted) const {
  prove::TruthTable table{axes_, {}};
  for (std::size_t place = 0; place < size(); ++place) table.cells.push_back(wanted(place));
  return table;
}

} // namespace tdxcheck::run
