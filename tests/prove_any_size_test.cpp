// SPDX-License-Identifier: GPL-2.0-or-later
//
// Proofs for every size of a set. Caught here: members that have no name and change all the same, a size that
// counts for less than it is, an invariant that holds for so many members only, too few names.

#include <doctest/doctest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "emit/smt2_certificate.h"
#include "model/model_json.h"
#include "run/problem_of.h"
#include "run/run_certificate.h"
#include "run/run_prove.h"
#include "support/error.h"
#include "tests/any_size.h"
#include "tests/asked_for_any_size.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"
#include "tests/z3_program.h"

namespace tdxcheck::tests::prove_any_size_test {

using result::Verdict;

struct Asked : AskedForAnySize {
  explicit Asked(const model::Model& model) : AskedForAnySize(model, 30) {}
  [[nodiscard]] run::CertificateResult checked(const result::Proof& proof) const {
    return run::check_certificate(run::certificate_of(target, proof), "c.smt2", 20);
  }
};

TEST_CASE("one lock word is for one of any number of members, and a second encoding confirms it") {
  const Asked asked(one_lock_for_all(true));
  for (const char* claim : {"mutual_exclusion", "alone", "balanced"}) {
    CAPTURE(claim);
    const auto result = asked.proved(claim);
    std::string obstacle;
    for (const std::string& words : result.properties.front().obstacle) obstacle += words + "; ";
    INFO(obstacle);
    INFO(result.properties.front().detail);
    CHECK(result.verdict == Verdict::holds);
    REQUIRE(result.properties.front().proof);
    CHECK(!result.properties.front().for_the_instance);
    CHECK(result.properties.front().proof->open.size() == 1);
    const auto checked = asked.checked(*result.properties.front().proof);
    CHECK(checked.certified == run::Certified::yes);
    CHECK(checked.extent == "every members");
  }
}

TEST_CASE("Z3's command line confirms a proof for any size") {
  const Asked asked(one_lock_for_all(true));
  const auto result = asked.proved("balanced");
  const auto answers = answers_of_z3(result.properties.front().certificate);
  const std::size_t lemmas = result.properties.front().proof->invariant.size();
  CHECK(std::ranges::count(answers, "unsat") == static_cast<std::ptrdiff_t>(2 * lemmas) + 3);
}

TEST_CASE("a lock that is tested and then set is refuted at a small size, with a run") {
  const Asked asked(one_lock_for_all(false));
  for (const char* claim : {"mutual_exclusion", "alone"}) {
    const auto result = asked.proved(claim);
    CHECK(result.verdict == Verdict::violated);
    CHECK(result.properties.front().trace.has_value());
  }
  for (const char* claim : {"mutual_exclusion", "alone"})
    CHECK(prove_for_any_size(one_lock_for_all(false), claim, 5).verdict != Verdict::holds);
}

TEST_CASE("an invariant without some of its lemmas is no proof") {
  const Asked asked(one_lock_for_all(true));
  const auto result = asked.proved("alone");
  result::Proof proof = *result.properties.front().proof;
  REQUIRE(!proof.invariant.empty());
  proof.rests_on.reset();
  CHECK(asked.checked(proof).certified == run::Certified::yes);
  const auto whole = proof.invariant;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    proof.invariant = whole;
    proof.invariant.erase(proof.invariant.begin() + static_cast<std::ptrdiff_t>(i));
    refused += asked.checked(proof).certified == run::Certified::no ? 1 : 0;
  }
  CHECK(refused > 0); // not all need be needed
  proof.invariant.clear();
  CHECK(asked.checked(proof).certified == run::Certified::no);
}

TEST_CASE("a lemma that is said to rest on less than it does is no proof, nor is a list too few") {
  const Asked asked(one_lock_for_all(true));
  const result::Proof proof = *asked.proved("balanced").properties.front().proof;
  REQUIRE(proof.rests_on);
  result::Proof weaker = proof;
  weaker.rests_on->claim.clear();
  CHECK(asked.checked(weaker).certified == run::Certified::no);
  // One conjunct that does not hold is enough.
  weaker = proof;
  weaker.invariant.push_back(model::negation(weaker.invariant.front()));
  weaker.rests_on->conjuncts.push_back({});
  CHECK(asked.checked(weaker).certified == run::Certified::no);
  weaker = proof;
  weaker.rests_on->conjuncts.pop_back();
  CHECK_THROWS_AS((void)emit::certificate(weaker, "too few"), support::InputError);
}

// With two names, a step of one of three members, two of which witness that the claim is false, is not seen.
TEST_CASE("a proof with too few names is refused") {
  const Asked asked(one_lock_for_all(true));
  result::Proof proof = *asked.proved("alone").properties.front().proof;
  proof.model.sets[proof.open.front().set].size = model::integer(2);
  CHECK_THROWS_AS((void)emit::certificate(proof, "too few"), support::InputError);
}

// That no more than three are inside is true of the sizes that are looked at, and not of others.
TEST_CASE("what holds for small sizes alone is not proved") {
  model::Model model = one_lock_for_all(false);
  const model::Id<model::IndexSet> worker{0};
  const model::BoundName v{0, "v"};
  const model::Expr few = model::binary(
      model::BinaryOp::less_equal, count(v, worker, in_region({0}, {bound(v, worker)})), model::integer(3));
  model.properties.push_back({"few_inside", model::Always{few}, {}, "", {}});
  CHECK(prove_for_any_size(model, "few_inside", 5).verdict != Verdict::holds);
}

// Whoever looks at a member by a variable of his own looks at one that may have no name.
TEST_CASE("what is so of all members is so of the one that a thread looks at") {
  Sketch sketch;
  const auto worker = sketch.set("worker", 2);
  leave_size_free(sketch.model, worker);
  const auto flag = sketch.boolean("flag"), seen = sketch.boolean("seen");
  for (const auto each : {flag, seen}) sketch.model.variables[each].scope = model::MemberScope{worker};
  const auto thread = sketch.thread("worker", "start end*", worker);
  sketch.step(thread, "start", "end").updates = {{{seen, {self(worker)}}, model::truth(true)}};
  const auto sweeper = sketch.thread("sweeper", "look next bad*");
  const auto at = sketch.local(sweeper, "at", 0, 1);
  sketch.model.variables[at].type.scalar = model::IndexType{worker};
  sketch.model.variables[at].initial = model::literal({model::SortKind::index, worker.value}, 0);
  const model::Expr here = model::make({model::SortKind::index, worker.value}, model::VariableRef{at, {}});
  const model::Expr flagged = model::make({model::SortKind::boolean, 0}, model::VariableRef{flag, {here}});
  sketch.step(sweeper, "look", "bad").guard = flagged;
  sketch.step(sweeper, "look", "next").guard = model::negation(flagged);
  model::Step& next = sketch.step(sweeper, "next", "look");
  next.choices = {{{7, "w"}, worker}};
  next.updates = {set(at, bound({7, "w"}, worker))};
  const auto bad = sketch.model.regions.add({"bad", sweeper, {sketch.label(sweeper, "bad")}});
  sketch.claim("never_bad", model::Always{model::negation(in_region(bad, {}))});

  const Asked asked(sketch.model);
  const auto result = asked.proved("never_bad");
  INFO(result.properties.front().detail);
  CHECK(result.verdict == Verdict::holds);
  REQUIRE(result.properties.front().proof);
  CHECK(asked.checked(*result.properties.front().proof).certified == run::Certified::yes);
}

// Of many members, those at `a` have their flag set and those at `b` have not. Whoever takes the number of
// those who are here with their flag set for the same at each label does not see such a state.
TEST_CASE("how many satisfy something is not the same at each label") {
  Sketch sketch;
  const auto worker = sketch.set("worker", 2);
  leave_size_free(sketch.model, worker);
  const auto flag = sketch.boolean("flag");
  sketch.model.variables[flag].scope = model::MemberScope{worker};
  const auto thread = sketch.thread("worker", "start a* b*", worker);
  sketch.step(thread, "start", "a").updates = {{{flag, {self(worker)}}, model::truth(true)}};
  sketch.step(thread, "start", "b");
  const model::BoundName v{0, "v"};
  const auto at = [&](const char* label) {
    const auto region = sketch.model.regions.add({label, thread, {sketch.label(thread, label)}});
    return in_region(region, {bound(v, worker)});
  };
  const model::Expr at_a = at("a"), at_b = at("b"),
                    flagged = model::make({model::SortKind::boolean, 0},
                                          model::VariableRef{flag, {bound(v, worker)}});
  const auto how_many = [&](const model::Expr& e) { return count(v, worker, e); };
  const auto at_least = [](std::int64_t n, const model::Expr& e) {
    return model::binary(model::BinaryOp::less_equal, model::integer(n), e);
  };
  const auto all = [](std::vector<model::Expr> parts) {
    model::Expr e;
    for (const model::Expr& part : parts) e = model::conjunction(e, part);
    return e;
  };
  sketch.claim("never_apart",
               model::Always{model::negation(
                   all({at_least(10, how_many(model::conjunction(at_a, flagged))),
                        model::negation(at_least(16, how_many(at_a))), at_least(20, how_many(at_b)),
                        model::negation(at_least(1, how_many(model::conjunction(at_b, flagged))))}))});
  CHECK(prove_for_any_size(sketch.model, "never_apart", 5).verdict != Verdict::holds);
}

} // namespace tdxcheck::tests::prove_any_size_test
