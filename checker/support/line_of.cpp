// SPDX-License-Identifier: GPL-2.0-or-later
//
// nlohmann's parser tells no positions of values (before version 3.12), and a text that has been parsed needs
// no second parser: what is left to tell apart are texts, brackets and commas.
#include "support/line_of.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace tdxcheck::support {
namespace {

struct Level {
  bool is_list = false;
  std::size_t index = 0; // of the entry, in a list
  std::string key;       // of the field, in an object; as a pointer writes it
};

class Walk {
public:
  Walk(std::string_view text, std::string_view pointer) : text_(text), pointer_(pointer) {}

  std::size_t line() {
    for (at_ = 0; at_ < text_.size(); ++at_)
      if (step(text_[at_])) return 1 + static_cast<std::size_t>(std::count(text_.begin(), here(), '\n'));
    return 1;
  }

private:
  [[nodiscard]] std::string_view::const_iterator here() const {
    return text_.begin() + static_cast<std::ptrdiff_t>(at_);
  }

  // True where the value begins that is looked for.
  bool step(char c) {
    switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
    case ':': return false;
    case ',': return next_entry();
    case '}':
    case ']': levels_.pop_back(); return false;
    default: break;
    }
    if (c == '"' && expects_key_) return key();
    if (path() == pointer_) return true;
    if (c == '{' || c == '[') return open(c == '[');
    c == '"' ? skip_text() : skip_word();
    return false;
  }
  bool next_entry() {
    ++levels_.back().index;
    expects_key_ = !levels_.back().is_list;
    return false;
  }
  bool open(bool is_list) {
    levels_.push_back({is_list, 0, ""});
    expects_key_ = !is_list;
    return false;
  }
  bool key() {
    const std::size_t begin = at_;
    skip_text();
    levels_.back().key = escaped(text_.substr(begin, at_ + 1 - begin));
    expects_key_ = false;
    return false;
  }
  void skip_text() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
  }
  void skip_word() {
    while (at_ + 1 < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_ + 1]) == text_.npos) ++at_;
  }
  static std::string escaped(std::string_view quoted) {
    std::string step;
    for (const char c : nlohmann::json::parse(quoted).get<std::string>()) {
      if (c == '~') step += "~0";
      else if (c == '/') step += "~1";
      else step += c;
    }
    return step;
  }
  [[nodiscard]] std::string path() const {
    std::string path;
    for (const Level& level : levels_)
      path += "/" + (level.is_list ? std::to_string(level.index) : level.key);
    return path;
  }

  std::string_view text_, pointer_;
  std::size_t at_ = 0;
  bool expects_key_ = false;
  std::vector<Level> levels_;
};

} // namespace

std::size_t line_of(std::string_view text, std::string_view pointer) { return Walk(text, pointer).line(); }

} // namespace tdxcheck::support
