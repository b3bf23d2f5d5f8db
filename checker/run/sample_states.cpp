// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/sample_states.h"

#include <algorithm>
#include <random>
#include <set>

#include "semantics/interpreter.h"
#include "support/stopwatch.h"

namespace tdxcheck::run {
namespace {

using model::Value;

constexpr std::size_t most_combinations = 12;
constexpr Value most_small_values = 4;
constexpr std::size_t walk_length = 300;
constexpr double share_of_breadth = 0.5;

// A few values of each free parameter, the smallest first, in all combinations.
std::vector<std::vector<Value>> small_values(const prove::Problem& problem) {
  std::vector<std::vector<Value>> all{problem.valuation.parameters};
  for (const result::AnyParameter& any : problem.any) {
    std::vector<Value> values;
    for (Value v = any.lowest; v < any.lowest + most_small_values; ++v)
      if (is_value_of(problem.model, any.parameter, v)) values.push_back(v);
    std::vector<std::vector<Value>> longer;
    for (const auto& before : all) {
      for (const Value v : values) {
        longer.push_back(before);
        longer.back()[any.parameter.value] = v;
      }
    }
    all = std::move(longer);
    if (all.size() > most_combinations) all.resize(most_combinations);
  }
  return all;
}

class Sampling {
public:
  Sampling(const prove::Problem& problem, std::vector<Value> parameters, std::size_t most, double seconds)
      : interpreter_(problem.model, {parameters, problem.valuation.kept}),
        parameters_(std::move(parameters)),
        most_(most),
        seconds_(seconds) {}

  void run(SampledStates& result) {
    interpreter_.each_start([&](const semantics::Start& start) {
      see(start.state);
      return order_.size() < most_;
    });
    const std::size_t starts = order_.size();
    bool complete = starts < most_;
    for (std::size_t i = 0; i < order_.size() && complete; ++i) {
      const semantics::State state = *order_[i];
      for (const semantics::Action& action : interpreter_.actions(state))
        if (!action.model_error) see(action.next);
      complete = order_.size() < most_ && clock_.seconds() < seconds_ * share_of_breadth;
    }
    if (!complete) walk(starts);
    for (const semantics::State* state : order_)
      result.states.push_back({parameters_, {state->cells, state->at}});
    result.values.push_back({parameters_, complete, order_.size()});
  }

private:
  void see(const semantics::State& state) {
    const auto [place, is_new] = seen_.insert(state);
    if (is_new) order_.push_back(&*place);
  }
  void walk(std::size_t starts) {
    std::mt19937_64 random(1);
    while (order_.size() < 2 * most_ && clock_.seconds() < seconds_) {
      semantics::State state = *order_[random() % starts];
      for (std::size_t step = 0; step < walk_length && clock_.seconds() < seconds_; ++step) {
        std::vector<semantics::Action> actions = interpreter_.actions(state);
        std::erase_if(actions,
                      [](const semantics::Action& action) { return action.model_error.has_value(); });
        if (actions.empty()) break;
        state = std::move(actions[random() % actions.size()].next);
        see(state);
      }
    }
  }

  semantics::Interpreter interpreter_;
  std::vector<Value> parameters_;
  std::size_t most_;
  double seconds_;
  support::Stopwatch clock_;
  std::set<semantics::State> seen_;
  std::vector<const semantics::State*> order_;
};

} // namespace

SampledStates sample_states(const prove::Problem& problem, std::size_t most_states, double seconds) {
  SampledStates result;
  const auto all = small_values(problem);
  for (const auto& parameters : all)
    Sampling(problem, parameters, std::max<std::size_t>(1, most_states / all.size()),
             seconds / static_cast<double>(all.size()))
        .run(result);
  return result;
}

} // namespace tdxcheck::run
