// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/local_values.h"

#include "support/contract.h"

namespace tdxcheck::lower {

using model::Expr;

bool is_own_scalar(const model::Model& model, model::Id<model::Thread> thread,
                   const model::VariableRef& reference) {
  const model::Variable& variable = model.variables[reference.variable];
  const auto* scope = std::get_if<model::LocalScope>(&variable.scope);
  if (scope == nullptr || scope->thread != thread || !variable.type.array_of.empty()) return false;
  if (!model.threads[thread].over) return reference.at.empty();
  return reference.at.size() == 1 && std::holds_alternative<model::Self>(reference.at.front().node().kind);
}

namespace {

// A step may also write a local of its own kind of thread through another expression than Self; whether that
// is the own one is then a condition.
Expr read(const model::Model& model, const std::vector<model::Update>& updates, const Expr& own) {
  const auto& reference = std::get<model::VariableRef>(own.node().kind);
  Expr value = own;
  for (const model::Update& update : updates) {
    if (update.target.variable != reference.variable) continue;
    if (update.target.at == reference.at) {
      value = update.value;
    } else {
      const Expr same = model::binary(model::BinaryOp::equal, update.target.at.front(), reference.at.front());
      value = simplify(model, model::make(own.sort(), model::Conditional{same, update.value, value}));
    }
  }
  return value;
}

} // namespace

Expr after(const model::Model& model, model::Id<model::Thread> thread,
           const std::vector<model::Update>& updates, const Expr& expression) {
  return rewrite(model, expression, [&](const Expr& e) -> std::optional<Expr> {
    const auto* reference = std::get_if<model::VariableRef>(&e.node().kind);
    if (reference == nullptr || !is_own_scalar(model, thread, *reference)) return {};
    return read(model, updates, e);
  });
}

std::vector<model::Update> in_sequence(const model::Model& model, model::Id<model::Thread> thread,
                                       const std::vector<model::Update>& earlier,
                                       const std::vector<model::Update>& silent) {
  std::vector<model::Update> result = earlier;
  for (const model::Update& update : silent) {
    support::expects(is_own_scalar(model, thread, update.target),
                     "a silent step writes own scalar locals only");
    const Expr value = after(model, thread, earlier, update.value);
    bool overwritten = false;
    for (model::Update& previous : result) {
      if (previous.target.variable != update.target.variable) continue;
      if (previous.target.at == update.target.at) {
        previous.value = value;
        overwritten = true;
      } else {
        const Expr same =
            model::binary(model::BinaryOp::equal, previous.target.at.front(), update.target.at.front());
        previous.value =
            simplify(model, model::make(value.sort(), model::Conditional{same, value, previous.value}));
      }
    }
    if (!overwritten) result.push_back({update.target, value});
  }
  return result;
}

} // namespace tdxcheck::lower
