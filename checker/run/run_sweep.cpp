// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_sweep.h"

#include "run/in_parallel.h"
#include "run/memory_limit.h"
#include "run/reproduce.h"
#include "run/run_check.h"
#include "run/share_cells.h"
#include "run/valuation.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

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

// No verdict for any of the claims that the cell makes.
result::CheckResult unfinished(const Target& target, const std::string& reason) {
  result::CheckResult result;
  result.target = target.name;
  result.parameters = target.parameters();
  result.without = target.without();
  for (const auto& property : instantiated(target).properties)
    result.properties.push_back({property.name,
                                 std::string(template_name(property.claim)),
                                 result::Verdict::unknown,
                                 reason,
                                 {},
                                 {},
                                 {}});
  result.incomplete_because = reason;
  return result;
}

// What the cells that are being checked have seen together.
class SharedProgress {
public:
  explicit SharedProgress(const CheckOptions& options) : tell_(options.search.progress) {}

  [[nodiscard]] std::function<void(const Progress&)> of_cell(std::size_t cell) {
    if (!tell_) return {};
    return [this, cell](const Progress& progress) {
      const std::scoped_lock lock(mutex_);
      running_[cell] = progress;
      Progress all;
      for (const auto& [number, one] : running_) {
        all.states += one.states;
        all.transitions += one.transitions;
        all.frontier += one.frontier;
        all.memory_bytes += one.memory_bytes;
        all.depth = std::max(all.depth, one.depth);
        all.seconds = std::max(all.seconds, one.seconds);
      }
      tell_(all);
    };
  }
  void ended(std::size_t cell) {
    const std::scoped_lock lock(mutex_);
    running_.erase(cell);
  }

private:
  std::function<void(const Progress&)> tell_;
  std::mutex mutex_;
  std::map<std::size_t, Progress> running_;
};

// One built model, and what each cell makes of it.
class Cells {
public:
  Cells(const Request& request, const Sweep& sweep, std::size_t count) : request_(request), count_(count) {
    request_.set.clear();
    base_ = resolve(request_);
    for (std::size_t cell = 0; cell < count; ++cell) {
      Request one = request_;
      model::Valuation valuation = base_.valuation;
      const auto values = sweep.values_of(cell);
      for (std::size_t i = 0; i < values.size(); ++i) {
        one.set.push_back(sweep.swept[i].name + "=" + values[i]);
        assign(base_.model, valuation, one.set.back());
      }
      valuations.push_back(std::move(valuation));
      requests.push_back(std::move(one));
    }
  }

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const model::Model& model() const { return base_.model; }
  [[nodiscard]] Target target(std::size_t cell) const {
    Target target = base_;
    target.valuation = valuations[cell];
    return target;
  }

  std::vector<Request> requests;
  std::vector<model::Valuation> valuations;

private:
  Request request_;
  Target base_;
  std::size_t count_;
};

// Within the budgets that are left for one cell; `asked` are those of the whole, which the cell alone may
// use.
result::CheckResult checked(const Cells& cells, std::size_t cell, const CheckOptions& options,
                            const CheckOptions& asked) {
  const Target target = cells.target(cell);
  result::CheckResult result;
  if (options.search.interrupted != nullptr && *options.search.interrupted)
    result = unfinished(target, "interrupted");
  else result = run_check(target, cells.requests[cell], options);
  if (result.model_error) result = unfinished(target, "model error: " + result.model_error->text);
  result.reproduce = reproduce_line(target, cells.requests[cell], asked);
  return result;
}

void share(Sweep& sweep, const Cells& cells, const std::vector<std::size_t>& first, std::size_t cell,
           const CheckOptions& options) {
  const Target target = cells.target(cell);
  const result::CheckResult& like = sweep.cells[first[cell]];
  if (auto told = told_as(like, target)) {
    told->reproduce = reproduce_line(target, cells.requests[cell], options);
    sweep.cells[cell] = std::move(*told);
    return;
  }
  sweep.cells[cell] = checked(cells, cell, options, options);
  ++sweep.computed;
}

std::string reproduced(const Target& target, const Request& request, const CheckOptions& options) {
  std::vector<std::string> words;
  for (const std::string& property : options.search.properties)
    words.insert(words.end(), {"--property", property});
  if (options.search.seconds)
    words.insert(words.end(), {"--time", fmt::format("{}s", *options.search.seconds)});
  if (options.search.memory_bytes)
    words.insert(words.end(), {"--memory", std::to_string(*options.search.memory_bytes)});
  return reproduce_line("sweep", target, request, words);
}

} // namespace

CheckOptions options_of_one(const CheckOptions& options, unsigned at_once) {
  CheckOptions one = options;
  if (at_once > 1) one.workers = 1;
  one.search = with_memory_limit(options.search, std::max(1U, at_once));
  return one;
}

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
  Sweep sweep{request.target, parse_sweep(request.set), {}, 0, {}};
  const Cells cells(request, sweep, cells_of(sweep.swept));
  const std::vector<std::size_t> first =
      equal_instances(cells.model(), cells.valuations, workers_of(options.workers));
  std::vector<std::size_t> to_check;
  for (std::size_t cell = 0; cell < cells.count(); ++cell)
    if (first[cell] == cell) to_check.push_back(cell);

  const auto at_once =
      static_cast<unsigned>(std::min<std::size_t>(workers_of(options.workers), to_check.size()));
  const CheckOptions one = options_of_one(options, at_once);
  SharedProgress progress(options);
  std::mutex mutex;
  sweep.cells.resize(cells.count());
  in_parallel(to_check.size(), at_once, [&](std::size_t job) {
    const std::size_t cell = to_check[job];
    CheckOptions mine = one;
    mine.search.progress = progress.of_cell(cell);
    auto result = checked(cells, cell, mine, options);
    progress.ended(cell);
    const std::scoped_lock lock(mutex);
    sweep.cells[cell] = std::move(result);
    done(cell, cells.count());
  });
  sweep.computed = to_check.size();
  for (std::size_t cell = 0; cell < cells.count(); ++cell) {
    if (first[cell] == cell) continue;
    share(sweep, cells, first, cell, options);
    done(cell, cells.count());
  }
  sweep.reproduce = reproduced(cells.target(0), request, options);
  return sweep;
}

} // namespace tdxcheck::run
