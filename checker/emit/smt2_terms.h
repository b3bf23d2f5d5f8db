// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// SMT-LIB terms as text, with what is true or false left out and relations of numbers decided, and their
// layout. Private to emit/.

#include "model/expression.h"

#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::emit::smt2 {

inline const std::string yes = "true", no = "false";

[[nodiscard]] std::string call(const std::string& function, const std::vector<std::string>& arguments);
[[nodiscard]] std::string both(const std::string& a, const std::string& b);
[[nodiscard]] std::string all_of(std::vector<std::string> terms);
[[nodiscard]] std::string any_of(std::vector<std::string> terms);
// The same of many, as a chain of `ite`: with `or`, Z3 4.8 takes exponential time to read a definition whose
// terms count members.
[[nodiscard]] std::string one_of_many(const std::vector<std::string>& terms);
[[nodiscard]] std::string negated(const std::string& term);
[[nodiscard]] std::string implied(const std::string& premise, const std::string& conclusion);
[[nodiscard]] std::string if_then_else(const std::string& condition, const std::string& then,
                                       const std::string& otherwise);
[[nodiscard]] std::string equals(const std::string& a, const std::string& b);
// "<" or "<=" of integers.
[[nodiscard]] std::string ordered(const std::string& relation, const std::string& a, const std::string& b);
[[nodiscard]] std::string sum(std::vector<std::string> terms);

// An integer: SMT-LIB has no negative numerals.
[[nodiscard]] std::string number(model::Value value);
// The lowest `width` bits of the value in two's complement: #b0101.
[[nodiscard]] std::string bits(model::Value value, unsigned width);
[[nodiscard]] std::string extract(const std::string& term, unsigned high, unsigned low);

// A term on lines of at most `width` columns where that can be, each deeper one by two spaces; the first line
// starts at `indent`.
[[nodiscard]] std::string laid_out(const std::string& term, std::size_t indent, std::size_t width = 110);
// A comment on lines of that width; what would end it early does not get into it.
[[nodiscard]] std::string comment(const std::string& text, std::size_t width = 110);

} // namespace tdxcheck::emit::smt2
