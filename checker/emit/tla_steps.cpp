// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/tla_steps.h"

#include "emit/choose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace tdxcheck::emit {
namespace {

using model::Id;

// The conjuncts, one by one.
void split(const model::Expr& e, std::vector<model::Expr>& parts) {
  const auto* both = std::get_if<model::Binary>(&e.node().kind);
  if (both != nullptr && both->op == model::BinaryOp::logical_and) {
    split(both->left, parts);
    split(both->right, parts);
  } else if (!model::is_true(e)) parts.push_back(e);
}

std::vector<model::Expr> conjuncts_of(const model::Step& step) {
  std::vector<model::Expr> parts;
  split(whole_guard(step), parts);
  return parts;
}

} // namespace

bool may_stutter(const model::Step& step) {
  if (step.from != step.to) return false;
  const auto counts_on = [](const model::Update& update) { // x := x + 1
    const auto* sum = std::get_if<model::Binary>(&update.value.node().kind);
    if (sum == nullptr || (sum->op != model::BinaryOp::add && sum->op != model::BinaryOp::subtract))
      return false;
    const auto* left = std::get_if<model::VariableRef>(&sum->left.node().kind);
    const auto* right = std::get_if<model::Literal>(&sum->right.node().kind);
    return left != nullptr && *left == update.target && right != nullptr && right->value != 0;
  };
  const auto only_one = [&](const model::Update& update) {
    return std::ranges::count_if(step.updates, [&](const model::Update& other) {
             return other.target.variable == update.target.variable;
           }) == 1;
  };
  return std::ranges::none_of(step.updates,
                              [&](const model::Update& u) { return counts_on(u) && only_one(u); });
}

std::vector<TlaVariables> tla_variables(const model::Instance& instance, Identifiers& names,
                                        const TlaExpressions& expressions) {
  const model::Model& model = instance.model();
  TlaVariables shared{names.of(Identifiers::Kind::derived, "shared:vars"), {}, {}};
  std::vector<TlaVariables> of_threads;
  for (const auto id : model.threads.ids())
    of_threads.push_back(
        {names.of(Identifiers::Kind::derived, model.threads[id].name + ":vars"), {}, {expressions.pc(id)}});
  for (const auto id : model.variables.ids()) {
    const std::size_t first = instance.first_cell(id);
    if (first >= instance.cells().size() || instance.cells()[first].variable != id) continue;
    const auto* local = std::get_if<model::LocalScope>(&model.variables[id].scope);
    TlaVariables& group = local != nullptr ? of_threads[local->thread.value] : shared;
    group.variables.push_back(id);
    group.names.insert(local != nullptr ? group.names.end() - 1 : group.names.end(),
                       expressions.variable(id));
  }
  std::vector<TlaVariables> all;
  if (!shared.names.empty()) all.push_back(shared);
  all.insert(all.end(), of_threads.begin(), of_threads.end());
  return all;
}

std::string tla_comment(const std::string& text) {
  std::string line;
  for (const char c : text) line += c == '\n' || c == '\r' ? ' ' : c;
  return line;
}

TlaSteps::TlaSteps(const model::Instance& instance, Identifiers& names, const TlaExpressions& expressions)
    : instance_(&instance),
      expressions_(&expressions),
      variables_(tla_variables(instance, names, expressions)) {
  for (const model::Thread& thread : instance.model().threads) {
    auto& named = names_.emplace_back();
    std::map<std::string, int> times;
    for (const model::Step& step : thread.steps) {
      const auto same = std::ranges::count(thread.steps, step.from, &model::Step::from);
      std::string name = thread.name + "_" + thread.labels[step.from].name;
      if (same > 1) name += "_to_" + thread.labels[step.to].name;
      if (const int before = times[name]++; before > 0) name += fmt::format("_{}", before + 1);
      named.push_back(names.of(Identifiers::Kind::step, name));
    }
  }
}

std::string TlaSteps::self(Id<model::Thread> thread) const {
  return instance_->model().threads[thread].over ? "self" : "";
}

std::string TlaSteps::arguments(Id<model::Thread> thread) const {
  return instance_->model().threads[thread].over ? "(self)" : "";
}

std::string TlaSteps::call(Id<model::Thread> thread, std::size_t step) const {
  return names_[thread.value].at(step) + arguments(thread);
}

std::string TlaSteps::call(Id<model::Thread> thread) const {
  return expressions_->thread(thread) + arguments(thread);
}

std::string TlaSteps::any_of(Id<model::Thread> thread, const std::vector<std::size_t>& steps) const {
  std::vector<std::string> calls;
  for (const std::size_t step : steps) calls.push_back(call(thread, step));
  if (calls.size() <= 1) return calls.empty() ? "" : calls.front();
  return fmt::format("({})", fmt::join(calls, " \\/ "));
}

std::string TlaSteps::for_member(const char* quantifier, Id<model::Thread> thread) const {
  const auto over = instance_->model().threads[thread].over;
  return over ? fmt::format("{} self \\in {} : ", quantifier, expressions_->set(*over)) : "";
}

TlaExpressions::Scope TlaSteps::scope_of(Id<model::Thread> thread, const model::Step& step,
                                         std::vector<std::string>& binders) const {
  TlaExpressions::Scope scope{{}, self(thread)};
  for (const model::Choice& choice : step.choices) {
    const std::string name = expressions_->bound(scope, choice.bound);
    binders.push_back(fmt::format("{} \\in {}", name, expressions_->set(choice.set)));
    scope = TlaExpressions::inside(scope, choice.bound.number, name);
  }
  return scope;
}

TlaSteps::Enabled TlaSteps::enabled(Id<model::Thread> id, const model::Step& step) const {
  const model::Thread& thread = instance_->model().threads[id];
  std::vector<std::string> binders;
  if (thread.over) binders.push_back(fmt::format("self \\in {}", expressions_->set(*thread.over)));
  Enabled result;
  result.scope = scope_of(id, step, binders);
  if (!binders.empty()) result.quantified = fmt::format("\\A {} : ", fmt::join(binders, ", "));
  std::vector<std::string> parts{
      fmt::format("{} = {}", expressions_->pc(id, self(id)), tla_string(thread.labels[step.from].name))};
  for (const model::Expr& part : conjuncts_of(step))
    parts.push_back(expressions_->operand(part, result.scope));
  result.condition = fmt::format("{}", fmt::join(parts, " /\\ "));
  return result;
}

std::string TlaSteps::definition(Id<model::Thread> id, std::size_t number) const {
  const model::Thread& thread = instance_->model().threads[id];
  const model::Step& step = thread.steps[number];
  std::vector<std::string> binders, inner;
  const TlaExpressions::Scope scope = scope_of(id, step, binders);
  for (const model::Expr& part : conjuncts_of(step)) inner.push_back(expressions_->text(part, scope));
  // Updates of one variable are one conjunct; the later ones count.
  std::map<Id<model::Variable>, std::vector<std::string>> written;
  for (const model::Update& update : step.updates) {
    auto& to = written[update.target.variable];
    const std::string at = expressions_->at(update.target, scope);
    // `=` is tighter than what joins truth values.
    const std::string value = update.value.sort().kind == model::SortKind::boolean
                                  ? expressions_->operand(update.value, scope)
                                  : expressions_->text(update.value, scope);
    if (at.empty()) to = {value};
    else to.push_back(fmt::format("!{} = {}", at, value));
  }
  for (const auto& [variable, values] : written) {
    const std::string& name = expressions_->variable(variable);
    const bool is_function = !instance_->dimensions(variable).empty();
    inner.push_back(is_function ? fmt::format("{0}' = [{0} EXCEPT {1}]", name, fmt::join(values, ", "))
                                : fmt::format("{}' = {}", name, values.front()));
  }
  const std::string& pc = expressions_->pc(id);
  const std::string to = tla_string(thread.labels[step.to].name);
  if (step.from != step.to)
    inner.push_back(thread.over ? fmt::format("{0}' = [{0} EXCEPT ![self] = {1}]", pc, to)
                                : fmt::format("{}' = {}", pc, to));
  std::vector<std::string> unchanged; // a whole group by its name
  std::set<std::string> changed;
  for (const auto& one : written) changed.insert(expressions_->variable(one.first));
  if (step.from != step.to) changed.insert(pc);
  for (const TlaVariables& group : variables_) {
    const auto is_changed = [&](const std::string& name) { return changed.contains(name); };
    if (std::ranges::none_of(group.names, is_changed)) unchanged.push_back(group.name);
    else std::ranges::remove_copy_if(group.names, std::back_inserter(unchanged), is_changed);
  }
  if (!unchanged.empty()) inner.push_back(fmt::format("UNCHANGED <<{}>>", fmt::join(unchanged, ", ")));

  std::vector<std::string> lines{
      fmt::format("{} = {}", expressions_->pc(id, self(id)), tla_string(thread.labels[step.from].name))};
  if (binders.empty()) lines.insert(lines.end(), inner.begin(), inner.end());
  else // each way to choose is a way to take the step
    lines.push_back(
        fmt::format("\\E {} :\n       /\\ {}", fmt::join(binders, ", "), fmt::join(inner, "\n       /\\ ")));

  std::string comment = step.text;
  if (!step.status.empty()) comment += " [" + step.status + "]";
  if (!step.source.file.empty()) comment += fmt::format(" ({}:{})", step.source.file, step.source.line);
  return fmt::format("\\* {}\n{} ==\n  /\\ {}\n\n", tla_comment(comment), call(id, number),
                     fmt::join(lines, "\n  /\\ "));
}

// A step that stands for an ill-formed branch leads nowhere: the invariant WellFormed forbids its guard.
std::string TlaSteps::definitions() const {
  const model::Model& model = instance_->model();
  std::string text;
  std::vector<std::string> next;
  for (const auto id : model.threads.ids()) {
    const model::Thread& thread = model.threads[id];
    std::vector<std::string> steps;
    for (std::size_t s = 0; s < thread.steps.size(); ++s) {
      if (!thread.steps[s].error.empty()) continue;
      text += definition(id, s);
      steps.push_back(call(id, s));
    }
    if (steps.empty()) steps.emplace_back("FALSE");
    if (!thread.doc.empty()) text += fmt::format("\\* {}\n", tla_comment(thread.doc));
    text += fmt::format("{} ==\n  \\/ {}\n\n", call(id), fmt::join(steps, "\n  \\/ "));
    next.push_back(for_member("\\E", id) + call(id));
  }
  if (next.empty()) next.emplace_back("FALSE");
  return text + fmt::format("Next ==\n  \\/ {}\n\n", fmt::join(next, "\n  \\/ "));
}

} // namespace tdxcheck::emit
