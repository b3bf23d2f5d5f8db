// SPDX-License-Identifier: GPL-2.0-or-later
//
// Linear place invariants. Caught here: a lock's word of which nothing is known, because whoever gives the
// lock back does not ask whether it is taken; and equations that say nothing.

#include <doctest/doctest.h>

#include <algorithm>

#include "model/print.h"
#include "prove/place_invariants.h"
#include "tests/any_size.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

namespace tdxcheck::tests::place_invariants_test {

std::vector<std::string> invariants_of(const model::Model& model) {
  prove::Problem problem = open_problem(model);
  std::vector<std::string> all;
  for (const model::Expr& e : prove::place_invariants(problem)) all.push_back(model::print(problem.model, e));
  return all;
}

TEST_CASE("a lock that is released without a look at it is taken by as many as are inside") {
  const auto all = invariants_of(one_lock_for_all(true));
  CAPTURE(all.size());
  CHECK(std::ranges::any_of(all, [](const std::string& text) {
    return text.find("locked") != std::string::npos && text.find("count") != std::string::npos;
  }));
}

// Two processes that each clear a flag of their own, whatever it is.
TEST_CASE("that a sum over an array is the sum of its cells is not told") {
  Sketch sketch;
  const auto worker = sketch.set("worker", 2);
  leave_size_free(sketch.model, worker);
  const auto slot = sketch.set("slot", 2);
  const auto flag = sketch.boolean("flag");
  sketch.model.variables[flag].scope = model::MemberScope{slot};
  const auto thread = sketch.thread("worker", "start end*", worker);
  for (model::Value s = 0; s < 2; ++s)
    sketch.step(thread, "start", "start").updates = {
        {{flag, {model::literal({model::SortKind::index, slot.value}, s)}}, model::truth(s == 0)}};
  CHECK(invariants_of(sketch.model).empty());
}

} // namespace tdxcheck::tests::place_invariants_test
