// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/subject.h"

#include "model/instance.h"
#include "model/print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tdxcheck::report {

namespace {

std::vector<std::string> changes(const model::Model& model, const model::Valuation& base,
                                 const model::Valuation& valuation) {
  std::vector<std::string> texts;
  for (const auto id : model.parameters.ids()) {
    const model::Value now = valuation.parameters.at(id.value), was = base.parameters.at(id.value);
    if (now != was)
      texts.push_back(fmt::format("{}={} (otherwise {})", model.parameters[id].name,
                                  print_parameter(model, id, now), print_parameter(model, id, was)));
  }
  return texts;
}

std::string sizes_of(const model::Instance& instance) {
  const model::Model& model = instance.model();
  std::vector<std::string> sets, threads;
  for (const auto id : model.sets.ids())
    sets.push_back(fmt::format("{} {}", model.sets[id].name, instance.size(id)));
  for (const auto& thread : model.threads)
    if (!thread.steps.empty())
      threads.push_back(thread.name + (thread.over ? fmt::format(" x{}", instance.size(*thread.over)) : ""));
  return fmt::format("{}{}threads {}", fmt::join(sets, ", "), sets.empty() ? "" : "; ",
                     fmt::join(threads, ", "));
}

} // namespace

Subject subject_of(const model::Model& written, const model::Valuation& base,
                   const model::Valuation& valuation, const model::Model& instantiated) {
  Subject subject{written.summary, changes(written, base, valuation), {}, {}};
  subject.sizes = sizes_of(model::Instance(instantiated, valuation));
  const model::Instance instance(written, valuation);
  for (const auto& cell : instance.cells())
    if (!written.variables[cell.variable].initial) subject.chosen.insert(cell.name);
  return subject;
}

} // namespace tdxcheck::report
