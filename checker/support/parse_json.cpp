// SPDX-License-Identifier: GPL-2.0-or-later
//
// Two passes over the text. The first builds nothing: nlohmann's parser, which does not recurse, reports
// events to a listener that counts levels, remembers the fields of the open objects and knows how far the
// text has been read. The second builds the tree of a text that is now known to be harmless. Parsing twice
// costs less than a parser of our own, and nlohmann's callback for the tree tells neither positions nor
// repeated fields.

#include "support/json_reader.h"

#include "support/contract.h"
#include "support/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <set>

namespace tdxcheck::support {
namespace {

constexpr std::size_t most_shown = 160;

// Walks the text and leaves behind how far it came.
class CountingIterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* read) : at_(at), read_(read) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*read_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return a.at_ != b.at_; }

private:
  const char* at_;
  std::size_t* read_;
};

// What nlohmann says, without its own numbering and place, short, and fit for a terminal.
std::string in_short(std::string said) {
  const std::size_t column = said.find("column ");
  const std::size_t start = column == std::string::npos ? said.find("] ") : said.find(": ", column);
  if (start != std::string::npos) said.erase(0, start + 2);
  if (said.size() > most_shown) said = said.substr(0, most_shown) + "...";
  std::ranges::replace_if(
      said, [](char c) { return static_cast<unsigned char>(c) - 0x20u > 0x5eu; }, '?');
  return said;
}

class Listener {
public:
  explicit Listener(const std::size_t& read) : read_(read) {}

  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] std::size_t where() const { return where_; }

  bool start_object(std::size_t) { return opened(); }
  bool start_array(std::size_t) { return opened(); }
  bool end_object() { return closed(); }
  bool end_array() { return closed(); }
  bool key(std::string& name) {
    if (open_.back().insert(name).second) return true;
    return refuse(fmt::format("the field `{}` is there twice", name.substr(0, most_shown)), read_);
  }

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(std::int64_t) { return true; }
  bool number_unsigned(std::uint64_t) { return true; }
  bool number_float(double, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(nlohmann::json::binary_t&) { return true; }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
    return refuse(in_short(error.what()), position);
  }

  bool refuse(std::string english, std::size_t where) {
    problem_ = std::move(english);
    where_ = where;
    return false;
  }

private:
  bool opened() {
    open_.emplace_back();
    if (open_.size() <= most_json_levels) return true;
    return refuse(fmt::format("nested deeper than {} levels", most_json_levels), read_);
  }
  bool closed() {
    open_.pop_back();
    return true;
  }

  const std::size_t& read_;
  std::vector<std::set<std::string>> open_; // the fields seen so far; none for a list
  std::string problem_;
  std::size_t where_ = 0; // characters read when it was found
};

[[noreturn]] void fail(std::string_view text, const std::string& origin, const Listener& listener) {
  const std::size_t last = std::clamp<std::size_t>(listener.where(), 1, text.size() + 1) - 1;
  const std::string_view before = text.substr(0, last);
  const std::size_t line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const std::size_t column = last - (before.rfind('\n') + 1) + 1; // npos + 1 = 0
  throw InputError(fmt::format("{}:{}:{}: {}", origin, line, column, listener.problem()));
}

} // namespace

nlohmann::json parse_json(std::string_view text, const std::string& origin) {
  std::size_t read = 0;
  Listener listener(read);
  const CountingIterator first(text.data(), &read), last(text.data() + text.size(), &read);
  if (!nlohmann::json::sax_parse(first, last, &listener)) fail(text, origin, listener);
  // To nlohmann a zero ends the text, whatever follows it.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    listener.refuse("a zero character", zero + 1);
    fail(text, origin, listener);
  }
  nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  ensures_internal(!value.is_discarded(), "a text that was parsed once is parsed again");
  return value;
}

} // namespace tdxcheck::support
