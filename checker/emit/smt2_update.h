// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a step makes of each cell, and when that has a meaning. Private to emit/smt2_*.

#include "emit/smt2_expression.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tdxcheck::emit::smt2 {

struct Move;

struct CellUpdate {
  std::size_t cell = 0; // position in Instance::cells
  std::string value;    // in terms of s
};

struct Effect {
  std::vector<CellUpdate> updates; // by cell, each once
  std::string possible;            // everything has a value, and no range is left
  std::string named;               // whoever of an open set is written to has a name
};

// Where the guard holds.
[[nodiscard]] Effect effect_of(const Expressions& expressions, const Move& move);

// As a value of the cell's sort, and `defined`: it has one that lies in the cell's range.
[[nodiscard]] Term value_for_cell(const Expressions& expressions, std::size_t cell, const model::Expr& value,
                                  const Speaker& speaker, const Assumptions& assumed = {});

// That a term of the cell's sort lies in its declared range: `true` where the sort says so.
[[nodiscard]] std::string range_of_cell(const Expressions& expressions, std::size_t cell,
                                        const std::string& term);

} // namespace tdxcheck::emit::smt2
