// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_gate.h"

#include "run/memory_room.h"
#include "run/reproduce.h"
#include "run/result_cache.h"
#include "run/run_check.h"
#include "support/contract.h"
#include "support/error.h"
#include "support/memory.h"
#include "support/stopwatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <new>
#include <optional>
#include <thread>

namespace tdxcheck::run {
namespace {

using result::GateCheck;
using result::Outcome;

class Gate {
public:
  Gate(const std::vector<PlannedCheck>& planned, const GateOptions& options)
      : planned_(planned), options_(options), jobs_(jobs()), room_(memory()) {
    if (!options.cache.empty()) cache_.emplace(options.cache);
  }

  result::GateResult run() {
    for (const PlannedCheck& planned : planned_) result_.checks.push_back(planned.check);
    {
      std::vector<std::jthread> workers;
      for (unsigned i = 1; i < jobs_; ++i) workers.emplace_back([this] { work(); });
      work();
    }
    result_.interrupted = interrupted();
    result_.seconds = stopwatch_.seconds();
    return std::move(result_);
  }

private:
  [[nodiscard]] unsigned workers() const {
    return options_.check.workers > 0 ? options_.check.workers
                                      : std::max(1u, std::thread::hardware_concurrency());
  }
  [[nodiscard]] unsigned jobs() const {
    return static_cast<unsigned>(std::min<std::size_t>(workers(), planned_.size()));
  }
  static std::uint64_t memory() {
    const std::uint64_t free = support::free_physical_bytes();
    return free > 0 ? free / 4 * 3 : std::numeric_limits<std::uint64_t>::max() / 2;
  }
  [[nodiscard]] bool interrupted() const {
    const auto* asked = options_.check.search.interrupted;
    return asked != nullptr && *asked;
  }

  void work() {
    for (std::size_t i = next_++; i < planned_.size(); i = next_++) {
      GateCheck check = planned_[i].check;
      const support::Stopwatch stopwatch;
      judge(planned_[i], check, i);
      check.seconds = stopwatch.seconds();
      const std::lock_guard lock(mutex_);
      running_.erase(i);
      ++done_;
      result_.checks[i] = check;
      if (options_.finished) options_.finished(check);
    }
  }

  // Nothing that goes wrong with one check may leave it looking judged.
  void judge(const PlannedCheck& planned, GateCheck& check, std::size_t number) {
    const CheckOptions options = options_of(planned, number);
    try {
      if (interrupted()) unknown(check, "interrupted");
      else take(check, result_of(planned, options, check));
    } catch (const support::InputError& error) {
      stopped(check, Outcome::bad_input, error.what());
    } catch (const std::bad_alloc&) {
      unknown(check, "memory ran out; a budget sets a limit below that");
    } catch (const std::exception& error) {
      stopped(check, Outcome::our_own_bug, error.what());
    }
    check.reproduce = reproduce(planned, check, options);
  }

  // Of what was not met alone, where there is such a thing: that is what somebody will want to look at.
  static std::string reproduce(const PlannedCheck& planned, const GateCheck& check, CheckOptions options) {
    std::vector<std::string> unmet;
    for (const auto& expectation : check.expectations)
      if (expectation.outcome() != Outcome::met) unmet.push_back(expectation.property);
    if (!unmet.empty() && check.error.empty()) options.search.properties = unmet;
    return reproduce_line(planned.target, planned.request, options);
  }

  CheckOptions options_of(const PlannedCheck& planned, std::size_t number) {
    CheckOptions options = options_.check;
    options.workers = std::max(1u, workers() / jobs_);
    options.search.properties.clear();
    for (const auto& expectation : planned.check.expectations)
      options.search.properties.push_back(expectation.property);
    if (!options.search.seconds) options.search.seconds = planned.budget.seconds;
    if (!options.search.memory_bytes) options.search.memory_bytes = planned.budget.memory_bytes;
    options.search.progress = [this, number](const Progress& progress) { tell(number, progress); };
    return options;
  }

  result::CheckResult result_of(const PlannedCheck& planned, const CheckOptions& options, GateCheck& check) {
    const std::string key = cache_ ? ResultCache::key_of(planned.target, options) : "";
    if (cache_) {
      if (auto kept = cache_->find(key, planned.target)) {
        check.cached = true;
        return *std::move(kept);
      }
    }
    CheckOptions limited = options;
    if (!limited.search.memory_bytes) limited.search.memory_bytes = memory() / jobs_;
    const MemoryRoom::Share share(room_, *limited.search.memory_bytes);
    if (interrupted()) return {};
    begin(planned, check);
    result::CheckResult result = run_check(planned.target, planned.request, limited);
    if (cache_) keep(key, result);
    return result;
  }

  void keep(const std::string& key, const result::CheckResult& result) {
    try {
      cache_->keep(key, result);
    } catch (const support::InputError& error) {
      const std::lock_guard lock(mutex_);
      if (result_.cache_trouble.empty()) result_.cache_trouble = error.what();
    }
  }

  static void take(GateCheck& check, result::CheckResult result) {
    check.result = std::move(result);
    if (check.result.model_error)
      return stopped(check, Outcome::bad_input, "model error: " + check.result.model_error->text);
    for (auto& expectation : check.expectations)
      if (const auto* property = check.property(expectation.property)) expectation.found = property->verdict;
    check.outcome = check.worst_expectation();
    if (!check.decided() && check.result.incomplete_because.empty() && check.result.properties.empty())
      check.result.incomplete_because = "interrupted";
  }
  static void unknown(GateCheck& check, const std::string& why) {
    check.result.incomplete_because = why;
    check.outcome = Outcome::unknown;
  }
  static void stopped(GateCheck& check, Outcome outcome, const std::string& why) {
    check.error = why;
    check.outcome = outcome;
  }

  void begin(const PlannedCheck& planned, const GateCheck& check) {
    const std::lock_guard lock(mutex_);
    running_[static_cast<std::size_t>(&planned - planned_.data())] = {check.name, 0};
  }
  void tell(std::size_t number, const Progress& progress) {
    const std::lock_guard lock(mutex_);
    const auto running = running_.find(number);
    if (running == running_.end() || !options_.progress) return;
    running->second.states = progress.states;
    GateProgress all{done_, planned_.size(), {}, 0, stopwatch_.seconds()};
    for (const auto& [i, one] : running_) {
      all.running.push_back(one.name);
      all.states += one.states;
    }
    options_.progress(all);
  }

  struct Running {
    std::string name;
    std::uint64_t states = 0;
  };

  const std::vector<PlannedCheck>& planned_;
  const GateOptions& options_;
  unsigned jobs_;
  MemoryRoom room_;
  std::optional<ResultCache> cache_;
  support::Stopwatch stopwatch_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_; // of what follows
  std::size_t done_ = 0;
  std::map<std::size_t, Running> running_;
  result::GateResult result_;
};

} // namespace

result::GateResult run_gate(const std::vector<PlannedCheck>& planned, const GateOptions& options) {
  support::expects(!planned.empty(), "a gate has at least one check");
  return Gate(planned, options).run();
}

} // namespace tdxcheck::run
