// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Remembers of which states nothing is to be said: what depends on a few fields alone, and had nothing to say
// once, has nothing to say of any other state with the same values of those.

#include <optional>
#include <vector>

#include "explore/state_key.h"

namespace tdxcheck::explore {

class SettledKeys {
public:
  static constexpr unsigned most_bits = 22;

  SettledKeys() = default; // nothing is ever settled
  // By what is read; more than `most_bits` are not remembered.
  SettledKeys(const Layout& layout, const std::vector<bool>& fields) : key_(StateKey(layout, fields)) {
    if (key_->bits() > most_bits) key_.reset();
  }

  [[nodiscard]] bool has(StateView state) const {
    if (bits_.empty()) return false;
    const std::size_t key = key_->of(state.data());
    return (bits_[key / bits_of_a_word] >> key % bits_of_a_word & 1) != 0;
  }
  void add(StateView state) {
    if (!key_) return;
    if (bits_.empty()) bits_.resize((std::size_t{1} << key_->bits()) / bits_of_a_word + 1);
    const std::size_t key = key_->of(state.data());
    bits_[key / bits_of_a_word] |= Word{1} << key % bits_of_a_word;
  }

private:
  static constexpr std::size_t bits_of_a_word = 64;

  std::optional<StateKey> key_;
  std::vector<Word> bits_; // by key; empty until there is one
};

} // namespace tdxcheck::explore
