// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this `--fair none` could leave a step fair, and a livelock that only an unfair scheduler allows
// would not be shown; or a trace found under other fairness would no longer replay.
#include "lower/override_fairness.h"
#include "result/trace_json.h"
#include "support/error.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace override_fairness_test {

using namespace tdxcheck;
using namespace tdxcheck::model;

struct Three {
  tests::Sketch s;
  Three() {
    const auto t = s.thread("t", "a b");
    for (const auto fairness : {Fairness::none, Fairness::weak, Fairness::strong}) {
      Step& step = s.step(t, "a", "b");
      step.fairness = fairness;
      step.text = fairness == Fairness::strong ? "interrupt" : "other";
      step.function = "f";
      step.call = "TDH.VP.ENTER";
    }
  }
  [[nodiscard]] std::vector<Fairness> after(const std::string& how) const {
    Model model = s.model;
    lower::override_fairness(model, how);
    std::vector<Fairness> all;
    for (const Step& step : model.threads[{0}].steps) all.push_back(step.fairness);
    return all;
  }
};

constexpr auto none = Fairness::none, weak = Fairness::weak, strong = Fairness::strong;
using All = std::vector<Fairness>;

TEST_CASE("none takes fairness away, weak weakens, strong strengthens, and what is not fair stays so") {
  const Three m;
  CHECK(m.after("none") == All{none, none, none});
  CHECK(m.after("weak") == All{none, weak, weak});
  CHECK(m.after("strong") == All{none, strong, strong});
}

TEST_CASE("after a colon it is said of steps with that text, kernel function or SEAMCALL only") {
  const Three m;
  CHECK(m.after("none:interrupt") == All{none, weak, none});
  CHECK(m.after("none:f") == All{none, none, none});
  CHECK(m.after("strong:TDH.VP.ENTER") == All{none, strong, strong});
}

TEST_CASE("an unknown word or step is refused with what is near") {
  const Three m;
  CHECK_THROWS_WITH_AS((void)m.after("weka"), "no fairness `weka`; did you mean `weak`?",
                       support::InputError);
  CHECK_THROWS_WITH_AS((void)m.after("weak:interupt"), "no step `interupt`; did you mean `interrupt`?",
                       support::InputError);
  CHECK_THROWS_AS((void)m.after("weak:"), support::InputError);
}

TEST_CASE("a trace tells how fairness was overridden when it was found") {
  result::Trace trace;
  trace.fair = {"none:interrupt"};
  CHECK(result::trace_from_json(nlohmann::json::parse(result::to_json(trace).dump())).fair == trace.fair);
}

} // namespace override_fairness_test
