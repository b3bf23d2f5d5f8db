// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/parse_quantity.h"

#include "support/error.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string_view>

namespace tdxcheck::support {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 13> sizes{{{"", 1},
                                      {"B", 1},
                                      {"K", 0x1p10},
                                      {"KiB", 0x1p10},
                                      {"k", 0x1p10},
                                      {"M", 0x1p20},
                                      {"MiB", 0x1p20},
                                      {"m", 0x1p20},
                                      {"G", 0x1p30},
                                      {"GiB", 0x1p30},
                                      {"g", 0x1p30},
                                      {"T", 0x1p40},
                                      {"TiB", 0x1p40}}};
constexpr std::array<Unit, 6> durations{
    {{"", 1}, {"s", 1}, {"ms", 0.001}, {"m", 60}, {"h", 3600}, {"d", 86400}}};

// A number greater than zero and one of the units; nothing else before, between or behind.
std::optional<double> parse(std::string_view text, std::span<const Unit> units) {
  // Keeps out what from_chars knows besides: signs, "inf", "nan".
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || number <= 0) return std::nullopt;
  const std::string_view unit(stopped, static_cast<std::size_t>(end - stopped));
  for (const Unit& known : units)
    if (known.name == unit) return number * known.factor;
  return std::nullopt;
}

} // namespace

std::uint64_t parse_size(const std::string& text) {
  const auto bytes = parse(text, sizes);
  if (!bytes || *bytes < 1 || *bytes >= 0x1p62)
    throw InputError(fmt::format("`{}` is no size; write 500M, 2G or 1.5G", text));
  return static_cast<std::uint64_t>(*bytes);
}

double parse_duration(const std::string& text) {
  const auto seconds = parse(text, durations);
  constexpr double century = 100 * 366 * 86400.0;
  if (!seconds || *seconds > century)
    throw InputError(fmt::format("`{}` is no duration; write 45s, 10m or 1h", text));
  return *seconds;
}

} // namespace tdxcheck::support
