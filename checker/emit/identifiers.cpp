// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/identifiers.h"

namespace tdxcheck::emit {

const std::string& Identifiers::of(Kind kind, const std::string& name) {
  const auto [entry, is_new] = chosen_.try_emplace({kind, name});
  if (!is_new) return entry->second;
  std::string text;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    text += digit || letter ? c : '_';
  }
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) text = "n" + text;
  while (!taken_.insert(text).second) text += '_';
  entry->second = text;
  return entry->second;
}

} // namespace tdxcheck::emit
