// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/sample_states.h"

#include <algorithm>
#include <memory>
#include <random>
#include <set>

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
constexpr std::size_t least_part = 10; // of all samples: so many of an instance at least

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

class Successors : public explore::SuccessorSink {
public:
  void take(explore::StateView next, explore::Move, std::uint8_t flags) override {
    if ((flags & explore::range_left) == 0) all.emplace_back(next.begin(), next.end());
  }
  std::vector<std::vector<explore::Word>> all;
};

prove::Sample sample_of(const explore::InterpretedSystem& system, explore::StateView state,
                        const std::vector<Value>& parameters) {
  const model::Instance& instance = system.instance();
  prove::Sample sample{parameters, {}};
  for (std::size_t c = 0; c < instance.cells().size(); ++c)
    sample.state.cells.push_back(system.cell(state, c));
  for (std::size_t t = 0; t < instance.threads().size(); ++t)
    sample.state.at.push_back(system.label(state, t));
  return sample;
}

// Random walks, each until nothing is possible: a search that is cut off has seen what is near, and nothing
// of how things end. The same walks each time.
void walk_into(prove::SeenStates& states, const model::Model& model, const model::Valuation& valuation,
               std::size_t most, double seconds) {
  const support::Stopwatch clock;
  const model::Instance instance(model, valuation);
  explore::InterpretedSystem system(instance);
  Successors start;
  system.initial(start);
  std::mt19937 random;
  std::set<std::vector<explore::Word>> known;
  std::size_t known_again = 0;
  while (known.size() < most && known_again < most && clock.seconds() < seconds) {
    std::vector<explore::Word> state = start.all[random() % start.all.size()];
    for (Successors next;; next.all.clear()) {
      if (known.insert(state).second) states.add(sample_of(system, state, valuation.parameters));
      else ++known_again;
      system.successors(state, next);
      if (next.all.empty() || known.size() >= most || known_again >= most || clock.seconds() >= seconds)
        break;
      state = next.all[random() % next.all.size()];
    }
  }
}

Explored explore_into(prove::SeenStates& states, const model::Model& model, const model::Valuation& valuation,
                      std::size_t most, double seconds) {
  const model::Instance instance(model, valuation);
  explore::InterpretedSystem system(instance);
  UpTo observer(most);
  const explore::Search search = explore::breadth_first_search(system, observer, {.seconds = seconds}, false);
  bool all_kept = true;
  for (explore::StateNumber s = 0; s < search.graph.states(); ++s)
    all_kept = states.add(sample_of(system, search.graph.state(s), valuation.parameters)) && all_kept;
  return {all_kept && search.stop == explore::Stop::complete, search.graph.states()};
}

std::vector<explore::Word> packed(const explore::InterpretedSystem& system, const prove::State& state) {
  std::vector<explore::Word> words(system.words(), 0);
  for (std::size_t c = 0; c < state.cells.size(); ++c)
    system.layout().cell(c).write(words.data(), state.cells[c]);
  for (std::size_t t = 0; t < state.at.size(); ++t)
    system.layout().label(t).write(words.data(), static_cast<Value>(state.at[t].value));
  return words;
}

// From any state of an instance.
class Walks {
public:
  Walks(model::Model model, model::Valuation valuation)
      : model_(std::move(model)),
        valuation_(std::move(valuation)),
        instance_(model_, valuation_),
        system_(instance_) {}

  void from(const prove::State& state, const std::function<bool(const prove::State&)>& reached) {
    for (std::size_t walk = 0; walk < most_walks; ++walk) {
      std::vector<explore::Word> at = packed(system_, state);
      for (std::size_t steps = 0; steps < most_steps_of_a_walk; ++steps) {
        Successors next;
        system_.successors(at, next);
        if (next.all.empty()) break;
        at = next.all[random_() % next.all.size()];
        if (!reached(sample_of(system_, at, {}).state)) break;
      }
    }
  }

private:
  static constexpr std::size_t most_walks = 8, most_steps_of_a_walk = 50; // from one state
  model::Model model_;
  model::Valuation valuation_;
  model::Instance instance_;
  explore::InterpretedSystem system_;
  std::mt19937 random_;
};

// Of a model that it keeps.
class OneCondition {
public:
  OneCondition(model::Model model, const model::Valuation& valuation, const model::Expr& condition)
      : model_(std::move(model)), instance_(model_, valuation), system_(instance_) {
    program_ = system_.compile(lower::fold(model_, valuation, condition));
  }

  // Where it has no value, it is not true.
  [[nodiscard]] bool holds(const prove::State& state) {
    words_ = packed(system_, state);
    system_.load(words_);
    return system_.value_if_any(program_).value_or(0) != 0;
  }

private:
  model::Model model_;
  model::Instance instance_;
  explore::InterpretedSystem system_;
  explore::InterpretedSystem::Program program_;
  std::vector<explore::Word> words_;
};

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

// The smallest first: of those, all states are seen. Of one that is too large for that, half as many near the
// start, and half on random walks.
std::vector<prove::SizedStates> sample_small_instances(const prove::Problem& problem, std::size_t most_states,
                                                       double seconds) {
  std::vector<prove::SizedStates> all;
  const support::Stopwatch clock;
  auto values = small_values(problem);
  std::ranges::sort(values);
  const std::size_t least = most_states / least_part;
  std::size_t left = most_states;
  for (std::size_t v = 0; v < values.size() && clock.seconds() < seconds; ++v) {
    prove::SizedStates& sized = all.emplace_back();
    sized.valuation = {values[v], problem.valuation.kept};
    sized.model = folded(problem, sized.valuation);
    sized.walk = [walks = std::make_shared<Walks>(sized.model, sized.valuation)](
                     const prove::State& state, const auto& reached) { walks->from(state, reached); };
    sized.condition = [model = sized.model, valuation = sized.valuation](
                          const model::Model& of_problem, const model::Expr& condition) -> prove::Condition {
      model::Model with_regions = model;
      with_regions.regions = of_problem.regions;
      auto one = std::make_shared<OneCondition>(std::move(with_regions), valuation, condition);
      return [one](const prove::State& state) { return one->holds(state); };
    };
    const std::size_t later = least * (values.size() - v - 1);
    const std::size_t most = left > later + least ? left - later : least;
    const double until = (seconds - clock.seconds()) / 2;
    const Explored explored = explore_into(sized.states, sized.model, sized.valuation, most, until);
    if (!explored.complete && sized.states.size() >= most) {
      sized.states = {};
      (void)explore_into(sized.states, sized.model, sized.valuation, most / 2, until);
    }
    if (explored.complete) sized.states.call_complete();
    else walk_into(sized.states, sized.model, sized.valuation, most / 2, seconds - clock.seconds());
    left -= std::min(left, sized.states.size());
  }
  return all;
}

} // namespace tdxcheck::run
