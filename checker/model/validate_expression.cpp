// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sorts, arities and scopes, from the leaves up: when a node is looked at, its operands are known to be in
// order, so a message may print them.
#include "model/validation.h"

#include "model/limits.h"

#include <algorithm>

namespace tdxcheck::model::validation {
namespace {

constexpr Sort boolean{SortKind::boolean, 0};
constexpr Sort whole_number{SortKind::integer, 0};
constexpr Sort bits{SortKind::bits, 0};

Sort index_of(Id<IndexSet> set) { return {SortKind::index, set.value}; }

class ExpressionCheck {
public:
  ExpressionCheck(Findings& findings, const Place& place)
      : findings_(findings), model_(findings.model), place_(place), bound_(place.bound) {}

  // `levels` and `depth` lie above it: see limits.h.
  bool check(const Expr& e, std::size_t levels = 0, std::size_t depth = 0) {
    if (e.empty()) return refuse("it, or an operand in it, is missing");
    if (levels >= most_expression_levels || depth >= deepest_expression)
      return refuse("the expression is nested too deeply (more than {} levels)", most_expression_levels);
    if (!sort_exists(e.sort())) return refuse("an expression is of a sort that refers to nothing");
    return std::visit([&](const auto& kind) { return node(e, kind, levels, depth); }, e.node().kind);
  }

  bool members(const std::vector<Expr>& at, const std::vector<Id<IndexSet>>& sets, const std::string& whose) {
    if (at.size() != sets.size())
      return refuse("{} is used with {} indices, where {} are needed", whose, at.size(), sets.size());
    for (std::size_t i = 0; i < at.size(); ++i)
      if (at[i].sort() != index_of(sets[i]))
        return refuse("{} is indexed by `{}`, which is {}; expected an index of {}", whose,
                      shown(model_, at[i]), describe_sort(model_, at[i].sort()), model_.sets[sets[i]].name);
    return true;
  }

  template <class... Arguments>
  bool refuse(fmt::format_string<Arguments...> english, Arguments&&... arguments) {
    findings_.add(*place_.source, "{}: {}", place_.in_words(),
                  fmt::format(english, std::forward<Arguments>(arguments)...));
    return false;
  }

private:
  bool sort_exists(const Sort& sort) const {
    switch (sort.kind) {
    case SortKind::boolean:
    case SortKind::integer:
    case SortKind::bits: return sort.of == 0;
    case SortKind::enumeration: return model_.enumerations.has(Id<Enumeration>{sort.of});
    case SortKind::index:
    case SortKind::optional_index:
    case SortKind::subset: return model_.sets.has(Id<IndexSet>{sort.of});
    }
    return false;
  }

  // The sort that the node carries is the one that follows from its parts.
  bool is(const Expr& e, const Sort& sort) {
    if (e.sort() == sort) return true;
    return refuse("`{}` is {}, but says that it is {}", shown(model_, e), describe_sort(model_, sort),
                  describe_sort(model_, e.sort()));
  }

  bool not_in_a_constant(const Expr& e) {
    if (!place_.constant) return true;
    return refuse("`{}` depends on the state; only parameters and named guards may occur here",
                  shown(model_, e));
  }
  bool not_in_a_silent_step(const Expr& e) {
    if (!place_.silent_in) return true;
    return refuse(
        "`{}` occurs in a silent step, which may only look at parameters and at scalar locals of its own "
        "thread",
        shown(model_, e));
  }

  bool all(const std::vector<Expr>& list, std::size_t levels, std::size_t depth) {
    return std::ranges::all_of(list, [&](const Expr& e) { return check(e, levels + 1, depth + 1); });
  }

  bool node(const Expr& e, const Literal& literal, std::size_t, std::size_t) {
    if (in_domain(e.sort(), literal.value)) return true;
    return refuse("the literal {} is no value of its sort: {}", literal.value,
                  describe_sort(model_, e.sort()));
  }

  bool in_domain(const Sort& sort, Value value) const {
    switch (sort.kind) {
    case SortKind::boolean: return value == 0 || value == 1;
    case SortKind::integer: return true;
    case SortKind::bits:
    case SortKind::subset: return value >= 0 && value < Value{1} << most_members;
    case SortKind::enumeration: {
      const auto& constants = model_.enumerations[Id<Enumeration>{sort.of}].constants;
      return value >= 0 && value < static_cast<Value>(constants.size());
    }
    // One more than the last member, for comparisons such as i + 1 == n.
    case SortKind::index: return value >= 0 && value <= most_members;
    case SortKind::optional_index: return value >= no_member && value <= most_members;
    }
    return false;
  }

  bool node(const Expr& e, const ParameterRef& reference, std::size_t, std::size_t) {
    if (!model_.parameters.has(reference.parameter))
      return refuse("it names a parameter that does not exist");
    return is(e, sort_of(model_.parameters[reference.parameter]));
  }

  bool node(const Expr& e, const Kept& kept, std::size_t, std::size_t) {
    if (!model_.guards.has(kept.guard)) return refuse("it names a guard that does not exist");
    return is(e, boolean);
  }

  bool node(const Expr& e, const VariableRef& reference, std::size_t levels, std::size_t depth) {
    if (!model_.variables.has(reference.variable)) return refuse("it names a variable that does not exist");
    if (!all(reference.at, levels, depth)) return false;
    const Variable& variable = model_.variables[reference.variable];
    return members(reference.at, dimensions_of(model_, variable), "`" + variable.name + "`") &&
           not_in_a_constant(e) && (is_own_scalar(variable, reference) || not_in_a_silent_step(e)) &&
           is(e, sort_of(variable.type.scalar));
  }

  bool is_own_scalar(const Variable& variable, const VariableRef& reference) const {
    const auto* local = std::get_if<LocalScope>(&variable.scope);
    if (local == nullptr || local->thread != place_.silent_in || !variable.type.array_of.empty())
      return false;
    return reference.at.empty() || std::holds_alternative<Self>(reference.at.front().node().kind);
  }

  bool node(const Expr& e, const Self&, std::size_t, std::size_t) {
    if (!place_.self)
      return refuse("`self` means nothing here: only the steps of a thread with a set have one");
    return is(e, index_of(*place_.self));
  }

  bool node(const Expr& e, const BoundRef& reference, std::size_t, std::size_t) {
    const auto found = std::ranges::find(bound_, reference.bound, &std::pair<BoundName, Id<IndexSet>>::first);
    if (found == bound_.end()) return refuse("`{}` is used outside of what binds it", reference.bound.name);
    return is(e, index_of(found->second));
  }

  bool node(const Expr& e, const Unary& unary, std::size_t levels, std::size_t depth) {
    if (!check(unary.operand, levels + 1, depth + 1)) return false;
    if (const std::string why = misapplied(model_, unary.op, unary.operand); !why.empty())
      return refuse("in `{}`: {}", shown(model_, e), why);
    return is(e, model::unary(unary.op, unary.operand).sort());
  }

  bool node(const Expr& e, const Binary& binary, std::size_t levels, std::size_t depth) {
    const auto* left = binary.left.empty() ? nullptr : std::get_if<Binary>(&binary.left.node().kind);
    const bool continues = left != nullptr && left->op == binary.op && forms_chains(binary.op);
    if (!check(binary.left, continues ? levels : levels + 1, depth + 1)) return false;
    if (!check(binary.right, levels + 1, depth + 1)) return false;
    if (const std::string why = misapplied(model_, binary.op, binary.left, binary.right); !why.empty())
      return refuse("in `{}`: {}", shown(model_, e), why);
    return is(e, sort_of(binary.op, binary.left.sort(), binary.right.sort()));
  }

  bool node(const Expr& e, const Conditional& c, std::size_t levels, std::size_t depth) {
    for (const Expr& part : {c.condition, c.then, c.otherwise})
      if (!check(part, levels + 1, depth + 1)) return false;
    if (c.condition.sort() != boolean)
      return refuse("the condition of `{}` is {}, not boolean", shown(model_, e),
                    describe_sort(model_, c.condition.sort()));
    if (!fits(c.then.sort(), c.otherwise.sort()) && !fits(c.otherwise.sort(), c.then.sort()))
      return refuse("the branches of `{}` differ: one is {}, the other {}", shown(model_, e),
                    describe_sort(model_, c.then.sort()), describe_sort(model_, c.otherwise.sort()));
    return is(e, model::conditional(c.condition, c.then, c.otherwise).sort());
  }

  bool node(const Expr& e, const Wrap& wrap, std::size_t levels, std::size_t depth) {
    Place for_width = place_.called(place_.in_words() + ", the width");
    for_width.constant = true;
    if (!expect_integer(findings_, for_width, wrap.width) || !check(wrap.operand, levels + 1, depth + 1))
      return false;
    if (wrap.operand.sort() != bits && wrap.operand.sort() != whole_number)
      return refuse("in `{}`: `{}` is {}; expected bits or an integer", shown(model_, e),
                    shown(model_, wrap.operand), describe_sort(model_, wrap.operand.sort()));
    return is(e, bits);
  }

  bool node(const Expr& e, const Quantified& q, std::size_t levels, std::size_t depth) {
    if (!model_.sets.has(q.over)) return refuse("`{}` ranges over a set that does not exist", q.bound.name);
    for (const auto& [name, set] : bound_)
      if (name.number == q.bound.number) return refuse("`{}` is bound twice", q.bound.name);
    bound_.emplace_back(q.bound, q.over);
    const bool in_order = check(q.body, levels + 1, depth + 1);
    bound_.pop_back();
    if (!in_order) return false;
    if (q.body.sort() != boolean)
      return refuse("`{}` is {}; a quantifier needs a boolean", shown(model_, q.body),
                    describe_sort(model_, q.body.sort()));
    return not_in_a_constant(e) && not_in_a_silent_step(e) &&
           is(e, q.kind == QuantifierKind::count ? whole_number : boolean);
  }

  bool node(const Expr& e, const InRegion& in, std::size_t levels, std::size_t depth) {
    if (!model_.regions.has(in.region)) return refuse("it names a region that does not exist");
    if (!all(in.member, levels, depth)) return false;
    const Region& region = model_.regions[in.region];
    if (region.labels.empty()) return refuse("it names the region `{}`, which has no labels", region.name);
    const Thread& thread = model_.threads[region.thread];
    return members(in.member, members_of(thread), "`" + thread.name + "`") && not_in_a_constant(e) &&
           not_in_a_silent_step(e) && is(e, boolean);
  }

  Findings& findings_;
  const Model& model_;
  const Place& place_;
  std::vector<std::pair<BoundName, Id<IndexSet>>> bound_;
};

} // namespace

bool check_expression(Findings& findings, const Place& place, const Expr& expression) {
  return ExpressionCheck(findings, place).check(expression);
}

bool expect_sort(Findings& findings, const Place& place, const Expr& expression, const Sort& wanted) {
  ExpressionCheck look(findings, place);
  if (!look.check(expression)) return false;
  if (fits(wanted, expression.sort())) return true;
  return look.refuse("`{}` is {}; expected: {}", shown(findings.model, expression),
                     describe_sort(findings.model, expression.sort()), describe_sort(findings.model, wanted));
}

bool expect_boolean(Findings& findings, const Place& place, const Expr& expression) {
  return expect_sort(findings, place, expression, boolean);
}

bool expect_integer(Findings& findings, const Place& place, const Expr& expression) {
  return expect_sort(findings, place, expression, whole_number);
}

bool expect_members(Findings& findings, const Place& place, const std::vector<Expr>& at,
                    const std::vector<Id<IndexSet>>& sets, const std::string& whose) {
  ExpressionCheck look(findings, place);
  return std::ranges::all_of(at, [&](const Expr& e) { return look.check(e); }) &&
         look.members(at, sets, whose);
}

std::vector<Id<IndexSet>> members_of(const Thread& thread) {
  if (!thread.over) return {};
  return {*thread.over};
}

std::vector<Id<IndexSet>> dimensions_of(const Model& model, const Variable& variable) {
  std::vector<Id<IndexSet>> sets;
  if (const auto* member = std::get_if<MemberScope>(&variable.scope)) sets.push_back(member->set);
  if (const auto* local = std::get_if<LocalScope>(&variable.scope))
    sets = members_of(model.threads[local->thread]);
  sets.insert(sets.end(), variable.type.array_of.begin(), variable.type.array_of.end());
  return sets;
}

} // namespace tdxcheck::model::validation
