// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a worst case could be shown with a run that does not attain it: the run replays, and nobody
// counts. Every number is recounted by the interpreter, and every other number refused.

#include "audit/replay.h"
#include "run/run_bound.h"
#include "tests/fair_models.h"

#include <doctest/doctest.h>

namespace bound_witness_is_counted_test {

using namespace tdxcheck;

// The loops of that name; the bound is of one of them.
bool confirmed(const model::Model& model, const result::BoundResult& bound, std::int64_t value) {
  for (const auto loop : model.loops.ids()) {
    const audit::WorstCase said{{bound.thread, loop, loop}, bound.answer, value};
    if (audit::replay_worst_case(model, model::defaults(model), *bound.witness, said).valid) return true;
  }
  return false;
}

TEST_CASE("a worst case is confirmed by counting along its run, and another number is not") {
  int numbers = 0, endless = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const model::Model model = tests::fair_model(seed);
    const run::Target target{model.name, model, model::defaults(model), model::defaults(model), {}, {}};
    run::BoundRequest request;
    request.loop = "f_one";
    const auto bound = run::run_bound(target, request, {});
    if (!bound.witness) continue;
    CAPTURE(seed);
    CHECK(confirmed(model, bound, bound.value));
    if (bound.answer != result::BoundAnswer::number) {
      ++endless;
      continue;
    }
    ++numbers;
    CHECK(!confirmed(model, bound, bound.value + 1));
  }
  CHECK(numbers > 20);
  CHECK(endless > 5);
}

} // namespace bound_witness_is_counted_test
