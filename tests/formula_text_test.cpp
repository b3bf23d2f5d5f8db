// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a formula could say one thing to its reader and another to the audit.

#include <doctest/doctest.h>

#include "audit/evaluate_formula.h"
#include "result/formula.h"
#include "support/error.h"

namespace formula_text_test {

using namespace tdxcheck;
using audit::evaluate_formula;
using result::Relation;

TEST_CASE("a formula is printed as it is read") {
  const result::Formula formula = {
      {{"retries", Relation::at_most, {"1"}}, {"kick", Relation::equal, {"none"}}},
      {{"kick", Relation::one_of, {"none", "each"}}, {"retries", Relation::between, {"3", "7"}}},
      {{"keep_out", Relation::not_equal, {"flag"}}, {"vcpus", Relation::at_least, {"2"}}}};
  CHECK(text_of(formula) == "retries <= 1 and kick == none or kick in {none, each} and retries in 3..7 or "
                            "keep_out != flag and vcpus >= 2");
  CHECK(text_of(result::Formula{}) == "never");
  CHECK(text_of(result::Formula{{}}) == "always");
}

TEST_CASE("numbers compare as numbers, and unlimited is more than any of them") {
  CHECK(evaluate_formula("n <= 9", {{"n", "9"}}));
  CHECK(!evaluate_formula("n <= 9", {{"n", "10"}}));
  CHECK(evaluate_formula("n >= 9", {{"n", "unlimited"}}));
  CHECK(!evaluate_formula("n <= 9", {{"n", "unlimited"}}));
  CHECK(!evaluate_formula("n in 3..16", {{"n", "unlimited"}}));
  CHECK(evaluate_formula("n in 3..16", {{"n", "16"}}));
  CHECK(!evaluate_formula("n in 3..16", {{"n", "2"}}));
  CHECK(evaluate_formula("n != unlimited", {{"n", "3"}}));
}

TEST_CASE("and binds more tightly than or") {
  const std::string text = "a == 1 and b == 1 or c in {x, y}";
  CHECK(evaluate_formula(text, {{"a", "1"}, {"b", "1"}, {"c", "z"}}));
  CHECK(!evaluate_formula(text, {{"a", "1"}, {"b", "2"}, {"c", "z"}}));
  CHECK(evaluate_formula(text, {{"a", "2"}, {"b", "2"}, {"c", "y"}}));
  CHECK(evaluate_formula("always", {}));
  CHECK(!evaluate_formula("never", {}));
}

TEST_CASE("what is no formula is a bug of ours, even where it makes no difference") {
  CHECK_THROWS_AS((void)evaluate_formula("a == 1 or b ~ 2", {{"a", "1"}, {"b", "1"}}),
                  support::InternalError);
  CHECK_THROWS_AS((void)evaluate_formula("a == 1 or b == 2", {{"a", "1"}}), support::InternalError);
  CHECK_THROWS_AS((void)evaluate_formula("a", {{"a", "1"}}), support::InternalError);
  CHECK_THROWS_AS((void)evaluate_formula("a in 3", {{"a", "1"}}), support::InternalError);
  CHECK_THROWS_AS((void)evaluate_formula("a <= x", {{"a", "1"}}), support::InternalError);
}

} // namespace formula_text_test
