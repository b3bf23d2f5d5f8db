// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a worst case that is one too small, counts on after the loop was left, or calls a loop bounded
// that goes round for ever would be printed as exact. The second method keeps the count in the state.
#include "audit/replay.h"
#include "model/validate.h"
#include "run/run_bound.h"
#include "run/run_check.h"
#include "tests/agreement.h"
#include "tests/fair_models.h"
#include "tests/generated_models.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace longest_path_test {

using namespace tdxcheck;
using result::BoundAnswer;

constexpr std::size_t most_states = 10;

std::size_t random_models() { return std::getenv("TDXCHECK_NIGHTLY") != nullptr ? 20000 : 3000; }

// What one step of a thread does to a count that is kept beside the state; none: the loop is not open.
class Unrolled {
public:
  Unrolled(const model::Model& model, model::Id<model::Loop> loop, const std::string& cost, std::int64_t cap)
      : interpreter_(model, model::defaults(model)), loop_(loop), cost_(cost), cap_(cap) {
    const auto& threads = interpreter_.instance().threads();
    for (std::size_t t = 0; t < threads.size(); ++t)
      if (threads[t].thread == model.loops[loop].thread) search(t);
  }
  std::optional<std::int64_t> worst; // none: never entered
  bool unbounded = false;            // or at least beyond the cap

private:
  using Count = std::optional<std::int64_t>;

  void search(std::size_t thread) {
    std::set<std::pair<semantics::State, Count>> seen;
    std::vector<std::pair<semantics::State, Count>> open;
    const auto add = [&](const semantics::State& state, Count count) {
      if (count && *count > cap_) unbounded = true;
      else if (seen.insert({state, count}).second) open.emplace_back(state, count);
    };
    for (const auto& state : interpreter_.initial())
      add(state, {}); // the models here enter no loop before a step
    while (!open.empty()) {
      const auto [state, count] = open.back();
      open.pop_back();
      for (const auto& action : interpreter_.actions(state)) {
        Count next = count;
        if (action.thread == thread) {
          follow(action, action.step, next);
          for (const std::size_t s : action.tail) follow(action, s, next);
        }
        add(action.next, next);
      }
    }
  }

  void follow(const semantics::Action& action, std::size_t step, Count& count) {
    const auto& instance = interpreter_.instance();
    for (const model::Fact& fact :
         instance.model().threads[instance.threads()[action.thread].thread].steps[step].facts) {
      if (const auto* event = std::get_if<model::LoopEvent>(&fact); event && event->loop == loop_) {
        if (event->action == model::LoopAction::enter) count = 0;
        if (event->action == model::LoopAction::again && count && cost_ == "retries") ++*count;
        if (event->action == model::LoopAction::leave) count.reset();
      }
      if (const auto* cost = std::get_if<model::Cost>(&fact); cost && count && cost_ == "seamcalls")
        *count += std::get<model::Literal>(cost->amount.node().kind).value;
      if (count) worst = std::max(worst.value_or(0), *count);
    }
  }

  semantics::Interpreter interpreter_;
  model::Id<model::Loop> loop_;
  std::string cost_;
  std::int64_t cap_;
};

run::Target target_of(const model::Model& model) {
  return {model.name, model, model::defaults(model), model::defaults(model), {}, {}};
}

using Faulty = std::optional<std::string>;

Faulty wrong_bound(const model::Model& model, model::Id<model::Loop> loop, const std::string& cost,
                   const tests::PlainEndlessRuns* plain, std::map<std::string, int>& seen) {
  run::BoundRequest request;
  request.target.target = model.name;
  request.loop = model.loops[loop].name;
  request.cost = cost;
  const auto bound = run::run_bound(target_of(model), request, {});
  const Unrolled unrolled(model, loop, cost, 200);
  BoundAnswer expected = BoundAnswer::number;
  if (unrolled.unbounded) {
    expected = BoundAnswer::no_bound_fair_runs_leave;
    const auto thread =
        semantics::Interpreter(model, model::defaults(model)).instance().thread(model.loops[loop].thread, 0);
    if (plain != nullptr && plain->some_fair_run_stays(thread, loop))
      expected = BoundAnswer::no_bound_fair_run_stays;
  }
  ++seen[std::string(name_of(expected))];
  const std::string what = fmt::format("{} of {}", cost, request.loop);
  if (bound.answer != expected)
    return fmt::format("{}: {} expected, not {} {}", what, name_of(expected), name_of(bound.answer),
                       bound.value);
  if (expected == BoundAnswer::number && bound.value != unrolled.worst.value_or(0))
    return fmt::format("{}: {} by counting, not {}", what, unrolled.worst.value_or(0), bound.value);
  if (bound.witness.has_value() != (unrolled.worst.has_value() || unrolled.unbounded))
    return what + ": witness";
  return {};
}

Faulty wrong_retries(model::Model model, model::Id<model::Loop> loop) {
  const Unrolled unrolled(model, loop, "retries", 200);
  model.properties.clear();
  for (const model::Value limit : {0, 1, 3})
    model.properties.push_back(
        {fmt::format("at most {}", limit), model::Retries{loop, model::integer(limit)}, {}, "", {}});
  run::Request request;
  request.target = model.name;
  // Replays what it reports; a run that does not have so many rounds would be an internal error.
  const auto checked = run::run_check(target_of(model), request, {});
  const std::vector<std::int64_t> limits{0, 1, 3};
  for (std::size_t p = 0; p < limits.size(); ++p) {
    const bool violated = unrolled.unbounded || unrolled.worst.value_or(0) > limits[p];
    if (violated != (checked.properties[p].verdict == result::Verdict::violated))
      return fmt::format("{}: {}", checked.properties[p].name, checked.properties[p].detail);
  }
  return {};
}

TEST_CASE("the worst case is what counting in the state finds, and no bound is where the count runs away") {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 1; seed <= random_models(); ++seed) {
    const model::Model model = tests::fair_model(seed);
    const semantics::Interpreter interpreter(model, model::defaults(model));
    const tests::PlainEndlessRuns plain(interpreter, most_states);
    if (plain.too_large() || !model::validate(model).empty()) continue;
    CAPTURE(seed);
    for (const auto loop : model.loops.ids()) {
      for (const char* cost : {"retries", "seamcalls"})
        CHECK(wrong_bound(model, loop, cost, &plain, seen).value_or("") == "");
      CHECK(wrong_retries(model, loop).value_or("") == "");
    }
  }
  for (const char* answer : {"number", "no_bound_fair_runs_leave", "no_bound_fair_run_stays"}) {
    CAPTURE(answer);
    CHECK(seen[answer] >= 30);
  }
}

TEST_CASE("loops that count down have the bound that they count from") {
  std::map<std::string, int> seen;
  std::size_t loops = 0;
  for (std::uint64_t seed = 1; seed <= random_models() / 30; ++seed) {
    const model::Model model = tests::random_model(seed);
    for (const auto loop : model.loops.ids()) {
      const auto& functions = model.loops[loop];
      CAPTURE(seed);
      CAPTURE(functions.name);
      run::BoundRequest request;
      request.target.target = model.name;
      request.loop = functions.name;
      const auto bound = run::run_bound(target_of(model), request, {});
      if (bound.model_error) continue;
      const Unrolled unrolled(model, loop, "retries", 60);
      CHECK((bound.answer == BoundAnswer::number) == !unrolled.unbounded);
      if (bound.answer == BoundAnswer::number) CHECK(bound.value == unrolled.worst.value_or(0));
      ++loops;
    }
  }
  CHECK(loops >= 10);
}

} // namespace longest_path_test
