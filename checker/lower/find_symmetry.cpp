// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/find_symmetry.h"

#include <algorithm>

#include <fmt/format.h>

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "model/label_context.h"
#include "model/print.h"

namespace tdxcheck::lower {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Model;
using model::Sort;
using model::SortKind;
using SetId = model::Id<model::IndexSet>;

class Search {
public:
  Search(const Model& model, const model::Instance& instance)
      : model_(model), symmetry_(instance), written_(model.variables.size(), false) {}

  void look_at(const model::Thread& thread) {
    for (const model::Step& step : thread.steps) {
      where_ = fmt::format("{}: {}", thread.name, step.text.empty() ? step.function : step.text);
      look_at(step.guard);
      for (const model::NamedConjunct& conjunct : step.named) look_at(conjunct.condition);
      for (const model::Update& update : step.updates) {
        written_[update.target.variable.value] = true;
        for (const Expr& member : update.target.at) look_at(member);
        look_at(update.value);
      }
      for (const model::Fact& fact : step.facts)
        if (const auto* assertion = std::get_if<model::Assertion>(&fact)) look_at(assertion->holds);
    }
  }

  void look_at(const model::Property& property) {
    where_ = "the claim " + property.name;
    model::Claim claim = property.claim;
    every_expression(claim, [&](const Expr& e) { look_at(e); });
    if (const auto* balanced = std::get_if<model::Balanced>(&property.claim)) {
      const model::Counter& counter = model_.counters[balanced->counter];
      look_at(counter.value), look_at(counter.holders), look_at(counter.freed);
    }
    if (std::holds_alternative<model::LockDiscipline>(property.claim)) look_at_locks();
  }

  // What is read and never written is the same as naming what it starts with.
  [[nodiscard]] model::Symmetry result() && {
    for (auto id : model_.variables.ids()) {
      const model::Variable& variable = model_.variables[id];
      if (!symmetry_.is_read(id) || written_[id.value] || !variable.initial) continue;
      where_ = variable.name + " keeps it";
      look_at(*variable.initial);
    }
    return std::move(symmetry_);
  }

private:
  void look_at(const Expr& e) {
    if (e.empty()) return;
    if (const auto* literal = std::get_if<model::Literal>(&e.node().kind)) return look_at(e, *literal);
    if (const auto* reference = std::get_if<model::VariableRef>(&e.node().kind))
      symmetry_.note_read(reference->variable);
    if (const auto* binary = std::get_if<model::Binary>(&e.node().kind)) look_at(e, *binary);
    for (const Expr& operand : operands(e)) look_at(operand);
  }

  void look_at(const Expr& e, const model::Literal& literal) {
    const SetId set{e.sort().of};
    const auto said = [&] { return fmt::format("`{}` is named ({})", model::print(model_, e), where_); };
    switch (e.sort().kind) {
    case SortKind::index:
    case SortKind::optional_index:
      if (literal.value != model::no_member) symmetry_.single_out(set, literal.value, said());
      return;
    case SortKind::subset: return symmetry_.separate(set, literal.value, said());
    case SortKind::boolean:
    case SortKind::integer:
    case SortKind::bits:
    case SortKind::enumeration: return;
    }
  }

  // A member that is compared otherwise than for equality, or with a number, has its place in an order.
  void look_at(const Expr& e, const model::Binary& binary) {
    const auto is_member = [](const Expr& x) {
      return x.sort().kind == SortKind::index || x.sort().kind == SortKind::optional_index;
    };
    const bool left = is_member(binary.left), right = is_member(binary.right);
    const bool equality = binary.op == BinaryOp::equal || binary.op == BinaryOp::not_equal;
    const bool of_a_subset =
        binary.op == BinaryOp::contains || binary.op == BinaryOp::with || binary.op == BinaryOp::without;
    if ((!left && !right) || of_a_subset || (equality && left && right)) return;
    const SetId set{(left ? binary.left : binary.right).sort().of};
    symmetry_.separate_all(set, fmt::format("`{}` puts it in order ({})", model::print(model_, e), where_));
  }

  // Instances of one ranked class that are held together are compared by their numbers.
  void look_at_locks() {
    std::vector<model::Problem> problems;
    const auto contexts = model::label_contexts(model_, problems);
    for (auto id : model_.threads.ids()) {
      for (const model::Step& step : model_.threads[id].steps) {
        std::vector<model::Id<model::Lock>> held;
        for (const model::HeldLock& h : contexts[id.value][step.from.value].held) held.push_back(h.lock);
        for (const model::Fact& fact : step.facts) {
          const auto* event = std::get_if<model::LockEvent>(&fact);
          if (event == nullptr || event->action == model::LockAction::release ||
              event->action == model::LockAction::busy)
            continue;
          if (event->action == model::LockAction::acquire && std::ranges::count(held, event->lock) > 0)
            keep_order(model_.locks[event->lock]);
          held.push_back(event->lock);
        }
        for (const model::Fact& fact : step.facts)
          if (const auto* event = std::get_if<model::LockEvent>(&fact))
            for (const Expr& member : event->instance) look_at(member);
      }
    }
  }
  void keep_order(const model::Lock& lock) {
    if (!lock.rank) return;
    for (const SetId set : lock.over)
      symmetry_.separate_all(set, fmt::format("several {} are taken in ascending order", lock.name));
  }

  const Model& model_;
  model::Symmetry symmetry_;
  std::vector<bool> written_; // by variable
  std::string where_;
};

} // namespace

model::Symmetry find_symmetry(const Model& model, const model::Valuation& valuation,
                              const std::function<bool(const model::Property&)>& judged) {
  const model::Instance instance(model, valuation);
  Search search(model, instance);
  for (const model::Thread& thread : model.threads) search.look_at(thread);
  for (const model::Property& property : model.properties)
    if (judged(property)) search.look_at(property);
  return std::move(search).result();
}

} // namespace tdxcheck::lower
