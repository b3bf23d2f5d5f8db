// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_prove.h"

#include <algorithm>

#include <fmt/format.h>

#include "audit/replay.h"
#include "model/print.h"
#include "prove/prove.h"
#include "run/find_vacuous_claims.h"
#include "run/problem_of.h"
#include "run/reproduce.h"
#include "run/run_certificate.h"
#include "run/run_check.h"
#include "run/sample_states.h"
#include "run/valuation.h"
#include "support/error.h"
#include "support/stopwatch.h"

namespace tdxcheck::run {
namespace {

using result::ProvedProperty;
using result::Verdict;

constexpr double default_seconds = 60; // for each property
constexpr double share_of_small_instances = 0.2;
constexpr std::size_t most_samples = 2'000'000;
// Of what is left: what one claim leaves behind makes the next ones cheap.
constexpr double share_of_one_claim = 0.4;
constexpr double least_seconds = 1; // that another attempt is worth
constexpr double most_sampling_seconds = 10, share_of_sampling = 0.15;
constexpr double most_sized_sampling_seconds = 60;
constexpr std::size_t most_sized_samples = 1'200'000;
constexpr unsigned most_rechecking_seconds = 120; // for each obligation of a certificate
constexpr std::size_t most_named_cells = 40;      // of an obstacle

// "retries >= 0", or the name alone where all its values are meant.
std::string in_words(const model::Model& model, const result::AnyParameter& any) {
  const model::Parameter& parameter = model.parameters[any.parameter];
  if (!std::holds_alternative<model::IntegerParameter>(parameter.type)) return parameter.name;
  return fmt::format("{} >= {}", parameter.name, any.lowest);
}

// A problem with what is known of it, for all claims. States are sampled when the first claim asks.
struct Known {
  explicit Known(prove::Problem of)
      : problem(std::move(of)), groundwork(problem, [this] { return sampled(); }) {}
  Known(const Known&) = delete;
  Known& operator=(const Known&) = delete;

  const prove::Problem problem;
  double sampling_seconds = most_sampling_seconds;
  std::vector<SampledStates::Values> values;
  prove::Groundwork groundwork;

private:
  prove::SeenStates sampled() {
    SampledStates seen = sample_states(problem, most_samples, sampling_seconds);
    values = std::move(seen.values);
    if (problem.any.empty() && values.size() == 1 && values.front().complete) seen.states.call_complete();
    return std::move(seen.states);
  }
};

class Proving {
public:
  Proving(const Target& target, const ProveRequest& request)
      : target_(target),
        request_(request),
        known_(problem_of(target, request.any)),
        problem_(known_.problem) {}

  [[nodiscard]] result::ProveResult run() {
    result_.target = target_.name;
    result_.parameters = target_.parameters();
    result_.without = target_.without();
    for (const result::AnyParameter& any : problem_.any) {
      result_.any.push_back(in_words(problem_.model, any));
      result_.parameters.erase(problem_.model.parameters[any.parameter].name);
    }
    for (const result::OpenSet& open : problem_.open)
      result_.any_size.push_back(problem_.model.sets[open.set].name);
    const std::vector<std::string> names = asked();
    known_.sampling_seconds = std::min(most_sampling_seconds, seconds_left() * share_of_sampling);
    if (!problem_.open.empty())
      sized_ =
          sample_small_instances(problem_, most_sized_samples,
                                 std::min(most_sized_sampling_seconds, seconds_left() * share_of_sampling));
    for (std::size_t i = 0; i < names.size() && !result_.model_error; ++i) {
      const double seconds = request_.seconds
                                 ? std::max({0.5, seconds_left() / static_cast<double>(names.size() - i),
                                             seconds_left() * share_of_one_claim})
                                 : default_seconds;
      result_.properties.push_back(one(names[i], seconds));
    }
    try_again();
    result_.verdict = verdict();
    if (!result_.model_error && !is_interrupted()) look_at_the_wording();
    result_.seconds = clock_.seconds();
    return std::move(result_);
  }

private:
  // With what was learnt for later claims, and the time that these have left.
  void try_again() {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < result_.properties.size(); ++i)
      if (result_.properties[i].verdict == Verdict::unknown && !result_.properties[i].for_the_instance &&
          result_.properties[i].seconds > 0)
        open.push_back(i);
    for (std::size_t n = 0; n < open.size() && request_.seconds && !result_.model_error; ++n) {
      const double seconds = seconds_left() / static_cast<double>(open.size() - n);
      if (seconds < least_seconds || is_interrupted()) return;
      ProvedProperty& before = result_.properties[open[n]];
      ProvedProperty again = one(before.name, seconds);
      again.seconds += before.seconds;
      before = std::move(again);
    }
  }

  [[nodiscard]] double seconds_left() const {
    return request_.seconds ? *request_.seconds - clock_.seconds() : default_seconds;
  }
  [[nodiscard]] bool is_interrupted() const {
    return request_.interrupted != nullptr && request_.interrupted->load();
  }

  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> claimed, asked;
    for (const model::Property& property : problem_.model.properties)
      if (!request_.only_what_may_be_proved || prove::is_safety(property.claim))
        claimed.push_back(property.name);
    if (request_.properties.empty()) return claimed;
    for (const std::string& name : request_.properties) {
      require_property(target_.model, name);
      if (std::ranges::count(claimed, name) == 0)
        throw support::InputError(fmt::format("property `{}` is not claimed for these parameters", name));
      if (std::ranges::count(asked, name) == 0) asked.push_back(name);
    }
    return asked;
  }

  void look_at_the_wording() {
    if (!problem_.open.empty()) return; // of no instance
    std::map<std::string, Verdict> verdicts;
    for (const ProvedProperty& property : result_.properties) verdicts[property.name] = property.verdict;
    result_.vacuous = find_vacuous_claims(problem_, verdicts);
  }

  ProvedProperty one(const std::string& name, double seconds) {
    ProvedProperty property;
    property.name = name;
    property.template_name =
        template_name(std::ranges::find(problem_.model.properties, name, &model::Property::name)->claim);
    prove::Outcome outcome;
    if (!problem_.open.empty()) outcome = refute_a_small_instance(name, seconds * share_of_small_instances);
    if (outcome.verdict == Verdict::unknown && !result_.model_error)
      outcome = attempt(known_, name, seconds - outcome.seconds);
    property.seconds = outcome.seconds;
    if (outcome.model_error) put_model_error(*outcome.model_error);
    property.verdict = outcome.verdict;
    switch (outcome.verdict) {
    case Verdict::holds:
      property.detail = "by " + outcome.method;
      property.proof = std::move(outcome.proof);
      break;
    case Verdict::violated: put_violation(property, outcome); break;
    case Verdict::unknown:
      property.detail = outcome.why;
      if (outcome.obstacle) property.obstacle = obstacle_in_words(*outcome.obstacle);
      if (!problem_.any.empty() && !outcome.model_error) try_the_instance(property, seconds);
      break;
    }
    recheck(property);
    return property;
  }

  // No proof is reported that a second encoding and a fresh solver have not confirmed from its text.
  void recheck(ProvedProperty& property) const {
    if (!property.proof) return;
    property.certificate = certificate_of(target_, *property.proof);
    const CertificateResult checked =
        check_certificate(property.certificate, "the certificate", most_rechecking_seconds);
    if (checked.certified == Certified::yes) return;
    if (checked.certified == Certified::no)
      throw support::InternalError(
          fmt::format("the proof of `{}` is not confirmed: {}", property.name, checked.why));
    property.verdict = Verdict::unknown;
    property.for_the_instance = false;
    property.detail += fmt::format("; but not confirmed: {}", checked.why);
    property.proof.reset();
    property.certificate.clear();
  }

  [[nodiscard]] prove::Outcome attempt(Known& known, const std::string& name, double seconds) const {
    prove::ProveOptions options;
    options.seconds = seconds;
    options.sized = &sized_;
    options.enough = [this] { return is_interrupted(); };
    return prove::prove(known.groundwork, name, options);
  }

  // Sizes are few, and what is wrong with a protocol shows at a small one as a rule. Claims of other kinds
  // are left to whoever says so.
  [[nodiscard]] prove::Outcome refute_a_small_instance(const std::string& name, double seconds) {
    const support::Stopwatch clock;
    prove::Outcome outcome;
    const auto values = small_values(problem_);
    for (const auto& parameters : values) {
      if (is_interrupted() || clock.seconds() >= seconds) break;
      CheckOptions options;
      options.search.properties = {name};
      options.search.first = true;
      options.search.interrupted = request_.interrupted;
      options.search.seconds = seconds / static_cast<double>(values.size());
      const Target instance = target_with(target_, parameters);
      if (!claims(instance, name)) continue;
      const result::CheckResult checked = run_check(instance, {target_.name}, options);
      if (checked.model_error) result_.model_error = checked.model_error;
      const bool violated = checked.properties.front().verdict == Verdict::violated;
      if (!checked.model_error && !violated) continue;
      outcome.verdict = violated ? Verdict::violated : Verdict::unknown;
      outcome.violated_for = parameters;
      break;
    }
    outcome.seconds = clock.seconds();
    return outcome;
  }

  [[nodiscard]] static bool claims(const Target& instance, const std::string& name) {
    const prove::Problem problem = problem_of(instance, {});
    return std::ranges::count(problem.model.properties, name, &model::Property::name) > 0;
  }

  // With the parameters that the target has.
  void try_the_instance(ProvedProperty& property, double seconds) {
    if (!instance_) instance_.emplace(problem_of(target_, {}));
    const auto& claims = instance_->problem.model.properties;
    if (std::ranges::count(claims, property.name, &model::Property::name) == 0 || is_interrupted()) return;
    instance_->sampling_seconds = std::min(most_sampling_seconds, seconds * share_of_sampling);
    prove::Outcome outcome = attempt(*instance_, property.name, seconds);
    property.seconds += outcome.seconds;
    if (outcome.verdict != Verdict::holds) return;
    property.for_the_instance = true;
    property.detail += fmt::format("; for these parameters proved by {}", outcome.method);
    property.proof = std::move(outcome.proof);
  }

  void name_trace(result::Trace& trace, const Target& target, const std::string& property) const {
    trace.target = target.name;
    trace.parameters = target.parameters();
    trace.without = target.without();
    trace.fair = target.fair;
    trace.property = property;
  }

  static void require(const audit::ReplayResult& replayed, const std::string& what) {
    if (!replayed.valid)
      throw support::InternalError(
          fmt::format("the run {} does not replay (step {}): {}", what, replayed.step + 1, replayed.why));
  }

  void put_model_error(const prove::Run& run) {
    const Target instance = target_with(target_, run.parameters);
    result::Trace trace = lift_proved_run(target_, problem_, run);
    name_trace(trace, instance, "");
    require(audit::replay_model_error(instance.model, instance.valuation, trace), "into a model error");
    result_.model_error = {"a step leaves a declared range, or has no value", std::move(trace)};
  }

  void put_violation(ProvedProperty& property, const prove::Outcome& outcome) {
    if (outcome.run) {
      const Target instance = target_with(target_, outcome.run->parameters);
      result::Trace trace = lift_proved_run(target_, problem_, *outcome.run);
      name_trace(trace, instance, property.name);
      const auto replayed = audit::replay(instance.model, instance.valuation, trace);
      require(replayed, fmt::format("that violates `{}`", property.name));
      property.detail = fmt::format("{}{}", replayed.why, for_values(outcome.run->parameters));
      property.trace = std::move(trace);
      return;
    }
    // A state that was seen shows it; the way there is found, and audited, by exploration.
    const Target instance = target_with(target_, *outcome.violated_for);
    CheckOptions options;
    options.search.properties = {property.name};
    options.search.first = true;
    options.search.interrupted = request_.interrupted;
    const result::CheckResult checked = run_check(instance, {target_.name}, options);
    if (checked.model_error) {
      result_.model_error = checked.model_error;
      property.verdict = Verdict::unknown;
      return;
    }
    const auto& found = checked.properties.front();
    if (found.verdict != Verdict::violated) {
      if (checked.complete)
        throw support::InternalError(fmt::format(
            "`{}` is violated in a state that was reached, but exploration does not find it", property.name));
      property.verdict = Verdict::unknown;
      property.detail = "violated in a state that was reached, by a run that was not found in time";
      return;
    }
    property.detail = found.detail + for_values(*outcome.violated_for);
    property.trace = found.trace;
  }

  [[nodiscard]] std::string for_values(const std::vector<model::Value>& parameters) const {
    std::string text;
    for (const result::AnyParameter& any : problem_.any)
      text += fmt::format("{}{}={}", text.empty() ? ", for " : ", ",
                          problem_.model.parameters[any.parameter].name,
                          print_parameter(problem_.model, any.parameter, parameters[any.parameter.value]));
    return text;
  }

  [[nodiscard]] bool was_seen(const std::vector<model::Value>& parameters, const prove::State& state) const {
    return known_.groundwork.seen().is_seen({parameters, state});
  }

  // The first state in full, then what changes.
  [[nodiscard]] std::vector<std::string> obstacle_in_words(const prove::Run& run) const {
    prove::Problem wide = problem_;
    const Target instance = target_with(target_, run.parameters);
    for (const auto id : wide.model.parameters.ids())
      wide.model.parameters[id].type = instance.model.parameters[id].type;
    wide.valuation.parameters = run.parameters;
    const model::Instance cells(wide.model, wide.valuation);
    const auto value = [&](const prove::State& state, std::size_t c) {
      return print_value(wide.model, cells.sort(c), state.cells[c]);
    };
    const auto label = [&](const prove::State& state, std::size_t t) {
      return wide.model.threads[cells.threads()[t].thread].labels[state.at[t]].name;
    };
    std::vector<std::string> words;
    std::string where = "from";
    for (std::size_t t = 0; t < cells.threads().size(); ++t)
      where += fmt::format("{} {} at {}", t == 0 ? "" : ",", cells.threads()[t].name,
                           label(run.states.front(), t));
    words.push_back(where + for_values(run.parameters));
    std::string with;
    std::size_t named = 0;
    for (std::size_t c = 0; c < cells.cells().size() && named < most_named_cells; ++c) {
      const auto& initial = wide.model.variables[cells.cells()[c].variable].initial;
      const bool usual = initial && model::evaluate_constant(wide.model, wide.valuation, *initial) ==
                                        run.states.front().cells[c];
      if (usual) continue;
      ++named;
      with += fmt::format("{}{}={}", with.empty() ? "with " : ", ", cells.cells()[c].name,
                          value(run.states.front(), c));
    }
    if (!with.empty()) words.push_back(with + ", the rest as at the start");
    for (std::size_t i = 0; i + 1 < run.states.size(); ++i) {
      std::string step;
      const prove::State &before = run.states[i], &after = run.states[i + 1];
      for (std::size_t t = 0; t < before.at.size(); ++t)
        if (before.at[t] != after.at[t])
          step += fmt::format("{}{} goes to {}", step.empty() ? "" : ", ", cells.threads()[t].name,
                              label(after, t));
      for (std::size_t c = 0; c < before.cells.size(); ++c)
        if (before.cells[c] != after.cells[c])
          step += fmt::format("{}{}={}", step.empty() ? "" : ", ", cells.cells()[c].name, value(after, c));
      words.push_back(fmt::format("then {}", step));
    }
    const auto sampled = std::ranges::find(known_.values, run.parameters, &SampledStates::Values::parameters);
    if (sampled != known_.values.end() && sampled->complete)
      words.push_back(was_seen(run.parameters, run.states.front())
                          ? "the first of these states is reachable"
                          : fmt::format("the first of these states is none of the {} that are reachable",
                                        sampled->states));
    else words.emplace_back("whether the first of these states is reachable was not decided");
    return words;
  }

  [[nodiscard]] Verdict verdict() const {
    const auto any = [&](Verdict wanted) {
      return std::ranges::any_of(result_.properties, [&](const auto& p) { return p.verdict == wanted; });
    };
    if (any(Verdict::violated)) return Verdict::violated;
    return any(Verdict::unknown) ? Verdict::unknown : Verdict::holds;
  }

  const Target& target_;
  const ProveRequest& request_;
  Known known_;
  const prove::Problem& problem_;
  std::optional<Known> instance_; // with no parameter free
  support::Stopwatch clock_;
  std::vector<prove::SizedStates> sized_; // where there are open sets
  result::ProveResult result_;
};

} // namespace

result::ProveResult run_prove(const Target& target, const ProveRequest& request) {
  result::ProveResult result = Proving(target, request).run();
  std::vector<std::string> words;
  for (const std::string& property : request.properties) words.insert(words.end(), {"--property", property});
  for (const std::string& name : request.any) words.insert(words.end(), {"--any", name});
  if (request.seconds) words.insert(words.end(), {"--time", fmt::format("{}s", *request.seconds)});
  result.reproduce = reproduce_line("prove", target, request.target, words);
  return result;
}

} // namespace tdxcheck::run
