// SPDX-License-Identifier: GPL-2.0-or-later
//
// From what Z3 finds back to values, and from values to formulas.

#include <algorithm>

#include "prove/encoding.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {

using model::Value;

const std::optional<Encoding::Constants>& Encoding::constants_of(std::size_t cell) const {
  const model::Sort sort = instance_.sort(cell);
  return sort.kind == model::SortKind::enumeration ? enumerations_[sort.of] : no_constants_.front();
}

Value Encoding::value_of(const z3::model& found, const Term& term,
                         const std::optional<Constants>& constants) const {
  const z3::expr value = found.eval(term.value, true);
  switch (term.kind) {
  case TermKind::truth: return value.is_true() ? 1 : 0;
  case TermKind::integer: {
    std::int64_t number = 0;
    if (!value.is_numeral_i64(number))
      throw support::InputError("the prover's counterexample has a number beyond 64 bits");
    return number;
  }
  case TermKind::bits: {
    std::uint64_t number = 0;
    support::ensures_internal(value.is_numeral_u64(number), "a bit-vector of a model is a numeral");
    const unsigned width = value.get_sort().bv_size();
    if (term.low < 0 && (number >> (width - 1) & 1) != 0 && width < 64)
      return static_cast<Value>(number) - static_cast<Value>(std::uint64_t{1} << width);
    return static_cast<Value>(number);
  }
  case TermKind::constant: break;
  }
  for (std::size_t i = 0; i < constants->values.size(); ++i)
    if (z3::eq(constants->values[i], value)) return static_cast<Value>(i);
  support::ensures_internal(false, "a constant of a model is one of its datatype");
  return 0;
}

// By name, as a cell of an instance would have it; beyond the names where it has none.
Value Encoding::name_of(const z3::model& found, model::Id<model::IndexSet> set, Value member) const {
  const OpenSet& open = *open_sets_->find(set);
  if (!open.others || member < 0) return member;
  for (std::size_t m = 0; m < open.members.size(); ++m)
    if (value_of(found, open.members[m], no_constants_.front()) == member) return static_cast<Value>(m);
  return static_cast<Value>(open.members.size());
}

State Encoding::state_in(const z3::model& found, const Symbols& symbols) const {
  State state;
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    state.cells.push_back(value_of(found, cell_term(symbols, c), constants_of(c)));
    const model::Sort sort = instance_.sort(c);
    const bool is_index = sort.kind == model::SortKind::index || sort.kind == model::SortKind::optional_index;
    const model::Id<model::IndexSet> set{sort.of};
    if (is_index && open_sets_->find(set) != nullptr)
      state.cells.back() = name_of(found, set, state.cells.back());
    // One more, beyond the names, for all that have none.
    if (cells_[c].unnamed && !z3::eq(found.eval(symbols[*cells_[c].unnamed], true), context_.int_val(0)))
      state.cells.back() |= Value{1} << instance_.size(set);
  }
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    const Value label = value_of(found, label_term(symbols, t), labels_[instance_.threads()[t].thread.value]);
    state.at.push_back({static_cast<std::uint32_t>(label)});
  }
  return state;
}

std::vector<Value> Encoding::parameters_in(const z3::model& found) const {
  std::vector<Value> values = problem_.valuation.parameters;
  for (std::size_t p = 0; p < free_.size(); ++p) {
    if (!free_[p]) continue;
    const model::Sort sort =
        model::sort_of(model().parameters[model::Id<model::Parameter>{static_cast<std::uint32_t>(p)}]);
    values[p] =
        value_of(found, *free_[p],
                 sort.kind == model::SortKind::enumeration ? enumerations_[sort.of] : no_constants_.front());
  }
  return values;
}

std::size_t Encoding::move_in(const z3::model& found, const z3::expr& selector) const {
  return static_cast<std::size_t>(found.eval(selector, true).get_numeral_uint64());
}

z3::expr Encoding::equals(const Symbols& symbols, const State& state) const {
  z3::expr all = context_.bool_val(true);
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const Term cell = cell_term(symbols, c);
    const Value value = state.cells[c];
    const Term is = cell.kind == TermKind::truth      ? terms_.truth(value != 0)
                    : cell.kind == TermKind::constant ? enumeration_constant(instance_.sort(c).of, value)
                                                      : terms_.number(value);
    all = terms_.both(all, terms_.equal(cell, is));
  }
  for (std::size_t t = 0; t < instance_.threads().size(); ++t)
    all = terms_.both(all, is_at(symbols, t, state.at[t]));
  return all;
}

} // namespace tdxcheck::prove
