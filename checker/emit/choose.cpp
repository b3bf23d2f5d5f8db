// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/choose.h"

namespace tdxcheck::emit {
namespace {

void choose(const model::Instance& instance, const model::Step& step, std::size_t next, Members& members,
            const std::function<void(const Members&)>& body) {
  if (next == step.choices.size()) {
    body(members);
    return;
  }
  const model::Choice& choice = step.choices[next];
  for (model::Value member = 0; member < instance.size(choice.set); ++member) {
    members[choice.bound.number] = member;
    choose(instance, step, next + 1, members, body);
  }
}

} // namespace

void each_choice(const model::Instance& instance, const model::Step& step,
                 const std::function<void(const Members&)>& body) {
  Members members;
  choose(instance, step, 0, members, body);
}

model::Expr whole_guard(const model::Step& step) {
  model::Expr guard = step.guard;
  for (const auto& named : step.named)
    guard = model::is_true(guard) ? named.condition : model::conjunction(guard, named.condition);
  return guard;
}

} // namespace tdxcheck::emit
