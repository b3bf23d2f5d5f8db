// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_shift.h"

#include "emit/smt2_terms.h"
#include "model/print.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::emit::smt2 {

using model::Value;

Term shifted(const Expressions& to, const model::Expr& places, const Speaker& speaker,
             const Assumptions& assumed, const std::function<std::string(unsigned)>& by) {
  const Interval interval = to.interval(places, speaker);
  if (!interval.low || !interval.high)
    throw support::InputError(
        fmt::format("SMT-LIB has no words for a shift by `{}` places, which has no bound",
                    model::print(to.instance().model(), places)));
  // Beyond 63 nothing changes any more: what would not fit was refused before.
  const auto least = static_cast<unsigned>(std::clamp<Value>(*interval.low, 0, 63));
  const auto most = static_cast<unsigned>(std::clamp<Value>(*interval.high, 0, 63));
  if (interval.low == interval.high && *interval.low >= 0) return {by(least), yes};
  const Term by_how_many = to.term(places, speaker, assumed);
  const bool are_bits = places.sort().kind == model::SortKind::bits;
  const unsigned width = are_bits ? to.width_of(places, speaker) : 0;
  const auto written = [&](Value n) { return are_bits ? bits(n, width) : number(n); };
  std::string text = by(most);
  for (unsigned n = most; n-- > least;)
    text = if_then_else(equals(by_how_many.text, written(n)), by(n), text);
  std::string positive = yes;
  if (*interval.low < 0)
    positive = are_bits ? call("bvsge", {by_how_many.text, written(0)}) : call("<=", {"0", by_how_many.text});
  return {text, both(by_how_many.defined, positive)};
}

} // namespace tdxcheck::emit::smt2
