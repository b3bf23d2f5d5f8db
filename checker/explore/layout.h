// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Where each cell and each thread's label lies in a packed state. Computed from the declarations, or from
// what is known of each cell beyond them (assigned_ranges.h): a value is stored as its distance from the
// lowest of its range, in as many bits as the range needs; a range of one value takes none. No field
// straddles a word, so that reading and writing one is a shift and a mask; a thread's label and locals lie
// together, which keeps what one step touches in one word and is what later tables over a thread's own state
// rest on. Two states are equal exactly if their words are.

#include <cstdint>
#include <vector>

#include "explore/assigned_ranges.h"
#include "explore/transition_system.h"
#include "model/instance.h"

namespace tdxcheck::explore {

struct Field {
  std::uint32_t word = 0;
  std::uint8_t shift = 0;
  std::uint8_t width = 0;
  model::Value low = 0, high = 0; // inclusive

  [[nodiscard]] Word mask() const { return width == 64 ? ~Word{0} : (Word{1} << width) - 1; }
  // The value's bits in place; the value must be in range.
  [[nodiscard]] Word bits_of(model::Value value) const {
    return width == 0 ? 0 : (static_cast<Word>(value) - static_cast<Word>(low)) << shift;
  }
  [[nodiscard]] model::Value read(const Word* words) const {
    const Word raw = width == 0 ? 0 : (words[word] >> shift) & mask();
    return static_cast<model::Value>(raw + static_cast<Word>(low));
  }
  void write(Word* words, model::Value value) const {
    if (width == 0) return;
    words[word] = (words[word] & ~(mask() << shift)) | bits_of(value);
  }
  [[nodiscard]] bool holds(model::Value value) const { return low <= value && value <= high; }
};

class Layout {
public:
  explicit Layout(const model::Instance& instance) : Layout(instance, {}) {}
  // `ranges`: of each cell, or empty: as declared.
  Layout(const model::Instance& instance, const std::vector<AssignedRange>& ranges);

  [[nodiscard]] std::size_t words() const { return words_; }
  // All that states differ in lies below this bit, counted from the low end of the first word.
  [[nodiscard]] std::size_t bits() const;
  [[nodiscard]] std::size_t cells() const { return cells_; }
  [[nodiscard]] std::size_t threads() const { return fields_.size() - cells_; }
  // Cells in the order of the instance, then the label of each thread instance.
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] const Field& cell(std::size_t cell) const { return fields_[cell]; }
  [[nodiscard]] const Field& label(std::size_t thread) const { return fields_[cells_ + thread]; }

  // `values`: one per field.
  void pack(const model::Value* values, Word* words) const;
  void unpack(const Word* words, model::Value* values) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) values[i] = fields_[i].read(words);
  }

private:
  std::size_t cells_ = 0;
  std::size_t words_ = 1;
  std::vector<Field> fields_;
};

} // namespace tdxcheck::explore
