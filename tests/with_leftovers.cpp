// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/with_leftovers.h"

#include "tests/dice.h"

namespace tdxcheck::tests {
namespace {

constexpr int highest = 2;

using model::BinaryOp;
using model::Expr;

class Leftovers {
public:
  Leftovers(model::Model& model, model::Id<model::Thread> thread, Dice& dice)
      : thread_(model.threads[thread]), dice_(dice) {
    model::Variable local;
    local.name = thread_.name + ".leftover";
    local.type.scalar = model::IntegerType{model::integer(0), model::integer(highest)};
    local.initial = model::integer(0);
    local.scope = model::LocalScope{thread};
    own_.variable = model.variables.add(local);
    if (thread_.over) own_.at = {model::make({model::SortKind::index, thread_.over->value}, model::Self{})};
  }

  void scatter() {
    for (model::Step& step : thread_.steps) {
      if (step.silent) continue;
      if (dice_.chance(33)) step.updates.push_back({own_, value()});
      if (dice_.chance(20)) step.guard = model::conjunction(step.guard, condition());
    }
  }

private:
  [[nodiscard]] Expr read() const { return model::make({model::SortKind::integer, 0}, own_); }
  [[nodiscard]] Expr condition() {
    return model::binary(BinaryOp::less_equal, read(), model::integer(dice_.between(0, highest)));
  }
  [[nodiscard]] Expr value() {
    if (dice_.chance(50)) return model::integer(dice_.between(0, highest));
    const Expr more = model::binary(BinaryOp::add, read(), model::integer(1));
    if (dice_.chance(12)) return more;
    const Expr below = model::binary(BinaryOp::less, read(), model::integer(highest));
    return model::conditional(below, more, read());
  }

  model::Thread& thread_;
  Dice& dice_;
  model::VariableRef own_;
};

} // namespace

model::Model with_leftovers(model::Model model, std::uint64_t seed) {
  Dice dice(seed);
  for (const auto thread : model.threads.ids()) Leftovers(model, thread, dice).scatter();
  return model;
}

} // namespace tdxcheck::tests
