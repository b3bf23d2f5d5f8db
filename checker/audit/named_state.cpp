// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/named_state.h"

#include "model/print.h"
#include "support/near_miss.h"

#include <fmt/format.h>

namespace tdxcheck::audit {
namespace {

std::string value_of(const model::Instance& instance, const semantics::State& state, std::size_t cell) {
  return model::print_value(instance.model(), instance.sort(cell), state.cells[cell]);
}

} // namespace

result::Names names_of(const model::Instance& instance, const semantics::State& state) {
  result::Names names;
  for (std::size_t c = 0; c < instance.cells().size(); ++c)
    names[instance.cells()[c].name] = value_of(instance, state, c);
  for (std::size_t t = 0; t < instance.threads().size(); ++t) {
    const model::ThreadInstance& who = instance.threads()[t];
    names["at " + who.name] = instance.model().threads[who.thread].labels[state.at[t]].name;
  }
  return names;
}

result::Names changes(const model::Instance& instance, const semantics::State& before,
                      const semantics::State& after) {
  result::Names changed;
  for (std::size_t c = 0; c < instance.cells().size(); ++c)
    if (before.cells[c] != after.cells[c]) changed[instance.cells()[c].name] = value_of(instance, after, c);
  return changed;
}

std::string unknown_cell(const model::Instance& instance, const std::string& name) {
  std::vector<std::string> known;
  for (const model::Cell& cell : instance.cells()) known.push_back(cell.name);
  return support::did_you_mean("cell", name, known);
}

std::string difference(const model::Instance& instance, const semantics::State& state,
                       const result::Names& given, const std::string& verb) {
  const result::Names names = names_of(instance, state);
  for (const auto& [name, value] : given)
    if (!names.contains(name)) return unknown_cell(instance, name);
  for (const auto& [name, value] : names) {
    const auto said = given.find(name);
    if (said == given.end()) return fmt::format("the trace does not say what `{}` is", name);
    if (said->second != value)
      return fmt::format("`{}` {} {}, the trace says {}", name, verb, value, said->second);
  }
  return {};
}

} // namespace tdxcheck::audit
