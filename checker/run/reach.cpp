// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/reach.h"

#include "explore/tabled_system.h"
#include "explore/trace_of.h"
#include "lower/shrink.h"
#include "run/valuation.h"
#include "support/error.h"

namespace tdxcheck::run {
namespace {

explore::Contexts contexts_of(const model::Model& instantiated) {
  std::vector<model::Problem> problems;
  explore::Contexts contexts = model::label_contexts(instantiated, problems);
  if (!problems.empty()) throw support::InputError(model::describe(problems));
  return contexts;
}

} // namespace

Reach::Reach(const Target& target, const explore::Options& options)
    : instantiated_(run::instantiated(target)),
      searched_(lower::shrink(instantiated_, target.valuation)),
      written_(target.model, target.valuation),
      instance_(searched_, target.valuation),
      told_instance_(instantiated_, target.valuation),
      system_(instance_),
      told_(told_instance_),
      contexts_(contexts_of(searched_)) {
  explore::SearchObserver observer;
  const explore::Limits limits{options.seconds, options.memory_bytes, options.interrupted, options.progress};
  explore::TabledSystem tables(system_);
  search_ = explore::breadth_first_search(tables, observer, limits, true);
}

std::optional<result::ModelError> Reach::model_error() {
  if (!search_.model_error) return {};
  const explore::ErroneousMove& error = *search_.model_error;
  const explore::Explanation what = system_.explain(search_.graph.state(error.from), error.move);
  explore::TraceWriter writer(written_, system_, search_.graph, &told_);
  return result::ModelError{what.error, writer.to(error.from, error.move)};
}

} // namespace tdxcheck::run
