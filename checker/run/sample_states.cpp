// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/sample_states.h"

#include <algorithm>

#include "explore/breadth_first_search.h"
#include "explore/interpreted_system.h"
#include "lower/every_expression.h"
#include "lower/fold.h"
#include "support/stopwatch.h"

namespace tdxcheck::run {
namespace {

using model::Value;

constexpr std::size_t most_combinations = 12;
constexpr Value most_small_values = 3;

// The problem's model for these values, with everything where it is there.
model::Model folded(const prove::Problem& problem, const model::Valuation& valuation) {
  model::Model model = problem.model;
  for (const result::OpenSet& open : problem.open) model.sets[open.set].size = open.size;
  const auto fold_it = [&](model::Expr& e) { e = lower::fold(model, valuation, e); };
  lower::every_declared_expression(model, fold_it);
  lower::every_used_expression(model, fold_it);
  return model;
}

class UpTo : public explore::SearchObserver {
public:
  explicit UpTo(std::size_t most) : most_(most) {}
  void found(const explore::ReachedGraph&, explore::StateNumber, explore::StateNumber end) override {
    enough_ = end >= most_;
  }
  [[nodiscard]] bool enough() const override { return enough_; }

private:
  std::size_t most_;
  bool enough_ = false;
};

struct Explored {
  bool complete = false;
  std::size_t states = 0;
};

Explored explore_into(prove::SeenStates& states, const model::Model& model, const model::Valuation& valuation,
                      std::size_t most, double seconds) {
  const model::Instance instance(model, valuation);
  explore::InterpretedSystem system(instance);
  UpTo observer(most);
  const explore::Search search = explore::breadth_first_search(system, observer, {.seconds = seconds}, false);
  prove::Sample sample{valuation.parameters, {}};
  sample.state.cells.resize(instance.cells().size());
  sample.state.at.resize(instance.threads().size());
  bool all_kept = true;
  for (explore::StateNumber s = 0; s < search.graph.states(); ++s) {
    const explore::StateView state = search.graph.state(s);
    for (std::size_t c = 0; c < sample.state.cells.size(); ++c) sample.state.cells[c] = system.cell(state, c);
    for (std::size_t t = 0; t < sample.state.at.size(); ++t) sample.state.at[t] = system.label(state, t);
    all_kept = states.add(sample) && all_kept;
  }
  return {all_kept && search.stop == explore::Stop::complete, search.graph.states()};
}

} // namespace

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
  // The target's own come first.
  std::erase(all, problem.valuation.parameters);
  all.insert(all.begin(), problem.valuation.parameters);
  return all;
}

SampledStates sample_states(const prove::Problem& problem, std::size_t most_states, double seconds) {
  SampledStates result;
  const support::Stopwatch clock;
  for (const auto& parameters : small_values(problem)) {
    if (result.states.size() >= most_states || clock.seconds() >= seconds) break;
    const model::Valuation valuation{parameters, problem.valuation.kept};
    const Explored explored = explore_into(result.states, folded(problem, valuation), valuation,
                                           most_states - result.states.size(), seconds - clock.seconds());
    result.values.push_back({parameters, explored.complete, explored.states});
  }
  return result;
}

// The smallest first: of those, all states are seen.
std::vector<prove::SizedStates> sample_small_instances(const prove::Problem& problem, std::size_t most_states,
                                                       double seconds) {
  std::vector<prove::SizedStates> all;
  const support::Stopwatch clock;
  auto values = small_values(problem);
  std::ranges::sort(values);
  std::size_t left = most_states;
  for (const auto& parameters : values) {
    if (left == 0 || clock.seconds() >= seconds) break;
    prove::SizedStates& sized = all.emplace_back();
    sized.valuation = {parameters, problem.valuation.kept};
    sized.model = folded(problem, sized.valuation);
    (void)explore_into(sized.states, sized.model, sized.valuation, left, seconds - clock.seconds());
    left -= std::min(left, sized.states.size());
  }
  return all;
}

} // namespace tdxcheck::run
