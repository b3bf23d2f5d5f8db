// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a certificate could be taken for a proof of what it does not prove: of another claim, of
// another model, by an invariant that was weakened, by an obligation that somebody edited.

#include "model/model_json.h"
#include "run/problem_of.h"
#include "run/run_certificate.h"
#include "schema_check.h"
#include "support/error.h"
#include "tests/dice.h"
#include "tests/sample_models.h"
#include "tests/scratch_folder.h"
#include "tests/sketch.h"
#include "tests/z3_program.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace certificates_test {

using namespace tdxcheck;
using model::BinaryOp;
using model::Expr;

// Workers that take one mutex, and count how often they find it taken, up to `patience`.
model::Model patient_workers() {
  model::Model model = tests::two_threads_one_lock();
  const model::Id<model::IndexSet> worker{0};
  const model::Id<model::Thread> thread{0};
  const auto patience =
      model.parameters.add({"patience", model::IntegerParameter{0, 3, false}, 1, "tries", {}});
  const auto waits =
      model.variables.add({"worker.waits",
                           {model::IntegerType{model::integer(0), tests::parameter(model, patience)}, {}},
                           model::integer(0),
                           model::LocalScope{thread},
                           "",
                           {}});
  const Expr mine = tests::read(model, waits, {tests::self(worker)});
  model::Step wait;
  wait.text = "finds it taken";
  wait.source = {"protocols/two_threads_one_lock.cpp", 40};
  wait.guard = model::conjunction(tests::read(model, {0}),
                                  model::binary(BinaryOp::less, mine, tests::parameter(model, patience)));
  wait.updates = {{model::VariableRef{waits, {tests::self(worker)}},
                   model::binary(BinaryOp::add, mine, model::integer(1))}};
  model.threads[thread].steps.push_back(wait);
  const model::BoundName w{0, "w"};
  const Expr waited = tests::read(model, waits, {tests::bound(w, worker)});
  const Expr few = tests::for_all(w, worker, model::binary(BinaryOp::less_equal, waited, model::integer(3)));
  model.properties.push_back({"waits_little", model::Always{few}, {}, "", {}});
  return model;
}

struct Case {
  tests::ScratchFolder folder;
  run::Target target;
  result::Proof proof;

  Case(const model::Model& model, const std::string& property, const std::vector<std::string>& any,
       const std::vector<std::string>& without = {}) {
    std::ofstream(folder / "model.json") << model::to_json(model);
    target = run::resolve({(folder / "model.json").string(), {}, without});
    const prove::Problem problem = run::problem_of(target, any);
    proof.model = problem.model;
    proof.valuation = problem.valuation;
    proof.any = problem.any;
    proof.property = property;
  }
  [[nodiscard]] std::string text() const { return run::certificate_of(target, proof); }
  [[nodiscard]] run::CertificateResult checked() const {
    return run::check_certificate(text(), "c.smt2", 20);
  }
};

// The mutex is taken exactly while somebody is inside, who is alone.
std::vector<Expr> invariant_of(const model::Model& model) {
  const model::Id<model::IndexSet> worker{0};
  const model::BoundName w{0, "w"};
  const Expr inside = tests::in_region({0}, {tests::bound(w, worker)});
  return {model::binary(BinaryOp::equal, tests::read(model, {0}), tests::exists(w, worker, inside)),
          model::binary(BinaryOp::less_equal, tests::count(w, worker, inside), model::integer(1))};
}

TEST_CASE("a right proof is valid, for us and for Z3's command line") {
  Case one(patient_workers(), "mutual_exclusion", {"patience"});
  one.proof.invariant = invariant_of(one.proof.model);
  one.proof.method = "hand";
  const auto result = one.checked();
  CHECK(result.why == "");
  CHECK(result.certified == run::Certified::yes);
  CHECK(result.extent == "every patience");
  CHECK(result.obligations == 3);
  const auto answers = tests::answers_of_z3(one.text());
  CHECK(std::ranges::count(answers, "unsat") == 3);
  CHECK(answers.size() == 6); // with the three questions
}

TEST_CASE("the head of a certificate conforms to its schema") {
  Case one(patient_workers(), "lock_discipline", {"patience"});
  CHECK(one.checked().certified == run::Certified::yes); // what is held is a function of the label
  std::istringstream lines(one.text());
  std::string json;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(";! ")) json += line.substr(3);
  CHECK(tests::complaints_of_schema("certificate", nlohmann::json::parse(json)) == "");
}

TEST_CASE("an invariant that is too weak, or not one, is refuted") {
  Case one(patient_workers(), "mutual_exclusion", {"patience"});
  CHECK(one.checked().why == "the solver refutes \"claim: the invariant implies it\"");
  one.proof.invariant = {invariant_of(one.proof.model)[1]};
  CHECK(one.checked().why == "the solver refutes \"induction: a step keeps the invariant\"");
  one.proof.invariant = {model::truth(false)};
  CHECK(one.checked().why == "the solver refutes \"base: the invariant holds initially\"");
}

TEST_CASE("what holds for the declared values alone is not proved for every value") {
  Case one(patient_workers(), "waits_little", {"patience"});
  CHECK(one.checked().certified == run::Certified::no);
  Case instance(patient_workers(), "waits_little", {});
  CHECK(instance.checked().certified == run::Certified::yes);
  CHECK(instance.checked().extent == "");
}

TEST_CASE("a proof with the guard is none without it") {
  Case one(patient_workers(), "mutual_exclusion", {}, {"exclusion"});
  one.proof.invariant = invariant_of(one.proof.model);
  CHECK(one.checked().certified == run::Certified::no);
}

TEST_CASE("induction over two steps proves what one step does not") {
  tests::Sketch sketch;
  const auto x = sketch.number("x", 0, 3);
  const auto thread = sketch.thread("t", "a");
  const auto step = [&](model::Value from, model::Value to) {
    auto& one = sketch.step(thread, "a", "a");
    one.guard = model::binary(BinaryOp::equal, sketch.read(x), model::integer(from));
    one.updates = {tests::set(x, model::integer(to))};
  };
  step(0, 1), step(1, 0), step(2, 3);
  const Expr claim = model::negation(model::binary(BinaryOp::equal, sketch.read(x), model::integer(3)));
  sketch.claim("never_three", model::Always{claim});
  sketch.model.name = "sketch";
  Case one(sketch.model, "never_three", {});
  one.proof.invariant = {claim};
  CHECK(one.checked().certified == run::Certified::no);
  one.proof.k = 2;
  CHECK(one.checked().certified == run::Certified::yes);
  one.proof.simple_path = true;
  CHECK(one.checked().certified == run::Certified::yes);
}

TEST_CASE("no edit of what counts goes through") {
  Case one(patient_workers(), "mutual_exclusion", {"patience"});
  one.proof.invariant = invariant_of(one.proof.model);
  const std::string text = one.text();
  std::vector<std::string> lines;
  std::istringstream read(text);
  for (std::string line; std::getline(read, line);) lines.push_back(line);
  const auto body = std::ranges::find(lines, "(set-logic ALL)") - lines.begin();
  tests::Dice dice(7);
  const auto is_accepted = [&](const std::vector<std::string>& edited) {
    std::string joined;
    for (const auto& line : edited) joined += line + "\n";
    try {
      return run::check_certificate(joined, "c.smt2", 20).certified == run::Certified::yes;
    } catch (const support::InputError&) {
      return false;
    }
  };
  CHECK(is_accepted(lines));
  for (int i = 0; i < 150; ++i) {
    auto edited = lines;
    const std::size_t at = dice.below(lines.size());
    const bool is_remark = static_cast<std::ptrdiff_t>(at) > body && lines[at].starts_with(";");
    if (is_remark || lines[at].empty()) continue;
    switch (dice.below(4)) {
    case 0: edited.erase(edited.begin() + static_cast<std::ptrdiff_t>(at)); break;
    case 1: edited[at] = ";" + edited[at]; break;
    case 2: edited.insert(edited.begin() + static_cast<std::ptrdiff_t>(at), "(assert false)"); break;
    default: edited[at][dice.below(edited[at].size())] = '~'; break;
    }
    CAPTURE(at);
    CAPTURE(lines[at]);
    CHECK(edited != lines);
    CHECK_FALSE(is_accepted(edited));
  }
  // The claim of another proof in front of this one's obligations.
  auto other = lines;
  for (auto& line : other)
    if (const auto found = line.find("mutual_exclusion"); found != std::string::npos)
      line.replace(found, 16, "lock_discipline");
  CHECK_FALSE(is_accepted(other));
}

TEST_CASE("what is no certificate, and what none can be written for, is refused") {
  CHECK_THROWS_AS((void)run::check_certificate("(check-sat)\n", "c.smt2", 20), support::InputError);
  CHECK_THROWS_AS((void)run::check_certificate(";! {\"schema\": \"tdxcheck/trace/1\"}\n", "c.smt2", 20),
                  support::InputError);
  Case deadlock(patient_workers(), "no_deadlock", {});
  CHECK_THROWS_AS((void)deadlock.text(), support::InputError);
  Case shown(patient_workers(), "somebody_enters", {});
  CHECK_THROWS_AS((void)shown.text(), support::InputError);
}

} // namespace certificates_test
