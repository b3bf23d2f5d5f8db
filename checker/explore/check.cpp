// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/check.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "explore/components.h"
#include "explore/describe_deadlock.h"
#include "explore/edge_renamings.h"
#include "explore/explored.h"
#include "explore/find_stuck_threads.h"
#include "explore/interpreted_system.h"
#include "explore/judge.h"
#include "explore/judge_endless_runs.h"
#include "explore/lift_run.h"
#include "explore/quotient_system.h"
#include "explore/reduced_system.h"
#include "explore/stubborn_sets.h"
#include "explore/tabled_system.h"
#include "explore/trace_of.h"
#include "explore/vacuity.h"
#include "support/contract.h"
#include "support/error.h"
#include "support/memory.h"
#include "support/near_miss.h"
#include "support/stopwatch.h"

namespace tdxcheck::explore {
namespace {

using result::Verdict;

// 48213 is "48,213".
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string in_steps(std::size_t steps) {
  if (steps == 0) return "before the first step";
  return steps == 1 ? std::string("after 1 step") : fmt::format("after {} steps", grouped(steps));
}

void refuse_unknown(const model::Model& written, const model::Model& instantiated,
                    const std::vector<std::string>& properties) {
  const auto has = [](const model::Model& model, const std::string& name) {
    return std::any_of(model.properties.begin(), model.properties.end(),
                       [&](const model::Property& property) { return property.name == name; });
  };
  for (const std::string& name : properties) {
    if (has(instantiated, name)) continue;
    if (has(written, name)) {
      throw support::InputError(fmt::format("the property `{}` is not claimed for these parameters", name));
    }
    std::vector<std::string> known;
    for (const model::Property& property : written.properties) known.push_back(property.name);
    throw support::InputError(support::did_you_mean("property", name, known));
  }
}

// A budget that ran out while the graph was judged.
struct OutOfBudget {
  std::string why;
};

std::string never_again(const model::Instance& instance, std::size_t thread) {
  return fmt::format("{} can never take a step again", instance.threads()[thread].name);
}

bool is_judged_elsewhere(const model::Claim& claim) {
  return std::holds_alternative<model::LockOrder>(claim) || std::holds_alternative<model::Retries>(claim);
}

// Of one more worker.
struct Hand {
  Hand(const model::Instance& instance, const Contexts& contexts, const Options& options,
       const std::shared_ptr<const StubbornSets>& sets, bool with_chains,
       const std::optional<model::Symmetry>& symmetry, const Layout& layout)
      : system(instance, layout), judge(system, contexts, options.properties, options.first), tables(system) {
    if (sets) {
      reduced.emplace(tables, system, sets, with_chains);
      steps = &*reduced;
    }
    if (symmetry) {
      form.emplace(system, *symmetry);
      quotient.emplace(*steps, *form);
      steps = &*quotient;
    }
    judge.ask_for_moves(*steps);
  }
  InterpretedSystem system;
  Judge judge;
  TabledSystem tables;
  std::optional<ReducedSystem> reduced;
  std::optional<CanonicalForm> form;
  std::optional<QuotientSystem> quotient;
  TransitionSystem* steps = &tables;
};

class Check {
public:
  Check(const model::Model& written, const model::Valuation& valuation, const model::Model& instantiated,
        const model::Model& searched, const Options& options)
      : options_(options),
        written_(written, valuation),
        instance_(searched, valuation),
        // Members that are renamed take their fields with them one by one.
        system_(instance_, options.symmetry != nullptr ? InterpretedSystem::plain_layout(instance_)
                                                       : InterpretedSystem::dense_layout(instance_)),
        tables_(system_) {
    if (&searched != &instantiated) told_.emplace(instantiated, valuation);
    std::vector<model::Problem> problems;
    contexts_ = model::label_contexts(searched, problems);
    Judge judge(system_, contexts_, options.properties, options.first);
    const Limits limits{options.seconds, options.memory_bytes, options.interrupted, options.progress};
    const bool with_rows = judge.asks_for_no_deadlock() || needs_rows(judge);
    const bool with_chains = !needs_rows(judge);
    const auto sets = stubborn_sets(judge);
    steps_ = &tables_;
    if (sets) {
      reduced_.emplace(tables_, system_, sets, with_chains);
      steps_ = &*reduced_;
    }
    if (options.symmetry != nullptr) use_symmetry(judge);
    std::optional<QuotientSystem> quotient;
    if (form_) quotient.emplace(*steps_, *form_);
    TransitionSystem& whole = quotient ? static_cast<TransitionSystem&>(*quotient) : *steps_;
    judge.ask_for_moves(whole);
    std::vector<std::unique_ptr<Hand>> hands;
    const Helpers helpers{options.workers - std::min(options.workers, 1U),
                          [&] {
                            Hand& hand = *hands.emplace_back(
                                std::make_unique<Hand>(instance_, contexts_, options, sets, with_chains,
                                                       symmetry_, system_.layout()));
                            return Helpers::Hand{*hand.steps, hand.judge};
                          },
                          options.large_level};
    search_ = breadth_first_search(whole, judge, limits, with_rows, helpers);
    if (reduced_) judge.coverage().at_moves(reduced_->passed());
    for (const auto& hand : hands) {
      if (hand->reduced) hand->judge.coverage().at_moves(hand->reduced->passed());
      judge.add(hand->judge, search_.graph);
    }
    result.engine.workers = search_.workers;
    result.engine.state_bits = system_.bits();
    result.engine.processor = inner_loops().name;
    result.engine.by_bytecode = tables_.left_to_bytecode();
    conclude(judge);
  }

  result::CheckResult result;

private:
  [[nodiscard]] std::shared_ptr<const StubbornSets> stubborn_sets(Judge& judge);
  void use_symmetry(Judge& judge);
  void conclude(Judge& judge);
  void look_for_stuck_threads(Judge& judge);
  void conclude_model_error();
  [[nodiscard]] result::PropertyResult conclude(Case& judged);
  void describe_violation(const Case& judged, result::PropertyResult& property);
  void describe_success(const Case& judged, result::PropertyResult& property);
  [[nodiscard]] bool needs_rows(Judge& judge) const;
  void judge_on_graph(const model::Property& claimed, result::PropertyResult& property);
  void judge_endless(const model::Property& claimed, result::PropertyResult& property);
  void check_budget() const;
  void check_memory() const;
  [[nodiscard]] InterpretedSystem* told() { return told_ ? &told_->system : nullptr; }
  [[nodiscard]] TraceWriter writer() { return {written_, system_, search_.graph, told()}; }
  [[nodiscard]] std::string seen_states() const;
  // The shortest run to a state that was found, with the true members.
  [[nodiscard]] LiftedRun run_to(StateNumber state);
  [[nodiscard]] Move lifted(const LiftedRun& run, Move move) const {
    return form_ ? renamed_move(system_, run.last, move) : move;
  }
  [[nodiscard]] Sighting sighting_of(const Case& judged, const LiftedRun& run);
  [[nodiscard]] Verdict overall() const;
  [[nodiscard]] bool is_complete() const { return search_.stop == Stop::complete; }

  // The instantiated model, where another one is searched.
  struct Told {
    Told(const model::Model& model, const model::Valuation& valuation)
        : instance(model, valuation), system(instance) {}
    model::Instance instance;
    InterpretedSystem system;
  };

  const Options& options_;
  support::Stopwatch watch_;
  model::Instance written_, instance_;
  InterpretedSystem system_;
  TabledSystem tables_;
  std::optional<ReducedSystem> reduced_; // where that is what was searched
  std::optional<Told> told_;
  Contexts contexts_;
  TransitionSystem* steps_ = nullptr; // of the system, and fast
  std::string stuck_is_open_because_;
  std::optional<model::Symmetry> symmetry_; // of what is searched, where that is used
  std::optional<CanonicalForm> form_; // of the states of the graph, where they are searched up to symmetry
  Search search_;
};

// None where nothing is to be left out; the result says why.
std::shared_ptr<const StubbornSets> Check::stubborn_sets(Judge& judge) {
  if (!options_.partial_order) return nullptr;
  std::vector<const model::Property*> judged;
  for (const Case& one : judge.cases()) judged.push_back(one.property);
  const std::vector<std::string> against = claims_about_all_orders(judged);
  if (!against.empty()) {
    result.engine.no_partial_order_because =
        fmt::format("{} {} every order of steps (--property leaves claims out)", fmt::join(against, ", "),
                    against.size() == 1 ? "needs" : "need");
    return nullptr;
  }
  auto sets = StubbornSets::of(system_, contexts_, judge.cases());
  result.engine.partial_order = sets != nullptr;
  if (!sets) result.engine.no_partial_order_because = "no step is independent of what others do";
  return sets;
}

LiftedRun Check::run_to(StateNumber state) {
  RunLifter lifter(system_, search_.graph, form_ ? &*form_ : nullptr);
  if (reduced_) {
    lifter.go_by([this](StateView from, const RunLifter::IsIt& is_it) { return reduced_->way(from, is_it); });
  }
  return lifter.to(state);
}

void Check::use_symmetry(Judge& judge) {
  for (const Case& judged : judge.cases()) {
    const model::Claim& claim = judged.property->claim;
    support::expects(judged.watch || std::holds_alternative<model::Recoverable>(claim),
                     "symmetry is used for claims that follow no single member");
  }
  model::Symmetry symmetry = *options_.symmetry;
  respect_layout(symmetry, system_);
  if (symmetry.is_trivial()) return;
  symmetry_ = symmetry;
  form_.emplace(system_, symmetry);
}

void Check::conclude(Judge& judge) {
  const ReachedGraph& graph = search_.graph;
  result.engine.symmetry = form_.has_value();
  result.complete = is_complete();
  result.incomplete_because = because(search_.stop);
  result.states = graph.states();
  result.transitions = graph.transitions;
  if (result.states > 0)
    result.first_state = {search_.first_state.seconds, search_.first_state.processor_seconds};
  result.depth = graph.depth();
  if (is_complete()) look_for_stuck_threads(judge);
  for (Case& judged : judge.cases()) result.properties.push_back(conclude(judged));
  if (search_.model_error) conclude_model_error();
  if (is_complete()) result.vacuity = vacuity_of(system_, judge);
  result.verdict = overall();
  result.peak_memory_bytes = support::peak_resident_bytes();
}

// The complete half of no_deadlock. The first stuck state lies no deeper than the first stop, whose threads
// are stuck as well; where both are equally deep, the stop is what a reader wants to see.
void Check::look_for_stuck_threads(Judge& judge) {
  if (!judge.asks_for_no_deadlock()) return;
  const ReachedGraph& graph = search_.graph;
  const auto at_end = [&](StateNumber state, std::size_t thread) {
    return system_.at_end(graph.state(state), thread);
  };
  std::function<std::uint64_t(StateNumber)> also_moving;
  if (reduced_) also_moving = [&](StateNumber state) { return reduced_->passing_from(graph.state(state)); };
  std::optional<EdgeRenamings> renamings;
  if (form_) {
    try {
      renamings = renamings_of_edges(system_, *steps_, *form_, graph, [this] { check_budget(); });
      if (!renamings) stuck_is_open_because_ = "there are too many renamings: --no-symmetry judges it";
    } catch (const OutOfBudget& budget) {
      stuck_is_open_because_ = budget.why;
    }
    if (!renamings) return;
  }
  const auto stuck = find_stuck_thread(graph, instance_.threads().size(), at_end,
                                       renamings ? &*renamings : nullptr, also_moving);
  if (!stuck) return;
  const auto depth = [&](StateNumber state) {
    return std::upper_bound(graph.level.begin(), graph.level.end(), state) - graph.level.begin();
  };
  for (Case& judged : judge.cases()) {
    if (!std::holds_alternative<model::NoDeadlock>(judged.property->claim)) continue;
    if (judged.finding && depth(judged.finding->state) <= depth(stuck->state)) continue;
    judged.finding = Finding{stuck->state, {}, {never_again(instance_, stuck->thread), stuck->thread}};
    judged.finding->stuck = true;
  }
}

void Check::conclude_model_error() {
  const ErroneousMove& error = *search_.model_error;
  const LiftedRun run = run_to(error.from);
  const Move move = lifted(run, error.move);
  const Explanation what = system_.explain(run.end, move);
  result.model_error = result::ModelError{what.error, writer().of(run, move)};
  for (result::PropertyResult& property : result.properties) {
    const std::string name = property.name, template_name = property.template_name;
    property = {};
    property.name = name;
    property.template_name = template_name;
    property.detail = "no verdict: a model error is reachable";
  }
}

result::PropertyResult Check::conclude(Case& judged) {
  result::PropertyResult property;
  property.name = judged.property->name;
  property.template_name = model::template_name(judged.property->claim);
  if (!judged.watch) {
    judge_on_graph(*judged.property, property);
  } else if (!stuck_is_open_because_.empty() && !judged.finding &&
             std::holds_alternative<model::NoDeadlock>(judged.property->claim)) {
    property.detail = "nothing stops; who can never move again is not known: " + stuck_is_open_because_;
  } else if (judged.finding && !judged.looks_for_a_witness()) {
    describe_violation(judged, property);
  } else if (judged.finding) {
    property.verdict = Verdict::holds;
    describe_success(judged, property);
  } else if (!is_complete()) {
    property.detail =
        fmt::format("nothing found in {} states; {}", grouped(result.states), result.incomplete_because);
  } else if (judged.looks_for_a_witness()) {
    property.verdict = Verdict::violated;
    property.detail = fmt::format("true in none of all {}", seen_states());
  } else {
    property.verdict = Verdict::holds;
    describe_success(judged, property);
  }
  return property;
}

void Check::describe_violation(const Case& judged, result::PropertyResult& property) {
  const Finding& finding = *judged.finding;
  property.verdict = Verdict::violated;
  const LiftedRun run = run_to(finding.state);
  property.trace = writer().of(run, finding.move ? std::optional(lifted(run, *finding.move)) : std::nullopt);
  property.trace->property = property.name;
  property.detail =
      fmt::format("{}: {}", in_steps(property.trace->steps.size()), sighting_of(judged, run).why);
  if (std::holds_alternative<model::NoDeadlock>(judged.property->claim)) {
    property.evidence = describe_deadlock(system_, contexts_, run.end);
  }
}

// What was sighted in a canonical form, in the names of the run: the watch looks again.
Sighting Check::sighting_of(const Case& judged, const LiftedRun& run) {
  const Finding& finding = *judged.finding;
  if (!form_) return finding.sighting;
  if (finding.stuck) {
    const std::size_t thread = renamed_thread(instance_, run.last, *finding.sighting.thread);
    return {never_again(instance_, thread), thread};
  }
  std::optional<Sighting> again;
  system_.load(run.end);
  if (finding.move) {
    again = judged.watch->at_move(run.end, lifted(run, *finding.move), assertion_failed);
  } else {
    again = judged.watch->at_state(run.end);
    if (!again && run.moves.empty()) again = judged.watch->at_start();
    if (!again) again = judged.watch->at_stop(run.end);
    if (!again) again = judged.watch->at_end(run.end);
  }
  support::ensures_internal(again.has_value(), "what is violated in the form is violated in the state");
  return *again;
}

void Check::describe_success(const Case& judged, result::PropertyResult& property) {
  if (judged.looks_for_a_witness()) {
    property.detail = "true " + in_steps(run_to(judged.finding->state).moves.size());
  } else {
    property.detail = fmt::format("in all {}", seen_states());
  }
  property.assumptions = {"sequentially consistent memory", "exhaustive for these parameters",
                          "steps as atomic as written"};
}

// ---- claims about the whole graph

bool Check::needs_rows(Judge& judge) const {
  return std::ranges::any_of(judge.cases(), [&](const Case& judged) {
    const model::Claim& claim = judged.property->claim;
    return is_about_endless_runs(claim) || (options_.judged_elsewhere && is_judged_elsewhere(claim));
  });
}

void Check::check_budget() const {
  if (options_.interrupted != nullptr && options_.interrupted->load(std::memory_order_relaxed))
    throw OutOfBudget{because(Stop::interrupted)};
  if (options_.seconds && watch_.seconds() >= *options_.seconds)
    throw OutOfBudget{because(Stop::out_of_time)};
}

void Check::judge_on_graph(const model::Property& claimed, result::PropertyResult& property) {
  if (!is_complete()) {
    property.detail = fmt::format("judged only on all states; {} were found; {}", grouped(result.states),
                                  result.incomplete_because);
    return;
  }
  property.assumptions = {"sequentially consistent memory", "exhaustive for these parameters",
                          "steps as atomic as written"};
  try {
    check_budget();
    if (is_about_endless_runs(claimed.claim)) judge_endless(claimed, property);
    else if (options_.judged_elsewhere)
      options_.judged_elsewhere({written_, system_, contexts_, search_.graph, told()}, claimed, property);
    else property.detail = "not judged by exploration alone";
  } catch (const OutOfBudget& budget) {
    property.detail = budget.why;
  }
  if (property.verdict != Verdict::holds) property.assumptions.clear();
}

// What judging takes besides the graph (find_fair_cycle.h) must fit, too.
void Check::check_memory() const {
  constexpr std::uint64_t bytes_per_state = 32;
  const ReachedGraph& graph = search_.graph;
  if (options_.memory_bytes && graph.bytes() + graph.states() * bytes_per_state > *options_.memory_bytes)
    throw OutOfBudget{because(Stop::out_of_memory)};
}

void Check::judge_endless(const model::Property& claimed, result::PropertyResult& property) {
  check_memory();
  const EndlessVerdict verdict =
      judge_endless_runs(system_, contexts_, search_.graph, claimed, [this] { check_budget(); });
  if (verdict.violation) {
    property.verdict = Verdict::violated;
    // With symmetry the walk is a path, and the same as the shortest one to its last state.
    property.trace =
        form_ ? writer().of(run_to(verdict.violation->states.back())) : writer().along(*verdict.violation);
    property.trace->property = property.name;
    const std::size_t steps = property.trace->loop.value_or(property.trace->steps.size());
    property.detail = fmt::format("{}: {}", in_steps(steps), verdict.why);
    return;
  }
  property.verdict = Verdict::holds;
  const bool fair = !std::holds_alternative<model::Recoverable>(claimed.claim);
  property.detail = fmt::format("{} all {}", fair ? "on every fair run through" : "in", seen_states());
  if (fair && verdict.rests_on_fairness) property.assumptions.emplace_back("steps are fair as written");
  for (const std::string& hinge : verdict.hinges) property.assumptions.push_back("hinges on " + hinge);
}

// Of a complete search.
std::string Check::seen_states() const {
  const std::string states =
      reduced_ ? fmt::format("reachable states, {} of which stand for all", grouped(result.states))
               : fmt::format("{} reachable states", grouped(result.states));
  return form_ ? states + " up to symmetry" : states;
}

Verdict Check::overall() const {
  if (search_.model_error) return Verdict::unknown;
  const auto some = [&](Verdict verdict) {
    return std::any_of(result.properties.begin(), result.properties.end(),
                       [&](const result::PropertyResult& property) { return property.verdict == verdict; });
  };
  if (some(Verdict::violated)) return Verdict::violated;
  return some(Verdict::unknown) || !is_complete() ? Verdict::unknown : Verdict::holds;
}

} // namespace

result::CheckResult check(const model::Model& written, const model::Valuation& valuation,
                          const model::Model& instantiated, const Options& options) {
  return check(written, valuation, instantiated, instantiated, options);
}

result::CheckResult check(const model::Model& written, const model::Valuation& valuation,
                          const model::Model& instantiated, const model::Model& searched,
                          const Options& options) {
  refuse_unknown(written, instantiated, options.properties);
  return Check(written, valuation, instantiated, searched, options).result;
}

} // namespace tdxcheck::explore
