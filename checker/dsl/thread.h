// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The body of a thread: atomic steps, and the control flow between them. Control flow on parameters, named
// guards and locals costs no step; a condition that reads anything shared is read in a step of its own,
// because another thread may act between the test and what follows.

#include <functional>
#include <string>
#include <vector>

#include "dsl/builder.h"
#include "dsl/expression.h"
#include "dsl/protocol.h"
#include "dsl/thread_builder.h"

namespace tdxcheck::dsl {

using Body = std::function<void()>;

// One atomic step: everything said about it happens at once, updates simultaneously. The step is complete at
// the end of the full expression:
//
//   t.step("mutex_lock(tdx_lock)").when(!locked).set(locked, true).acquires(tdx_lock, exclusive);
class StepWords {
public:
  StepWords(ThreadBuilder& thread, std::string text, Location where);
  ~StepWords() noexcept(false);
  StepWords(const StepWords&) = delete;
  StepWords& operator=(const StepWords&) = delete;

  StepWords& when(const Expr& condition); // conjoined with what was said before
  StepWords& relies_on(const std::string& guard, const Expr& condition, const std::string& doc = {},
                       Location where = Location::current()); // dropped by --without GUARD
  StepWords& set(const Variable& target, const Expr& value);
  StepWords& set_if(const Expr& condition, const Variable& target, const Expr& value);
  // `some x in set such that`: say the rest of the step in the body.
  StepWords& some(const IndexSet& set, const std::string& name,
                  const std::function<void(StepWords&, const Expr&)>& body);
  StepWords& acquires(const Lock& lock, model::LockMode mode); // blocks: says what it waits for, too
  StepWords& tries(const Lock& lock, model::LockMode mode);    // succeeded
  StepWords& finds_busy(const Lock& lock, model::LockMode mode);
  StepWords& releases(const Lock& lock, model::LockMode mode);
  // What it waits for while it is not enabled: the members of `thread` for which `which` holds.
  StepWords& waits_for(const std::string& thread, const IndexSet& members, const std::string& text,
                       const Predicate& which);
  StepWords& waits_for(const std::string& thread, const std::string& text, const Expr& which = true);
  StepWords& waits_for_cpu(const Expr& cpu);
  StepWords& answers(const std::string& status);
  StepWords& asserts(const std::string& property, const Expr& holds, const std::string& text);
  StepWords& costs(model::CostKind kind, const Expr& amount = 1);
  StepWords& context(model::ContextAction action);
  StepWords& fair(model::Fairness fairness);
  StepWords& to_end(); // the thread's last step: its target is an end label and nothing follows

private:
  friend class Thread;
  StepWords& wait_for_threads(const std::string& thread, const std::string& text,
                              const model::BoundName& bound, const model::Expr& which);
  ThreadBuilder* thread_;
  model::Step step_;
  std::vector<std::pair<std::size_t, std::string>> awaited_; // fact, thread by name
  bool to_end_ = false;
};

// when(c).then([&] { ... }).otherwise([&] { ... })
class Branch {
public:
  Branch(ThreadBuilder& thread, const Expr& condition, Location where);
  ~Branch() noexcept(false);
  Branch(const Branch&) = delete;
  Branch& operator=(const Branch&) = delete;
  Branch& then(const Body& body);
  Branch& otherwise(const Body& body);

private:
  ThreadBuilder* thread_;
  model::Source source_;
  model::Expr condition_;
  ThreadBuilder::Place then_end_{}, else_start_{};
  bool has_then_ = false, has_else_ = false;
};

[[nodiscard]] Branch when(const Expr& condition, Location where = Location::current());

// loop("block").retry_while(rc == "OPERAND_BUSY", retries, [&] { ... })
class LoopWords {
public:
  LoopWords(ThreadBuilder& thread, std::string name, Location where)
      : thread_(&thread), name_(std::move(name)), where_(where) {}
  // Goes round at most `limit` times after what was tried before the loop; then falls through. No counter is
  // kept where the limit is unlimited.
  void retry_while(const Expr& condition, const Expr& limit, const Body& body);
  // do { body } while (condition): the first try is the body, too.
  void try_and_retry_while(const Expr& condition, const Expr& limit, const Body& body);
  void repeat_while(const Expr& condition, const Body& body);
  void forever(const Body& body); // until leave_loop()

private:
  enum class First { condition, body };
  void go_round(First first, const Expr& condition, const Expr& limit, const Body& body);
  ThreadBuilder* thread_;
  std::string name_;
  Location where_;
};

struct Alternative {
  std::string text;
  Expr guard; // may be empty
  Body body;
};

class Thread {
public:
  explicit Thread(ThreadBuilder& thread) : thread_(&thread) {}

  // The member of the thread's index set that this thread is.
  [[nodiscard]] Expr self() const;
  [[nodiscard]] Variable local(const std::string& name, const Type& type, const Expr& initial,
                               Location where = Location::current());
  // A local that every use of the same name in this thread shares; it returns to `initial` after each use.
  [[nodiscard]] Variable scratch(const std::string& name, const Type& type, const Expr& initial,
                                 Location where = Location::current());
  // The pCPU it is on, for traces and for what waits for a pCPU.
  void runs_on(const Expr& cpu);

  StepWords step(const std::string& text, Location where = Location::current());
  // An assignment: no step of its own where only locals are involved.
  void let(const Variable& target, const Expr& value, Location where = Location::current());
  void await(const std::string& text, const Expr& condition, Location where = Location::current());

  // A kernel function: steps inside carry its name. return_() leaves it.
  void function(const std::string& name, const Body& body, Location where = Location::current());
  void return_(Location where = Location::current());
  // A SEAMCALL or TDCALL: likewise.
  void call(const std::string& name, model::Domain domain, const Body& body,
            Location where = Location::current());

  [[nodiscard]] LoopWords loop(const std::string& name, Location where = Location::current());
  void forever(const Body& body, Location where = Location::current());
  void leave_loop(Location where = Location::current());
  void operation(const std::string& name, const Body& body, Location where = Location::current());
  // Every member once: in order where the set is ordered, in any order where it is symmetric. leave_loop()
  // breaks.
  void for_each(const IndexSet& set, const std::string& name, const std::function<void(const Expr&)>& body,
                Location where = Location::current());
  // One of the alternatives whose guard holds, chosen by nobody: one step, then its body.
  void either(const std::vector<Alternative>& alternatives, Location where = Location::current());
  // Likewise, but each body opens with its own step, which says what is chosen.
  void one_of(const std::vector<Body>& bodies, Location where = Location::current());
  // What the protocol relies on: the whole body is skipped with --without GUARD.
  void relying_on(const std::string& guard, const std::string& doc, const Body& body,
                  Location where = Location::current());
  // Labels from here to the end of the body make up the region `name`, see in_region().
  void region(const std::string& name, const Body& body);
  void in_domain(model::Domain domain, const Body& body);
  // Every step of the body needs the condition, too (a context: the thread runs only while ...).
  void only_while(const Expr& condition, const Body& body);

  // The claim `property` fails if the condition is false here; nothing else happens.
  void check(const std::string& property, const Expr& holds, const std::string& text,
             Location where = Location::current());

  void may_stop_here(Location where = Location::current()); // the current label is an end label
  void end(Location where = Location::current());           // nothing follows

  [[nodiscard]] ThreadBuilder& builder() { return *thread_; }

private:
  ThreadBuilder* thread_;
};

inline constexpr auto shared = model::LockMode::shared;
inline constexpr auto exclusive = model::LockMode::exclusive;

} // namespace tdxcheck::dsl
