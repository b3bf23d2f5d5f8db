// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/columns.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace tdxcheck::report {
namespace {

constexpr std::size_t gap = 2;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// The byte at which the character number `count` begins.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (begins_character(text[at]) && count-- == 0) return at;
  return at;
}

// How many bytes of a word that is too long go onto this line of `room` characters.
std::size_t break_inside(std::string_view word, std::size_t room) {
  const std::size_t most = bytes_of(word, room);
  const std::size_t after = word.substr(0, most).find_last_of("_.,(/:>=");
  return after == std::string_view::npos || after < most / 2 ? most : after + 1;
}

struct Word {
  std::size_t spaces; // before it
  std::string_view text;
};

Word next_word(std::string_view& text) {
  const std::size_t spaces = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(spaces);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return {spaces, word};
}

} // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t hanging) {
  width = std::max<std::size_t>(width, 2);
  hanging = std::min(hanging, width / 2);
  std::vector<std::string> lines{""};
  bool fresh = true; // nothing but indentation on this line
  const auto begin_line = [&] {
    lines.emplace_back(hanging, ' ');
    fresh = true;
  };
  for (Word word = next_word(text); !word.text.empty(); word = next_word(text)) {
    // The text's own indentation stays with the first line, spaces inside it where the line does not end.
    const std::size_t spaces = fresh ? std::min(word.spaces, width / 2) : word.spaces;
    if (!fresh && width_of(lines.back()) + spaces + width_of(word.text) > width) begin_line();
    else lines.back().append(spaces, ' ');
    for (std::size_t room = width - width_of(lines.back()); fresh && width_of(word.text) > room;
         room = width - hanging) {
      const std::size_t taken = break_inside(word.text, room);
      lines.back() += word.text.substr(0, taken);
      word.text.remove_prefix(taken);
      begin_line();
    }
    lines.back() += word.text;
    fresh = false;
  }
  return lines;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  const std::size_t has = width_of(text);
  if (has < width) result.append(width - has, ' ');
  return result;
}

std::string to_ascii(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> known{{{"→", "->"},
                                                                                       {"…", "..."},
                                                                                       {"–", "-"},
                                                                                       {"—", "--"},
                                                                                       {"‘", "'"},
                                                                                       {"’", "'"},
                                                                                       {"“", "\""},
                                                                                       {"”", "\""},
                                                                                       {"≤", "<="}}};
  std::string result;
  while (!text.empty()) {
    std::size_t taken = std::max<std::size_t>(bytes_of(text, 1), 1);
    const std::string_view character = text.substr(0, taken);
    const auto match =
        std::ranges::find(known, character, &std::pair<std::string_view, std::string_view>::first);
    const bool printable = taken == 1 && character[0] >= ' ' && character[0] < 0x7f;
    if (match != known.end()) result += match->second;
    else result += printable ? character : character == "\t" || character == "\n" ? " " : "?";
    text.remove_prefix(taken);
  }
  return result;
}

std::string without_trailing_spaces(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

namespace {

std::size_t natural_width(const Table& table, std::size_t column) {
  std::size_t widest = 0;
  for (const auto& row : table.rows)
    for (const std::string& paragraph : row[column]) widest = std::max(widest, width_of(paragraph));
  return widest == 0 ? 0 : std::max(widest, width_of(table.columns[column].head));
}

// The column that has most to spare gives way until the row fits.
std::vector<std::size_t> fitted(const Table& table, std::size_t width) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.columns.size(); ++c) widths.push_back(natural_width(table, c));
  const auto shown = static_cast<std::size_t>(std::ranges::count_if(widths, [](auto w) { return w > 0; }));
  const std::size_t gaps = shown == 0 ? 0 : gap * (shown - 1);
  const auto to_spare = [&](std::size_t c) {
    const std::size_t least = std::max(table.columns[c].least, width_of(table.columns[c].head));
    return widths[c] > least ? widths[c] - least : 0;
  };
  while (std::accumulate(widths.begin(), widths.end(), gaps) > width) {
    std::size_t most = 0;
    for (std::size_t c = 0; c < widths.size(); ++c)
      if (to_spare(c) > to_spare(most)) most = c;
    if (to_spare(most) == 0) break;
    --widths[most];
  }
  return widths;
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t c = 0; c < cells.size(); ++c)
    if (widths[c] > 0) line += padded(cells[c], widths[c] + gap);
  return without_trailing_spaces(line) + "\n";
}

std::string rendered_row(const std::vector<Cell>& row, const std::vector<std::size_t>& widths) {
  std::vector<std::vector<std::string>> columns(row.size());
  std::size_t height = 1;
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (widths[c] == 0) continue;
    for (const std::string& paragraph : row[c])
      for (std::string& line : wrap(paragraph, widths[c], 2)) columns[c].push_back(std::move(line));
    height = std::max(height, columns[c].size());
  }
  std::string result;
  for (std::size_t y = 0; y < height; ++y) {
    std::vector<std::string> cells;
    for (const auto& column : columns) cells.push_back(y < column.size() ? column[y] : "");
    result += line_of(cells, widths);
  }
  return result;
}

} // namespace

std::string render(const Table& table, std::size_t width) {
  const std::vector<std::size_t> widths = fitted(table, width);
  std::vector<std::string> heads, rules;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    heads.push_back(table.columns[c].head);
    rules.emplace_back(widths[c], '-');
  }
  std::string result = line_of(heads, widths) + line_of(rules, widths);
  for (const auto& row : table.rows) result += rendered_row(row, widths);
  return result;
}

} // namespace tdxcheck::report
