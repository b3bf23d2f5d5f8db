// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/kernel.h"

#include <cstdlib>
#include <numeric>
#include <utility>

namespace tdxcheck::prove {
namespace {

using Row = std::vector<std::int64_t>;

constexpr std::int64_t largest = std::int64_t{1} << 30;

// Entries without a common divisor. False if they are too large to go on with.
bool reduce(Row& row) {
  std::int64_t divisor = 0;
  for (const std::int64_t x : row) divisor = std::gcd(divisor, x);
  if (divisor > 1)
    for (std::int64_t& x : row) x /= divisor;
  for (const std::int64_t x : row)
    if (std::abs(x) > largest) return false;
  return true;
}

// row := row * pivot[c] - pivot * row[c]: column c of the row becomes 0.
bool eliminate(Row& row, const Row& pivot, std::size_t c) {
  const std::int64_t divisor = std::gcd(row[c], pivot[c]);
  const std::int64_t a = pivot[c] / divisor, b = row[c] / divisor;
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = row[i] * a - pivot[i] * b;
  return reduce(row);
}

} // namespace

std::vector<Row> kernel(Matrix matrix, std::size_t columns) {
  std::vector<std::size_t> pivots; // column of row i
  for (std::size_t c = 0; c < columns && pivots.size() < matrix.size(); ++c) {
    const std::size_t top = pivots.size();
    std::size_t found = top;
    while (found < matrix.size() && matrix[found][c] == 0) ++found;
    if (found == matrix.size()) continue;
    std::swap(matrix[top], matrix[found]);
    for (std::size_t r = 0; r < matrix.size(); ++r)
      if (r != top && matrix[r][c] != 0 && !eliminate(matrix[r], matrix[top], c)) return {};
    pivots.push_back(c);
  }
  std::vector<Row> basis;
  std::vector<bool> is_pivot(columns, false);
  for (const std::size_t c : pivots) is_pivot[c] = true;
  for (std::size_t free = 0; free < columns; ++free) {
    if (is_pivot[free]) continue;
    // vector[free] = the least common multiple of the pivots that it meets.
    std::int64_t scale = 1;
    bool fits = true;
    for (std::size_t r = 0; r < pivots.size() && fits; ++r) {
      if (matrix[r][free] == 0) continue;
      const std::int64_t pivot =
          std::abs(matrix[r][pivots[r]] / std::gcd(matrix[r][pivots[r]], matrix[r][free]));
      scale = std::lcm(scale, pivot);
      fits = scale <= largest;
    }
    if (!fits) continue;
    Row vector(columns, 0);
    vector[free] = scale;
    for (std::size_t r = 0; r < pivots.size(); ++r)
      vector[pivots[r]] = -scale * matrix[r][free] / matrix[r][pivots[r]];
    if (reduce(vector)) basis.push_back(std::move(vector));
  }
  return basis;
}

} // namespace tdxcheck::prove
