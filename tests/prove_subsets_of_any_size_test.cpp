// SPDX-License-Identifier: GPL-2.0-or-later
//
// Proofs for every size of a set of which variables hold subsets. Caught here: a subset that is emptied or
// copied for those members only that have a name, one that counts as full when only they are in it, one that
// is looked up by a name which is not bound there.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "model/model_json.h"
#include "run/problem_of.h"
#include "run/run_certificate.h"
#include "run/run_prove.h"
#include "tests/any_size.h"
#include "tests/asked_for_any_size.h"
#include "tests/subsets_of_any_size.h"

namespace tdxcheck::tests::prove_subsets_of_any_size_test {

using result::Verdict;

struct Asked : AskedForAnySize {
  explicit Asked(const model::Model& model) : AskedForAnySize(model, 20) {}
};

// Proved, and confirmed by the second encoding, without which it would not be reported.
void check_proved(const Asked& asked, const std::string& property) {
  CAPTURE(property);
  const auto result = asked.proved(property);
  const auto& one = result.properties.front();
  std::string obstacle;
  for (const std::string& words : one.obstacle) obstacle += words + "; ";
  INFO(obstacle);
  INFO(one.detail);
  CHECK(result.verdict == Verdict::holds);
  CHECK(!one.for_the_instance);
  REQUIRE(one.proof);
  CHECK(one.proof->open.size() == 1);
}

TEST_CASE("a loop over each member of a set of any size has visited all of them behind it") {
  check_proved(Asked(visit_all()), "all_visited");
}

TEST_CASE("a subset of a set of any size has as many members as were put into it") {
  check_proved(Asked(count_visited()), "counted");
}

// How many are in one of several subsets is not derived from how many are in each.
TEST_CASE(
    "who is in one of several subsets may be asked of a set of any size, and is told for the instance") {
  const auto result = Asked(put_into_boxes()).proved("counted");
  CHECK(result.verdict != Verdict::violated);
  CHECK(result.properties.front().for_the_instance);
}

TEST_CASE("a loop that ends early is not proved to visit all, though it does for small sizes") {
  CHECK(prove_for_any_size(visit_all(7), "all_visited", 5).verdict != Verdict::holds);
}

TEST_CASE("a loop that ends early is refuted where a small size shows it") {
  const auto result = Asked(visit_all(2)).proved("all_visited");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.properties.front().trace.has_value());
}

TEST_CASE("a subset of a set of any size is taken over at once") {
  const Asked asked(serve_in_batches());
  for (const char* claim : {"asked_wait", "once", "nobody_is_forgotten"}) check_proved(asked, claim);
}

TEST_CASE("of a subset that is overwritten, somebody is forgotten") {
  CHECK(Asked(serve_in_batches(true)).proved("nobody_is_forgotten").verdict == Verdict::violated);
  CHECK(prove_for_any_size(serve_in_batches(true), "nobody_is_forgotten", 5).verdict != Verdict::holds);
}

} // namespace tdxcheck::tests::prove_subsets_of_any_size_test
