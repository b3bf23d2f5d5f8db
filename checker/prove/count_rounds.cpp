// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/count_rounds.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Expr;
using model::Id;

std::string name_of_count(const model::Model& model, const model::Property& property,
                          const model::Retries& claim) {
  const model::Loop& loop = model.loops[claim.loop];
  return fmt::format("{}.rounds of {} ({})", model.threads[loop.thread].name, loop.name, property.name);
}

Expr exceeds(const Expr& rounds, const model::Retries& claim) {
  return model::binary(BinaryOp::less, claim.limit, rounds);
}

// The count after the facts of a step, given what it was before.
std::optional<Expr> after(const std::vector<model::Fact>& facts, const model::Retries& claim, Expr rounds) {
  bool changed = false;
  for (const model::Fact& fact : facts) {
    const auto* event = std::get_if<model::LoopEvent>(&fact);
    if (event == nullptr || event->loop != claim.loop || event->action == model::LoopAction::leave) continue;
    const Expr next = event->action == model::LoopAction::enter
                          ? model::integer(0)
                          : model::binary(BinaryOp::add, rounds, model::integer(1));
    rounds = model::conditional(exceeds(rounds, claim), rounds, next);
    changed = true;
  }
  return changed ? std::optional(rounds) : std::nullopt;
}

void add_count(model::Model& model, const model::Property& property, const model::Retries& claim) {
  const Id<model::Thread> owner = model.loops[claim.loop].thread;
  model::Thread& thread = model.threads[owner];
  model::Variable count;
  count.name = name_of_count(model, property, claim);
  const Expr most = model::binary(BinaryOp::add, claim.limit, model::integer(1));
  count.type = {model::IntegerType{model::integer(0), most}, {}};
  count.initial = after(thread.start_facts, claim, model::integer(0)).value_or(model::integer(0));
  count.scope = model::LocalScope{owner};
  count.source = property.source;
  model::VariableRef own{model.variables.add(count), {}};
  if (thread.over) own.at.push_back(model::make({model::SortKind::index, thread.over->value}, model::Self{}));
  const Expr rounds = model::make({model::SortKind::integer, 0}, own);
  for (model::Step& step : thread.steps)
    if (const auto next = after(step.facts, claim, rounds)) step.updates.push_back({own, *next});
}

} // namespace

model::Model count_rounds(model::Model model) {
  const std::vector<model::Property> properties = model.properties;
  for (const model::Property& property : properties)
    if (const auto* claim = std::get_if<model::Retries>(&property.claim)) add_count(model, property, *claim);
  return model;
}

Expr within_limit(const model::Model& model, const model::Property& property, const model::Retries& claim) {
  const std::string name = name_of_count(model, property, claim);
  const auto ids = model.variables.ids();
  const auto found =
      std::ranges::find_if(ids, [&](const auto id) { return model.variables[id].name == name; });
  support::ensures_internal(found != ids.end(), "the rounds of a claimed loop are counted");
  const model::Sort integer{model::SortKind::integer, 0};
  const Expr limited =
      model::negation(model::binary(BinaryOp::equal, claim.limit, model::integer(model::unlimited)));
  const auto& over = model.threads[model.loops[claim.loop].thread].over;
  if (!over) {
    const Expr rounds = model::make(integer, model::VariableRef{*found, {}});
    return model::binary(BinaryOp::implies, limited, model::negation(exceeds(rounds, claim)));
  }
  // A number that no name of the model has: names are numbered from 0.
  const model::BoundName member{0x7fffffff, "m"};
  const Expr self = model::make({model::SortKind::index, over->value}, model::BoundRef{member});
  const Expr rounds = model::make(integer, model::VariableRef{*found, {self}});
  const Expr each = model::make({model::SortKind::boolean, 0},
                                model::Quantified{model::QuantifierKind::for_all, member, *over,
                                                  model::negation(exceeds(rounds, claim))});
  return model::binary(BinaryOp::implies, limited, each);
}

} // namespace tdxcheck::prove
