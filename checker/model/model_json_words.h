// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The words of "tdxcheck/model/1" that its writer and its reader must agree on, one table each.

#include "model/model.h"
#include "model/print.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace tdxcheck::model::json_words {

inline constexpr std::string_view schema = "tdxcheck/model/1";

template <class Enum, std::size_t n>
using Words = std::array<std::pair<Enum, std::string_view>, n>;

inline constexpr Words<UnaryOp, 3> unary_operators{{
    {UnaryOp::logical_not, "not"},
    {UnaryOp::negate, "negate"},
    {UnaryOp::cardinality, "size"},
}};

inline constexpr Words<BinaryOp, 22> binary_operators{{
    {BinaryOp::logical_and, "and"}, {BinaryOp::logical_or, "or"},
    {BinaryOp::implies, "implies"}, {BinaryOp::equal, "=="},
    {BinaryOp::not_equal, "!="},    {BinaryOp::less, "<"},
    {BinaryOp::less_equal, "<="},   {BinaryOp::add, "+"},
    {BinaryOp::subtract, "-"},      {BinaryOp::multiply, "*"},
    {BinaryOp::bit_and, "&"},       {BinaryOp::bit_or, "|"},
    {BinaryOp::bit_xor, "^"},       {BinaryOp::shift_left, "<<"},
    {BinaryOp::shift_right, ">>"},  {BinaryOp::contains, "contains"},
    {BinaryOp::with, "with"},       {BinaryOp::without, "without"},
    {BinaryOp::unite, "unite"},     {BinaryOp::intersect, "intersect"},
    {BinaryOp::minus, "minus"},     {BinaryOp::included, "included"},
}};

inline constexpr Words<QuantifierKind, 3> quantifiers{{
    {QuantifierKind::for_all, "for_all"},
    {QuantifierKind::exists, "exists"},
    {QuantifierKind::count, "count"},
}};

inline constexpr Words<LoopAction, 3> loop_actions{{
    {LoopAction::enter, "enter"},
    {LoopAction::again, "again"},
    {LoopAction::leave, "leave"},
}};

inline constexpr Words<OperationAction, 2> operation_actions{{
    {OperationAction::begin, "begin"},
    {OperationAction::end, "end"},
}};

inline constexpr Words<CostKind, 3> cost_kinds{{
    {CostKind::seamcalls, "seamcalls"},
    {CostKind::ipis, "ipis"},
    {CostKind::cycles, "cycles"},
}};

inline constexpr Words<ContextAction, 6> context_actions{{
    {ContextAction::irqs_off, "irqs_off"},
    {ContextAction::irqs_on, "irqs_on"},
    {ContextAction::preempt_off, "preempt_off"},
    {ContextAction::preempt_on, "preempt_on"},
    {ContextAction::irq_enter, "irq_enter"},
    {ContextAction::irq_exit, "irq_exit"},
}};

template <class Enum, std::size_t n>
[[nodiscard]] constexpr std::string_view word_of(const Words<Enum, n>& words, Enum value) {
  return std::ranges::find(words, value, &std::pair<Enum, std::string_view>::first)->second;
}

// Those that print.h names: every enumerator, in order.
inline constexpr std::array domains{Domain::host, Domain::guest, Domain::module, Domain::hardware};
inline constexpr std::array fairnesses{Fairness::none, Fairness::weak, Fairness::strong};
inline constexpr std::array lock_modes{LockMode::shared, LockMode::exclusive};
inline constexpr std::array lock_actions{LockAction::acquire, LockAction::try_acquire, LockAction::busy,
                                         LockAction::release};
inline constexpr std::array lock_kinds{
    LockKind::mutex, LockKind::spinlock, LockKind::rwlock,    LockKind::rwsem, LockKind::srcu,
    LockKind::rcu,   LockKind::sharex,   LockKind::sharex_hp, LockKind::bit,   LockKind::exclusive};

} // namespace tdxcheck::model::json_words
