// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_terms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace tdxcheck::emit::smt2 {
namespace {

// A connective whose neutral element is left out, and whose other constant decides.
std::string joined(const char* connective, const std::string& neutral, const std::string& deciding,
                   std::vector<std::string> terms) {
  std::vector<std::string> kept;
  for (std::string& term : terms) {
    if (term == deciding) return deciding;
    if (term != neutral && std::ranges::find(kept, term) == kept.end()) kept.push_back(std::move(term));
  }
  if (kept.empty()) return neutral;
  return kept.size() == 1 ? kept.front() : call(connective, kept);
}

std::optional<model::Value> number_in(const std::string& term) {
  if (term == "none") return model::no_member;
  const bool negative = term.starts_with("(- ") && term.ends_with(")");
  const std::string_view digits = negative ? std::string_view(term).substr(3, term.size() - 4) : term;
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return {};
  model::Value value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc()) return {};
  return negative ? -value : value;
}

// Where the term that begins at `at` ends.
std::size_t end_of_term(const std::string& text, std::size_t at) {
  std::size_t depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '|') at = text.find('|', at + 1);
    else if (text[at] == '(') ++depth;
    else if (text[at] == ')' && --depth == 0) return at + 1;
    else if (text[at] == ' ' && depth == 0) return at;
    else if (text[at] == ')' && depth == std::size_t(-1)) return at;
  }
  return text.size();
}

std::vector<std::string> arguments_of(const std::string& term) {
  std::vector<std::string> arguments;
  const std::string inside = term.substr(1, term.size() - 2);
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t end = end_of_term(inside, at);
    arguments.push_back(inside.substr(at, end - at));
    at = end + 1;
  }
  return arguments;
}

} // namespace

std::string call(const std::string& function, const std::vector<std::string>& arguments) {
  return fmt::format("({} {})", function, fmt::join(arguments, " "));
}

std::string both(const std::string& a, const std::string& b) { return all_of({a, b}); }
std::string all_of(std::vector<std::string> terms) { return joined("and", yes, no, std::move(terms)); }
std::string any_of(std::vector<std::string> terms) { return joined("or", no, yes, std::move(terms)); }

std::string one_of_many(const std::vector<std::string>& terms) {
  if (terms.empty()) return no;
  std::string chain;
  for (std::size_t i = 0; i + 1 < terms.size(); ++i) chain += "(ite " + terms[i] + " true ";
  return chain + terms.back() + std::string(terms.size() - 1, ')');
}

std::string negated(const std::string& term) {
  if (term == yes) return no;
  if (term == no) return yes;
  return term.starts_with("(not ") ? term.substr(5, term.size() - 6) : call("not", {term});
}

std::string implied(const std::string& premise, const std::string& conclusion) {
  if (premise == yes || conclusion == yes) return conclusion;
  if (premise == no) return yes;
  return conclusion == no ? negated(premise) : call("=>", {premise, conclusion});
}

std::string if_then_else(const std::string& condition, const std::string& then,
                         const std::string& otherwise) {
  if (condition == yes || then == otherwise) return then;
  if (condition == no) return otherwise;
  if (then == yes && otherwise == no) return condition;
  return call("ite", {condition, then, otherwise});
}

std::string equals(const std::string& a, const std::string& b) {
  if (b == yes) return a;
  if (b == no) return negated(a);
  const auto m = number_in(a), n = number_in(b);
  if (m && n) return *m == *n ? yes : no;
  return call("=", {a, b});
}

std::string ordered(const std::string& relation, const std::string& a, const std::string& b) {
  const auto m = number_in(a), n = number_in(b);
  if (m && n) return (relation == "<" ? *m < *n : *m <= *n) ? yes : no;
  return call(relation, {a, b});
}

std::string sum(std::vector<std::string> terms) {
  std::erase(terms, "0");
  if (terms.empty()) return "0";
  return terms.size() == 1 ? terms.front() : call("+", terms);
}

std::string number(model::Value value) {
  return value < 0 ? fmt::format("(- {})", std::to_string(value).substr(1)) : std::to_string(value);
}

std::string bits(model::Value value, unsigned width) {
  std::string digits = "#b";
  for (unsigned i = width; i-- > 0;) digits += (value >> std::min(i, 63U) & 1) != 0 ? '1' : '0';
  return digits;
}

std::string extract(const std::string& term, unsigned high, unsigned low) {
  return fmt::format("((_ extract {} {}) {})", high, low, term);
}

// What fits on a line goes there; of the rest, each argument gets a line of its own, unless all are short.
std::string laid_out(const std::string& term, std::size_t indent, std::size_t width) {
  if (!term.starts_with("(") || indent + term.size() <= width) return term;
  const std::vector<std::string> arguments = arguments_of(term);
  if (arguments.front() == "ite" && arguments[2] == yes) // a chain does not wander to the right
    return "(ite " + laid_out(arguments[1], indent + 5, width) + " true\n" + std::string(indent, ' ') +
           laid_out(arguments[3], indent, width) + ")";
  const bool are_short = std::ranges::all_of(arguments, [](const auto& one) { return one.size() <= 50; });
  std::string text = "(" + laid_out(arguments.front(), indent + 1, width);
  std::size_t column = indent + text.size();
  const bool is_definition = arguments.front().starts_with("de");
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::size_t needed = column + 1 + arguments[i].size();
    if ((are_short || (is_definition && i + 1 < arguments.size())) && needed < width) {
      text += " " + arguments[i];
      column = needed;
      continue;
    }
    const std::string argument = laid_out(arguments[i], indent + 2, width);
    text += "\n" + std::string(indent + 2, ' ') + argument;
    const std::size_t last_line = argument.rfind('\n');
    column = last_line == std::string::npos ? indent + 2 + argument.size() : argument.size() - last_line - 1;
  }
  return text + ")";
}

std::string comment(const std::string& text, std::size_t width) {
  std::string lines, line = ";";
  const auto flush = [&] {
    lines += line + "\n";
    line = ";";
  };
  std::string word;
  const auto add = [&] {
    if (word.empty()) return;
    if (line.size() > 1 && line.size() + 1 + word.size() > width) flush();
    line += " " + word;
    word.clear();
  };
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') add();
    else word += c;
    if (c == '\n') flush();
  }
  add();
  if (line.size() > 1 || lines.empty()) flush();
  return lines;
}

} // namespace tdxcheck::emit::smt2
