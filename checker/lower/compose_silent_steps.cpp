// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/compose_silent_steps.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "lower/knowledge.h"
#include "lower/local_values.h"
#include "support/error.h"

namespace tdxcheck::lower {
namespace {

using model::Expr;
using model::Step;

// A step with the part of its tail that was composed so far.
struct Path {
  Step step;
  Knowledge known;
  std::size_t length = 0;
  std::vector<model::Id<model::Label>> undecided; // labels left by a condition that was not surely true
};

// One way on from a silent label.
struct Branch {
  const Step* silent;
  Expr guard; // in terms of the state before the composed step
  std::vector<model::NamedConjunct> named;
  Expr whole; // guard and named
};

class Composition {
public:
  Composition(const model::Model& model, model::Id<model::Thread> thread)
      : model_(model), thread_id_(thread), thread_(model.threads[thread]), silent_(thread_.labels.size()) {
    for (const Step& step : thread_.steps) {
      if (step.silent) silent_[step.from.value].push_back(&step);
    }
  }

  // In the order of the steps that they begin with. Only what control flow leads to from the start: where
  // parameters rule out most of a thread, composing the rest would be most of the work.
  [[nodiscard]] std::vector<Step> composed() {
    std::vector<std::vector<std::size_t>> leaving(thread_.labels.size()); // steps by label
    for (std::size_t s = 0; s < thread_.steps.size(); ++s)
      if (!thread_.steps[s].silent) leaving[thread_.steps[s].from.value].push_back(s);
    std::vector<std::vector<Step>> paths(thread_.steps.size()); // by the step that they begin with
    std::vector<bool> reached(thread_.labels.size(), false);
    std::vector<model::Id<model::Label>> open = {thread_.start};
    reached[thread_.start.value] = true;
    while (!open.empty()) {
      const auto from = open.back();
      open.pop_back();
      // At a label with silent steps a thread never is, so that other steps there never happen.
      if (!silent_[from.value].empty()) continue;
      for (const std::size_t s : leaving[from.value]) {
        compose(thread_.steps[s], paths[s]);
        for (const Step& path : paths[s]) {
          if (reached[path.to.value]) continue;
          reached[path.to.value] = true;
          open.push_back(path.to);
        }
      }
    }
    std::vector<Step> result;
    for (std::vector<Step>& of_step : paths) std::ranges::move(of_step, std::back_inserter(result));
    return result;
  }

  [[nodiscard]] std::vector<model::Id<model::Variable>> resolve_start(model::Model& model) const;

private:
  void compose(const Step& step, std::vector<Step>& result);
  void extend(Path path, std::vector<Step>& result);
  [[nodiscard]] std::vector<Branch> branches(const Step& so_far) const;
  [[nodiscard]] bool may_go_wrong(const Path& path, const std::vector<Branch>& ways, Expr& when) const;
  void check_length(const Path& path) const;
  void go_straight(Path& path) const;
  void perform(Path& path, const Step& silent) const;
  [[nodiscard]] Path continued(Path path, const Branch& branch) const;
  [[noreturn]] void refuse_start() const;
  [[nodiscard]] std::string place(model::Id<model::Label> label) const;

  const model::Model& model_;
  model::Id<model::Thread> thread_id_;
  const model::Thread& thread_;
  std::vector<std::vector<const Step*>> silent_; // by label
};

std::string Composition::place(model::Id<model::Label> label) const {
  const model::Label& at = thread_.labels[label];
  return fmt::format("{}:{}: `{}` at `{}`", at.source.file, at.source.line, thread_.name, at.name);
}

void Composition::refuse_start() const {
  throw support::InputError(
      place(thread_.start) +
      ": what happens before the first step is not the same for every member and in every "
      "initial state; let it happen in a step");
}

Expr whole_guard(const Step& step) {
  Expr whole = step.guard;
  for (const model::NamedConjunct& conjunct : step.named)
    whole = model::conjunction(whole, conjunct.condition);
  return whole;
}

std::vector<Branch> Composition::branches(const Step& so_far) const {
  std::vector<Branch> result;
  for (const Step* silent : silent_[so_far.to.value]) {
    const auto now = [&](const Expr& e) { return after(model_, thread_id_, so_far.updates, e); };
    Branch branch{silent, now(silent->guard), {}, {}};
    branch.whole = branch.guard;
    for (const model::NamedConjunct& conjunct : silent->named) {
      branch.named.push_back({conjunct.guard, now(conjunct.condition)});
      branch.whole = simplify(model_, model::conjunction(branch.whole, branch.named.back().condition));
    }
    result.push_back(std::move(branch));
  }
  return result;
}

// Not exactly one of them: none, or two.
Expr not_exactly_one(const std::vector<Branch>& ways) {
  if (ways.size() == 2) return model::binary(model::BinaryOp::equal, ways[0].whole, ways[1].whole);
  Expr any = ways.front().whole;
  Expr two = model::truth(false);
  for (std::size_t i = 1; i < ways.size(); ++i) {
    two = model::disjunction(two, model::binary(model::BinaryOp::logical_and, any, ways[i].whole));
    any = model::disjunction(any, ways[i].whole);
  }
  return model::disjunction(model::negation(any), two);
}

bool Composition::may_go_wrong(const Path& path, const std::vector<Branch>& ways, Expr& when) const {
  when = simplify(model_, not_exactly_one(ways));
  return path.known.decide(when) != false;
}

// A loop without a step would be performed at once for ever; one that counts through literals comes to an
// end.
void Composition::check_length(const Path& path) const {
  const auto here = path.step.to;
  const bool again = std::find(path.undecided.begin(), path.undecided.end(), here) != path.undecided.end();
  if (again || path.length > longest_tail) {
    throw support::InputError(place(here) + ": a loop that never takes a step");
  }
}

void Composition::perform(Path& path, const Step& silent) const {
  Step& step = path.step;
  for (model::Fact fact : silent.facts) {
    every_expression(fact, [&](Expr& e) { e = after(model_, thread_id_, step.updates, e); });
    step.facts.push_back(std::move(fact));
  }
  if (!silent.updates.empty()) step.updates = in_sequence(model_, thread_id_, step.updates, silent.updates);
  step.to = silent.to;
  ++path.length;
}

Path Composition::continued(Path path, const Branch& branch) const {
  Step& step = path.step;
  const bool surely = path.known.decide(branch.whole) == true;
  if (!surely) {
    step.guard = model::conjunction(step.guard, branch.guard);
    path.undecided.push_back(step.to);
  }
  // Named conjuncts stay even where they surely hold: that they were never at stake is worth knowing.
  step.named.insert(step.named.end(), branch.named.begin(), branch.named.end());
  perform(path, *branch.silent);
  return path;
}

void Composition::compose(const Step& step, std::vector<Step>& result) {
  Path path{step, Knowledge(model_, thread_id_), 0, {}};
  // A guard that contradicts itself is the author's; nothing is pruned then, and the step is never taken.
  if (!path.known.assume(whole_guard(step))) path.known = Knowledge(model_, thread_id_);
  extend(std::move(path), result);
}

// Nine of ten silent labels have one way on, and no condition: nothing is asked there, and nothing copied.
void Composition::go_straight(Path& path) const {
  for (;;) {
    const std::vector<const Step*>& silent = silent_[path.step.to.value];
    if (silent.size() != 1 || !model::is_true(silent.front()->guard) || !silent.front()->named.empty())
      return;
    check_length(path);
    perform(path, *silent.front());
  }
}

void Composition::extend(Path path, std::vector<Step>& result) {
  go_straight(path);
  if (silent_[path.step.to.value].empty()) {
    result.push_back(std::move(path.step));
    if (result.size() > most_paths) {
      throw support::InputError(place(result.back().from) + ": too many silent paths behind this step");
    }
    return;
  }
  check_length(path);
  const std::vector<Branch> ways = branches(path.step);
  std::vector<const Branch*> open;
  for (const Branch& branch : ways)
    if (path.known.decide(branch.whole) != false) open.push_back(&branch);
  std::optional<Step> wrong;
  if (Expr when; may_go_wrong(path, ways, when)) {
    wrong = path.step;
    wrong->guard = model::conjunction(wrong->guard, when);
    wrong->error = fmt::format("not exactly one branch is enabled: {}", place(path.step.to));
    wrong->to = wrong->from;
    wrong->updates.clear();
    wrong->facts.clear();
  }
  for (const Branch* branch : open) {
    // The last one, which is the only one nearly always, goes on with the path itself.
    Path longer = continued(branch == open.back() ? std::move(path) : path, *branch);
    if (longer.known.assume(branch->whole)) extend(std::move(longer), result);
  }
  if (wrong) result.push_back(std::move(*wrong));
}

// As if a step had assigned the initial values.
std::vector<model::Update> initial_assignments(const model::Model& model, model::Id<model::Thread> thread) {
  std::vector<model::Update> result;
  for (auto id : model.variables.ids()) {
    const model::Variable& variable = model.variables[id];
    model::VariableRef own{id, {}};
    if (const auto& over = model.threads[thread].over) {
      own.at.push_back(model::make({model::SortKind::index, over->value}, model::Self{}));
    }
    if (is_own_scalar(model, thread, own) && variable.initial) result.push_back({own, *variable.initial});
  }
  return result;
}

// Walks the tail from the initial values, which decide every branch, or the start is refused.
std::vector<model::Id<model::Variable>> Composition::resolve_start(model::Model& model) const {
  if (silent_[thread_.start.value].empty()) return {};
  Path path{{}, Knowledge(model_, thread_id_), 0, {}};
  path.step.to = thread_.start;
  path.step.updates = initial_assignments(model_, thread_id_);
  while (!silent_[path.step.to.value].empty()) {
    check_length(path);
    const Branch* taken = nullptr;
    const std::vector<Branch> ways = branches(path.step);
    for (const Branch& branch : ways) {
      const auto decided = literal_value(branch.whole);
      if (!decided || (*decided != 0 && taken != nullptr)) {
        refuse_start();
      }
      if (*decided != 0) taken = &branch;
    }
    if (taken == nullptr)
      throw support::InputError(place(path.step.to) + ": no branch is enabled at the start");
    path = continued(std::move(path), *taken);
  }
  std::vector<model::Id<model::Variable>> changed;
  for (const model::Update& update : path.step.updates) {
    std::optional<Expr>& initial = model.variables[update.target.variable].initial;
    if (initial == update.value) continue;
    if (!literal_value(update.value)) refuse_start();
    initial = update.value;
    changed.push_back(update.target.variable);
  }
  for (const model::Fact& fact : path.step.facts) {
    const auto* assertion = std::get_if<model::Assertion>(&fact);
    if (assertion != nullptr && !literal_value(assertion->holds)) refuse_start();
  }
  model.threads[thread_id_].start = path.step.to;
  model.threads[thread_id_].start_facts = std::move(path.step.facts);
  return changed;
}

} // namespace

std::vector<model::Id<model::Variable>> compose_silent_steps(model::Model& model,
                                                             model::Id<model::Thread> thread) {
  Composition composition(model, thread);
  auto changed = composition.resolve_start(model);
  std::vector<Step> steps = composition.composed();
  model.threads[thread].steps = std::move(steps);
  return changed;
}

} // namespace tdxcheck::lower
