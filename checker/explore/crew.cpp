// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/crew.h"

#include <utility>

namespace tdxcheck::explore {

Crew::Crew(std::size_t size) {
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
    {
      std::unique_lock lock(mutex_);
      begin_.wait(lock, [&] { return over_ || round_ != done; });
      if (over_) return;
      done = round_;
    }
    do_part(number);
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) end_.notify_one();
  }
}

} // namespace tdxcheck::explore
