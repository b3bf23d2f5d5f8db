// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/renaming.h"

#include <algorithm>
#include <numeric>

#include "support/contract.h"

namespace tdxcheck::explore {

using model::SortKind;
using model::Value;
using SetId = model::Id<model::IndexSet>;

Renaming::Renaming(const model::Instance& instance) : first_{0} {
  for (auto set : instance.model().sets.ids())
    first_.push_back(first_.back() + static_cast<std::size_t>(instance.size(set)));
  to_.resize(first_.back());
  become_identity();
}

void Renaming::become_identity() {
  for (std::size_t set = 0; set + 1 < first_.size(); ++set)
    std::iota(to_.begin() + static_cast<std::ptrdiff_t>(first_[set]),
              to_.begin() + static_cast<std::ptrdiff_t>(first_[set + 1]), std::uint8_t{0});
}

Renaming Renaming::then(const Renaming& next) const {
  Renaming result = *this;
  for (std::size_t set = 0; set + 1 < first_.size(); ++set)
    for (std::size_t m = first_[set]; m < first_[set + 1]; ++m)
      result.to_[m] = next.to_[first_[set] + to_[m]];
  return result;
}

Renaming Renaming::inverse() const {
  Renaming result = *this;
  for (std::size_t set = 0; set + 1 < first_.size(); ++set)
    for (std::size_t m = first_[set]; m < first_[set + 1]; ++m)
      result.to_[first_[set] + to_[m]] = static_cast<std::uint8_t>(m - first_[set]);
  return result;
}

Value Renaming::value(const model::Sort& sort, Value value) const {
  switch (sort.kind) {
  case SortKind::index: return (*this)(SetId{sort.of}, value);
  case SortKind::optional_index: return value == model::no_member ? value : (*this)(SetId{sort.of}, value);
  case SortKind::subset: {
    Value result = 0;
    for (Value member = 0; value >> member != 0; ++member)
      if ((value >> member & 1) != 0) result |= Value{1} << (*this)(SetId{sort.of}, member);
    return result;
  }
  case SortKind::boolean:
  case SortKind::integer:
  case SortKind::bits:
  case SortKind::enumeration: return value;
  }
  return value;
}

std::size_t renamed_thread(const model::Instance& instance, const Renaming& renaming, std::size_t thread) {
  const model::ThreadInstance& who = instance.threads()[thread];
  const auto& over = instance.model().threads[who.thread].over;
  return over ? instance.thread(who.thread, renaming(*over, who.member)) : thread;
}

Move renamed_move(const InterpretedSystem& system, const Renaming& renaming, Move move) {
  const CompiledMove& wanted = system.compiled(move);
  std::vector<Value> choices = wanted.choices;
  const model::Step& step = system.step_of(move);
  for (std::size_t c = 0; c < choices.size(); ++c) choices[c] = renaming(step.choices[c].set, choices[c]);
  const std::size_t thread = renamed_thread(system.instance(), renaming, move.thread);
  const std::vector<CompiledMove>& moves = system.moves()[thread].moves;
  const auto found = std::ranges::find_if(moves, [&](const CompiledMove& candidate) {
    return candidate.step == wanted.step && candidate.choices == choices;
  });
  support::ensures_internal(found != moves.end(), "a symmetry turns moves into moves");
  return {static_cast<std::uint16_t>(thread), static_cast<std::uint16_t>(found - moves.begin())};
}

std::vector<Word> renamed_state(const InterpretedSystem& system, const Renaming& renaming, StateView state) {
  const model::Instance& instance = system.instance();
  const Layout& layout = system.layout();
  std::vector<Word> result(system.words(), 0);
  for (std::size_t c = 0; c < instance.cells().size(); ++c) {
    const model::Cell& cell = instance.cells()[c];
    std::vector<Value> at = cell.at;
    for (std::size_t d = 0; d < at.size(); ++d)
      at[d] = renaming(instance.dimensions(cell.variable)[d], at[d]);
    const Field& to = layout.cell(instance.cell(cell.variable, at));
    const Value value = layout.cell(c).read(state.data());
    // What can have one value only is either no member, or one that keeps its name, or never looked at.
    if (to.width > 0) to.write(result.data(), renaming.value(instance.sort(c), value));
  }
  for (std::size_t t = 0; t < instance.threads().size(); ++t)
    layout.label(renamed_thread(instance, renaming, t))
        .write(result.data(), layout.label(t).read(state.data()));
  return result;
}

} // namespace tdxcheck::explore
