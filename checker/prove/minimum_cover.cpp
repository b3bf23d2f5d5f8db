// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/minimum_cover.h"

#include <set>
#include <string>

#include "prove/deadline.h"
#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

std::vector<std::size_t> all_of(const std::vector<Candidate>& candidates) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < candidates.size(); ++i) all.push_back(i);
  return all;
}

class Covering {
public:
  Covering(std::size_t elements, const std::vector<Candidate>& candidates, double seconds)
      : candidates_(candidates),
        deadline_(context_, seconds, {}),
        solver_(context_),
        is_chosen_(context_),
        best_(all_of(candidates)) {
    for (std::size_t i = 0; i < candidates.size(); ++i)
      is_chosen_.push_back(context_.bool_const(("x" + std::to_string(i)).c_str()));
    std::vector<std::set<std::size_t>> covered_by(elements);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      for (const std::size_t element : candidates[i].covers) covered_by[element].insert(i);
    for (const auto& some : std::set(covered_by.begin(), covered_by.end())) {
      support::expects(!some.empty(), "every element is covered by some candidate");
      z3::expr_vector any(context_);
      for (const std::size_t i : some) any.push_back(is_chosen_[static_cast<unsigned>(i)]);
      solver_.add(z3::mk_or(any));
    }
  }

  Cover run() {
    bool decided = minimise(std::vector<int>(candidates_.size(), 1));
    for (std::size_t cost = 0; decided && cost < candidates_.front().costs.size(); ++cost) {
      std::vector<int> costs;
      for (const Candidate& candidate : candidates_) costs.push_back(candidate.costs[cost]);
      decided = minimise(costs);
    }
    return {decided && prefer_earlier() ? settled_ : best_, decided};
  }

private:
  // Leaves the solver with nothing above the least.
  bool minimise(const std::vector<int>& costs) {
    const auto at_most = [&](int bound) { return z3::pble(is_chosen_, costs.data(), bound); };
    int least = cost_of(best_, costs);
    for (;;) {
      solver_.push();
      solver_.add(at_most(least - 1));
      const z3::check_result found = check(solver_);
      if (found == z3::sat) read_best();
      solver_.pop();
      if (found == z3::unknown) return false;
      if (found == z3::unsat) break;
      least = cost_of(best_, costs);
    }
    solver_.add(at_most(least));
    return true;
  }

  bool prefer_earlier() {
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const z3::expr chosen = is_chosen_[static_cast<unsigned>(i)];
      z3::expr_vector wanted(context_);
      wanted.push_back(chosen);
      const z3::check_result possible = check(solver_, wanted);
      if (possible == z3::unknown) return false;
      solver_.add(possible == z3::sat ? chosen : !chosen);
      if (possible == z3::sat) settled_.push_back(i);
    }
    return true;
  }

  void read_best() {
    const z3::model model = solver_.get_model();
    best_.clear();
    for (unsigned i = 0; i < is_chosen_.size(); ++i)
      if (model.eval(is_chosen_[i], true).is_true()) best_.push_back(i);
  }

  static int cost_of(const std::vector<std::size_t>& chosen, const std::vector<int>& costs) {
    int sum = 0;
    for (const std::size_t i : chosen) sum += costs[i];
    return sum;
  }

  const std::vector<Candidate>& candidates_;
  z3::context context_;
  Deadline deadline_;
  z3::solver solver_;
  z3::expr_vector is_chosen_;
  std::vector<std::size_t> best_, settled_;
};

} // namespace

Cover minimum_cover(std::size_t elements, const std::vector<Candidate>& candidates, double seconds) {
  if (elements == 0) return {{}, true};
  support::expects(!candidates.empty(), "every element is covered by some candidate");
  return Covering(elements, candidates, seconds).run();
}

} // namespace tdxcheck::prove
