// SPDX-License-Identifier: GPL-2.0-or-later
//
// How many members without a name satisfy a condition: what smt2_open_sets.h says of them, spelt out.
#include "emit/smt2_open_sets.h"

#include "emit/smt2_open_subsets.h"
#include "emit/smt2_terms.h"
#include "emit/substitute.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tdxcheck::emit::smt2 {

using model::Expr;
using model::Id;
using model::IndexSet;
using model::Value;

namespace {

constexpr Value most_values = 8; // that are counted one by one

bool is_name(const Expr& e, const model::BoundName& name) {
  const auto* bound = std::get_if<model::BoundRef>(&e.node().kind);
  return bound != nullptr && bound->bound.number == name.number;
}

bool asks_where(const Expr& e, const model::BoundName& name) {
  const auto* in = std::get_if<model::InRegion>(&e.node().kind);
  return in != nullptr && in->member.size() == 1 && is_name(in->member.front(), name);
}

// A subset that stays the same whoever the member is, where this asks whether the member is in it.
const Expr* subset_asked(const Expr& e, const model::BoundName& member) {
  const auto* binary = std::get_if<model::Binary>(&e.node().kind);
  if (binary == nullptr || binary->op != model::BinaryOp::contains) return nullptr;
  return is_name(binary->right, member) && !speaks_of(binary->left, member) ? &binary->left : nullptr;
}

// The first of these in the condition.
std::optional<Expr> first_subset_asked(const Expr& condition, const model::BoundName& member) {
  std::optional<Expr> first;
  (void)substitute(condition, [&](const Expr& part) -> std::optional<Expr> {
    if (const Expr* subset = subset_asked(part, member); subset != nullptr && !first) first = *subset;
    return {};
  });
  return first;
}

Expr with_answer(const Expr& condition, const model::BoundName& member, const Expr& subset, bool answer) {
  return substitute(condition, [&](const Expr& part) -> std::optional<Expr> {
    const Expr* asked = subset_asked(part, member);
    return asked != nullptr && *asked == subset ? std::optional(model::truth(answer)) : std::nullopt;
  });
}

// To be in a union is to be in one of its parts, and so on.
Expr asked_of_parts(const Expr& condition, const model::BoundName& member) {
  return substitute(condition, [&](const Expr& part) -> std::optional<Expr> {
    const Expr* subset = subset_asked(part, member);
    const auto* of = subset != nullptr ? std::get_if<model::Binary>(&subset->node().kind) : nullptr;
    if (of == nullptr) return {};
    const Expr who = std::get<model::Binary>(part.node().kind).right;
    const auto in = [&](const Expr& e) {
      return asked_of_parts(model::binary(model::BinaryOp::contains, e, who), member);
    };
    if (of->op == model::BinaryOp::unite) return model::disjunction(in(of->left), in(of->right));
    if (of->op == model::BinaryOp::intersect) return model::conjunction(in(of->left), in(of->right));
    if (of->op == model::BinaryOp::minus)
      return model::conjunction(in(of->left), model::negation(in(of->right)));
    return {};
  });
}

// A condition on a member without a name, as text in which `@` is the member and `#0`, `#1` stand for the
// parts that are not about it.
struct Pattern {
  const Expressions& to;
  const Speaker& speaker;
  const model::BoundName& member;
  std::vector<std::string> parts = {}, sorts = {};
  bool is_local = true; // nobody's variables but the member's own

  std::string of(const Expr& e) {
    if (is_name(e, member)) return "@";
    if (!speaks_of(e, member)) return part(e);
    if (const Expr* subset = subset_asked(e, member)) return asked(*subset);
    if (const auto* read = std::get_if<model::VariableRef>(&e.node().kind)) return cell(*read);
    if (const auto* unary = std::get_if<model::Unary>(&e.node().kind)) {
      if (unary->op == model::UnaryOp::logical_not) return negated(of(unary->operand));
      return fmt::format("(unary{} {})", static_cast<int>(unary->op), of(unary->operand));
    }
    if (const auto* binary = std::get_if<model::Binary>(&e.node().kind)) return both_of(*binary);
    if (const auto* choice = std::get_if<model::Conditional>(&e.node().kind)) {
      const std::string condition = of(choice->condition), then = of(choice->then);
      return fmt::format("(ite {} {} {})", condition, then, of(choice->otherwise));
    }
    if (const auto* wrap = std::get_if<model::Wrap>(&e.node().kind))
      return fmt::format("(wrap {} {})", of(wrap->width), of(wrap->operand));
    const auto* quantified = std::get_if<model::Quantified>(&e.node().kind);
    if (quantified != nullptr && !to.open_sets().contains(quantified->over)) return spelt_out(*quantified);
    is_local = false;
    return "?";
  }

private:
  std::string spelt_out(const model::Quantified& e) {
    std::vector<std::string> members;
    for (Value m = 0; m < to.instance().size(e.over); ++m)
      members.push_back(of(substitute(e.body, [&](const Expr& part) -> std::optional<Expr> {
        if (!is_name(part, e.bound)) return {};
        return model::literal(part.sort(), m);
      })));
    if (e.kind == model::QuantifierKind::for_all) return all_of(members);
    if (e.kind == model::QuantifierKind::exists) return any_of(members);
    return call("count", members);
  }

  std::string part(const Expr& e) {
    const Term term = to.term(e, speaker);
    if (term.defined != yes) is_local = false;
    if (std::holds_alternative<model::Literal>(e.node().kind)) return term.text;
    const std::string first = one_more(term.text, to.sort_of(e, speaker));
    return to.open_subsets().is_one(e.sort()) ? first + others(e) : first;
  }
  std::string one_more(const std::string& text, const std::string& sort) {
    parts.push_back(text);
    sorts.push_back(sort);
    return fmt::format("#{}:{}", parts.size() - 1, sort);
  }
  std::string others(const Expr& subset) {
    return one_more(to.open_subsets().others(subset, speaker), "Int");
  }
  // Of a subset's members without a name, it is all the same who has one.
  std::string asked(const Expr& subset) {
    if (to.term(subset, speaker).defined != yes) is_local = false;
    return fmt::format("(in {})", others(subset));
  }
  std::string cell(const model::VariableRef& read) {
    std::vector<std::string> at;
    for (const Expr& index : read.at) {
      if (speaks_of(index, member) && !is_name(index, member)) is_local = false;
      at.push_back(of(index));
    }
    return call(fmt::format("v{}", read.variable.value), at);
  }
  std::string both_of(const model::Binary& e) {
    const std::string left = of(e.left), right = of(e.right);
    switch (e.op) {
    case model::BinaryOp::logical_and: return both(left, right);
    case model::BinaryOp::logical_or: return any_of({left, right});
    case model::BinaryOp::implies: return implied(left, right);
    default: return fmt::format("(binary{} {} {})", static_cast<int>(e.op), left, right);
    }
  }
};

} // namespace

// The member's own variable, of a handful of values, where the condition is about nothing else of it.
std::optional<Expr> OpenSets::only_cell_of(const Expr& condition, const model::BoundName& member) const {
  std::vector<Expr> cells;
  bool is_plain = true;
  (void)substitute(condition, [&](const Expr& part) -> std::optional<Expr> {
    if (!speaks_of(part, member)) return part;
    const auto* read = std::get_if<model::VariableRef>(&part.node().kind);
    if (read != nullptr) {
      is_plain = is_plain && read->at.size() == 1 && is_name(read->at.front(), member);
      if (std::ranges::find(cells, part) == cells.end()) cells.push_back(part);
      return part;
    }
    const bool is_operator = std::holds_alternative<model::Unary>(part.node().kind) ||
                             std::holds_alternative<model::Binary>(part.node().kind) ||
                             std::holds_alternative<model::Conditional>(part.node().kind);
    is_plain = is_plain && is_operator;
    return {};
  });
  if (!is_plain || cells.size() != 1) return {};
  using enum model::SortKind;
  const model::SortKind kind = cells.front().sort().kind;
  const bool is_of_few = kind == boolean || kind == enumeration ||
                         ((kind == index || kind == optional_index) && !has_index(cells.front().sort()));
  const auto variable = std::get<model::VariableRef>(cells.front().node().kind).variable;
  const model::Cell& cell = to_.instance().cells()[to_.instance().first_cell(variable)];
  return is_of_few && cell.high - cell.low < most_values ? std::optional(cells.front()) : std::nullopt;
}

// How many have each of the variable's values, the lowest first.
std::vector<std::string> OpenSets::numbers_by_value(Id<model::Variable> id, const Among& among) const {
  const model::Cell& cell = to_.instance().cells()[to_.instance().first_cell(id)];
  std::string text;
  std::vector<std::string> symbols;
  for (Value v = cell.low; v <= cell.high; ++v) {
    symbols.push_back(to_.names().of(Names::Kind::function,
                                     fmt::format("others of {}{} whose {} is value {}",
                                                 to_.instance().model().sets[among.counted.over].name,
                                                 among.where, to_.instance().model().variables[id].name, v)));
    text += fmt::format("(declare-const {0} Int)\n(assert (<= 0 {0}))\n", symbols.back());
  }
  text += fmt::format("(assert {})\n", equals(sum(symbols), among.most));
  declared_.try_emplace(symbols.front(), text);
  return symbols;
}

std::optional<std::string> OpenSets::by_value(const Expr& condition, const Among& among) const {
  const auto cell = only_cell_of(condition, among.counted.bound);
  if (!cell) return {};
  const auto variable = std::get<model::VariableRef>(cell->node().kind).variable;
  Value value = to_.instance().cells()[to_.instance().first_cell(variable)].low;
  std::vector<std::string> satisfying;
  for (const std::string& number : numbers_by_value(variable, among)) {
    const Term there = to_.term(substitute(condition,
                                           [&](const Expr& part) -> std::optional<Expr> {
                                             if (!(part == *cell)) return {};
                                             return model::literal(cell->sort(), value);
                                           }),
                                among.speaker);
    if (there.defined != yes) return {};
    satisfying.push_back(if_then_else(there.text, number, "0"));
    ++value;
  }
  return sum(satisfying);
}

// Where one side of a connective is the same for all members.
std::optional<std::string> OpenSets::with_one_side_known(const model::Binary& e, const Among& among) const {
  using enum model::BinaryOp;
  if (e.op != logical_and && e.op != logical_or && e.op != implies) return {};
  const auto is_about_it = [&](const Expr& side) { return speaks_of(side, among.counted.bound); };
  if (is_about_it(e.left) && is_about_it(e.right)) return {};
  const Expr& same = is_about_it(e.left) ? e.right : e.left;
  const Expr& other = is_about_it(e.left) ? e.left : e.right;
  const Term known = to_.term(same, among.speaker);
  if (known.defined != yes) return {};
  const std::string number = how_many(other, among);
  if (e.op == logical_and) return if_then_else(known.text, number, "0");
  if (e.op == logical_or) return if_then_else(known.text, among.most, number);
  return is_about_it(e.left) ? if_then_else(known.text, among.most, call("-", {among.most, number}))
                             : if_then_else(known.text, number, among.most);
}

std::string OpenSets::how_many(const Expr& condition, const Among& among) const {
  if (!speaks_of(condition, among.counted.bound)) {
    const Term known = to_.term(condition, among.speaker);
    if (known.defined == yes) return if_then_else(known.text, among.most, "0");
  }
  if (const auto* unary = std::get_if<model::Unary>(&condition.node().kind))
    if (unary->op == model::UnaryOp::logical_not)
      return call("-", {among.most, how_many(unary->operand, among)});
  if (const auto* binary = std::get_if<model::Binary>(&condition.node().kind))
    if (const auto number = with_one_side_known(*binary, among)) return *number;
  if (const auto number = by_value(condition, among)) return *number;
  const std::string count = number_of(condition, among);
  if (count == yes) return among.most;
  if (count == no) return "0";
  // A constant is declared with its bounds: Z3 4.8 does not come to an end reading long sums of conditionals.
  const bool is_constant = !count.starts_with("(");
  const std::string number =
      is_constant ? count : if_then_else(call("<=", {"0", count, among.most}), count, "0");
  const auto subset = first_subset_asked(condition, among.counted.bound);
  return subset ? by_subset(condition, *subset, number, among) : number;
}

// Where the subset has nobody, or all, that is told; otherwise it is `number`.
std::string OpenSets::by_subset(const Expr& condition, const Expr& subset, const std::string& number,
                                const Among& among) const {
  const model::BoundName& member = among.counted.bound;
  const std::string who = to_.open_subsets().others(subset, among.speaker);
  const bool is_all_that_is_asked = subset_asked(condition, member) != nullptr && among.where.empty();
  if (is_all_that_is_asked) return to_.open_subsets().how_many(among.counted.over, who);
  const auto if_answer = [&](bool answer) {
    return how_many(with_answer(condition, member, subset, answer), among);
  };
  return if_then_else(
      to_.open_subsets().has_none(who), if_answer(false),
      if_then_else(to_.open_subsets().has_all(among.counted.over, who), if_answer(true), number));
}

std::string OpenSets::number_of(const Expr& condition, const Among& among) const {
  const model::Quantified& counted = among.counted;
  Pattern pattern{to_, among.speaker, counted.bound};
  std::string key = pattern.of(condition);
  if (key == yes || key == no) return key;
  if (!pattern.is_local) { // then nothing is known of it
    key = fmt::format("{} {}", counts_.size(), key);
    pattern.parts.clear();
    pattern.sorts.clear();
  }
  key = fmt::format("{}{}: {}", to_.instance().model().sets[counted.over].name, among.where, key);
  const std::string symbol =
      to_.names().of(Names::Kind::function, fmt::format("number {} of others", counts_.size()));
  const auto [known, is_new] = counts_.try_emplace(key, symbol);
  if (is_new) {
    std::string text = fmt::format("(declare-fun {} ({}) Int)\n", symbol, fmt::join(pattern.sorts, " "));
    if (pattern.parts.empty()) text += fmt::format("(assert (<= 0 {} {}))\n", symbol, among.most);
    declared_.try_emplace(symbol, std::move(text));
  }
  return pattern.parts.empty() ? known->second : call(known->second, pattern.parts);
}

std::vector<Id<model::Thread>> OpenSets::asked_for_labels(const model::Quantified& counted) const {
  std::vector<Id<model::Thread>> threads;
  (void)substitute(counted.body, [&](const Expr& part) -> std::optional<Expr> {
    if (asks_where(part, counted.bound)) {
      const auto thread =
          to_.instance().model().regions[std::get<model::InRegion>(part.node().kind).region].thread;
      if (std::ranges::count(threads, thread) == 0) threads.push_back(thread);
    }
    return {};
  });
  return threads;
}

std::string OpenSets::others_that(const model::Quantified& counted, const Speaker& speaker) const {
  model::Quantified apart = counted;
  apart.body = asked_of_parts(counted.body, counted.bound);
  return others_that_are(apart, speaker);
}

// Negations, and a side that does not speak of the member, before labels are told apart: Z3 4.8 does not come
// to an end reading a sum of many differences and conditionals.
std::optional<std::string> OpenSets::others_by_parts(const model::Quantified& counted,
                                                     const Speaker& speaker) const {
  using enum model::BinaryOp;
  const std::string all = others(counted.over);
  const auto number = [&](const Expr& part) {
    model::Quantified of_part = counted;
    of_part.body = part;
    return others_that_are(of_part, speaker);
  };
  if (const auto* unary = std::get_if<model::Unary>(&counted.body.node().kind)) {
    if (unary->op != model::UnaryOp::logical_not) return {};
    return call("-", {all, number(unary->operand)});
  }
  const auto* binary = std::get_if<model::Binary>(&counted.body.node().kind);
  if (binary == nullptr || (binary->op != logical_and && binary->op != logical_or && binary->op != implies))
    return {};
  const bool is_left = speaks_of(binary->left, counted.bound);
  if (is_left == speaks_of(binary->right, counted.bound)) return {};
  const Term known = to_.term(is_left ? binary->right : binary->left, speaker);
  if (known.defined != yes) return {};
  const std::string those = number(is_left ? binary->left : binary->right);
  if (binary->op == logical_and) return if_then_else(known.text, those, "0");
  if (binary->op == logical_or) return if_then_else(known.text, all, those);
  return is_left ? if_then_else(known.text, all, call("-", {all, those}))
                 : if_then_else(known.text, those, all);
}

std::string OpenSets::others_that_are(const model::Quantified& counted, const Speaker& speaker) const {
  const model::Model& model = to_.instance().model();
  std::string result = "0";
  const auto threads = asked_for_labels(counted);
  if (threads.size() == 1)
    if (auto number = others_by_parts(counted, speaker)) return *number;
  if (threads.size() == 1) {
    std::vector<std::string> labels;
    for (const auto label : model.threads[threads.front()].labels.ids()) {
      if (!to_.is_reached(threads.front(), label)) continue;
      const Expr there = substitute(counted.body, [&](const Expr& part) -> std::optional<Expr> {
        if (!asks_where(part, counted.bound)) return {};
        const auto& region = model.regions[std::get<model::InRegion>(part.node().kind).region];
        return model::truth(std::ranges::count(region.labels, label) > 0);
      });
      const std::string where = fmt::format(" at {}", model.threads[threads.front()].labels[label].name);
      labels.push_back(how_many(there, {counted, speaker, others_at(threads.front(), label), where}));
    }
    result = sum(labels);
  } else {
    // Of several kinds of threads, nothing is said of where both are.
    const Among all{counted, speaker, others(counted.over), ""};
    result = how_many(threads.empty() ? counted.body : model::make(counted.body.sort(), counted), all);
  }
  // Where nobody of these is in a subset yet.
  model::Quantified apart = counted;
  std::string given = yes;
  while (const auto subset = first_subset_asked(apart.body, counted.bound)) {
    given = both(given, to_.open_subsets().has_none(to_.open_subsets().others(*subset, speaker)));
    apart.body = with_answer(apart.body, counted.bound, *subset, false);
  }
  if (const auto start = started(apart)) {
    const Term holds = to_.term(*start, speaker);
    if (holds.defined == yes)
      start_.insert(implied(given, equals(result, if_then_else(holds.text, others(counted.over), "0"))));
  }
  return result;
}

// Of a member of which nothing is known but that nothing has happened yet.
std::optional<Expr> OpenSets::started(const model::Quantified& counted) const {
  const model::Model& model = to_.instance().model();
  bool is_known = true;
  const Expr start = substitute(counted.body, [&](const Expr& part) -> std::optional<Expr> {
    if (asks_where(part, counted.bound)) {
      const auto& region = model.regions[std::get<model::InRegion>(part.node().kind).region];
      return model::truth(std::ranges::count(region.labels, model.threads[region.thread].start) > 0);
    }
    const auto* read = std::get_if<model::VariableRef>(&part.node().kind);
    if (read == nullptr || !speaks_of(part, counted.bound)) return {};
    const auto& initial = model.variables[read->variable].initial;
    is_known = is_known && initial.has_value();
    return initial;
  });
  return is_known && !speaks_of(start, counted.bound) ? std::optional(start) : std::nullopt;
}

} // namespace tdxcheck::emit::smt2
