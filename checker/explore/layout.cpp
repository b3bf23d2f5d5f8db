// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/layout.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

constexpr unsigned bits_of_a_word = 64;

Field field_for(model::Value low, model::Value high) {
  Field field;
  field.low = low;
  field.high = high;
  field.width = static_cast<std::uint8_t>(std::bit_width(static_cast<Word>(high) - static_cast<Word>(low)));
  return field;
}

// Fields that should share a word, by their positions.
using Group = std::vector<std::size_t>;

unsigned width_of(const std::vector<Field>& fields, const Group& group) {
  return std::accumulate(group.begin(), group.end(), 0U,
                         [&](unsigned sum, std::size_t field) { return sum + fields[field].width; });
}

// By thread instance: its label, then its locals.
std::vector<Group> own_fields(const model::Instance& instance) {
  const std::size_t cells = instance.cells().size();
  std::vector<Group> groups;
  for (std::size_t t = 0; t < instance.threads().size(); ++t) groups.push_back({cells + t});
  for (std::size_t c = 0; c < cells; ++c) {
    const model::Cell& cell = instance.cells()[c];
    const auto* local = std::get_if<model::LocalScope>(&instance.model().variables[cell.variable].scope);
    if (local == nullptr) continue;
    const bool single = !instance.model().threads[local->thread].over;
    groups[instance.thread(local->thread, single ? 0 : cell.at.front())].push_back(c);
  }
  return groups;
}

// First fit over the words that were begun.
class Placement {
public:
  explicit Placement(std::vector<Field>& fields) : fields_(fields) {}

  void place(const Group& group) {
    const unsigned width = width_of(fields_, group);
    if (fields_[group.front()].is_coded()) {
      if (fields_[group.front()].width == 0) return; // a single local state: nothing to write
      const std::size_t word = word_with_room_for(fields_[group.front()].width);
      for (std::size_t field : group) lie(field, word);
      used_[word] += fields_[group.front()].width;
    } else if (width <= bits_of_a_word) {
      const std::size_t word = word_with_room_for(width);
      for (std::size_t field : group) put(field, word);
    } else {
      for (std::size_t field : group) put(field, word_with_room_for(fields_[field].width));
    }
  }
  [[nodiscard]] std::size_t words() const { return std::max<std::size_t>(used_.size(), 1); }

private:
  std::size_t word_with_room_for(unsigned width) {
    for (std::size_t w = 0; w < used_.size(); ++w) {
      if (used_[w] + width <= bits_of_a_word) return w;
    }
    used_.push_back(0);
    return used_.size() - 1;
  }
  void put(std::size_t field, std::size_t word) {
    if (fields_[field].width == 0) return;
    lie(field, word);
    used_[word] += fields_[field].width;
  }
  void lie(std::size_t field, std::size_t word) {
    fields_[field].word = static_cast<std::uint32_t>(word);
    fields_[field].shift = static_cast<std::uint8_t>(used_[word]);
  }

  std::vector<Field>& fields_;
  std::vector<unsigned> used_;
};

} // namespace

Layout::Layout(const model::Instance& instance, const std::vector<AssignedRange>& ranges, const Coded& coded)
    : cells_(instance.cells().size()), coded_(coded), own_(own_fields(instance)) {
  coded_.resize(instance.threads().size());
  std::vector<bool> is_own(cells_, false);
  for (const Group& own : own_)
    for (const std::size_t field : own)
      if (field < cells_) is_own[field] = true;
  for (std::size_t c = 0; c < cells_; ++c) {
    const model::Cell& cell = instance.cells()[c];
    fields_.push_back(ranges.empty() ? field_for(cell.low, cell.high)
                                     : field_for(ranges[c].low, ranges[c].high));
  }
  for (const model::ThreadInstance& thread : instance.threads()) {
    const auto labels = static_cast<model::Value>(instance.model().threads[thread.thread].labels.size());
    fields_.push_back(field_for(0, labels - 1));
  }
  for (std::size_t t = 0; t < coded_.size(); ++t) {
    if (!coded_[t]) continue;
    for (std::size_t p = 0; p < own_[t].size(); ++p) {
      Field& field = fields_[own_[t][p]];
      field.width = static_cast<std::uint8_t>(coded_[t]->width());
      field.position = static_cast<std::uint16_t>(p);
      field.values = coded_[t]->values(p);
    }
  }
  std::vector<Group> groups = own_;
  for (std::size_t c = 0; c < cells_; ++c)
    if (!is_own[c]) groups.push_back({c});
  const auto width = [&](const Group& group) {
    return fields_[group.front()].is_coded() ? fields_[group.front()].width : width_of(fields_, group);
  };
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const Group& a, const Group& b) { return width(a) > width(b); });
  Placement placement(fields_);
  for (const Group& group : groups) placement.place(group);
  words_ = placement.words();
  for (std::size_t t = 0; t < own_.size(); ++t) find_own_bits(t);
}

void Layout::find_own_bits(std::size_t thread) {
  OwnBits& own = own_bits_.emplace_back();
  const Field& label = fields_[own_[thread].front()];
  own.word = label.word;
  own.shift = label.shift;
  own.width = label.width;
  for (const std::size_t f : own_[thread]) {
    const Field& field = fields_[f];
    if (f == own_[thread].front() || label.is_coded() || field.width == 0) {
      own.fields.push_back(f);
    } else if (own.width + field.width <= most_own_bits &&
               (own.width == 0 || (field.word == own.word && field.shift == own.shift + own.width))) {
      if (own.width == 0) own.word = field.word, own.shift = field.shift;
      own.width += field.width;
      own.fields.push_back(f);
    }
  }
}

std::size_t Layout::bits() const {
  std::size_t bits = 0;
  for (const Field& field : fields_)
    if (field.width != 0)
      bits =
          std::max<std::size_t>(bits, std::size_t{field.word} * bits_of_a_word + field.shift + field.width);
  return bits;
}

void Layout::pack_locals(std::size_t thread, const model::Value* values, Word* words) const {
  const auto number = coded_[thread]->number(values);
  support::ensures_internal(number.has_value(), "every local state that is reached was foreseen");
  const Field& field = label(thread);
  words[field.word] = (words[field.word] & ~(field.mask() << field.shift)) | Word{*number} << field.shift;
}

void Layout::pack(const model::Value* values, Word* words) const {
  std::fill_n(words, words_, 0);
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (!fields_[i].is_coded()) fields_[i].write(words, values[i]);
  std::vector<model::Value> own;
  for (std::size_t t = 0; t < coded_.size(); ++t) {
    if (!coded_[t]) continue;
    own.clear();
    for (const std::size_t field : own_[t]) own.push_back(values[field]);
    pack_locals(t, own.data(), words);
  }
}

} // namespace tdxcheck::explore
