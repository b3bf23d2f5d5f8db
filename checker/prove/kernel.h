// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The integer vectors that every row of a matrix is orthogonal to, by Gaussian elimination.

#include <cstdint>
#include <vector>

namespace tdxcheck::prove {

using Matrix = std::vector<std::vector<std::int64_t>>; // rows of equal length

// A basis, one vector for each column that is not a pivot; pivots are looked for from the first column on.
// A vector whose entries would not fit is left out.
[[nodiscard]] std::vector<std::vector<std::int64_t>> kernel(Matrix matrix, std::size_t columns);

} // namespace tdxcheck::prove
