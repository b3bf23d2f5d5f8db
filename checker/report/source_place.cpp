// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/source_place.h"

#include <algorithm>
#include <charconv>

namespace tdxcheck::report {

SourcePlace place_of(const std::string& source) {
  const auto colon = source.rfind(':');
  SourcePlace place{source, 1};
  if (colon == std::string::npos) return place;
  const char* end = source.data() + source.size();
  std::size_t line = 0;
  const auto [stopped, error] = std::from_chars(source.data() + colon + 1, end, line);
  if (error == std::errc() && stopped == end && line > 0) place = {source.substr(0, colon), line};
  return place;
}

SourcePlace place_of(const result::GateCheck& check, const result::Expectation& expectation) {
  const auto* property = check.property(expectation.property);
  if (expectation.outcome() == result::Outcome::broken && property != nullptr && property->trace) {
    const auto& steps = property->trace->steps;
    for (std::size_t i = steps.size(); i-- > 0;)
      if (!steps[i].source.empty()) return place_of(steps[i].source);
  }
  return {check.file, expectation.line};
}

} // namespace tdxcheck::report
