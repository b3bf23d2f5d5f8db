// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a trace could leave out what instantiation has dropped, or name a step's place, choice or lock
// wrongly: the audit reads cells, the reader reads the rest.
#include "audit/replay.h"
#include "explore/check.h"
#include "lower/instantiate.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace engine_traces_test {

using namespace tdxcheck;
using model::Expr;
using model::truth;

TEST_CASE("a step of a trace says all that its step says, and cells that were dropped are there") {
  tests::Sketch s;
  const auto set = s.set("vcpus", 2);
  const Expr second = model::literal({model::SortKind::index, set.value}, 1);
  const auto x = s.boolean("x");
  s.number("never_used", 3, 5, 4);
  model::Lock lock;
  lock.name = "TDVPR";
  lock.over = {set};
  const auto tdvpr = s.model.locks.add(lock);
  s.model.guards.add({"kick", "", {}});
  const auto retries =
      s.model.parameters.add({"retries", model::IntegerParameter{0, 3, true}, model::unlimited, "", {}});
  static_cast<void>(retries);
  const auto t = s.thread("vcpu", "idle inside*", set);
  s.local(t, "unused", 0, 1);
  s.model.threads[t].cpu = tests::self(set);
  s.model.threads[t].labels[{0}].domain = model::Domain::guest;
  auto& step = s.step(t, "idle", "inside");
  const model::BoundName choice{0, "other"};
  step.choices = {{choice, set}};
  step.guard = model::conjunction(model::binary(model::BinaryOp::equal, tests::bound(choice, set), second),
                                  model::binary(model::BinaryOp::equal, tests::self(set), second));
  step.updates = {tests::set(x, truth(true))};
  step.text = "adds a page";
  step.function = "tdx_sept_set_private_spte";
  step.call = "TDH.MEM.PAGE.AUG";
  step.status = "OPERAND_BUSY";
  step.source = {"protocols/sept.cpp", 42};
  step.facts = {model::LockEvent{model::LockAction::busy, tdvpr, {tests::self(set)}, model::LockMode::shared},
                model::Assertion{"sane",
                                 model::binary(model::BinaryOp::not_equal, tests::bound(choice, set), second),
                                 "it is sane"}};
  s.claim("sane", model::Asserted{});
  const model::Valuation valuation = model::defaults(s.model);
  const auto result = explore::check(s.model, valuation, lower::instantiate(s.model, valuation), {});
  REQUIRE(result.properties.front().trace.has_value());
  const result::Trace& trace = *result.properties.front().trace;
  REQUIRE(trace.steps.size() == 1);
  const result::TraceStep& taken = trace.steps.front();
  CHECK(taken.thread == "vcpu[1]");
  CHECK(taken.cpu == 1);
  CHECK(taken.domain == "guest");
  CHECK(taken.from == "idle");
  CHECK(taken.to == "inside");
  CHECK(taken.text == "adds a page");
  CHECK(taken.function == "tdx_sept_set_private_spte");
  CHECK(taken.call == "TDH.MEM.PAGE.AUG");
  CHECK(taken.status == "OPERAND_BUSY");
  CHECK(taken.source == "protocols/sept.cpp:42");
  CHECK(taken.choices == result::Names{{"other", "1"}});
  CHECK(taken.locks == std::vector<result::TraceLock>{{"TDVPR[1]", "busy", "shared"}});
  CHECK(taken.changed == result::Names{{"x", "true"}});
  CHECK(taken.failed == std::vector<std::string>{"it is sane"});
  CHECK(trace.property == "sane");
  CHECK(trace.parameters == result::Names{{"retries", "unlimited"}});
  CHECK(trace.without.empty());
  CHECK(trace.initial == result::Names{{"x", "false"},
                                       {"never_used", "4"},
                                       {"vcpu[0].unused", "0"},
                                       {"vcpu[1].unused", "0"},
                                       {"at vcpu[0]", "idle"},
                                       {"at vcpu[1]", "idle"}});
  CHECK(trace.final.at("at vcpu[1]") == "inside");
  CHECK(audit::replay(s.model, valuation, trace).why == "it is sane");
}

TEST_CASE("the same model gives the same answer, traces included") {
  const model::Model written = tests::every_feature();
  const model::Valuation valuation = model::defaults(written);
  const auto once = explore::check(written, valuation, lower::instantiate(written, valuation), {});
  const auto twice = explore::check(written, valuation, lower::instantiate(written, valuation), {});
  CHECK(once.states == twice.states);
  REQUIRE(once.properties.size() == twice.properties.size());
  for (std::size_t p = 0; p < once.properties.size(); ++p) {
    CHECK(once.properties[p].detail == twice.properties[p].detail);
    CHECK(once.properties[p].trace == twice.properties[p].trace);
  }
}

} // namespace engine_traces_test
