// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/override_fairness.h"

#include <algorithm>
#include <set>
#include <vector>

#include "support/error.h"
#include "support/near_miss.h"

namespace tdxcheck::lower {
namespace {

using model::Fairness;

Fairness overridden(Fairness fairness, const std::string& word) {
  if (word == "none" || fairness == Fairness::none) return Fairness::none;
  return word == "weak" ? Fairness::weak : Fairness::strong;
}

bool is_meant(const model::Step& step, const std::string& text) {
  return text.empty() || step.text == text || step.function == text || step.call == text;
}

[[noreturn]] void refuse_text(const model::Model& model, const std::string& text) {
  std::set<std::string> known;
  for (const model::Thread& thread : model.threads)
    for (const model::Step& step : thread.steps)
      for (const std::string* name : {&step.text, &step.function, &step.call})
        if (!name->empty()) known.insert(*name);
  throw support::InputError(support::did_you_mean("step", text, std::vector(known.begin(), known.end())));
}

} // namespace

void override_fairness(model::Model& model, const std::string& how) {
  const auto colon = how.find(':');
  const std::string word = how.substr(0, colon);
  const std::string text = colon == std::string::npos ? "" : how.substr(colon + 1);
  const std::vector<std::string> known{"none", "weak", "strong"};
  if (std::ranges::find(known, word) == known.end())
    throw support::InputError(support::did_you_mean("fairness", word, known));
  if (colon != std::string::npos && text.empty())
    throw support::InputError("`" + how + "` names no step after the colon");
  bool any = false;
  for (model::Thread& thread : model.threads) {
    for (model::Step& step : thread.steps) {
      if (step.silent || !is_meant(step, text)) continue;
      any = true;
      step.fairness = overridden(step.fairness, word);
    }
  }
  if (!any && !text.empty()) refuse_text(model, text);
}

} // namespace tdxcheck::lower
