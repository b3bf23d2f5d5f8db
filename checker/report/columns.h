// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Text in columns: the one place that counts characters.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tdxcheck::report {

// Characters, not bytes (UTF-8; every character counts as one wide).
[[nodiscard]] std::size_t width_of(std::string_view text);

// Lines of at most `width` characters. Breaks at spaces, else inside a word (after _ . , ( / : if it can);
// what follows the first line is indented by `hanging`. Never empty.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width,
                                            std::size_t hanging = 0);

// Filled up with spaces; longer texts stay as they are.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

// What a commit message may carry: "→" becomes "->", "…" "...", curly quotes straight ones, all else "?".
[[nodiscard]] std::string to_ascii(std::string_view text);

[[nodiscard]] std::string without_trailing_spaces(std::string text);

// A cell is some paragraphs, each wrapped for itself; a row some cells.
using Cell = std::vector<std::string>;
struct Column {
  std::string head;
  std::size_t least = 8; // where room is scarce, it is not squeezed below that
};
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

// Columns two spaces apart, with heads, within `width` where that can be; columns without content are left
// out.
[[nodiscard]] std::string render(const Table& table, std::size_t width);

} // namespace tdxcheck::report
