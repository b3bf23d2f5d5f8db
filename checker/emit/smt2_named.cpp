// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_named.h"

#include "emit/smt2_open_sets.h"
#include "emit/smt2_open_subsets.h"
#include "emit/smt2_terms.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::emit::smt2 {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Id;
using model::IndexSet;
using model::QuantifierKind;
using model::Value;

// `count m: phi <= 2`: what is counted, and the number; null if it is something else.
struct AtMost {
  const model::Quantified* counted = nullptr;
  Value number = 0;
};

AtMost at_most(const Expr& e) {
  constexpr Value largest = 2;
  const auto* binary = std::get_if<model::Binary>(&e.node().kind);
  if (binary == nullptr) return {};
  const auto* counted = std::get_if<model::Quantified>(&binary->left.node().kind);
  const auto* number = std::get_if<model::Literal>(&binary->right.node().kind);
  if (counted == nullptr || counted->kind != QuantifierKind::count || number == nullptr) return {};
  Value most = -1;
  if (binary->op == BinaryOp::less_equal) most = number->value;
  if (binary->op == BinaryOp::less) most = number->value - 1;
  if (binary->op == BinaryOp::equal && number->value == 0) most = 0;
  return most < 0 || most > largest ? AtMost{} : AtMost{counted, most};
}

// How many members it takes to show that a conclusion is not true, or (not positive) not false.
struct Examples {
  Id<IndexSet> set;

  [[nodiscard]] Value of(const Expr& e, bool positive) const {
    if (const AtMost most = at_most(e); positive && most.counted != nullptr)
      return most.counted->over == set ? most.number + 1 : 0;
    if (const auto* unary = std::get_if<model::Unary>(&e.node().kind))
      return unary->op == model::UnaryOp::logical_not ? of(unary->operand, !positive) : 0;
    if (const auto* binary = std::get_if<model::Binary>(&e.node().kind)) return of(*binary, positive);
    const auto* quantified = std::get_if<model::Quantified>(&e.node().kind);
    if (quantified == nullptr) return 0;
    const bool by_example = quantified->kind == (positive ? QuantifierKind::for_all : QuantifierKind::exists);
    return by_example ? (quantified->over == set ? 1 : 0) + of(quantified->body, positive) : 0;
  }

private:
  [[nodiscard]] Value of(const model::Binary& e, bool positive) const {
    const auto left = [&](bool sign) { return of(e.left, sign); };
    const auto right = [&] { return of(e.right, positive); };
    switch (e.op) {
    case BinaryOp::logical_and: return positive ? std::max(left(true), right()) : left(false) + right();
    case BinaryOp::logical_or: return positive ? left(true) + right() : std::max(left(false), right());
    case BinaryOp::implies: return positive ? left(false) + right() : std::max(left(true), right());
    default: return 0;
    }
  }
};

bool has_name(const Expr& member) {
  return std::holds_alternative<model::Self>(member.node().kind) ||
         std::holds_alternative<model::BoundRef>(member.node().kind);
}

class StepNames {
public:
  StepNames(const model::Instance& instance, const model::Step& step, Id<IndexSet> set)
      : instance_(instance), set_(set) {
    for (const model::Update& update : step.updates) note_indices(update.target, changed_);
    for (const model::Update& update : step.updates)
      for (const Expr& member : OpenSubsets::touched(update.value))
        if (member.sort().of == set.value) note(member, changed_);
    if (!step.guard.empty()) look_into(step.guard);
    for (const model::NamedConjunct& conjunct : step.named) look_into(conjunct.condition);
    for (const model::Update& update : step.updates) {
      look_into(update.value);
      for (const Expr& at : update.target.at) look_into(at);
    }
    for (const model::Fact& fact : step.facts)
      if (const auto* assertion = std::get_if<model::Assertion>(&fact)) look_into(assertion->holds);
  }

  [[nodiscard]] const std::vector<Expr>& changed() const { return changed_; }
  [[nodiscard]] std::vector<Expr> read_alone() const {
    std::vector<Expr> alone;
    for (const Expr& member : read_)
      if (!std::holds_alternative<model::Literal>(member.node().kind) &&
          std::ranges::find(changed_, member) == changed_.end())
        alone.push_back(member);
    return alone;
  }

private:
  static void note(const Expr& member, std::vector<Expr>& in) {
    if (std::ranges::find(in, member) == in.end()) in.push_back(member);
  }
  void note_indices(const model::VariableRef& reference, std::vector<Expr>& in) const {
    for (std::size_t d = 0; d < reference.at.size(); ++d)
      if (!has_name(reference.at[d]) && instance_.dimensions(reference.variable)[d] == set_)
        note(reference.at[d], in);
  }
  // Not into what is said of all members, or of some.
  void look_into(const Expr& e) {
    const auto both = [&](const Expr& a, const Expr& b) {
      look_into(a);
      look_into(b);
    };
    if (const auto* reference = std::get_if<model::VariableRef>(&e.node().kind)) {
      note_indices(*reference, read_);
      for (const Expr& at : reference->at) look_into(at);
    } else if (const auto* unary = std::get_if<model::Unary>(&e.node().kind)) {
      look_into(unary->operand);
    } else if (const auto* binary = std::get_if<model::Binary>(&e.node().kind)) {
      both(binary->left, binary->right);
    } else if (const auto* conditional = std::get_if<model::Conditional>(&e.node().kind)) {
      look_into(conditional->condition);
      both(conditional->then, conditional->otherwise);
    }
  }

  const model::Instance& instance_;
  Id<IndexSet> set_;
  std::vector<Expr> changed_, read_;
};

Value by_one_step(const model::Instance& instance, const model::Thread& thread, const model::Step& step,
                  Id<IndexSet> set) {
  Value names = thread.over == set ? 1 : 0;
  for (const model::Choice& choice : step.choices)
    if (choice.set == set) ++names;
  return names + static_cast<Value>(StepNames(instance, step, set).changed().size());
}

class Conclude {
public:
  Conclude(const Expressions& to, const Speaker& speaker) : to_(to), speaker_(speaker) {}

  [[nodiscard]] std::string is(const Expr& e, bool value) const {
    const Term term = to_.term(e, speaker_);
    return both(term.defined, value ? term.text : negated(term.text));
  }

  // It is true, or (not positive) it is false, as far as whoever has a name can tell.
  [[nodiscard]] std::string of(const Expr& e, bool positive) const {
    if (const AtMost most = at_most(e); positive && most.counted != nullptr) return few(most);
    if (const auto* unary = std::get_if<model::Unary>(&e.node().kind);
        unary != nullptr && unary->op == model::UnaryOp::logical_not)
      return of(unary->operand, !positive);
    if (const auto* binary = std::get_if<model::Binary>(&e.node().kind)) {
      using enum BinaryOp;
      if (binary->op == logical_and || binary->op == logical_or || binary->op == implies)
        return connective(*binary, positive);
    }
    const auto* quantified = std::get_if<model::Quantified>(&e.node().kind);
    const auto kind = positive ? QuantifierKind::for_all : QuantifierKind::exists;
    if (quantified == nullptr || quantified->kind != kind) return is(e, positive);
    std::vector<std::string> all;
    each_member(*quantified, [&](const std::string& there, const Conclude& inside) {
      all.push_back(implied(there, inside.of(quantified->body, positive)));
    });
    return all_of(all);
  }

private:
  // The right side need not have a value where the left one decides.
  [[nodiscard]] std::string connective(const model::Binary& e, bool positive) const {
    const bool left = e.op == BinaryOp::implies ? !positive : positive; // the value that is wanted of it
    const bool needs_both = (e.op == BinaryOp::logical_and) == positive;
    if (needs_both) return both(of(e.left, left), of(e.right, positive));
    return both(to_.term(e.left, speaker_).defined, any_of({of(e.left, left), of(e.right, positive)}));
  }

  [[nodiscard]] std::string few(const AtMost& most) const {
    std::vector<std::string> satisfying, all;
    each_member(*most.counted, [&](const std::string& there, const Conclude& inside) {
      const Term body = to_.term(most.counted->body, inside.speaker_);
      satisfying.push_back(if_then_else(both(there, body.text), "1", "0"));
      all.push_back(implied(there, body.defined));
    });
    all.push_back(call("<=", {sum(satisfying), number(most.number)}));
    return all_of(all);
  }

  template <class F>
  void each_member(const model::Quantified& e, F&& f) const {
    Speaker inside = speaker_;
    for (Value m = 0; m < to_.instance().size(e.over); ++m) {
      inside.members[e.bound.number] = m;
      f(to_.open_sets().exists(e.over, m), Conclude(to_, inside));
    }
  }

  const Expressions& to_;
  Speaker speaker_;
};

} // namespace

std::string of_the_named(const Expressions& to, const Expr& conclusion, const Speaker& speaker) {
  const Conclude conclude(to, speaker);
  return to.open_sets().empty() ? conclude.is(conclusion, true) : conclude.of(conclusion, true);
}

Value names_of_a_step(const model::Instance& instance, Id<IndexSet> set) {
  Value most = 0;
  for (const model::Thread& thread : instance.model().threads)
    for (const model::Step& step : thread.steps)
      most = std::max(most, by_one_step(instance, thread, step, set));
  return most;
}

std::vector<Expr> also_named(const model::Instance& instance, const model::Thread& thread,
                             const model::Step& step, Id<IndexSet> set, Value most) {
  std::vector<Expr> read = StepNames(instance, step, set).read_alone();
  const Value left = std::max(most - by_one_step(instance, thread, step, set), Value{0});
  read.resize(std::min(read.size(), static_cast<std::size_t>(left)));
  return read;
}

void refuse_too_few_names(const model::Instance& instance, const std::vector<result::OpenSet>& open,
                          const std::vector<Expr>& conclusions) {
  for (const result::OpenSet& one : open) {
    const Value by_step = names_of_a_step(instance, one.set);
    Value by_conclusion = 0;
    for (const Expr& conclusion : conclusions)
      by_conclusion = std::max(by_conclusion, Examples{one.set}.of(conclusion, true));
    if (by_step + by_conclusion <= instance.size(one.set)) continue;
    throw support::InputError(
        fmt::format("{} members of `{}` have a name, but a step names {} and a lemma speaks of {} more",
                    instance.size(one.set), instance.model().sets[one.set].name, by_step, by_conclusion));
  }
}

} // namespace tdxcheck::emit::smt2
