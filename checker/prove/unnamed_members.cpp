// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/unnamed_members.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/open_sets.h"
#include "prove/open_subsets.h"
#include "prove/rewrite.h"
#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

using model::Expr;
using model::Id;

constexpr std::size_t most_subsets = 3; // of which it is asked whether they have all members, or none

bool is_bound(const Expr& e, const model::BoundName& name) {
  const auto* bound = std::get_if<model::BoundRef>(&e.node().kind);
  return bound != nullptr && bound->bound.number == name.number;
}

// The subset, where the condition is that the member is in one that does not depend on the member.
const Expr* asked_subset(const Expr& e, const model::BoundName& member) {
  const auto* binary = std::get_if<model::Binary>(&e.node().kind);
  const bool asks = binary != nullptr && binary->op == model::BinaryOp::contains &&
                    is_bound(binary->right, member) && !mentions(binary->left, member);
  return asks ? &binary->left : nullptr;
}

// Of the whole condition: not those that depend on a name which is bound within it.
void asked_subsets(const Expr& e, const model::BoundName& member, std::vector<Expr>& found) {
  if (const Expr* subset = asked_subset(e, member)) {
    if (std::ranges::count(found, *subset) == 0) found.push_back(*subset);
    return;
  }
  std::vector<Expr> inside;
  for (const Expr& part : operands(e)) asked_subsets(part, member, inside);
  if (const auto* quantified = std::get_if<model::Quantified>(&e.node().kind))
    std::erase_if(inside, [&](const Expr& subset) { return mentions(subset, quantified->bound); });
  for (const Expr& subset : inside)
    if (std::ranges::count(found, subset) == 0) found.push_back(subset);
}

// The condition for a member of which it is known whether it is in the subset.
Expr if_in(const Expr& condition, const model::BoundName& member, const Expr& subset, bool has_it) {
  return rewritten(condition, [&](const Expr& part) -> std::optional<Expr> {
    const Expr* asked = asked_subset(part, member);
    if (asked == nullptr || !(*asked == subset)) return {};
    return model::truth(has_it);
  });
}

// Whether a member without a name is in a union is told by its parts.
Expr told_by_parts(const Expr& condition, const model::BoundName& member) {
  return rewritten(condition, [&](const Expr& part) -> std::optional<Expr> {
    const Expr* subset = asked_subset(part, member);
    if (subset == nullptr) return {};
    if (std::holds_alternative<model::Literal>(subset->node().kind)) return model::truth(false);
    const auto* parts = std::get_if<model::Binary>(&subset->node().kind);
    if (parts == nullptr) return {};
    const Expr who = std::get<model::Binary>(part.node().kind).right;
    const auto in = [&](const Expr& one) {
      return told_by_parts(model::binary(model::BinaryOp::contains, one, who), member);
    };
    switch (parts->op) {
    case model::BinaryOp::unite: return model::disjunction(in(parts->left), in(parts->right));
    case model::BinaryOp::intersect: return model::conjunction(in(parts->left), in(parts->right));
    case model::BinaryOp::minus:
      return model::conjunction(in(parts->left), model::negation(in(parts->right)));
    default: return {};
    }
  });
}

// The condition with what is not about the member cut out: its shape, and what was cut out.
class Shape {
public:
  Shape(const Encoding& encoding, const Evaluation& evaluation, const model::BoundName& member)
      : encoding_(encoding), evaluation_(evaluation), member_(member) {}

  // False where the condition is not only about the member and what was cut out.
  bool add(const Expr& e) {
    if (is_bound(e, member_)) return say("@");
    if (!mentions(e, member_)) return cut_out(e);
    if (const Expr* subset = asked_subset(e, member_)) return ask(*subset);
    return std::visit([&](const auto& node) { return add(e, node); }, e.node().kind);
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<z3::expr>& arguments() const { return arguments_; }

private:
  bool say(const std::string& word) {
    text_ += word;
    return true;
  }
  bool cut_out(const Expr& e) {
    if (const auto* literal = std::get_if<model::Literal>(&e.node().kind))
      return say(fmt::format("{}:{}", static_cast<int>(e.sort().kind), literal->value));
    const Term term = evaluation_.of(e);
    if (term.defined) return false;
    const bool is_number = term.kind == TermKind::bits || term.kind == TermKind::integer;
    arguments_.push_back(is_number ? encoding_.terms().as_integer(term) : term.value);
    say("#" + arguments_.back().get_sort().to_string());
    if (!term.unnamed) return true;
    arguments_.push_back(*term.unnamed);
    return say("+#");
  }
  // Whether a member without a name is there does not depend on those that have one.
  bool ask(const Expr& subset) {
    const Term term = evaluation_.of(subset);
    if (term.defined || !term.unnamed) return false;
    arguments_.push_back(*term.unnamed);
    return say("in#");
  }
  bool all(const std::string& what, const std::vector<Expr>& parts) {
    say(what + "(");
    for (const Expr& part : parts) {
      if (!add(part)) return false;
      say(",");
    }
    return say(")");
  }

  bool add(const Expr&, const model::Literal&) { return false; }
  bool add(const Expr&, const model::ParameterRef&) { return false; }
  bool add(const Expr&, const model::Kept&) { return false; }
  bool add(const Expr&, const model::Self&) { return false; }
  bool add(const Expr&, const model::BoundRef&) { return false; }
  // A cell of the member itself does not change. One that is found through such a cell may be anybody's.
  bool add(const Expr&, const model::VariableRef& x) {
    const auto is_direct = [&](const Expr& at) { return is_bound(at, member_) || !mentions(at, member_); };
    return std::ranges::all_of(x.at, is_direct) && all(fmt::format("v{}", x.variable.value), x.at);
  }
  bool add(const Expr&, const model::Unary& x) {
    return all(fmt::format("u{}", static_cast<int>(x.op)), {x.operand});
  }
  bool add(const Expr&, const model::Binary& x) {
    return all(fmt::format("b{}", static_cast<int>(x.op)), {x.left, x.right});
  }
  bool add(const Expr&, const model::Conditional& x) { return all("if", {x.condition, x.then, x.otherwise}); }
  bool add(const Expr&, const model::Wrap& x) { return all("wrap", {x.width, x.operand}); }
  bool add(const Expr&, const model::Quantified& x) {
    if (encoding_.open_sets().find(x.over) != nullptr) return false;
    std::vector<Expr> parts;
    for (model::Value m = 0; m < encoding_.instance().size(x.over); ++m) {
      Members members;
      members.bound[x.bound.number] = m;
      parts.push_back(with_members(x.body, members));
    }
    return all(fmt::format("q{}", static_cast<int>(x.kind)), parts);
  }
  bool add(const Expr&, const model::InRegion& x) {
    if (!is_bound(x.member.front(), member_)) return false;
    const model::Region& region = encoding_.model().regions[x.region];
    std::vector<std::uint32_t> labels;
    for (const auto label : region.labels) labels.push_back(label.value);
    std::ranges::sort(labels);
    say(fmt::format("at{}", region.thread.value));
    for (const auto label : labels) say(fmt::format(".{}", label));
    return true;
  }

  const Encoding& encoding_;
  const Evaluation& evaluation_;
  const model::BoundName& member_;
  std::string text_;
  std::vector<z3::expr> arguments_;
};

// The condition for a member that is at the label.
Expr for_label(const model::Model& model, const Expr& e, const model::BoundName& member,
               Id<model::Thread> thread, Id<model::Label> label) {
  return rewritten(e, [&](const Expr& part) -> std::optional<Expr> {
    const auto* in = std::get_if<model::InRegion>(&part.node().kind);
    if (in == nullptr || in->member.empty() || !is_bound(in->member.front(), member)) return {};
    const model::Region& region = model.regions[in->region];
    if (region.thread != thread) return {};
    return model::truth(std::ranges::count(region.labels, label) > 0);
  });
}

// Threads whose labels the condition asks for, at the member.
void threads_in(const model::Model& model, const Expr& e, const model::BoundName& member,
                std::vector<Id<model::Thread>>& found) {
  if (const auto* in = std::get_if<model::InRegion>(&e.node().kind))
    if (!in->member.empty() && is_bound(in->member.front(), member) &&
        std::ranges::count(found, model.regions[in->region].thread) == 0)
      found.push_back(model.regions[in->region].thread);
  for (const Expr& part : operands(e)) threads_in(model, part, member, found);
}

// What satisfies it where all begins, if that is the same for each member: a condition on the state.
std::optional<Expr> at_the_start(const model::Model& model, const model::Quantified& counted) {
  bool known = true;
  const Expr start = rewritten(counted.body, [&](const Expr& part) -> std::optional<Expr> {
    if (const auto* in = std::get_if<model::InRegion>(&part.node().kind)) {
      if (in->member.empty() || !is_bound(in->member.front(), counted.bound)) return {};
      const model::Region& region = model.regions[in->region];
      return model::truth(std::ranges::count(region.labels, model.threads[region.thread].start) > 0);
    }
    const auto* read = std::get_if<model::VariableRef>(&part.node().kind);
    if (read == nullptr || !mentions(part, counted.bound)) return {};
    const auto& initial = model.variables[read->variable].initial;
    if (!initial) known = false;
    return initial;
  });
  if (!known || mentions(start, counted.bound)) return {};
  return start;
}

constexpr model::Value most_values = 8;

bool has_few_values(const Encoding& encoding, Id<model::Variable> id) {
  const model::ScalarType& type = encoding.model().variables[id].type.scalar;
  const bool is_open =
      std::holds_alternative<model::IndexType>(type)
          ? encoding.open_sets().find(std::get<model::IndexType>(type).set) != nullptr
      : std::holds_alternative<model::OptionalIndexType>(type)
          ? encoding.open_sets().find(std::get<model::OptionalIndexType>(type).set) != nullptr
          : !std::holds_alternative<model::BoolType>(type) && !std::holds_alternative<model::EnumType>(type);
  const model::Cell& cell = encoding.instance().cells()[encoding.instance().first_cell(id)];
  return !is_open && cell.high - cell.low < most_values;
}

// The only thing that the condition asks of the member, if that is one variable of few values.
std::optional<Expr> only_variable_of_member(const Encoding& encoding, const Expr& e,
                                            const model::BoundName& member) {
  std::optional<Expr> only;
  bool is_only = true;
  (void)rewritten(e, [&](const Expr& part) -> std::optional<Expr> {
    if (!mentions(part, member)) return part;
    if (const auto* read = std::get_if<model::VariableRef>(&part.node().kind)) {
      const bool is_its_own = read->at.size() == 1 && is_bound(read->at.front(), member);
      is_only = is_only && is_its_own && (!only || *only == part);
      only = part;
      return part;
    }
    const bool says_more = is_bound(part, member) ||
                           std::holds_alternative<model::InRegion>(part.node().kind) ||
                           std::holds_alternative<model::Quantified>(part.node().kind);
    is_only = is_only && !says_more;
    return {};
  });
  if (!is_only || !only) return {};
  const auto variable = std::get<model::VariableRef>(only->node().kind).variable;
  return has_few_values(encoding, variable) ? only : std::nullopt;
}

class Counting {
public:
  Counting(const Encoding& encoding, const Evaluation& evaluation, const model::Quantified& counted)
      : encoding_(encoding), evaluation_(evaluation), counted_(counted) {}

  // At most so many: of those at a label, which `where` names, or (empty) of all.
  [[nodiscard]] z3::expr among(const Expr& condition, const z3::expr& most, const std::string& where) const {
    z3::context& context = encoding_.context();
    const z3::expr none = context.int_val(0);
    if (model::is_false(condition)) return none;
    if (model::is_true(condition)) return most;
    if (!mentions(condition, counted_.bound)) {
      const Term decides = evaluation_.of(condition);
      if (!decides.defined) return z3::ite(decides.value, most, none);
    }
    if (const auto* unary = std::get_if<model::Unary>(&condition.node().kind))
      if (unary->op == model::UnaryOp::logical_not) return most - among(unary->operand, most, where);
    if (const auto* binary = std::get_if<model::Binary>(&condition.node().kind))
      if (const auto number = connected(*binary, most, where)) return *number;
    std::vector<Expr> subsets;
    asked_subsets(condition, counted_.bound, subsets);
    if (subsets.size() > most_subsets) subsets.clear();
    return by_subsets(condition, most, where, std::move(subsets));
  }

  [[nodiscard]] z3::expr by_label(Id<model::Thread> thread) const {
    z3::expr sum = encoding_.context().int_val(0);
    for (const auto label : encoding_.model().threads[thread].labels.ids()) {
      const Expr here = for_label(encoding_.model(), counted_.body, counted_.bound, thread, label);
      if (model::is_false(here)) continue;
      sum = sum + among(here, encoding_.open_sets().unnamed_at(thread, label),
                        fmt::format("at{}.{}!", thread.value, label.value));
    }
    return sum;
  }

private:
  // A connective one side of which is not about the member: that side decides for all of them.
  [[nodiscard]] std::optional<z3::expr> connected(const model::Binary& e, const z3::expr& most,
                                                  const std::string& where) const {
    const bool is_and = e.op == model::BinaryOp::logical_and, is_or = e.op == model::BinaryOp::logical_or;
    if (!is_and && !is_or && e.op != model::BinaryOp::implies) return {};
    const bool left_is_about_it = mentions(e.left, counted_.bound);
    if (left_is_about_it && mentions(e.right, counted_.bound)) return {};
    const Expr& aside = left_is_about_it ? e.right : e.left;
    const Term decides = evaluation_.of(aside);
    if (decides.defined) return {};
    const Expr& inside = left_is_about_it ? e.left : e.right;
    const z3::expr number = among(inside, most, where), none = encoding_.context().int_val(0);
    if (is_and) return z3::ite(decides.value, number, none);
    if (is_or) return z3::ite(decides.value, most, number);
    return left_is_about_it ? z3::ite(decides.value, most, most - number)
                            : z3::ite(decides.value, number, most);
  }

  // Of each subset that the member may be in, whether it has nobody, or everybody, is told apart.
  [[nodiscard]] z3::expr by_subsets(const Expr& condition, const z3::expr& most, const std::string& where,
                                    std::vector<Expr> subsets) const {
    if (subsets.empty()) return bounded(condition, most, where);
    const Expr subset = std::move(subsets.back());
    subsets.pop_back();
    const Term term = evaluation_.of(subset);
    if (!term.unnamed) return by_subsets(condition, most, where, std::move(subsets));
    const OpenSubsets of(encoding_, counted_.over);
    const auto with = [&](bool has_it) {
      return among(if_in(condition, counted_.bound, subset, has_it), most, where);
    };
    return z3::ite(
        of.are_none(*term.unnamed), with(false),
        z3::ite(of.are_all(*term.unnamed), with(true), by_subsets(condition, most, where, subsets)));
  }

  [[nodiscard]] z3::expr bounded(const Expr& condition, const z3::expr& most,
                                 const std::string& where) const {
    if (const auto number = by_value(condition, most, where)) return *number;
    const Expr* subset = asked_subset(condition, counted_.bound);
    if (subset != nullptr && where.empty())
      if (const Term term = evaluation_.of(*subset); term.unnamed)
        return OpenSubsets(encoding_, counted_.over).count(*term.unnamed);
    const z3::expr number = count(condition, where);
    return z3::ite(number >= 0 && number <= most, number, encoding_.context().int_val(0));
  }

  // Where the condition asks for one variable of the member, of few values: how many have each of them is a
  // number, and all of these numbers together are all members.
  [[nodiscard]] std::optional<z3::expr> by_value(const Expr& condition, const z3::expr& most,
                                                 const std::string& where) const {
    const auto read = only_variable_of_member(encoding_, condition, counted_.bound);
    if (!read) return {};
    const auto variable = std::get<model::VariableRef>(read->node().kind).variable;
    const model::Instance& instance = encoding_.instance();
    const model::Cell& cell = instance.cells()[instance.first_cell(variable)];
    z3::context& context = encoding_.context();
    z3::expr sum = context.int_val(0), left = most;
    for (model::Value v = cell.low; v <= cell.high; ++v) {
      const Expr with_value = rewritten(condition, [&](const Expr& part) -> std::optional<Expr> {
        return part == *read ? std::optional(model::literal(read->sort(), v)) : std::nullopt;
      });
      const Term satisfies = evaluation_.of(with_value);
      if (satisfies.defined) return {};
      z3::expr having = left;
      if (v < cell.high) {
        const std::string name =
            fmt::format("unnamed{}!{}v{}={}", counted_.over.value, where, variable.value, v);
        const z3::expr number = context.int_const(name.c_str());
        having = z3::ite(number >= 0 && number <= left, number, context.int_val(0));
        left = left - having;
      }
      sum = sum + z3::ite(satisfies.value, having, context.int_val(0));
    }
    return sum;
  }

  [[nodiscard]] z3::expr count(const Expr& condition, const std::string& where) const {
    z3::context& context = encoding_.context();
    Shape shape(encoding_, evaluation_, counted_.bound);
    if (!shape.add(condition)) return encoding_.new_number();
    z3::sort_vector sorts(context);
    z3::expr_vector arguments(context);
    for (const z3::expr& argument : shape.arguments()) {
      sorts.push_back(argument.get_sort());
      arguments.push_back(argument);
    }
    const std::string name = fmt::format("unnamed{}!{}{}", counted_.over.value, where, shape.text());
    return context.function(name.c_str(), sorts, context.int_sort())(arguments);
  }

  const Encoding& encoding_;
  const Evaluation& evaluation_;
  const model::Quantified& counted_;
};

} // namespace

z3::expr unnamed_that(const Encoding& encoding, const Evaluation& evaluation,
                      const model::Quantified& counted) {
  model::Quantified told = counted;
  told.body = told_by_parts(counted.body, counted.bound);
  const Counting counting(encoding, evaluation, told);
  std::vector<Id<model::Thread>> threads;
  threads_in(encoding.model(), told.body, told.bound, threads);
  return threads.size() == 1 ? counting.by_label(threads.front())
                             : counting.among(told.body, *encoding.open_sets().find(told.over)->others, "");
}

StartOfUnnamed at_the_start(const Encoding& encoding, const Evaluation& evaluation,
                            const model::Quantified& counted) {
  model::Quantified told = counted;
  told.body = told_by_parts(counted.body, counted.bound);
  StartOfUnnamed start{encoding.context().bool_val(true), {}};
  std::vector<Expr> subsets;
  asked_subsets(told.body, told.bound, subsets);
  for (const Expr& subset : subsets) {
    const Term term = evaluation.of(subset);
    if (!term.unnamed) return start;
    start.given = start.given && OpenSubsets(encoding, told.over).are_none(*term.unnamed);
    told.body = if_in(told.body, told.bound, subset, false);
  }
  start.satisfying = at_the_start(encoding.model(), told);
  return start;
}

} // namespace tdxcheck::prove
