// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A vector for very many small things in pages of its own (memory.h): growing neither copies nor needs room
// for both, what is reserved but not used takes no memory, and all of it goes back when it is destroyed.

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include "support/memory.h"

namespace tdxcheck::support {

template <class T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T>);

public:
  GrowingArray() = default;
  GrowingArray(GrowingArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  GrowingArray& operator=(GrowingArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;
  ~GrowingArray() { (void)resize_mapping(data_, capacity_ * sizeof(T), 0); }
  [[nodiscard]] static GrowingArray zeros(std::size_t size) {
    GrowingArray array;
    array.reserve(size);
    array.size_ = size;
    return array;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] T& operator[](std::size_t i) { return data_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return data_[i]; }
  [[nodiscard]] T* begin() { return data_; }
  [[nodiscard]] T* end() { return data_ + size_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }

  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    data_ = static_cast<T*>(resize_mapping(data_, capacity_ * sizeof(T), capacity * sizeof(T)));
    capacity_ = capacity;
  }
  void push_back(T value) {
    make_room(1);
    data_[size_++] = value;
  }
  void append(std::span<const T> values) { // none of its own
    make_room(values.size());
    for (const T& value : values) data_[size_++] = value;
  }
  // To what was reserved, and written through data(), or smaller.
  void set_size(std::size_t size) { size_ = size; }
  void assign(std::size_t size, T value) {
    reserve(size);
    for (size_ = 0; size_ < size; ++size_) data_[size_] = value;
  }

private:
  void make_room(std::size_t more) {
    if (size_ + more > capacity_) reserve(size_ + more + capacity_ / 2 + 512);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

} // namespace tdxcheck::support
