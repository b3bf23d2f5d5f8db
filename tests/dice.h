// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Random numbers that are the same on every machine and with every library (splitmix64).

#include <cstdint>
#include <utility>
#include <vector>

namespace tdxcheck::tests {

// Of so many random inputs: under sanitizers, where each takes ten times as long, a third.
constexpr std::uint64_t a_third_if_sanitized(std::uint64_t inputs) {
#if defined(__SANITIZE_ADDRESS__)
  return inputs / 3;
#else
  return inputs;
#endif
}

class Dice {
public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1)));
  }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from.at(below(from.size()));
  }

private:
  std::uint64_t state_;
};

} // namespace tdxcheck::tests
