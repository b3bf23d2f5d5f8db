// SPDX-License-Identifier: GPL-2.0-or-later
//
// What was meant is guessed by edit distance: insertion, deletion, substitution and the exchange of two
// neighbours cost one each (Damerau 1964, in the restricted form called optimal string alignment: a pair
// once exchanged is not edited again, which for slips of the finger makes no difference and needs three rows
// instead of a table of the alphabet). Case, and '-' for '_', cost nothing: people who type `SEPT-zap`
// know what they want. So does who types the beginning of a long name.
#include "support/near_miss.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace tdxcheck::support {
namespace {

constexpr std::size_t shortest_prefix = 3;

std::string folded(std::string_view name) {
  std::string result(name);
  for (char& c : result) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

// How far apart two folded names are, or nothing where the one can hardly have been meant by the other.
std::optional<std::size_t> nearness(std::string_view asked, std::string_view known) {
  const std::size_t tolerated = std::max<std::size_t>(1, asked.size() / 3);
  const std::size_t distance = edit_distance(asked, known);
  const bool shares_something = distance < std::max(asked.size(), known.size());
  if (distance == 0 || (distance <= tolerated && shares_something)) return distance;
  if (asked.size() >= shortest_prefix && known.starts_with(asked)) return tolerated;
  return std::nullopt;
}

std::string one_of(std::span<const std::string> names) {
  std::string result = fmt::format("`{}`", names.front());
  for (std::size_t i = 1; i < names.size(); ++i)
    result += fmt::format("{}`{}`", i + 1 == names.size() ? " or " : ", ", names[i]);
  return result;
}

} // namespace

std::vector<std::string> near_misses(std::string_view asked, std::span<const std::string> known,
                                     std::size_t most) {
  struct Candidate {
    std::size_t distance;
    const std::string* name;
  };
  std::vector<Candidate> candidates;
  const std::string folded_asked = folded(asked);
  for (const std::string& name : known)
    if (const auto distance = nearness(folded_asked, folded(name))) candidates.push_back({*distance, &name});
  std::ranges::stable_sort(candidates, {}, &Candidate::distance);

  std::vector<std::string> result;
  for (const Candidate& candidate : candidates) {
    if (result.size() == most) break;
    result.push_back(*candidate.name);
  }
  return result;
}

std::string did_you_mean(std::string_view kind, std::string_view asked, std::span<const std::string> known) {
  std::string result = fmt::format("no {} `{}`; ", kind, asked);
  const auto near = near_misses(asked, known);
  if (!near.empty()) return result + fmt::format("did you mean {}?", one_of(near));
  if (!known.empty()) return result + fmt::format("known: {}", fmt::join(known, ", "));
  return result + "there is none";
}

} // namespace tdxcheck::support
