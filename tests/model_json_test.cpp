// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, a model written to a file and read again is another one: a field that is forgotten on one
// side, a sort that is guessed wrongly, a chain that is folded the other way round.
#include "model/limits.h"
#include "model/model_json.h"
#include "model/validate.h"
#include "support/json_reader.h"
#include "tests/sample_models.h"
#include "tests/schema_check.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace model_json_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using namespace tdxcheck::tests;

nlohmann::json through_text(const Model& model) {
  return support::parse_json(to_json(model).dump(2), "model.json");
}

Model with_claim(const Expr& condition) {
  Model model = every_feature();
  model.properties[0].claim = Always{condition};
  return model;
}

nlohmann::json written(const Expr& condition) {
  return through_text(with_claim(condition)).at("/properties/0/condition"_json_pointer);
}

Expr flag(Value value) { return truth(value != 0); }

TEST_CASE("a model is the same after it was written and read") {
  for (const Model& model : {two_threads_one_lock(), every_feature(), Model{}}) {
    const Model again = model_from_json(through_text(model));
    CHECK(again == model);
    CHECK(to_json(again).dump() == to_json(model).dump());
  }
}

TEST_CASE("what is written conforms to the schema in the tree") {
  for (const Model& model : {two_threads_one_lock(), every_feature(), Model{}})
    CHECK(complaints_of_schema("model", through_text(model)) == "");
}

TEST_CASE("references are written by name, and usual values not at all") {
  const nlohmann::json json = through_text(two_threads_one_lock());
  CHECK(json["schema"] == "tdxcheck/model/1");
  const nlohmann::json take = nlohmann::json::parse(R"({
    "from": "idle", "to": "critical", "text": "takes the mutex", "function": "work", "guard": true,
    "named": [{"guard": "exclusion", "condition": ["not", {"variable": "taken"}]}],
    "updates": [{"variable": "taken", "value": true}],
    "facts": [{"acquire": "mutex", "mode": "exclusive"}, {"wait_for_lock": "mutex", "mode": "exclusive"}],
    "fairness": "strong", "source": "protocols/two_threads_one_lock.cpp:22"})");
  CHECK(json.at("/threads/0/steps/0"_json_pointer) == take);
  CHECK(json.at("/properties/0/condition"_json_pointer) ==
        nlohmann::json::parse(R"(["<=", {"count": "w#0", "in": "worker",
                                         "holds": {"region": "inside", "member": [{"bound": "w#0"}]}}, 1])"));
}

TEST_CASE("chains are one list, and fold back the way they were") {
  using enum BinaryOp;
  const Expr a = flag(1), b = flag(0), c = flag(1);
  const Expr to_the_left = binary(logical_and, binary(logical_and, a, b), c);
  const Expr to_the_right = binary(logical_and, a, binary(logical_and, b, c));
  CHECK(written(to_the_left) == nlohmann::json::parse(R"(["and", true, false, true])"));
  CHECK(written(to_the_right) == nlohmann::json::parse(R"(["and", true, ["and", false, true]])"));
  for (const Expr& e : {to_the_left, to_the_right, binary(logical_and, to_the_left, to_the_right),
                        binary(implies, binary(implies, a, b), c), binary(implies, a, binary(implies, b, c))})
    CHECK(model_from_json(through_text(with_claim(e))) == with_claim(e));
}

TEST_CASE("literals of every sort, at their extremes, come back") {
  const Value all = (Value{1} << 62) - 1;
  const std::pair<Sort, Value> literals[] = {
      {{SortKind::boolean, 0}, 0},
      {{SortKind::integer, 0}, std::numeric_limits<Value>::min()},
      {{SortKind::integer, 0}, std::numeric_limits<Value>::max()},
      {{SortKind::bits, 0}, all},
      {{SortKind::enumeration, 0}, 2},
      {{SortKind::index, 1}, 62},
      {{SortKind::optional_index, 0}, no_member},
      {{SortKind::optional_index, 1}, 0},
      {{SortKind::subset, 1}, all},
      {{SortKind::subset, 0}, 0},
  };
  for (const auto& [sort, value] : literals) {
    const Model model = with_claim(binary(BinaryOp::equal, literal(sort, value), literal(sort, value)));
    CHECK(model_from_json(through_text(model)) == model);
    CHECK(complaints_of_schema("model", through_text(model)) == "");
  }
}

TEST_CASE("a choice between an index and none is an optional index") {
  const Expr here = read(every_feature(), {5}), nowhere = literal({SortKind::optional_index, 0}, no_member);
  for (const Expr& e : {conditional(flag(1), here, nowhere), conditional(flag(1), nowhere, here)}) {
    const Model model = with_claim(binary(BinaryOp::equal, e, nowhere));
    CHECK(describe(validate(model)) == "");
    CHECK(model_from_json(through_text(model)) == model);
  }
}

TEST_CASE("the deepest expressions that validate accepts are written and read") {
  Expr deep = flag(1), chain = flag(1);
  for (std::size_t i = 1; i < most_expression_levels; ++i)
    deep = exists({100 + static_cast<unsigned>(i), "v"}, {0}, deep);
  for (std::size_t i = 1; i < deepest_expression; ++i) chain = binary(BinaryOp::logical_and, chain, flag(1));
  for (const Expr& e : {deep, chain}) {
    Model model = with_claim(e);
    model.threads[{1}].steps[0].facts.push_back(
        Assertion{"no_kvm_bug", e, ""}); // as far down as there is any
    CHECK(describe(validate(model)) == "");
    CHECK(model_from_json(through_text(model)) == model);
  }
}

TEST_CASE("odd names survive") {
  Model model = every_feature();
  model.variables[{0}].name = "a/b~c#7\"\\ü";
  model.variables[{0}].source = {"C:/x:y.cpp", 4294967295u};
  model.variables[{1}].source = {"", 7};
  model.parameters[{0}].doc = "two\nlines\ttab";
  std::get<WaitForThreads>(model.threads[{0}].steps[0].facts[2]).bound.name = "t#9";
  CHECK(model_from_json(through_text(model)) == model);
}

TEST_CASE("loops of the same name are told apart by their threads") {
  Model model = every_feature();
  const auto other = model.loops.add({"block", {0}, {}, {}});
  model.threads[{0}].steps[0].facts.push_back(LoopEvent{LoopAction::enter, other});
  model.properties[11].claim = Retries{other, integer(3)};
  CHECK(model_from_json(through_text(model)) == model);
}

} // namespace model_json_test
