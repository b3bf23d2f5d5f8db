// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <functional>

namespace tdxcheck::run {

// 0 means all cores.
[[nodiscard]] unsigned workers_of(unsigned asked);

// Does every job 0 .. jobs - 1 once, in this order as far as they begin, on so many threads at once (on the
// caller's alone if that is one). What the first of them throws is thrown again, after those that had begun
// have ended; no other begins then.
void in_parallel(std::size_t jobs, unsigned workers, const std::function<void(std::size_t)>& job);

} // namespace tdxcheck::run
