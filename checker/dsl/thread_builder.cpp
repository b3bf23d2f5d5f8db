// SPDX-License-Identifier: GPL-2.0-or-later
#include "dsl/thread_builder.h"

#include <algorithm>

#include "model/print.h"
#include "support/contract.h"

namespace tdxcheck::dsl {

using model::Expr;
using model::Id;

namespace {

model::Fairness usual_fairness(model::Domain domain) {
  switch (domain) {
  case model::Domain::host:
  case model::Domain::module: return model::Fairness::weak;
  case model::Domain::guest:
  case model::Domain::hardware: return model::Fairness::none;
  }
  return model::Fairness::none;
}

// The negation as a reader would write it: a != b rather than !(a == b).
Expr opposite(const Expr& condition) {
  if (const auto* unary = std::get_if<model::Unary>(&condition.node().kind)) {
    if (unary->op == model::UnaryOp::logical_not) return unary->operand;
  }
  if (const auto* binary = std::get_if<model::Binary>(&condition.node().kind)) {
    if (binary->op == model::BinaryOp::equal)
      return model::binary(model::BinaryOp::not_equal, binary->left, binary->right);
    if (binary->op == model::BinaryOp::not_equal)
      return model::binary(model::BinaryOp::equal, binary->left, binary->right);
  }
  return model::negation(condition);
}

} // namespace

ThreadBuilder::ThreadBuilder(Builder& builder, Id<model::Thread> thread)
    : builder_(builder), thread_(thread) {
  place_ = fresh_label(this->thread().source);
  this->thread().start = *place_;
}

Id<model::Label> ThreadBuilder::fresh_label(const model::Source& source) {
  model::Label label;
  label.source = source;
  const auto id = thread().labels.add(label);
  for (auto& [region, labels] : regions_) labels.push_back(id);
  return id;
}

// A label is called after what is about to happen there: the function or the SEAMCALL, and a number.
void ThreadBuilder::name_label(Id<model::Label> label, const std::string& base) {
  auto& row = thread().labels[label];
  if (!row.name.empty()) return;
  row.name = base + "." + std::to_string(++label_numbers_[base]);
}

void ThreadBuilder::settle(Id<model::Label> label) {
  auto& row = thread().labels[label];
  if (!row.name.empty()) return;
  const auto& s = surroundings_;
  row.domain = s.domain;
  name_label(label, !s.call.empty() ? s.call : !s.function.empty() ? s.function : thread().name);
}

void ThreadBuilder::add(model::Step step) {
  for (const auto guard : relied_on) step.facts.emplace_back(model::RanUnder{guard});
  if (step.guard.empty()) step.guard = model::truth(true);
  thread().steps.push_back(std::move(step));
}

void ThreadBuilder::emit(model::Step step, Place to) {
  if (!place_) place_ = fresh_label(step.source); // code after a return: built, never reached
  settle(*place_);
  step.from = *place_;
  step.to = to ? *to : fresh_label(step.source);
  if (step.function.empty()) step.function = surroundings_.function;
  if (step.call.empty()) step.call = surroundings_.call;
  if (!surroundings_.only_while.empty())
    step.guard = model::conjunction(step.guard, surroundings_.only_while);
  place_ = step.to;
  took_a_step_ = true;
  add(std::move(step));
}

// What silent steps say (a loop entered, an operation begun) belongs to the step before them; a thread that
// opens with such a thing gets a step to hang it on.
void ThreadBuilder::start_with_a_step() {
  if (took_a_step_) return;
  model::Step step;
  step.text = "start";
  step.source = thread().source;
  step.fairness = usual_fairness(surroundings_.domain);
  emit(std::move(step));
}

void ThreadBuilder::branch(const Expr& condition, Id<model::Label> to, const model::Source& source,
                           std::vector<model::Update> updates, std::vector<model::Fact> facts) {
  if (!place_) place_ = fresh_label(source);
  model::Step step;
  step.silent = true;
  step.source = source;
  step.from = *place_;
  step.to = to;
  step.guard = condition;
  step.updates = std::move(updates);
  step.facts = std::move(facts);
  step.function = surroundings_.function;
  step.call = surroundings_.call;
  step.fairness = model::Fairness::none;
  if (step.guard.empty()) step.guard = model::truth(true);
  thread().steps.push_back(std::move(step));
}

void ThreadBuilder::jump(Place to, const model::Source& source, std::vector<model::Update> updates,
                         std::vector<model::Fact> facts) {
  support::expects(to.has_value(), "a jump needs a target");
  if (place_) {
    if (!facts.empty()) start_with_a_step();
    branch({}, *to, source, std::move(updates), std::move(facts));
  }
  place_ = to;
}

std::pair<ThreadBuilder::Place, ThreadBuilder::Place> ThreadBuilder::split(const Expr& condition,
                                                                           const model::Source& source) {
  const auto yes = fresh_label(source), no = fresh_label(source);
  if (is_local(condition)) {
    branch(condition, yes, source);
    branch(model::negation(condition), no, source);
    return {yes, no};
  }
  const Place here = place_ ? place_ : Place(fresh_label(source));
  for (const bool holds : {true, false}) {
    go_on_at(here);
    model::Step step;
    step.source = source;
    step.guard = holds ? condition : opposite(condition);
    step.text = "if " + model::print(builder_.model(), step.guard);
    step.fairness = usual_fairness(surroundings_.domain);
    emit(std::move(step), holds ? yes : no);
  }
  return {yes, no};
}

bool ThreadBuilder::is_local(const model::VariableRef& reference) const {
  const auto& variable = builder_.model().variables[reference.variable];
  const auto* local = std::get_if<model::LocalScope>(&variable.scope);
  return local != nullptr && local->thread == thread_ && variable.type.array_of.empty() &&
         reference.at == self_index();
}

namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

} // namespace

bool ThreadBuilder::is_local(const Expr& expression) const {
  return std::visit(Overloaded{
                        [](const model::Literal&) { return true; },
                        [](const model::ParameterRef&) { return true; },
                        [](const model::Kept&) { return true; },
                        [](const model::Self&) { return true; },
                        [](const model::BoundRef&) { return false; },
                        [](const model::Quantified&) { return false; },
                        [](const model::InRegion&) { return false; },
                        [this](const model::VariableRef& r) { return is_local(r); },
                        [this](const model::Unary& u) { return is_local(u.operand); },
                        [this](const model::Binary& b) { return is_local(b.left) && is_local(b.right); },
                        [this](const model::Wrap& w) { return is_local(w.operand); },
                        [this](const model::Conditional& c) {
                          return is_local(c.condition) && is_local(c.then) && is_local(c.otherwise);
                        },
                    },
                    expression.node().kind);
}

Expr ThreadBuilder::self() const {
  const auto over = builder_.model().threads[thread_].over;
  support::expects(over.has_value(),
                   "a single thread has no member: self() needs a thread per member of a set");
  return model::make({model::SortKind::index, over->value}, model::Self{});
}

std::vector<Expr> ThreadBuilder::self_index() const {
  if (!builder_.model().threads[thread_].over) return {};
  return {self()};
}

Id<model::Variable> ThreadBuilder::local(const std::string& name, const model::Type& type,
                                         const Expr& initial, const model::Source& source) {
  std::optional<Expr> value;
  if (!initial.empty()) value = initial;
  return builder_.model().variables.add(
      {thread().name + "." + name, type, value, model::LocalScope{thread_}, {}, source});
}

Id<model::Variable> ThreadBuilder::hidden_local(const std::string& name, const model::Type& type,
                                                const Expr& initial, const model::Source& source) {
  const unsigned number = ++local_numbers_[name];
  return local(number == 1 ? name : name + "_" + std::to_string(number), type, initial, source);
}

Expr ThreadBuilder::read(Id<model::Variable> local) const {
  const auto& variable = builder_.model().variables[local];
  return model::make(model::sort_of(variable.type.scalar), model::VariableRef{local, self_index()});
}

model::Update ThreadBuilder::write(Id<model::Variable> local, const Expr& value) const {
  return {model::VariableRef{local, self_index()}, value};
}

void ThreadBuilder::with_surroundings(Surroundings inner, const std::function<void()>& body) {
  std::swap(surroundings_, inner);
  body();
  std::swap(surroundings_, inner);
}

void ThreadBuilder::with_exit(std::vector<Place*>& frames, Place& exit, const std::function<void()>& body) {
  frames.push_back(&exit);
  body();
  frames.pop_back();
}

void ThreadBuilder::with_cleanup(const model::Source& source, const std::vector<model::Update>& updates,
                                 const std::vector<model::Fact>& facts, const std::function<void()>& body) {
  Place from_return, from_leave;
  const bool in_function = !returns.empty(), in_loop = !leaves.empty();
  if (in_function) returns.push_back(&from_return);
  if (in_loop) leaves.push_back(&from_leave);
  body();
  if (in_function) returns.pop_back();
  if (in_loop) leaves.pop_back();
  const Place after = place_;
  const auto pass_on = [&](const Place& early, std::vector<Place*>& frames) {
    if (!early) return;
    place_ = early;
    jump(fresh_label(source), source, updates, facts);
    jump(exit_label(*frames.back(), source), source);
  };
  pass_on(from_return, returns);
  pass_on(from_leave, leaves);
  place_ = after;
}

Id<model::Label> ThreadBuilder::exit_label(Place& exit, const model::Source& source) {
  if (!exit) exit = fresh_label(source);
  return *exit;
}

void ThreadBuilder::open_region(Id<model::Region> region) {
  regions_.push_back({region, {}});
  if (place_) regions_.back().second.push_back(*place_);
}

void ThreadBuilder::close_region() {
  auto [region, labels] = std::move(regions_.back());
  regions_.pop_back();
  if (place_) std::erase(labels, *place_);
  auto& row = builder_.model().regions[region];
  row.thread = thread_;
  row.labels.insert(row.labels.end(), labels.begin(), labels.end());
}

void ThreadBuilder::finish() {
  support::expects(regions_.empty(), "a region is still open at the end of a thread");
  if (place_) {
    mark_end(*place_);
    thread().labels[*place_].name = "end";
  }
  for (const auto label : thread().labels.ids()) name_label(label, thread().name);
}

} // namespace tdxcheck::dsl
