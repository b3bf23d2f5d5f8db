// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_sweep.h"

#include "run/run_check.h"
#include "support/error.h"

#include <charconv>
#include <fmt/format.h>

namespace tdxcheck::run {
namespace {

std::optional<long> whole_number(std::string_view text) {
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

void add_values(std::vector<std::string>& values, const std::string& setting, const std::string& item) {
  const auto dots = item.find("..");
  if (dots == std::string::npos) {
    if (item.empty()) throw support::InputError(fmt::format("--set {}: a value is missing", setting));
    values.push_back(item);
    return;
  }
  const auto low = whole_number(std::string_view(item).substr(0, dots));
  const auto high = whole_number(std::string_view(item).substr(dots + 2));
  if (!low || !high || *low > *high) {
    throw support::InputError(
        fmt::format("--set {}: `{}` is not a range; expected LOW..HIGH, as in retries=0..16", setting, item));
  }
  if (*high - *low >= static_cast<long>(most_cells))
    throw support::InputError(fmt::format("--set {}: more than {} values", setting, most_cells));
  for (long n = *low; n <= *high; ++n) values.push_back(std::to_string(n));
}

std::size_t cells_of(const std::vector<SweptParameter>& swept) {
  std::size_t cells = 1;
  for (const auto& parameter : swept) {
    cells *= parameter.values.size();
    if (cells > most_cells)
      throw support::InputError(fmt::format("a sweep of more than {} cells", most_cells));
  }
  return cells;
}

result::CheckResult unfinished(const result::CheckResult& like, const std::string& reason) {
  result::CheckResult result;
  result.properties = like.properties;
  for (auto& property : result.properties) {
    property.verdict = result::Verdict::unknown;
    property.detail = reason;
    property.trace.reset();
  }
  result.incomplete_because = reason;
  return result;
}

} // namespace

std::vector<std::string> Sweep::values_of(std::size_t cell) const {
  std::vector<std::string> values(swept.size());
  for (std::size_t i = swept.size(); i-- > 0;) {
    values[i] = swept[i].values[cell % swept[i].values.size()];
    cell /= swept[i].values.size();
  }
  return values;
}

std::vector<SweptParameter> parse_sweep(const std::vector<std::string>& settings) {
  std::vector<SweptParameter> swept;
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos)
      throw support::InputError(
          fmt::format("--set {}: expected NAME=VALUE,VALUE or NAME=LOW..HIGH", setting));
    SweptParameter parameter{setting.substr(0, equals), {}};
    std::string rest = setting.substr(equals + 1);
    for (std::size_t at = 0; at <= rest.size();) {
      const auto comma = std::min(rest.find(',', at), rest.size());
      add_values(parameter.values, setting, rest.substr(at, comma - at));
      at = comma + 1;
    }
    swept.push_back(std::move(parameter));
  }
  return swept;
}

Sweep run_sweep(const Request& request, const CheckOptions& options,
                const std::function<void(std::size_t, std::size_t)>& done) {
  Sweep sweep{request.target, parse_sweep(request.set), {}};
  const std::size_t cells = cells_of(sweep.swept);
  std::vector<Request> requests;
  std::vector<Target> targets;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    Request one = request;
    one.set.clear();
    const auto values = sweep.values_of(cell);
    for (std::size_t i = 0; i < values.size(); ++i) one.set.push_back(sweep.swept[i].name + "=" + values[i]);
    targets.push_back(resolve(one));
    requests.push_back(std::move(one));
  }
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const bool interrupted = options.search.interrupted != nullptr && *options.search.interrupted;
    if (interrupted && !sweep.cells.empty()) {
      sweep.cells.push_back(unfinished(sweep.cells.front(), "interrupted"));
      continue;
    }
    auto result = run_check(targets[cell], requests[cell], options);
    if (result.model_error) result = unfinished(result, "model error: " + result.model_error->text);
    sweep.cells.push_back(std::move(result));
    done(cell, cells);
  }
  return sweep;
}

} // namespace tdxcheck::run
