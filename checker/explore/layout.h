// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Where each cell and each thread's label lies in a packed state. Computed from the declarations, or from
// what is known of each cell beyond them (assigned_ranges.h): a value is stored as its distance from the
// lowest of its range, in as many bits as the range needs; a range of one value takes none. No field
// straddles a word, so that reading and writing one is a shift and a mask; a thread's label and locals lie
// together, which keeps what one step touches in one word and is what the tables over a thread's own state
// rest on. Where local states are given, they are one field that stands for label and locals together: those
// then share its bits, are read through a table, and are written all at once. Two states are equal exactly if
// their words are.

#include <cstdint>
#include <memory>
#include <vector>

#include "explore/assigned_ranges.h"
#include "explore/local_states.h"
#include "explore/transition_system.h"
#include "model/instance.h"

namespace tdxcheck::explore {

struct Field {
  std::uint32_t word = 0;
  std::uint8_t shift = 0;
  std::uint8_t width = 0;
  std::uint16_t position = 0;           // in LocalStates::fields, where it is coded
  model::Value low = 0, high = 0;       // inclusive
  const model::Value* values = nullptr; // by the bits, where it is coded: part of a local state

  [[nodiscard]] bool is_coded() const { return values != nullptr; }
  [[nodiscard]] Word mask() const { return width == 64 ? ~Word{0} : (Word{1} << width) - 1; }
  // The value's bits in place; the value must be in range. Not of what is coded.
  [[nodiscard]] Word bits_of(model::Value value) const {
    return width == 0 ? 0 : (static_cast<Word>(value) - static_cast<Word>(low)) << shift;
  }
  [[nodiscard]] model::Value read(const Word* words) const {
    const Word raw = width == 0 ? 0 : (words[word] >> shift) & mask();
    return values != nullptr ? values[raw] : static_cast<model::Value>(raw + static_cast<Word>(low));
  }
  void write(Word* words, model::Value value) const {
    if (width == 0) return;
    words[word] = (words[word] & ~(mask() << shift)) | bits_of(value);
  }
  [[nodiscard]] bool holds(model::Value value) const { return low <= value && value <= high; }
};

// Adjacent bits in which a thread's label lies, and what else of its own lies there with it.
struct OwnBits {
  std::uint32_t word = 0, shift = 0, width = 0;
  std::vector<std::size_t> fields; // the label first

  [[nodiscard]] Word mask() const { return (Word{1} << width) - 1; }
  [[nodiscard]] std::size_t of(const Word* words) const { return words[word] >> shift & mask(); }
};

class Layout {
public:
  using Coded = std::vector<std::shared_ptr<const LocalStates>>; // by thread

  explicit Layout(const model::Instance& instance) : Layout(instance, {}) {}
  // `ranges`: of each cell, or empty: as declared. `coded`: of which threads, or empty: of none.
  Layout(const model::Instance& instance, const std::vector<AssignedRange>& ranges, const Coded& coded = {});

  [[nodiscard]] std::size_t words() const { return words_; }
  // All that states differ in lies below this bit, counted from the low end of the first word.
  [[nodiscard]] std::size_t bits() const;
  [[nodiscard]] std::size_t cells() const { return cells_; }
  [[nodiscard]] std::size_t threads() const { return fields_.size() - cells_; }
  // Cells in the order of the instance, then the label of each thread instance.
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] const Field& cell(std::size_t cell) const { return fields_[cell]; }
  [[nodiscard]] const Field& label(std::size_t thread) const { return fields_[cells_ + thread]; }

  // The label first, then the locals that lie where the instance has them; all of them.
  [[nodiscard]] const std::vector<std::size_t>& fields_of(std::size_t thread) const { return own_[thread]; }
  // As much of them as `most_own_bits` hold.
  [[nodiscard]] const OwnBits& own_bits(std::size_t thread) const { return own_bits_[thread]; }
  static constexpr unsigned most_own_bits = 12;
  [[nodiscard]] bool is_coded(std::size_t thread) const { return coded_[thread] != nullptr; }
  // `values`: of fields_of(thread), which must be coded.
  void pack_locals(std::size_t thread, const model::Value* values, Word* words) const;

  // `values`: one per field.
  void pack(const model::Value* values, Word* words) const;
  void unpack(const Word* words, model::Value* values) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) values[i] = fields_[i].read(words);
  }

private:
  void find_own_bits(std::size_t thread);

  std::size_t cells_ = 0;
  std::size_t words_ = 1;
  std::vector<Field> fields_;
  Coded coded_;
  std::vector<std::vector<std::size_t>> own_; // by thread
  std::vector<OwnBits> own_bits_;             // by thread
};

} // namespace tdxcheck::explore
