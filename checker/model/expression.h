// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Expressions: immutable typed trees, compared by structure.
//
// A value is one 64-bit integer whatever its sort:
//   boolean         0 or 1
//   integer, bits   the number (bits are never negative)
//   enumeration     position of the constant
//   index           member number, 0-based
//   optional_index  member number, or no_member (-1), printed `none`
//   subset          bit mask of members (a set has at most 62 members)
// Arrays are not values: an array is read and written element by element.
//
// Parameters and named guards stay symbolic; lower/instantiate folds them for one valuation.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/id.h"

namespace tdxcheck::model {

struct Parameter;
struct GuardName;
struct Variable;
struct IndexSet;
struct Enumeration;
struct Region;

using Value = std::int64_t;
inline constexpr Value no_member = -1; // an optional index without a member
inline constexpr Value unlimited = -1; // a limit that is not there

enum class SortKind : std::uint8_t { boolean, integer, bits, enumeration, index, optional_index, subset };

// `of` is the position of the enumeration (enumeration) or of the index set (index, optional_index, subset).
struct Sort {
  SortKind kind = SortKind::boolean;
  std::uint32_t of = 0;
  friend bool operator==(const Sort&, const Sort&) = default;
};

struct Node;

// A handle on a shared immutable tree. A default-constructed Expr is empty and may only be tested.
class Expr {
public:
  Expr() = default;
  explicit Expr(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  [[nodiscard]] bool empty() const { return node_ == nullptr; }
  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] const Sort& sort() const;
  [[nodiscard]] const Node* identity() const { return node_.get(); }

  friend bool operator==(const Expr& a, const Expr& b); // by structure

private:
  std::shared_ptr<const Node> node_;
};

enum class UnaryOp : std::uint8_t {
  logical_not,
  negate,
  cardinality, // of a subset
};

enum class BinaryOp : std::uint8_t {
  logical_and,
  logical_or,
  implies,
  equal,
  not_equal,
  less,
  less_equal,
  add,
  subtract,
  multiply,
  bit_and,
  bit_or,
  bit_xor,
  shift_left,
  shift_right,
  contains,  // subset, index -> boolean
  with,      // subset, index -> subset
  without,   // subset, index -> subset
  unite,     // subset, subset -> subset
  intersect, // subset, subset -> subset
  minus,     // subset, subset -> subset
  included,  // subset, subset -> boolean
};

enum class QuantifierKind : std::uint8_t { for_all, exists, count };

// Bound names (of quantifiers, choices and waits) are numbered once per model; `name` is for the reader.
struct BoundName {
  std::uint32_t number = 0;
  std::string name;
  friend bool operator==(const BoundName&, const BoundName&) = default;
};

struct Literal {
  Value value = 0;
  friend bool operator==(const Literal&, const Literal&) = default;
};
struct ParameterRef {
  Id<Parameter> parameter;
  friend bool operator==(const ParameterRef&, const ParameterRef&) = default;
};
// True unless the named guard is dropped (`--without NAME`).
struct Kept {
  Id<GuardName> guard;
  friend bool operator==(const Kept&, const Kept&) = default;
};
// `at`: the member for a variable of scope PerMember or a thread's local, then one index per array dimension.
struct VariableRef {
  Id<Variable> variable;
  std::vector<Expr> at;
  friend bool operator==(const VariableRef&, const VariableRef&) = default;
};
// The member of the thread that takes the step.
struct Self {
  friend bool operator==(const Self&, const Self&) = default;
};
struct BoundRef {
  BoundName bound;
  friend bool operator==(const BoundRef&, const BoundRef&) = default;
};
struct Unary {
  UnaryOp op;
  Expr operand;
  friend bool operator==(const Unary&, const Unary&) = default;
};
struct Binary {
  BinaryOp op;
  Expr left, right;
  friend bool operator==(const Binary&, const Binary&) = default;
};
struct Conditional {
  Expr condition, then, otherwise;
  friend bool operator==(const Conditional&, const Conditional&) = default;
};
// operand modulo 2^width; width is an expression over parameters, 1..62.
struct Wrap {
  Expr width, operand;
  friend bool operator==(const Wrap&, const Wrap&) = default;
};
struct Quantified {
  QuantifierKind kind;
  BoundName bound;
  Id<IndexSet> over;
  Expr body;
  friend bool operator==(const Quantified&, const Quantified&) = default;
};
// The thread that owns the region (its member, if it has an index set) is at one of the region's labels.
struct InRegion {
  Id<Region> region;
  std::vector<Expr> member; // one element, or none for a single thread
  friend bool operator==(const InRegion&, const InRegion&) = default;
};

using NodeKind = std::variant<Literal, ParameterRef, Kept, VariableRef, Self, BoundRef, Unary, Binary,
                              Conditional, Wrap, Quantified, InRegion>;

struct Node {
  Sort sort;
  NodeKind kind;
  friend bool operator==(const Node&, const Node&) = default;
};

// Builders. They do not check sorts (validate does) and do not fold (fold does).
[[nodiscard]] Expr make(Sort sort, NodeKind kind);
[[nodiscard]] Expr literal(Sort sort, Value value);
[[nodiscard]] Expr truth(bool value);
[[nodiscard]] Expr integer(Value value);
[[nodiscard]] Expr negation(Expr a);
[[nodiscard]] Expr conjunction(Expr a, Expr b); // an empty operand counts as true
[[nodiscard]] Expr disjunction(Expr a, Expr b);
[[nodiscard]] Expr binary(BinaryOp op, Expr a, Expr b); // with the sort that the operator yields
[[nodiscard]] Expr unary(UnaryOp op, Expr a);
[[nodiscard]] Expr conditional(Expr condition, Expr then,
                               Expr otherwise); // of an index and an optional one: optional

// The sort that `op` yields for operands of these sorts; does not check them.
[[nodiscard]] Sort sort_of(BinaryOp op, const Sort& left, const Sort& right);

[[nodiscard]] bool is_literal(const Expr& e, Value value);
[[nodiscard]] bool is_true(const Expr& e);
[[nodiscard]] bool is_false(const Expr& e);

} // namespace tdxcheck::model
