// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/thread_writer.h"

#include "tests/sample_models.h"

#include <algorithm>

namespace tdxcheck::tests {

using namespace model;

ThreadWriter::ThreadWriter(Dice& dice, Generated& all, Id<Thread> thread)
    : dice_(dice), all_(all), id_(thread) {}

Surroundings ThreadWriter::surroundings(bool silent) {
  Surroundings here;
  here.model = &all_.model;
  here.thread = id_;
  here.silent = silent;
  here.next_bound = &all_.next_bound;
  return here;
}

ThreadWriter::Place ThreadWriter::fresh() {
  Label label;
  label.name = "l" + std::to_string(thread().labels.size());
  label.domain = static_cast<Domain>(dice_.below(4));
  return thread().labels.add(label);
}

Step ThreadWriter::step(Place from, Place to) {
  Step made;
  made.from = from;
  made.to = to;
  made.guard = truth(true);
  made.text = thread().labels[from].name + " to " + thread().labels[to].name;
  made.fairness = static_cast<Fairness>(dice_.below(3));
  made.source = {"generated", static_cast<unsigned>(thread().steps.size() + 1)};
  return made;
}

void ThreadWriter::write() {
  here_ = fresh();
  thread().start = here_;
  if (dice_.chance(10)) silent_assignment(true);
  plain();
  sequence(dice_.between(1, 3), 2);
  finish();
}

void ThreadWriter::sequence(int statements, int depth) {
  for (int i = 0; i < statements; ++i) statement(depth);
}

void ThreadWriter::statement(int depth) {
  if (depth <= 0) return plain();
  switch (dice_.below(13)) {
  case 0: return silent_assignment();
  case 1: return open_branch(depth);
  case 2:
  case 3: return silent_branch(depth);
  case 4: return bounded_loop(depth);
  case 5:
  case 6:
  case 7:
  case 8: return all_.model.locks.empty() ? plain() : locked(depth);
  case 9: return all_.model.locks.empty() ? plain() : tried(depth);
  case 10: return without_irqs(depth);
  default: return plain();
  }
}

void ThreadWriter::plain() {
  const Place next = fresh();
  Step made = step(here_, next);
  Surroundings inside = surroundings();
  if (!all_.model.sets.empty() && dice_.chance(20)) {
    const Id<IndexSet> set{static_cast<std::uint32_t>(dice_.below(all_.model.sets.size()))};
    made.choices.push_back({{all_.next_bound++, "c"}, set});
    inside.bound.emplace_back(made.choices.back().bound, set);
  }
  ExpressionMaker maker(dice_, inside);
  if (dice_.chance(25)) made.guard = maker.condition(2);
  if (dice_.chance(80)) update(made, maker);
  if (dice_.chance(25)) update(made, maker);
  decorate(made, maker);
  go(made);
  here_ = next;
}

void ThreadWriter::update(Step& made, ExpressionMaker& maker) {
  const auto seen = maker.visible();
  if (seen.empty()) return;
  const VariableRef target = maker.reference(dice_.pick(seen));
  if (std::any_of(made.updates.begin(), made.updates.end(),
                  [&](const Update& u) { return u.target == target; }))
    return;
  Expr guard = truth(true);
  const Expr value = maker.value_for(target, guard);
  // The narrowed guard is what keeps the value in its range.
  if (!all_.may_leave_ranges || dice_.chance(20)) made.guard = conjunction(made.guard, guard);
  made.updates.push_back({target, value});
}

void ThreadWriter::decorate(Step& made, ExpressionMaker& maker) {
  if (!all_.model.guards.empty() && dice_.chance(20)) {
    const Id<GuardName> name{static_cast<std::uint32_t>(dice_.below(all_.model.guards.size()))};
    made.named.push_back({name, maker.condition(1)});
  }
  if (dice_.chance(15))
    made.facts.emplace_back(
        Assertion{dice_.chance(70) ? "asserted" : "also_asserted", maker.condition(1), "sane"});
  if (dice_.chance(10)) made.facts.emplace_back(Cost{CostKind::seamcalls, integer(1)});
}

void ThreadWriter::silent_assignment(bool at_start) {
  Surroundings inside = surroundings(true);
  // Where a thread starts is the same for all members of its set.
  inside.with_self = !at_start;
  ExpressionMaker maker(dice_, inside);
  Step made = step(here_, fresh());
  made.silent = true;
  made.fairness = Fairness::none;
  const auto own = maker.visible();
  if (!own.empty()) {
    const VariableRef target = maker.reference(dice_.pick(own));
    Expr guard = truth(true);
    const Expr value = maker.value_for(target, guard);
    // A silent step cannot wait; where the value would not fit, nothing is assigned.
    if (is_true(guard)) made.updates.push_back({target, value});
  }
  here_ = made.to;
  go(made);
}

void ThreadWriter::open_branch(int depth) {
  const Place from = here_, join = fresh();
  ++branches_;
  for (int way = 0; way < 2; ++way) {
    Step made = step(from, fresh());
    ExpressionMaker maker(dice_, surroundings());
    if (dice_.chance(40)) made.guard = maker.condition(1);
    if (dice_.chance(50)) update(made, maker);
    decorate(made, maker);
    here_ = made.to;
    go(made);
    sequence(dice_.between(0, 1), depth - 1);
    go(step(here_, join));
  }
  --branches_;
  here_ = join;
}

void ThreadWriter::silent_branch(int depth) {
  const Place from = here_, join = fresh();
  ExpressionMaker maker(dice_, surroundings(true));
  const Expr condition = maker.condition(1);
  const bool decides = !all_.may_be_undecided || dice_.chance(50);
  ++branches_;
  for (const Expr& guard : {condition, decides ? negation(condition) : maker.condition(0)}) {
    Step made = step(from, fresh());
    made.silent = true;
    made.fairness = Fairness::none;
    made.guard = guard;
    if (dice_.chance(15))
      made.facts.emplace_back(Assertion{"asserted", maker.condition(0), "sane on the way"});
    here_ = made.to;
    go(made);
    sequence(dice_.between(0, 1), depth - 1);
    go(step(here_, join));
  }
  --branches_;
  here_ = join;
}

void ThreadWriter::bounded_loop(int depth) {
  const std::string name = thread().name + ".n" + std::to_string(all_.model.variables.size());
  const auto counter = all_.model.variables.add(
      {name, {IntegerType{integer(0), integer(2)}, {}}, integer(0), LocalScope{id_}, "", {}});
  const auto loop = all_.model.loops.add({"loop" + std::to_string(all_.model.loops.size()), id_, {}, {}});
  ExpressionMaker maker(dice_, surroundings());
  const VariableRef own = maker.reference(counter);
  const Expr count = read(all_.model, counter, own.at);
  const Expr again = binary(BinaryOp::less, count, integer(dice_.between(1, 2)));
  Step enter = step(here_, fresh());
  enter.updates = {{own, integer(0)}};
  enter.facts.emplace_back(LoopEvent{LoopAction::enter, loop});
  const Place head = enter.to;
  go(enter);
  Step in = step(head, fresh()), out = step(head, fresh());
  in.silent = out.silent = true;
  in.fairness = out.fairness = Fairness::none;
  in.guard = again;
  out.guard = negation(again);
  out.facts.emplace_back(LoopEvent{LoopAction::leave, loop});
  go(in);
  go(out);
  here_ = in.to;
  ++branches_;
  sequence(dice_.between(0, 1), depth - 1);
  --branches_;
  Step back = step(here_, head);
  back.updates = {{own, binary(BinaryOp::add, count, integer(1))}};
  back.facts.emplace_back(LoopEvent{LoopAction::again, loop});
  go(back);
  here_ = out.to;
}

void ThreadWriter::without_irqs(int depth) {
  const ContextAction way = dice_.chance(50) ? ContextAction::irqs_off : ContextAction::preempt_off;
  if (!off_.insert(way).second) return plain();
  Step off = step(here_, fresh());
  off.facts.emplace_back(ContextEvent{way});
  here_ = off.to;
  go(off);
  sequence(dice_.between(0, 1), depth - 1);
  if (branches_ == 0 && dice_.chance(10)) {
    unbalanced_ = true;
    return;
  }
  off_.erase(way);
  Step on = step(here_, fresh());
  const auto back = way == ContextAction::irqs_off ? ContextAction::irqs_on : ContextAction::preempt_on;
  on.facts.emplace_back(ContextEvent{back});
  here_ = on.to;
  go(on);
}

void ThreadWriter::finish() {
  Label& last = thread().labels[here_];
  last.end = dice_.chance(92);
  if (unbalanced_ || dice_.chance(50)) return;
  Step back = step(here_, thread().start);
  ExpressionMaker maker(dice_, surroundings());
  if (dice_.chance(30)) back.guard = maker.condition(1);
  go(back);
}

} // namespace tdxcheck::tests
