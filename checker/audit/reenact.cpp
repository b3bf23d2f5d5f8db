// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/reenact.h"

#include "audit/named_state.h"
#include "support/near_miss.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tdxcheck::audit {
namespace {

using semantics::Action;

struct Look {
  const semantics::Interpreter& interpreter;
  const semantics::State& state;
  const result::TraceStep& told;

  const model::Instance& instance() const { return interpreter.instance(); }
  const model::Thread& thread_of(const Action& action) const {
    return instance().model().threads[instance().threads()[action.thread].thread];
  }
  const model::Step& step_of(const Action& action) const { return thread_of(action).steps[action.step]; }

  // Where the action ends; a model error ends nowhere.
  std::string to(const Action& action) const {
    return thread_of(action).labels[action.next.at[action.thread]].name;
  }

  result::Names choices(const Action& action) const {
    result::Names made;
    for (std::size_t i = 0; i < action.choices.size(); ++i)
      made[step_of(action).choices[i].bound.name] = std::to_string(action.choices[i]);
    return made;
  }

  result::Names changed(const Action& action) const { return changes(instance(), state, action.next); }

  std::string in_words(const Action& action) const {
    std::string words = action.model_error ? "an ill-formed step" : "to `" + to(action) + "`";
    for (const auto& [name, value] : choices(action)) words += fmt::format(" with {} = {}", name, value);
    return words;
  }

  // How much of what the trace tells besides is true of the action.
  int likeness(const Action& action) const {
    const model::Step& step = step_of(action);
    std::vector<std::string> failed;
    for (const auto& assertion : action.failed) failed.push_back(assertion.text);
    return int{failed == told.failed} + int{step.text == told.text} + int{step.function == told.function} +
           int{step.call == told.call} + int{step.status == told.status} +
           int{fmt::format("{}:{}", step.source.file, step.source.line) == told.source};
  }

  std::string others(const std::vector<Action>& mine) const {
    std::set<std::string> ways;
    for (const Action& action : mine) ways.insert(in_words(action));
    if (ways.empty()) return fmt::format("{} can take no step there", told.thread);
    return fmt::format("from there {} can go {}", told.thread, fmt::join(ways, ", "));
  }

  // The first thing in which what happens and what the trace tells differ; empty if nothing does.
  std::string wrong_change(const Action& action) const {
    const result::Names happens = changed(action);
    for (const auto& [name, value] : told.changed) {
      const auto now = names_of(instance(), action.next);
      if (!now.contains(name) || name.starts_with("at ")) return unknown_cell(instance(), name);
      if (!happens.contains(name))
        return fmt::format("`{}` stays {}, the trace says {}", name, now.at(name), value);
    }
    for (const auto& [name, value] : happens) {
      const auto said = told.changed.find(name);
      if (said == told.changed.end())
        return fmt::format("`{}` changes to {}, the trace says that it stays", name, value);
      if (said->second != value)
        return fmt::format("`{}` changes to {}, the trace says {}", name, value, said->second);
    }
    return {};
  }
};

std::string known_threads(const model::Instance& instance, const std::string& asked) {
  std::vector<std::string> known;
  for (const model::ThreadInstance& who : instance.threads()) known.push_back(who.name);
  return support::did_you_mean("thread", asked, known);
}

Fitting none(std::string why) { return {{}, std::move(why)}; }

// Those that fit in all respects; `nearest` says in which the last ones did not.
Fitting narrow(const Look& look, const std::vector<Action>& mine, Expect expected) {
  std::vector<Action> left;
  for (const Action& action : mine) {
    if (action.model_error.has_value() != (expected == Expect::a_model_error)) continue;
    if (expected == Expect::a_model_error || look.to(action) == look.told.to) left.push_back(action);
  }
  if (left.empty()) {
    const auto error =
        std::find_if(mine.begin(), mine.end(), [](const Action& a) { return a.model_error.has_value(); });
    if (expected == Expect::a_model_error) return none("nothing that it can do there is ill-formed");
    if (error != mine.end()) return none("the model is ill-formed there: " + *error->model_error);
    return none(fmt::format("{} cannot go there; {}", look.told.thread, look.others(mine)));
  }
  std::vector<Action> chosen;
  for (const Action& action : left)
    if (look.choices(action) == look.told.choices) chosen.push_back(action);
  if (chosen.empty())
    return none(
        fmt::format("the choices are others than in any step that is enabled; {}", look.others(mine)));
  if (expected == Expect::a_model_error) return {chosen, {}};
  std::vector<Action> fit;
  for (const Action& action : chosen)
    if (look.wrong_change(action).empty()) fit.push_back(action);
  if (!fit.empty()) return {fit, {}};
  std::string why = look.wrong_change(chosen.front());
  if (mine.size() > 1) why += "; " + look.others(mine);
  return none(why);
}

} // namespace

Fitting fitting(const semantics::Interpreter& interpreter, const semantics::State& state,
                const result::TraceStep& step, Expect expected) {
  const Look look{interpreter, state, step};
  const auto& threads = interpreter.instance().threads();
  const auto who =
      std::find_if(threads.begin(), threads.end(), [&](const auto& t) { return t.name == step.thread; });
  if (who == threads.end()) return none(known_threads(interpreter.instance(), step.thread));
  const auto position = static_cast<std::size_t>(who - threads.begin());
  const model::Thread& thread = interpreter.instance().model().threads[who->thread];
  const std::string& here = thread.labels[state.at[position]].name;
  if (here != step.from)
    return none(fmt::format("{} is at `{}`, the trace says `{}`", who->name, here, step.from));
  std::vector<Action> mine;
  for (Action& action : interpreter.actions(state))
    if (action.thread == position) mine.push_back(std::move(action));
  Fitting answer = narrow(look, mine, expected);
  std::stable_sort(answer.actions.begin(), answer.actions.end(),
                   [&](const Action& a, const Action& b) { return look.likeness(a) > look.likeness(b); });
  return answer;
}

} // namespace tdxcheck::audit
