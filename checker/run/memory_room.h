// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tdxcheck::run {

// Memory that searches side by side share. Whoever asks for more than is left waits; whoever is alone never
// does, so that a search with a budget larger than the machine runs as it would by itself.
class MemoryRoom {
public:
  explicit MemoryRoom(std::uint64_t bytes) : all_(bytes) {}

  class Share {
  public:
    Share(MemoryRoom& room, std::uint64_t bytes) : room_(room), bytes_(bytes) {
      std::unique_lock lock(room_.mutex_);
      room_.freed_.wait(lock, [&] { return room_.taken_ == 0 || room_.taken_ + bytes_ <= room_.all_; });
      room_.taken_ += bytes_;
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      {
        const std::lock_guard lock(room_.mutex_);
        room_.taken_ -= bytes_;
      }
      room_.freed_.notify_all();
    }

  private:
    MemoryRoom& room_;
    std::uint64_t bytes_;
  };

private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::uint64_t all_, taken_ = 0;
};

} // namespace tdxcheck::run
