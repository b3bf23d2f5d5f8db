// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/place_invariants.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "prove/features.h"
#include "prove/kernel.h"
#include "prove/rewrite.h"

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Value;

// Everything that a guard surely says, conjunct by conjunct.
void conjuncts(const Expr& e, std::vector<Expr>& all) {
  const auto* binary = std::get_if<model::Binary>(&e.node().kind);
  if (binary != nullptr && binary->op == BinaryOp::logical_and) {
    conjuncts(binary->left, all);
    conjuncts(binary->right, all);
  } else {
    all.push_back(e);
  }
}

std::optional<Value> literal(const Expr& e) {
  const auto* found = std::get_if<model::Literal>(&e.node().kind);
  return found != nullptr ? std::optional(found->value) : std::nullopt;
}

// What the guard says that the cell is.
std::optional<Value> value_before(const Expr& cell, const std::vector<Expr>& guard) {
  for (const Expr& e : guard) {
    if (e == cell) return 1;
    if (const auto* unary = std::get_if<model::Unary>(&e.node().kind))
      if (unary->op == model::UnaryOp::logical_not && unary->operand == cell) return 0;
    const auto* binary = std::get_if<model::Binary>(&e.node().kind);
    if (binary == nullptr || binary->op != BinaryOp::equal) continue;
    if (binary->left == cell && literal(binary->right)) return literal(binary->right);
    if (binary->right == cell && literal(binary->left)) return literal(binary->left);
  }
  return {};
}

// By how much the update changes the cell. Of a boolean of which the guard does not tell, it is taken to be a
// change: whoever gives back a lock does not ask whether it is taken.
std::optional<Value> change(const Expr& cell, const Expr& value, const std::vector<Expr>& guard) {
  if (value == cell) return 0;
  if (const auto after = literal(value)) {
    if (const auto before = value_before(cell, guard)) return *after - *before;
    if (cell.sort().kind != model::SortKind::boolean) return {};
    return *after != 0 ? 1 : -1;
  }
  const auto* binary = std::get_if<model::Binary>(&value.node().kind);
  if (binary == nullptr || !(binary->left == cell)) return {};
  const auto by = literal(binary->right);
  if (by && binary->op == BinaryOp::add) return *by;
  if (by && binary->op == BinaryOp::subtract) return -*by;
  return {};
}

bool is_summand(const model::Variable& variable) {
  return std::holds_alternative<model::IntegerType>(variable.type.scalar) ||
         std::holds_alternative<model::BoolType>(variable.type.scalar);
}

// Columns: the labels of each thread, the cells, then one sum per variable. The members of an open set are
// summed up: a column for each label of all of them together, and none for single cells of theirs.
class Effects {
public:
  explicit Effects(Problem& problem) : problem_(problem), instance_(problem.model, problem.valuation) {
    for (const auto& who : instance_.threads()) {
      const bool same = who.member > 0 && open_set(problem.model.threads[who.thread].over) != nullptr;
      first_label_.push_back(same ? first_label_.back() : columns_);
      if (!same) columns_ += problem.model.threads[who.thread].labels.size();
    }
    first_cell_ = columns_;
    first_sum_ = first_cell_ + instance_.cells().size();
    columns_ = first_sum_ + problem.model.variables.size();
    unknown_.resize(columns_, false);
    for (const auto id : problem.model.variables.ids())
      if (!is_summand(problem.model.variables[id])) take_out(id);
      else if (!open_dimensions(id).empty()) sum_up(id);
    for (std::size_t t = 0; t < instance_.threads().size(); ++t)
      for (const model::Step& step : problem.model.threads[instance_.threads()[t].thread].steps)
        each_way(t, step, {}, 0);
  }

  [[nodiscard]] std::vector<Expr> invariants() {
    std::vector<std::size_t> kept; // columns; those of labels first, so that cells are told by them
    for (std::size_t c = 0; c < columns_; ++c)
      if (!unknown_[c]) kept.push_back(c);
    Matrix matrix;
    for (const auto& row : rows_) {
      std::vector<std::int64_t> dense;
      for (const std::size_t c : kept) {
        const auto entry = row.find(c);
        dense.push_back(entry == row.end() ? 0 : entry->second);
      }
      matrix.push_back(std::move(dense));
    }
    std::vector<Expr> all;
    for (const std::vector<std::int64_t>& weights : kernel(matrix, kept.size())) {
      std::map<std::size_t, std::int64_t> by_column;
      for (std::size_t i = 0; i < kept.size(); ++i)
        if (weights[i] != 0) by_column[kept[i]] = weights[i];
      if (by_column.empty() || by_column.rbegin()->first < first_cell_) continue; // about labels alone
      if (cancels_out(by_column)) continue;
      // Of a variable that is no array, the sum says the same as the cell.
      if (const auto equation = said(by_column); equation && std::ranges::count(all, *equation) == 0)
        all.push_back(*equation);
    }
    return all;
  }

private:
  using Row = std::map<std::size_t, std::int64_t>;

  [[nodiscard]] const result::OpenSet* open_set(const std::optional<model::Id<model::IndexSet>>& set) const {
    const auto found = std::ranges::find_if(
        problem_.open, [&](const result::OpenSet& open) { return set && open.set == *set; });
    return found == problem_.open.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::vector<const result::OpenSet*> open_dimensions(model::Id<model::Variable> id) const {
    std::vector<const result::OpenSet*> all;
    for (const auto set : instance_.dimensions(id))
      if (const auto* open = open_set(set)) all.push_back(open);
    return all;
  }
  // That a sum over an array is the sum of its cells.
  [[nodiscard]] bool cancels_out(const Row& weights) const {
    if (weights.begin()->first < first_cell_) return false;
    std::vector<std::int64_t> by_cell(instance_.cells().size(), 0);
    for (const auto& [column, weight] : weights)
      for (std::size_t c = 0; c < by_cell.size(); ++c)
        if (column == first_cell_ + c || column == first_sum_ + instance_.cells()[c].variable.value)
          by_cell[c] += weight;
    return std::ranges::all_of(by_cell, [](std::int64_t weight) { return weight == 0; });
  }
  // There is a word for the number of members, of one set, for which something is true; no other.
  void sum_up(model::Id<model::Variable> id) {
    const bool is_truth = std::holds_alternative<model::BoolType>(problem_.model.variables[id].type.scalar);
    if (!is_truth || instance_.dimensions(id).size() > 1) unknown_[first_sum_ + id.value] = true;
    take_out_cells(id);
  }

  void take_out(model::Id<model::Variable> variable) {
    unknown_[first_sum_ + variable.value] = true;
    take_out_cells(variable);
  }
  void take_out_cells(model::Id<model::Variable> variable) {
    for (std::size_t c = 0; c < instance_.cells().size(); ++c)
      if (instance_.cells()[c].variable == variable) unknown_[first_cell_ + c] = true;
  }

  void each_way(std::size_t thread, const model::Step& step, Members members, std::size_t choice) {
    if (choice == step.choices.size()) {
      members.self = instance_.threads()[thread].member;
      return look_at(thread, step, members);
    }
    for (Value m = 0; m < instance_.size(step.choices[choice].set); ++m) {
      members.bound[step.choices[choice].bound.number] = m;
      each_way(thread, step, members, choice + 1);
    }
  }

  void look_at(std::size_t thread, const model::Step& step, const Members& members) {
    if (!step.error.empty()) return;
    Row row;
    row[first_label_[thread] + step.from.value] -= 1;
    row[first_label_[thread] + step.to.value] += 1;
    std::vector<Expr> guard;
    if (!step.guard.empty()) conjuncts(with_members(step.guard, members), guard);
    for (const model::NamedConjunct& conjunct : step.named)
      if (problem_.valuation.kept.at(conjunct.guard.value))
        conjuncts(with_members(conjunct.condition, members), guard);
    std::map<std::uint32_t, std::size_t> updates_of;
    for (const model::Update& update : step.updates) ++updates_of[update.target.variable.value];
    for (const model::Update& update : step.updates) {
      const auto id = update.target.variable;
      const Expr value = with_members(update.value, members);
      const Expr cell = with_members(model::make(value.sort(), update.target), members);
      const auto by = change(cell, value, guard);
      const auto at = member_cell(cell);
      if (!at) take_out_cells(id);
      if (!by || (!at && updates_of[id.value] > 1)) {
        unknown_[first_sum_ + id.value] = true;
        if (at) unknown_[first_cell_ + *at] = true;
        continue;
      }
      row[first_sum_ + id.value] += *by;
      if (at) row[first_cell_ + *at] += *by;
    }
    std::erase_if(row, [](const auto& entry) { return entry.second == 0; });
    if (!row.empty()) rows_.insert(std::move(row));
  }

  // The cell, if its indices are numbers that exist.
  [[nodiscard]] std::optional<std::size_t> member_cell(const Expr& cell) const {
    const auto& reference = std::get<model::VariableRef>(cell.node().kind);
    std::vector<Value> at;
    for (const Expr& index : reference.at) {
      const auto value = literal(index);
      if (!value) return {};
      at.push_back(*value);
    }
    const auto& dimensions = instance_.dimensions(reference.variable);
    for (std::size_t d = 0; d < at.size(); ++d)
      if (at[d] < 0 || at[d] >= instance_.size(dimensions[d])) return {};
    return instance_.cell(reference.variable, at);
  }

  [[nodiscard]] static Expr times(std::int64_t weight, const Expr& number) {
    return weight == 1 ? number : model::binary(BinaryOp::multiply, model::integer(weight), number);
  }
  [[nodiscard]] static Expr counted(const Expr& e) {
    if (e.sort().kind != model::SortKind::boolean) return e;
    return model::conditional(e, model::integer(1), model::integer(0));
  }
  // The initial value of a cell, where there is one that parameters do not decide.
  [[nodiscard]] std::optional<Value> at_start(model::Id<model::Variable> variable) const {
    const auto& initial = problem_.model.variables[variable].initial;
    return initial ? literal(*initial) : std::nullopt;
  }

  // What the weighted columns are at the start; nothing where it is not known.
  struct Total {
    std::int64_t number = 0;
    Expr more = {}; // of open sets
    void add(std::int64_t weight, const result::OpenSet* times_members) {
      if (times_members == nullptr) number += weight;
      else if (weight != 0) {
        const Expr some = times(weight, times_members->size);
        more = more.empty() ? some : model::binary(BinaryOp::add, more, some);
      }
    }
    [[nodiscard]] Expr said() const {
      if (more.empty()) return model::integer(number);
      return number == 0 ? more : model::binary(BinaryOp::add, more, model::integer(number));
    }
  };

  [[nodiscard]] Expr how_many(model::Id<model::Variable> variable, const result::OpenSet& open) const {
    const model::BoundName member{0x7ffffffe, "m"};
    model::VariableRef read{variable,
                            {model::make({model::SortKind::index, open.set.value}, model::BoundRef{member})}};
    return model::make({model::SortKind::integer, 0},
                       model::Quantified{model::QuantifierKind::count, member, open.set,
                                         model::make({model::SortKind::boolean, 0}, read)});
  }

  [[nodiscard]] std::optional<Expr> said(const Row& weights) {
    Places places(problem_.model);
    std::vector<Expr> summands;
    Total total;
    for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
      if (t > 0 && first_label_[t] == first_label_[t - 1]) continue;
      const auto& who = instance_.threads()[t];
      const model::Thread& thread = problem_.model.threads[who.thread];
      const result::OpenSet* open = open_set(thread.over);
      std::map<std::int64_t, std::vector<model::Id<model::Label>>> by_weight;
      for (const auto label : thread.labels.ids()) {
        const auto weight = weights.find(first_label_[t] + label.value);
        if (weight == weights.end()) continue;
        by_weight[weight->second].push_back(label);
        if (label == thread.start) total.add(weight->second, open);
      }
      for (const auto& [weight, labels] : by_weight)
        summands.push_back(times(weight, open != nullptr
                                             ? places.how_many_at(who.thread, labels)
                                             : counted(places.is_at(who.thread, who.member, labels))));
    }
    for (const auto& [column, weight] : weights) {
      if (column < first_cell_) continue;
      const bool is_sum = column >= first_sum_;
      for (std::size_t c = 0; c < instance_.cells().size(); ++c) {
        const auto variable = instance_.cells()[c].variable;
        if (is_sum ? variable.value != column - first_sum_ : c != column - first_cell_) continue;
        const auto initial = at_start(variable);
        if (!initial) return {};
        const auto open = open_dimensions(variable);
        total.add(weight * *initial, open.empty() ? nullptr : open.front());
        summands.push_back(times(weight, open.empty() ? counted(cell_expression(instance_, c))
                                                      : how_many(variable, *open.front())));
        if (!open.empty()) break;
      }
    }
    Expr sum = summands.front();
    for (std::size_t i = 1; i < summands.size(); ++i) sum = model::binary(BinaryOp::add, sum, summands[i]);
    return model::binary(BinaryOp::equal, sum, total.said());
  }

  Problem& problem_;
  model::Instance instance_;
  std::size_t columns_ = 0, first_cell_ = 0, first_sum_ = 0;
  std::vector<std::size_t> first_label_;
  std::vector<bool> unknown_;
  std::set<Row> rows_;
};

} // namespace

std::vector<Expr> place_invariants(Problem& problem) { return Effects(problem).invariants(); }

} // namespace tdxcheck::prove
