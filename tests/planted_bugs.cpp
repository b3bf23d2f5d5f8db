// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/planted_bugs.h"

#include "model/validate.h"

#include <fmt/format.h>

#include <functional>

namespace tdxcheck::tests {

std::vector<PlantedBug> planted_bugs(const model::Model& model) {
  std::vector<PlantedBug> bugs;
  for (const auto thread : model.threads.ids()) {
    for (std::size_t s = 0; s < model.threads[thread].steps.size(); ++s) {
      const model::Step& good = model.threads[thread].steps[s];
      const auto plant = [&](const std::string& how,
                             const std::function<void(model::Step&, model::Model&)>& change) {
        PlantedBug bug{fmt::format("{}: step {} {}", model.threads[thread].name, s, how), model};
        change(bug.model.threads[thread].steps[s], bug.model);
        if (model::validate(bug.model).empty()) bugs.push_back(std::move(bug));
      };
      plant("asserts what is false", [](model::Step& step, model::Model& changed) {
        if (step.silent) return;
        step.facts.emplace_back(model::Assertion{"planted", model::truth(false), "planted"});
        changed.properties.push_back({"planted", model::Asserted{}, {}, {}, {}});
      });
      if (!good.guard.empty() && !good.silent)
        plant("has no guard", [](model::Step& step, model::Model&) { step.guard = model::truth(true); });
      if (!good.named.empty())
        plant("has no named conjuncts", [](model::Step& step, model::Model&) { step.named.clear(); });
      for (std::size_t u = 0; u < good.updates.size(); ++u)
        plant(fmt::format("without update {}", u), [u](model::Step& step, model::Model&) {
          step.updates.erase(step.updates.begin() + static_cast<std::ptrdiff_t>(u));
        });
      if (good.to != good.from && !good.silent)
        plant("stays where it is", [](model::Step& step, model::Model&) { step.to = step.from; });
    }
  }
  return bugs;
}

} // namespace tdxcheck::tests
