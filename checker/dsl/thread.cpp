// SPDX-License-Identifier: GPL-2.0-or-later
#include "dsl/thread.h"

#include <exception>

#include "support/contract.h"

namespace tdxcheck::dsl {

using model::SortKind;
using Place = ThreadBuilder::Place;

// ---- branches ----

Branch::Branch(ThreadBuilder& thread, const Expr& condition, Location where)
    : thread_(&thread), source_(source_of(where)), condition_(condition.tree()) {}

Branch& Branch::then(const Body& body) {
  support::expects(!has_then_, "when(...) has one then(...)");
  has_then_ = true;
  const auto [yes, no] = thread_->split(condition_, source_);
  else_start_ = no;
  thread_->go_on_at(yes);
  body();
  then_end_ = thread_->place();
  thread_->go_on_at(else_start_);
  return *this;
}

Branch& Branch::otherwise(const Body& body) {
  support::expects(has_then_ && !has_else_, "otherwise(...) follows one then(...)");
  has_else_ = true;
  body();
  return *this;
}

Branch::~Branch() noexcept(false) {
  if (std::uncaught_exceptions() > 0 || !has_then_) return;
  const Place else_end = thread_->place();
  if (!then_end_) return; // only the other side goes on
  if (!else_end) {
    thread_->go_on_at(then_end_);
    return;
  }
  const auto join = thread_->fresh_label(source_);
  thread_->go_on_at(then_end_);
  thread_->jump(join, source_);
  thread_->go_on_at(else_end);
  thread_->jump(join, source_);
}

Branch when(const Expr& condition, Location where) { return {here().thread(), condition, where}; }

// ---- loops ----

namespace {

model::Id<model::Loop> declare_loop(ThreadBuilder& thread, const std::string& name,
                                    const model::Source& source) {
  auto& loops = thread.builder().model().loops;
  for (const auto id : loops.ids())
    if (loops[id].name == name && loops[id].thread == thread.id()) return id;
  return loops.add({name, thread.id(), thread.functions, source});
}

std::vector<model::Fact> loop_fact(model::LoopAction action, model::Id<model::Loop> loop) {
  return {model::Fact{model::LoopEvent{action, loop}}};
}

} // namespace

void LoopWords::retry_while(const Expr& condition, const Expr& limit, const Body& body) {
  go_round(First::condition, condition, limit, body);
}
void LoopWords::try_and_retry_while(const Expr& condition, const Expr& limit, const Body& body) {
  go_round(First::body, condition, limit, body);
}
void LoopWords::repeat_while(const Expr& condition, const Body& body) {
  go_round(First::condition, condition, Expr(unlimited), body);
}
void LoopWords::forever(const Body& body) { go_round(First::condition, true, Expr(unlimited), body); }

// head --[condition, rounds left]--> body --> head, and head --[else]--> after. Entering, going round and
// leaving are facts of the steps before, so the loop itself costs no state but its counter.
void LoopWords::go_round(First first, const Expr& condition, const Expr& limit, const Body& body) {
  const auto source = source_of(where_);
  const auto loop = declare_loop(*thread_, name_, source);
  const Expr no_limit = limit == Expr(unlimited);
  const auto counter = thread_->hidden_local(
      name_ + "_retries", integer(0, choose(no_limit, 0, limit)).type(), model::integer(0), source);
  const Expr rounds(thread_->read(counter));
  const auto set_rounds = [&](const Expr& value) {
    return std::vector<model::Update>{thread_->write(counter, value.as(rounds.tree().sort()))};
  };

  const auto head = thread_->fresh_label(source), round = thread_->fresh_label(source);
  thread_->jump(first == First::condition ? head : round, source, set_rounds(0),
                loop_fact(model::LoopAction::enter, loop));
  thread_->go_on_at(head);
  const auto [wanted, done] = thread_->split(condition.tree(), source);

  Place out;
  const auto leave = thread_->exit_label(out, source);
  thread_->go_on_at(done);
  thread_->jump(leave, source);

  const Expr left = no_limit || rounds < limit;
  thread_->go_on_at(wanted);
  thread_->branch(left.tree(), round, source, set_rounds(choose(no_limit, 0, rounds + 1)),
                  loop_fact(model::LoopAction::again, loop));
  thread_->branch((!left).tree(), leave, source);
  thread_->go_on_at(round);
  thread_->with_cleanup(source, set_rounds(0), loop_fact(model::LoopAction::leave, loop),
                        [&] { thread_->with_exit(thread_->leaves, out, body); });
  if (thread_->place()) thread_->jump(head, source);

  thread_->go_on_at(leave);
  const auto after = thread_->fresh_label(source);
  thread_->jump(after, source, set_rounds(0), loop_fact(model::LoopAction::leave, loop));
}

// ---- the words ----

Expr Thread::self() const { return Expr(thread_->self()); }

Variable Thread::local(const std::string& name, const Type& type, const Expr& initial, Location where) {
  const model::Expr value = initial.empty() ? model::Expr() : initial.as(model::sort_of(type.type().scalar));
  return {thread_->local(name, type.type(), value, source_of(where)), thread_->self_index()};
}

Variable Thread::scratch(const std::string& name, const Type& type, const Expr& initial, Location where) {
  const auto& variables = thread_->builder().model().variables;
  for (const auto id : variables.ids()) {
    if (variables[id].name == thread_->thread().name + "." + name) return {id, thread_->self_index()};
  }
  return local(name, type, initial, where);
}

void Thread::runs_on(const Expr& cpu) { thread_->thread().cpu = cpu.tree(); }

StepWords Thread::step(const std::string& text, Location where) { return {*thread_, text, where}; }

void Thread::let(const Variable& target, const Expr& value, Location where) {
  const model::Expr tree = value.as(target.tree().sort());
  if (thread_->is_local(target.reference()) && thread_->is_local(tree)) {
    const auto source = source_of(where);
    thread_->jump(thread_->fresh_label(source), source, {{target.reference(), tree}});
  } else {
    step("assign", where).set(target, value);
  }
}

void Thread::await(const std::string& text, const Expr& condition, Location where) {
  step(text, where).when(condition);
}

void Thread::function(const std::string& name, const Body& body, Location where) {
  auto inner = thread_->surroundings();
  inner.function = name;
  Place out;
  thread_->functions.push_back(name);
  thread_->with_surroundings(inner, [&] { thread_->with_exit(thread_->returns, out, body); });
  thread_->functions.pop_back();
  if (out) thread_->jump(out, source_of(where));
}

void Thread::return_(Location where) {
  support::expects(!thread_->returns.empty(), "return_() outside a function");
  const auto source = source_of(where);
  thread_->jump(thread_->exit_label(*thread_->returns.back(), source), source);
  thread_->go_on_at({});
}

void Thread::call(const std::string& name, model::Domain domain, const Body& body, Location where) {
  auto inner = thread_->surroundings();
  inner.call = name;
  inner.domain = domain;
  Place out;
  thread_->with_surroundings(inner, [&] { thread_->with_exit(thread_->returns, out, body); });
  if (out) thread_->jump(out, source_of(where));
}

LoopWords Thread::loop(const std::string& name, Location where) { return {*thread_, name, where}; }

// Not a loop that anybody asks the bound of: an environment that goes on.
void Thread::forever(const Body& body, Location where) {
  const auto source = source_of(where);
  const auto head = thread_->fresh_label(source);
  thread_->jump(head, source);
  Place out;
  thread_->with_exit(thread_->leaves, out, body);
  if (thread_->place()) thread_->jump(head, source);
  thread_->go_on_at(out);
}

void Thread::leave_loop(Location where) {
  support::expects(!thread_->leaves.empty(), "leave_loop() outside a loop");
  const auto source = source_of(where);
  thread_->jump(thread_->exit_label(*thread_->leaves.back(), source), source);
  thread_->go_on_at({});
}

void Thread::operation(const std::string& name, const Body& body, Location where) {
  const auto source = source_of(where);
  auto& operations = thread_->builder().model().operations;
  auto operation = model::Id<model::Operation>{};
  bool known = false;
  for (const auto id : operations.ids()) {
    if (operations[id].name != name || operations[id].thread != thread_->id()) continue;
    operation = id;
    known = true;
  }
  if (!known) operation = operations.add({name, thread_->id(), thread_->functions, source});
  const auto fact = [&](model::OperationAction action) {
    return std::vector<model::Fact>{model::OperationEvent{action, operation}};
  };
  thread_->jump(thread_->fresh_label(source), source, {}, fact(model::OperationAction::begin));
  thread_->with_cleanup(source, {}, fact(model::OperationAction::end), body);
  if (thread_->place())
    thread_->jump(thread_->fresh_label(source), source, {}, fact(model::OperationAction::end));
}

namespace {

// The body for one member; leave_loop() in it goes on behind the last member.
void visit_one(ThreadBuilder& thread, const model::Source& source, const std::vector<model::Update>& forget,
               model::Id<model::Label> out, const Body& body) {
  Place early;
  thread.with_cleanup(source, forget, {}, [&] { thread.with_exit(thread.leaves, early, body); });
  const Place after = thread.place();
  if (early) {
    thread.go_on_at(early);
    thread.jump(out, source, forget);
  }
  thread.go_on_at(after);
}

void visit_in_order(ThreadBuilder& thread, const IndexSet& set, const std::string& name,
                    const std::function<void(const Expr&)>& body, const model::Source& source) {
  const model::Sort sort{SortKind::index, set.id().value};
  const auto at = thread.hidden_local(name, index(set).type(), model::literal(sort, 0), source);
  const Expr member(thread.read(at));
  const auto head = thread.fresh_label(source), out = thread.fresh_label(source);
  const std::vector<model::Update> forget{thread.write(at, model::literal(sort, 0))};
  thread.jump(head, source, forget);
  visit_one(thread, source, forget, out, [&] { body(member); });
  if (!thread.place()) thread.go_on_at(thread.fresh_label(source));
  const model::Expr next = model::binary(model::BinaryOp::add, member.tree(), model::integer(1));
  const Expr is_last(model::binary(model::BinaryOp::equal, next, set.size().tree()));
  thread.branch(is_last.tree(), out, source, forget);
  thread.branch((!is_last).tree(), head, source, {thread.write(at, next)});
  thread.go_on_at(out);
}

void visit_in_any_order(ThreadBuilder& thread, const IndexSet& set, const std::string& name,
                        const std::function<void(const Expr&)>& body, Location where) {
  const auto source = source_of(where);
  const model::Sort member_sort{SortKind::index, set.id().value}, set_sort{SortKind::subset, set.id().value};
  const Variable at(thread.hidden_local(name, index(set).type(), model::literal(member_sort, 0), source),
                    thread.self_index());
  const Variable visited(
      thread.hidden_local(name + "s_done", subset(set).type(), model::literal(set_sort, 0), source),
      thread.self_index());
  const auto head = thread.fresh_label(source), out = thread.fresh_label(source);
  thread.jump(head, source);
  const auto next = thread.fresh_label(source);
  const Expr all = count(visited) == set.size();
  const std::vector<model::Update> forget{thread.write(visited.id(), model::literal(set_sort, 0)),
                                          thread.write(at.id(), model::literal(member_sort, 0))};
  thread.branch(all.tree(), out, source, forget);
  thread.branch((!all).tree(), next, source);
  thread.go_on_at(next);
  StepWords(thread, "for each " + name, where).some(set, name, [&](StepWords& step, const Expr& chosen) {
    step.when(!contains(visited, chosen)).set(at, chosen).set(visited, with(visited, chosen));
  });
  visit_one(thread, source, forget, out, [&] { body(at); });
  if (thread.place()) thread.jump(head, source);
  thread.go_on_at(out);
}

} // namespace

void Thread::for_each(const IndexSet& set, const std::string& name,
                      const std::function<void(const Expr&)>& body, Location where) {
  if (thread_->builder().model().sets[set.id()].symmetric) {
    visit_in_any_order(*thread_, set, name, body, where);
  } else {
    visit_in_order(*thread_, set, name, body, source_of(where));
  }
}

void Thread::one_of(const std::vector<Body>& bodies, Location where) {
  support::expects(!bodies.empty(), "one_of needs an alternative");
  const auto source = source_of(where);
  if (!thread_->place()) thread_->go_on_at(thread_->fresh_label(source));
  const Place start = thread_->place();
  Place out;
  for (const auto& body : bodies) {
    thread_->go_on_at(start);
    body();
    support::expects(thread_->place() != start, "an alternative of one_of opens with a step of its own");
    if (thread_->place()) thread_->jump(thread_->exit_label(out, source), source);
  }
  thread_->go_on_at(out);
}

void Thread::either(const std::vector<Alternative>& alternatives, Location where) {
  std::vector<Body> bodies;
  for (const auto& alternative : alternatives) {
    bodies.emplace_back([this, &alternative, where] {
      step(alternative.text, where).when(alternative.guard.empty() ? Expr(true) : alternative.guard);
      if (alternative.body) alternative.body();
    });
  }
  one_of(bodies, where);
}

void Thread::relying_on(const std::string& guard, const std::string& doc, const Body& body, Location where) {
  const Expr is_kept = kept(guard, doc, where);
  const auto id = here().guard(guard, doc, where);
  dsl::when(is_kept, where).then([&] {
    thread_->relied_on.push_back(id);
    body();
    thread_->relied_on.pop_back();
  });
}

void Thread::region(const std::string& name, const Body& body) {
  thread_->open_region(thread_->builder().region(name));
  body();
  thread_->close_region();
}

void Thread::in_domain(model::Domain domain, const Body& body) {
  auto inner = thread_->surroundings();
  inner.domain = domain;
  thread_->with_surroundings(inner, body);
}

void Thread::only_while(const Expr& condition, const Body& body) {
  auto inner = thread_->surroundings();
  inner.only_while = model::conjunction(inner.only_while, condition.tree());
  thread_->with_surroundings(inner, body);
}

void Thread::check(const std::string& property, const Expr& holds, const std::string& text, Location where) {
  const auto source = source_of(where);
  if (thread_->is_local(holds.tree())) {
    thread_->jump(thread_->fresh_label(source), source, {}, {model::Assertion{property, holds.tree(), text}});
  } else {
    step(text, where).asserts(property, holds, text);
  }
}

void Thread::may_stop_here(Location where) {
  if (!thread_->place()) thread_->go_on_at(thread_->fresh_label(source_of(where)));
  thread_->mark_end(*thread_->place());
}

void Thread::end(Location where) {
  if (!thread_->place()) return;
  may_stop_here(where);
  thread_->go_on_at({});
}

} // namespace tdxcheck::dsl
