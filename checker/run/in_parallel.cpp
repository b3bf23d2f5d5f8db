// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/in_parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace tdxcheck::run {

unsigned workers_of(unsigned asked) {
  return asked != 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

void in_parallel(std::size_t jobs, unsigned workers, const std::function<void(std::size_t)>& job) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  std::exception_ptr first;
  std::size_t first_job = jobs;
  const auto work = [&] {
    for (std::size_t mine = next++; mine < jobs && !failed; mine = next++) {
      try {
        job(mine);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        failed = true;
        if (mine < first_job) first_job = mine, first = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::min<std::size_t>(workers, jobs); ++i) others.emplace_back(work);
    work();
  }
  if (first) std::rethrow_exception(first);
}

} // namespace tdxcheck::run
