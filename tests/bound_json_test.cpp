// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this the JSON of `bound` and `conflicts` would drift from the schemas that scripts were written
// against.
#include "report/write_bound.h"
#include "report/write_conflicts.h"
#include "run/run_bound.h"
#include "run/run_conflicts.h"
#include "support/error.h"
#include "tests/fair_models.h"
#include "tests/sample_models.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>

namespace bound_json_test {

using namespace tdxcheck;

run::Target target_of(const model::Model& model) {
  return {model.name, model, model::defaults(model), model::defaults(model), {}, {}};
}

nlohmann::json plain(const nlohmann::ordered_json& json) { return nlohmann::json::parse(json.dump()); }

TEST_CASE("what `bound` writes conforms to its schema, whatever the answer") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const model::Model model = tests::fair_model(seed);
    run::BoundRequest request;
    request.loop = "f_one"; // the kernel function that the loop stands in
    request.cost = seed % 2 == 0 ? "retries" : "seamcalls";
    request.per = seed % 4 < 2 ? "loop" : "operation";
    const auto bound = run::run_bound(target_of(model), request, {});
    CAPTURE(seed);
    CHECK(tests::complaints_of_schema("bound", plain(report::bound_to_json(bound))) == "");
  }
}

TEST_CASE("what `conflicts` writes conforms to its schema") {
  const model::Model model = tests::every_feature();
  const auto found = run::run_conflicts(target_of(model), {}, {});
  CHECK(!found.conflicts.empty());
  CHECK(tests::complaints_of_schema("conflicts", plain(report::conflicts_to_json(found))) == "");
}

TEST_CASE("an unknown loop, cost or unit is refused with what is near") {
  const model::Model model = tests::fair_model(1);
  const auto asked = [&](const std::string& loop, const std::string& cost, const std::string& per) {
    return run::run_bound(target_of(model), {{}, loop, cost, per}, {});
  };
  CHECK_THROWS_WITH_AS((void)asked("lop_of_one", "retries", "loop"),
                       "no loop `lop_of_one`; did you mean `loop_of_one`?", support::InputError);
  CHECK_THROWS_WITH_AS((void)asked("loop_of_one", "ipi", "loop"), "no cost `ipi`; did you mean `ipis`?",
                       support::InputError);
  CHECK_THROWS_AS((void)asked("loop_of_one", "ipis", "lop"), support::InputError);
}

} // namespace bound_json_test
