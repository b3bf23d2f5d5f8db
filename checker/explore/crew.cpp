// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/crew.h"

#include <chrono>
#include <utility>

namespace tdxcheck::explore {
namespace {

// Waking a thread up takes longer than what lies between two levels.
constexpr std::chrono::microseconds before_sleep{100};
constexpr int looks_between_times = 64;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

template <class Happened>
void look_for(const Happened& happened) {
  const auto end = std::chrono::steady_clock::now() + before_sleep;
  do {
    for (int i = 0; i < looks_between_times; ++i) {
      if (happened()) return;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
}

} // namespace

Crew::Crew(std::size_t size) : looks_first_(size <= std::thread::hardware_concurrency()) {
  for (std::size_t i = 1; i < size; ++i) threads_.emplace_back([this, i] { wait_for_work(i); });
}

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  begin_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Crew::run(const std::function<void(std::size_t)>& work) {
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    running_ = threads_.size();
    ++round_;
  }
  begin_.notify_all();
  do_part(0);
  if (looks_first_) look_for([this] { return running_ == 0; });
  std::unique_lock lock(mutex_);
  end_.wait(lock, [this] { return running_ == 0; });
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Crew::do_part(std::size_t number) {
  try {
    (*work_)(number);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!thrown_) thrown_ = std::current_exception();
  }
}

void Crew::wait_for_work(std::size_t number) {
  for (std::uint64_t done = 0;;) {
    const auto is_next = [&] { return over_ || round_ != done; };
    if (looks_first_) look_for(is_next);
    {
      std::unique_lock lock(mutex_);
      begin_.wait(lock, is_next);
      if (over_) return;
      done = round_;
    }
    do_part(number);
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) end_.notify_one();
  }
}

} // namespace tdxcheck::explore
