// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The cells of a sweep as a truth table over the swept values, one claim at a time.

#include <cstdint>
#include <functional>

#include "prove/prime_implicants.h"
#include "result/failing_set.h"
#include "run/run_sweep.h"

namespace tdxcheck::run {

// What one cell says of a claim.
enum class Answer : std::uint8_t { violated, holds, undecided, not_claimed };

// An empty claim: of all of them together.
[[nodiscard]] Answer answer_of(const result::CheckResult& cell, const std::string& claim);

// In the order in which the cells name them.
[[nodiscard]] std::vector<std::string> claims_of(const Sweep& sweep);

// A *place* has one value per axis, the last axis changes fastest. A parameter that was swept twice is one
// axis, and a value that was named twice is one value.
class VerdictTable {
public:
  // Refers to the sweep.
  VerdictTable(const Sweep& sweep, const model::Model& model);

  [[nodiscard]] const std::vector<result::SweptValues>& over() const { return over_; }
  [[nodiscard]] std::size_t size() const { return cell_at_.size(); }
  [[nodiscard]] std::size_t cell_at(std::size_t place) const { return cell_at_[place]; } // of the sweep
  [[nodiscard]] const result::CheckResult& result_at(std::size_t place) const {
    return sweep_.cells[cell_at_[place]];
  }
  [[nodiscard]] std::size_t place_at(const std::vector<std::size_t>& coordinates) const;
  [[nodiscard]] prove::TruthTable truth(const std::function<prove::Wanted(std::size_t place)>& wanted) const;

private:
  [[nodiscard]] std::size_t place_of(std::size_t cell) const;

  const Sweep& sweep_;
  std::vector<result::SweptValues> over_;
  std::vector<prove::Axis> axes_;
  std::vector<std::size_t> cell_at_; // by place: the first cell with these values
};

} // namespace tdxcheck::run
