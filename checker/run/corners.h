// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The corners of the terms of a formula, and their exploration once more.
//
// A corner is a cell at the first or last value of each range of a term (at each value of a set without
// order); and where the claim holds just across such a value, the cell there: where a wrong verdict would
// move the boundary. What judged the cells first were the reductions of one engine. Here each corner is
// searched as written, without any of them, and where that is small (`small_enough` states) by the reference
// interpreter, which shares nothing with the engine, as to the claims that it judges. Corners that fold to
// the same model are one search. Cost: as that of the cells, times what the reductions save there.

#include "result/failing_set.h"
#include "run/verdict_table.h"

namespace tdxcheck::run {

inline constexpr std::size_t most_corners = 64;
inline constexpr std::uint64_t small_enough = 50'000;

// Cells of the sweep, ascending.
[[nodiscard]] std::vector<std::size_t> corners_of(const VerdictTable& table,
                                                  const std::vector<prove::Box>& boxes,
                                                  const std::function<Answer(std::size_t place)>& answer);

// `options` and `request` are those of the sweep. InternalError where a verdict is another one.
[[nodiscard]] result::Corners confirm_corners(const Sweep& sweep, const result::SimplifiedSweep& simplified,
                                              const Request& request, const CheckOptions& options);

} // namespace tdxcheck::run
