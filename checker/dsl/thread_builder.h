// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The control flow of one thread under construction: a current place, and steps emitted from it. The words of
// thread.h are made of these.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/builder.h"
#include "model/model.h"

namespace tdxcheck::dsl {

class ThreadBuilder {
public:
  using Place = std::optional<model::Id<model::Label>>; // none: nothing can come here

  ThreadBuilder(Builder& builder, model::Id<model::Thread> thread);

  [[nodiscard]] Builder& builder() { return builder_; }
  [[nodiscard]] model::Id<model::Thread> id() const { return thread_; }
  [[nodiscard]] model::Thread& thread() { return builder_.model().threads[thread_]; }

  [[nodiscard]] Place place() const { return place_; }
  void go_on_at(Place place) { place_ = place; }
  [[nodiscard]] model::Id<model::Label> fresh_label(const model::Source& source);
  void mark_end(model::Id<model::Label> label) { thread().labels[label].end = true; }

  // Emits `step` from the current place to a fresh one (or to `to`) and goes on there.
  void emit(model::Step step, Place to = {});
  // A silent step from the current place; stays there (the caller emits the complementary one).
  void branch(const model::Expr& condition, model::Id<model::Label> to, const model::Source& source,
              std::vector<model::Update> updates = {}, std::vector<model::Fact> facts = {});
  void jump(Place to, const model::Source& source, std::vector<model::Update> updates = {},
            std::vector<model::Fact> facts = {});
  // Splits the flow on a condition: {place where it holds, place where it does not}. Silent where the
  // condition reads parameters and own scalar locals only; otherwise one step reads it.
  std::pair<Place, Place> split(const model::Expr& condition, const model::Source& source);

  // Reads nothing but parameters, named guards, the own member and scalar locals of this thread.
  [[nodiscard]] bool is_local(const model::Expr& expression) const;
  [[nodiscard]] bool is_local(const model::VariableRef& reference) const;
  [[nodiscard]] model::Expr self() const;
  [[nodiscard]] std::vector<model::Expr> self_index() const;
  model::Id<model::Variable> local(const std::string& name, const model::Type& type,
                                   const model::Expr& initial, const model::Source& source);
  // A local of the dsl's own making (loop counters, members visited), numbered.
  model::Id<model::Variable> hidden_local(const std::string& name, const model::Type& type,
                                          const model::Expr& initial, const model::Source& source);
  [[nodiscard]] model::Expr read(model::Id<model::Variable> local) const;
  [[nodiscard]] model::Update write(model::Id<model::Variable> local, const model::Expr& value) const;

  // Frames.
  struct Surroundings {
    std::string function, call;
    model::Domain domain = model::Domain::host;
    model::Expr only_while; // conjoined to the guard of every step that is not silent
  };
  [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }
  void with_surroundings(Surroundings inner, const std::function<void()>& body);
  void with_exit(std::vector<Place*>& frames, Place& exit, const std::function<void()>& body);
  // Whatever leaves `body` early, for an outer function's end or an outer loop's, passes through this on its
  // way.
  void with_cleanup(const model::Source& source, const std::vector<model::Update>& updates,
                    const std::vector<model::Fact>& facts, const std::function<void()>& body);
  std::vector<Place*> returns, leaves; // innermost last: where return_() and leave_loop() go
  std::vector<model::Id<model::GuardName>> relied_on;
  std::vector<std::string> functions; // open kernel functions, outermost first
  void open_region(model::Id<model::Region> region);
  void close_region();

  // An exit label that return_()/leave_loop() jump to, made on demand.
  [[nodiscard]] model::Id<model::Label> exit_label(Place& exit, const model::Source& source);

  void finish();

private:
  void name_label(model::Id<model::Label> label, const std::string& base);
  void settle(model::Id<model::Label> label);
  void start_with_a_step();
  void add(model::Step step);

  Builder& builder_;
  model::Id<model::Thread> thread_;
  Place place_;
  Surroundings surroundings_;
  std::map<std::string, unsigned> label_numbers_;
  std::map<std::string, unsigned> local_numbers_;
  std::vector<std::pair<model::Id<model::Region>, std::vector<model::Id<model::Label>>>> regions_;
  bool took_a_step_ = false;
};

} // namespace tdxcheck::dsl
