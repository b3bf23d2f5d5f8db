// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: a trace is called valid although it tells of something that the model does not do.
#include "audit/replay.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"
#include "tests/trace_from_run.h"

#include <doctest/doctest.h>

namespace replay_edits_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

// Two vCPUs put numbers of pages into a shared count; it must not be 2.
struct Pages {
  Sketch s;
  result::Trace trace;

  Pages() {
    const auto vcpus = s.set("vcpus", 2);
    const auto limit = s.model.parameters.add({"limit", IntegerParameter{0, 9, false}, 3, "", {}});
    s.model.guards.add({"exclusion", "", {}});
    const auto count = s.number("count", 0, 9);
    const auto last = s.model.variables.add({"last",
                                             {OptionalIndexType{vcpus}, {}},
                                             literal({SortKind::optional_index, vcpus.value}, no_member),
                                             GlobalScope{},
                                             "",
                                             {}});
    const auto t = s.thread("vcpu", "idle fault done*", vcpus);
    const BoundName page{0, "page"};
    Step& add = s.step(t, "idle", "fault");
    add.choices = {{page, vcpus}};
    add.guard = binary(BinaryOp::less, s.read(count), tests::parameter(s.model, limit));
    add.updates = {tests::set(count, binary(BinaryOp::add, s.read(count), integer(1))),
                   tests::set(last, tests::bound(page, vcpus))};
    s.step(t, "fault", "done");
    s.step(t, "fault", "idle").text = "again";
    s.claim("not_two", Always{binary(BinaryOp::not_equal, s.read(count), integer(2))});
    s.claim("not_one", Always{binary(BinaryOp::not_equal, s.read(count), integer(1))});
    const auto interpreter = s.interpreter();
    trace = tests::trace_from_run(
        interpreter, "not_two",
        tests::run_along(interpreter, "vcpu[1] idle fault, vcpu[1] fault done, vcpu[0] idle fault"));
  }

  audit::ReplayResult replayed() const { return audit::replay(s.model, defaults(s.model), trace); }

  void refused(std::size_t step, const std::string& why) const {
    const auto result = replayed();
    CHECK_FALSE(result.valid);
    CHECK(result.step == step);
    CHECK_MESSAGE(result.why.find(why) != std::string::npos, result.why);
  }
};

TEST_CASE("a trace that tells what happened is valid") {
  const Pages pages;
  const auto result = pages.replayed();
  CHECK_MESSAGE(result.valid, result.why);
  CHECK(result.why == "the condition is false in the last state");
  CHECK(result.caveat.empty());
}

TEST_CASE("texts, calls and CPUs are not what a trace is judged by") {
  Pages pages;
  pages.trace.steps[1].text = "something else";
  pages.trace.steps[1].cpu = 7;
  pages.trace.target = "elsewhere";
  CHECK(pages.replayed().valid);
}

TEST_CASE("a changed value must be the one that the step writes") {
  Pages pages;
  pages.trace.steps[2].changed["count"] = "3";
  pages.refused(2, "step 3 (vcpu[0] idle -> fault): `count` changes to 2, the trace says 3");
}

TEST_CASE("a change may be neither left out nor made up") {
  Pages pages;
  SUBCASE("left out") {
    pages.trace.steps[0].changed.erase("count");
    pages.refused(0, "`count` changes to 1, the trace says that it stays");
  }
  SUBCASE("made up") {
    pages.trace.steps[1].changed["count"] = "2";
    pages.refused(1, "`count` stays 1, the trace says 2");
  }
  SUBCASE("said although nothing changes") {
    pages.trace.steps[1].changed["count"] = "1";
    pages.refused(1, "`count` stays 1, the trace says 1");
  }
  SUBCASE("of a cell that there is not") {
    pages.trace.steps[1].changed["cuont"] = "2";
    pages.refused(1, "did you mean `count`?");
  }
}

TEST_CASE("no step may be missing, added or out of order") {
  Pages pages;
  auto& steps = pages.trace.steps;
  SUBCASE("missing first") {
    steps.erase(steps.begin());
    pages.refused(0, "vcpu[1] is at `idle`, the trace says `fault`");
  }
  SUBCASE("missing last") {
    steps.pop_back();
    pages.refused(2, "the final state: `at vcpu[0]` ends as idle, the trace says fault");
  }
  SUBCASE("twice") {
    steps.insert(steps.begin(), steps.front());
    pages.refused(1, "vcpu[1] is at `fault`, the trace says `idle`");
  }
  SUBCASE("swapped") {
    std::swap(steps[0], steps[2]);
    pages.refused(0, "`count` changes to 1, the trace says 2");
  }
}

TEST_CASE("thread, labels and choices must be those of a step that is enabled there") {
  Pages pages;
  SUBCASE("another thread") {
    pages.trace.steps[1].thread = "vcpu[0]";
    pages.refused(1, "vcpu[0] is at `idle`, the trace says `fault`");
  }
  SUBCASE("no such thread") {
    pages.trace.steps[1].thread = "vcpu[2]";
    pages.refused(1, "no thread `vcpu[2]`; did you mean");
  }
  SUBCASE("another way") {
    pages.trace.steps[1].to = "elsewhere";
    pages.refused(1, "vcpu[1] cannot go there; from there vcpu[1] can go to `done`, to `idle`");
  }
  SUBCASE("a way that exists, with another end") {
    pages.trace.steps[1].to = "idle";
    pages.refused(3, "the final state: `at vcpu[1]` ends as idle, the trace says done");
  }
  SUBCASE("another choice") {
    pages.trace.steps[0].choices["page"] = "1";
    pages.refused(0, "`last` changes to 1, the trace says 0");
  }
  SUBCASE("no such choice") {
    pages.trace.steps[0].choices["page"] = "2";
    pages.refused(0, "from there vcpu[1] can go to `fault` with page = 0, to `fault` with page = 1");
  }
  SUBCASE("no choice") {
    pages.trace.steps[0].choices.clear();
    pages.refused(0, "the choices are others than in any step that is enabled");
  }
  SUBCASE("a choice too many") {
    pages.trace.steps[1].choices["page"] = "0";
    pages.refused(1, "the choices are others");
  }
  SUBCASE("a step that is not enabled") {
    pages.s.model.parameters[{0}].default_value = 1;
    pages.trace.parameters.clear();
    pages.refused(2, "vcpu[0] can take no step there");
  }
}

TEST_CASE("the initial state must be one of the model's, and all of it be told") {
  Pages pages;
  SUBCASE("another value") {
    pages.trace.initial["count"] = "1";
    pages.refused(0, "the initial state: `count` starts as 0, the trace says 1");
  }
  SUBCASE("another label") {
    pages.trace.initial["at vcpu[0]"] = "fault";
    pages.refused(0, "`at vcpu[0]` starts as idle, the trace says fault");
  }
  SUBCASE("not all of it") {
    pages.trace.initial.erase("last");
    pages.refused(0, "the trace does not say what `last` is");
  }
  SUBCASE("more than there is") {
    pages.trace.initial["counts"] = "0";
    pages.refused(0, "no cell `counts`; did you mean `count`?");
  }
}

TEST_CASE("where several initial states exist, any of them will do, and no other") {
  Pages pages;
  const auto x = pages.s.boolean("x");
  pages.s.model.variables[x].initial.reset();
  for (const std::string value : {"true", "false"}) {
    pages.trace.initial["x"] = pages.trace.final["x"] = value;
    CHECK(pages.replayed().valid);
  }
  pages.trace.initial["x"] = pages.trace.final["x"] = "maybe";
  pages.refused(0, "it starts in none of the 2 initial states");
}

TEST_CASE("the final state must be the one that the steps lead to") {
  Pages pages;
  SUBCASE("another value") {
    pages.trace.final["count"] = "3";
    pages.refused(3, "the final state: `count` ends as 2, the trace says 3");
  }
  SUBCASE("not told") {
    pages.trace.final.erase("at vcpu[0]");
    pages.refused(3, "the trace does not say what `at vcpu[0]` is");
  }
}

TEST_CASE("the property must exist, be claimed, and be violated at the end") {
  Pages pages;
  SUBCASE("does not exist") {
    pages.trace.property = "not_tow";
    pages.refused(3, "no property `not_tow`; did you mean `not_two`?");
  }
  SUBCASE("none named") {
    pages.trace.property.clear();
    pages.refused(3, "no property");
  }
  SUBCASE("violated on the way only") {
    pages.trace.property = "not_one";
    pages.refused(3, "`not_one` is not violated: the condition is true in the last state");
  }
  SUBCASE("not claimed") {
    pages.s.model.properties[0].claimed_when = truth(false);
    pages.refused(3, "`not_two` is not claimed for these parameters");
  }
}

TEST_CASE("parameters and dropped guards must be those of the replay") {
  Pages pages;
  SUBCASE("another value") {
    pages.trace.parameters["limit"] = "4";
    pages.refused(0, "the parameter `limit` is 3, the trace says 4");
  }
  SUBCASE("no such parameter") {
    pages.trace.parameters["limits"] = "3";
    pages.refused(0, "did you mean `limit`?");
  }
  SUBCASE("a guard that is kept") {
    pages.trace.without = {"exclusion"};
    pages.refused(0, "the guard `exclusion` is kept, the trace says dropped");
  }
  SUBCASE("no such guard") {
    pages.trace.without = {"exclusive"};
    pages.refused(0, "did you mean `exclusion`?");
  }
}

TEST_CASE("a path returns nowhere, and safety is violated by a path") {
  Pages pages;
  pages.trace.loop = 0;
  pages.refused(3, "a path returns nowhere");
  pages.trace.shape = result::TraceShape::lasso;
  pages.refused(3, "the lasso does not return to the state before step 1");
}

TEST_CASE("a run without a claim can be replayed as such") {
  Pages pages;
  pages.trace.property.clear();
  const auto good = audit::replay_run(pages.s.model, defaults(pages.s.model), pages.trace);
  CHECK_MESSAGE(good.valid, good.why);
  pages.trace.steps[1].to = "idle";
  CHECK_FALSE(audit::replay_run(pages.s.model, defaults(pages.s.model), pages.trace).valid);
}

TEST_CASE("a model error is confirmed as the last step, and is no step in any other trace") {
  Sketch s;
  const auto x = s.number("x", 0, 1);
  const auto t = s.thread("t", "a");
  s.step(t, "a", "a").updates = {tests::set(x, binary(BinaryOp::add, s.read(x), integer(1)))};
  s.claim("never", Always{truth(false)});
  const auto interpreter = s.interpreter();
  const auto run = *semantics::explore_plainly(interpreter, 10).error;
  const auto trace = tests::trace_from_run(interpreter, "never", run.run);
  const auto confirmed = audit::replay_model_error(s.model, defaults(s.model), trace);
  CHECK(confirmed.valid);
  CHECK(confirmed.why == "`x` leaves its range 0..1: 2");
  const auto refused = audit::replay(s.model, defaults(s.model), trace);
  CHECK_FALSE(refused.valid);
  CHECK(refused.step == 1);
  CHECK(refused.why.find("the model is ill-formed there: `x` leaves its range 0..1: 2") != std::string::npos);
  auto shorter = trace;
  shorter.steps.pop_back();
  CHECK_FALSE(audit::replay_model_error(s.model, defaults(s.model), shorter).valid);
}

TEST_CASE("of two steps that look alike, the trace may mean the one that fails") {
  Sketch s;
  s.claim("fine", Asserted{});
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").text = "does well";
  Step& other = s.step(t, "a", "b");
  other.text = "fails";
  other.facts = {Assertion{"fine", truth(false), "it is fine"}};
  const auto interpreter = s.interpreter();
  auto trace = tests::trace_from_run(interpreter, "fine", tests::run_along(interpreter, "t a b"));
  const auto result = audit::replay(s.model, defaults(s.model), trace);
  CHECK(result.valid);
  CHECK(result.why == "it is fine");
}

} // namespace replay_edits_test
