// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which operands an operator takes. Beyond like sorts: an index may be compared with an optional index of its
// set; the members of an ordered set have numbers (i + 1, i < n), those of a symmetric one have none.
#include "model/validation.h"

#include "model/print.h"

namespace tdxcheck::model::validation {
namespace {

struct Operands {
  const Model& model;
  const Expr& left;
  const Expr& right;

  const Sort& a() const { return left.sort(); }
  const Sort& b() const { return right.sort(); }
  bool both(SortKind kind) const { return a().kind == kind && a() == b(); }
  bool is_none(const Expr& e) const {
    return e.sort().kind == SortKind::optional_index && is_literal(e, no_member);
  }
  bool has_numbers(const Sort& sort) const {
    return sort.kind == SortKind::index && !model.sets[Id<IndexSet>{sort.of}].symmetric;
  }

  std::string said() const {
    return fmt::format("`{}` is {}, `{}` is {}", shown(model, left), describe_sort(model, a()),
                       shown(model, right), describe_sort(model, b()));
  }
  std::string refused(std::string_view wanted) const { return fmt::format("{}; {}", said(), wanted); }

  bool numbered_and_integer() const {
    return (has_numbers(a()) && b().kind == SortKind::integer) ||
           (a().kind == SortKind::integer && has_numbers(b()));
  }

  std::string logical() const { return both(SortKind::boolean) ? "" : refused("both must be boolean"); }
  std::string equality() const {
    const bool one_optional = fits(a(), b()) || fits(b(), a());
    if (a() == b() || numbered_and_integer()) return "";
    if (one_optional && !is_none(left) && !is_none(right)) return "";
    if (one_optional) return refused("an index is never none");
    return refused("only what is of one sort can be compared");
  }
  std::string order() const {
    if (both(SortKind::integer) || both(SortKind::bits) || numbered_and_integer()) return "";
    if (both(SortKind::index) && has_numbers(a())) return "";
    if (both(SortKind::index)) return refused("the members of a symmetric set have no order");
    return refused("only integers, bits and members of an ordered set have an order");
  }
  std::string sum() const {
    if (both(SortKind::integer) || both(SortKind::bits)) return "";
    if (has_numbers(a()) && b().kind == SortKind::integer) return "";
    return refused("expected two integers, two bits, or a member of an ordered set and an integer");
  }
  std::string product() const {
    return both(SortKind::integer) || both(SortKind::bits) ? ""
                                                           : refused("expected two integers or two bits");
  }
  std::string bitwise() const { return both(SortKind::bits) ? "" : refused("both must be bits"); }
  std::string shift() const {
    const bool shifted = a().kind == SortKind::bits || a().kind == SortKind::integer;
    const bool places = b().kind == SortKind::bits || b().kind == SortKind::integer;
    return shifted && places ? "" : refused("bits or an integer are shifted by bits or an integer");
  }
  std::string membership() const {
    const bool right_ones = a().kind == SortKind::subset && b() == Sort{SortKind::index, a().of};
    return right_ones ? "" : refused("expected a subset and an index of its set");
  }
  std::string of_subsets() const {
    return both(SortKind::subset) ? "" : refused("both must be subsets of one set");
  }
};

} // namespace

std::string misapplied(const Model& model, UnaryOp op, const Expr& operand) {
  const SortKind kind = operand.sort().kind;
  const auto refused = [&](std::string_view wanted) {
    return fmt::format("`{}` is {}; expected {}", shown(model, operand), describe_sort(model, operand.sort()),
                       wanted);
  };
  switch (op) {
  case UnaryOp::logical_not: return kind == SortKind::boolean ? "" : refused("a boolean");
  case UnaryOp::negate:
    return kind == SortKind::integer || kind == SortKind::bits ? "" : refused("an integer or bits");
  case UnaryOp::cardinality: return kind == SortKind::subset ? "" : refused("a subset");
  }
  return "an operator that is not known";
}

std::string misapplied(const Model& model, BinaryOp op, const Expr& left, const Expr& right) {
  const Operands operands{model, left, right};
  using enum BinaryOp;
  switch (op) {
  case logical_and:
  case logical_or:
  case implies: return operands.logical();
  case equal:
  case not_equal: return operands.equality();
  case less:
  case less_equal: return operands.order();
  case add:
  case subtract: return operands.sum();
  case multiply: return operands.product();
  case bit_and:
  case bit_or:
  case bit_xor: return operands.bitwise();
  case shift_left:
  case shift_right: return operands.shift();
  case contains:
  case with:
  case without: return operands.membership();
  case unite:
  case intersect:
  case minus:
  case included: return operands.of_subsets();
  }
  return "an operator that is not known";
}

bool fits(const Sort& target, const Sort& value) {
  return target == value ||
         (target.kind == SortKind::optional_index && value == Sort{SortKind::index, target.of});
}

std::string describe_sort(const Model& model, const Sort& sort) {
  const auto set = [&] { return model.sets[Id<IndexSet>{sort.of}].name; };
  switch (sort.kind) {
  case SortKind::boolean: return "boolean";
  case SortKind::integer: return "an integer";
  case SortKind::bits: return "bits";
  case SortKind::enumeration:
    return "of the enumeration " + model.enumerations[Id<Enumeration>{sort.of}].name;
  case SortKind::index: return "an index of " + set();
  case SortKind::optional_index: return "an optional index of " + set();
  case SortKind::subset: return "a subset of " + set();
  }
  return "of no sort";
}

std::string shown(const Model& model, const Expr& expression) {
  constexpr std::size_t most_shown = 100;
  const std::string text = print(model, expression);
  return text.size() <= most_shown ? text : text.substr(0, most_shown) + "...";
}

} // namespace tdxcheck::model::validation
