// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Between which numbers the value of an expression lies, by interval arithmetic over the declared ranges: how
// many bits an exporter needs for it, and whether it may leave what it is assigned to. Private to emit/.

#include "emit/choose.h"
#include "model/instance.h"

#include <functional>
#include <optional>

namespace tdxcheck::emit {

// Inclusive; without a bound where a parameter that is left free has none.
struct Interval {
  std::optional<model::Value> low, high;

  [[nodiscard]] bool lies_in(model::Value least, model::Value most) const {
    return low && high && *low >= least && *high <= most;
  }
  friend bool operator==(const Interval&, const Interval&) = default;
};

// Which sets have a size that is left free: their members are any numbers from 0 on.
using OpenSetTest = std::function<bool(model::Id<model::IndexSet>)>;

// Of an integer, bits, index, optional index or boolean. Parameters that are still named are left free:
// any number from 0 on. InputError, with the expression, if it may need more than 64 bits although all that
// it names is bounded.
[[nodiscard]] Interval interval_of(const model::Instance& instance, const model::Expr& expression,
                                   const Members& members, std::optional<model::Value> self,
                                   const OpenSetTest& is_open = {});

// The values that a cell of the variable may have.
[[nodiscard]] Interval range_of(const model::Instance& instance, model::Id<model::Variable> variable,
                                const OpenSetTest& is_open = {});

} // namespace tdxcheck::emit
