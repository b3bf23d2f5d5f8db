// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Threads that wait until there is something to be done by all at once; the caller is the first of them.
// Where each can have a processor of its own, they keep looking for a moment before they sleep.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tdxcheck::explore {

class Crew {
public:
  explicit Crew(std::size_t size); // the caller included
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  [[nodiscard]] std::size_t size() const { return threads_.size() + 1; }

  // work(0), ... work(size - 1), each by a thread of its own; returns when all are done. What one of them
  // throws is thrown again.
  void run(const std::function<void(std::size_t)>& work);

private:
  void wait_for_work(std::size_t number);
  void do_part(std::size_t number);

  std::mutex mutex_;
  std::condition_variable begin_, end_;
  const std::function<void(std::size_t)>* work_ = nullptr;
  const bool looks_first_;
  std::atomic<std::uint64_t> round_ = 0; // these three change only under the mutex
  std::atomic<std::size_t> running_ = 0;
  std::atomic<bool> over_ = false;
  std::exception_ptr thrown_;
  std::vector<std::thread> threads_;
};

} // namespace tdxcheck::explore
