// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/agreement.h"

#include "audit/replay.h"
#include "explore/check.h"
#include "lower/instantiate.h"
#include "model/print.h"
#include "model/validate.h"
#include "semantics/brute_force.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::tests {
namespace {

constexpr std::size_t most_states = 20000;

using Difference = std::optional<std::string>;

template <class A, class B>
Difference differ(const std::string& what, const A& reference, const B& engine) {
  if (reference == static_cast<A>(engine)) return {};
  return fmt::format("{}: {} by the reference, {} by the engine", what, reference, engine);
}

std::string_view name_of(semantics::Judged judged) {
  switch (judged) {
  case semantics::Judged::holds: return "holds";
  case semantics::Judged::violated: return "violated";
  case semantics::Judged::not_judged: return "unknown";
  }
  return "";
}

Difference differ(const semantics::PlainVerdict& plain, const result::PropertyResult& engine) {
  if (auto d = differ("name of a property", plain.property, engine.name)) return d;
  // Claims about endless runs and about the whole graph have tests of their own.
  if (plain.judged == semantics::Judged::not_judged && !plain.run) return {};
  if (auto d = differ("verdict on " + plain.property, name_of(plain.judged), result::name_of(engine.verdict)))
    return fmt::format("{} ({}; {})", *d, plain.why, engine.detail);
  if (auto d = differ("trace of " + plain.property, plain.run.has_value(), engine.trace.has_value()))
    return d;
  if (!plain.run) return {};
  return differ("length of the violation of " + plain.property, plain.depth(), engine.trace->steps.size());
}

Difference differ(const semantics::PlainExploration& plain, const result::CheckResult& engine) {
  if (auto d = differ("model error", plain.error.has_value(), engine.model_error.has_value()))
    return *d + (plain.error ? ": " + plain.error->text : ": " + engine.model_error->text);
  if (plain.error) {
    return differ("steps to the model error", plain.error->run.actions.size(),
                  engine.model_error->trace.steps.size());
  }
  if (auto d = differ("complete", plain.complete, engine.complete)) return d;
  if (auto d = differ("states", plain.states.size(), engine.states)) return d;
  if (auto d = differ("transitions", plain.transitions, engine.transitions)) return d;
  if (auto d = differ("depth", plain.depth, engine.depth)) return d;
  if (auto d = differ("properties", plain.properties.size(), engine.properties.size())) return d;
  for (std::size_t p = 0; p < plain.properties.size(); ++p) {
    if (auto d = differ(plain.properties[p], engine.properties[p])) return d;
  }
  for (const std::string& label : engine.vacuity.unreached_labels) {
    if (std::find(plain.unreached_labels.begin(), plain.unreached_labels.end(), label) ==
        plain.unreached_labels.end())
      return fmt::format("the label {} is reached, says the reference", label);
  }
  return {};
}

// What the reference does not confirm of the engine's traces.
Difference unconfirmed(const model::Model& model, const model::Valuation& valuation,
                       const result::CheckResult& engine) {
  if (engine.model_error) {
    const auto replayed = audit::replay_model_error(model, valuation, engine.model_error->trace);
    if (!replayed.valid) return "the trace of the model error: " + replayed.why;
  }
  for (const result::PropertyResult& property : engine.properties) {
    if (!property.trace) continue;
    const auto replayed = audit::replay(model, valuation, *property.trace);
    if (!replayed.valid) return fmt::format("the trace of {}: {}", property.name, replayed.why);
  }
  return {};
}

// Nothing if the input is refused.
template <class F>
auto unless_refused(F f, std::string& why) -> std::optional<decltype(f())> {
  try {
    return f();
  } catch (const support::InputError& error) {
    why = error.what();
    return {};
  }
}

using Cut = std::function<bool(model::Model&)>; // false: there was nothing to cut

// All ways to leave one thing out.
std::vector<Cut> cuts_of(const model::Model& model) {
  std::vector<Cut> cuts;
  for (std::uint32_t p = 0; p < model.properties.size(); ++p)
    cuts.emplace_back([p](model::Model& m) { return m.properties.erase(m.properties.begin() + p), true; });
  for (auto t : model.threads.ids()) {
    const auto& steps = model.threads[t].steps;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      const auto at = static_cast<std::ptrdiff_t>(s);
      cuts.emplace_back(
          [=](model::Model& m) { return m.threads[t].steps.erase(m.threads[t].steps.begin() + at), true; });
    }
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (!steps[s].updates.empty())
        cuts.emplace_back([=](model::Model& m) { return m.threads[t].steps[s].updates.pop_back(), true; });
      if (!steps[s].facts.empty())
        cuts.emplace_back([=](model::Model& m) { return m.threads[t].steps[s].facts.pop_back(), true; });
      if (!steps[s].named.empty())
        cuts.emplace_back([=](model::Model& m) { return m.threads[t].steps[s].named.pop_back(), true; });
      if (!model::is_true(steps[s].guard))
        cuts.emplace_back(
            [=](model::Model& m) { return m.threads[t].steps[s].guard = model::truth(true), true; });
    }
  }
  return cuts;
}

} // namespace

std::optional<std::string> disagreement(const model::Model& model, const model::Valuation& valuation) {
  std::string plain_refusal, engine_refusal;
  const auto plain = unless_refused(
      [&] { return semantics::explore_plainly(semantics::Interpreter(model, valuation), most_states); },
      plain_refusal);
  const auto engine = unless_refused(
      [&] { return explore::check(model, valuation, lower::instantiate(model, valuation), {}); },
      engine_refusal);
  if (plain.has_value() != engine.has_value())
    return fmt::format("only one refuses the model: {}{}", plain_refusal, engine_refusal);
  if (!plain) return {};
  const Difference difference = differ(*plain, *engine);
  return difference ? difference : unconfirmed(model, valuation, *engine);
}

model::Model shrunk(model::Model model, const std::function<bool(const model::Model&)>& still_wrong) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const Cut& cut : cuts_of(model)) {
      model::Model candidate = model;
      if (!cut(candidate) || !model::validate(candidate).empty() || !still_wrong(candidate)) continue;
      model = std::move(candidate);
      smaller = true;
      break;
    }
  }
  return model;
}

std::string written_out(const model::Model& model) {
  std::string text = model.name + "\n";
  for (const model::Variable& variable : model.variables) {
    text +=
        fmt::format("  {} = {}\n", variable.name, variable.initial ? print(model, *variable.initial) : "any");
  }
  for (const model::Thread& thread : model.threads) {
    text += fmt::format("  thread {}, starts at {}\n", thread.name, thread.labels[thread.start].name);
    for (const model::Step& step : thread.steps) {
      text += fmt::format("    {}{} -> {}: {}", step.silent ? "silently " : "", thread.labels[step.from].name,
                          thread.labels[step.to].name, print(model, step.guard));
      for (const auto& conjunct : step.named) {
        text +=
            fmt::format(" && [{}] {}", model.guards[conjunct.guard].name, print(model, conjunct.condition));
      }
      for (const auto& update : step.updates) {
        text += fmt::format("; {} := {}", print_reference(model, update.target), print(model, update.value));
      }
      for (const auto& fact : step.facts) text += fmt::format("; fact {}", fact.index());
      text += step.error.empty() ? "\n" : "; error\n";
    }
  }
  return text;
}

} // namespace tdxcheck::tests
