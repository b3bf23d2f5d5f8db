// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/promela.h"

#include "emit/promela_expression.h"
#include "emit/simultaneous.h"
#include "model/label_context.h"
#include "support/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace tdxcheck::emit {
namespace {

using model::Id;
using model::Value;

class Promela {
public:
  Promela(const model::Model& model, const model::Valuation& valuation, PromelaState state)
      : instance_(model, valuation),
        names_(promela_reserved_words()),
        expressions_(instance_, names_),
        has_last_move_(state == PromelaState::with_last_move) {
    std::vector<model::Problem> problems;
    if (has_last_move_) contexts_ = model::label_contexts(model, problems);
  }

  std::string write(const std::string& origin) {
    refuse_what_cannot_be_said();
    threads_and_claims(); // once to learn which regions and temporaries they use
    text_.clear();
    head(origin);
    constants();
    variables();
    regions();
    if (has_last_move_)
      line("#define ELSEWHERE 0\n#define BUSY 1 /* with an operation open */\n#define ENDED 2\n"
           "byte last_move = ELSEWHERE;");
    for (std::size_t i = 0; i < temporaries_; ++i) line(fmt::format("hidden int was{};", i));
    threads_and_claims();
    return std::move(text_);
  }

private:
  const model::Model& model() const { return instance_.model(); }
  void line(const std::string& text) { text_ += text + "\n"; }

  void refuse_what_cannot_be_said() const;
  void head(const std::string& origin);
  void constants();
  void variables();
  void regions();
  void threads_and_claims();
  void thread(Id<model::Thread> id);
  void label(Id<model::Thread> id, Id<model::Label> label, const std::string& self);
  std::string option(Id<model::Thread> id, const model::Step& step, const Members& members,
                     const std::string& self);
  std::vector<std::string> region_changes(Id<model::Thread> id, const model::Step& step,
                                          const std::string& self);
  std::vector<std::string> effects(const model::Step& step, const Members& members, const std::string& self);
  [[nodiscard]] std::string last_move(Id<model::Thread> id, const model::Step& step);
  [[nodiscard]] std::string all_ended() const;
  void claims();

  model::Instance instance_;
  Identifiers names_;
  PromelaExpressions expressions_;
  bool has_last_move_;
  std::vector<std::vector<model::LabelContext>> contexts_; // if it has
  std::size_t temporaries_ = 0;
  std::string text_;
};

// The range of the variable's cells, and the smallest type that has it.
const model::Cell& any_cell(const model::Instance& instance, Id<model::Variable> variable) {
  return instance.cells()[instance.first_cell(variable)];
}

std::string_view storage(const model::Sort& sort, const model::Cell& cell) {
  if (sort.kind == model::SortKind::boolean) return "bool";
  if (sort.kind == model::SortKind::optional_index || (cell.low >= 0 && cell.high <= 255)) return "byte";
  if (cell.low >= -32768 && cell.high <= 32767) return "short";
  return "int";
}

bool is_used(const model::Instance& instance, Id<model::Variable> variable) {
  const std::size_t first = instance.first_cell(variable);
  return first < instance.cells().size() && instance.cells()[first].variable == variable;
}

void Promela::refuse_what_cannot_be_said() const {
  for (const auto id : model().variables.ids()) {
    const model::Variable& variable = model().variables[id];
    if (!is_used(instance_, id)) continue;
    if (!variable.initial)
      throw support::InputError(
          fmt::format("Promela cannot say that `{}` may start with any value", variable.name));
    const model::Cell& cell = any_cell(instance_, id);
    if (cell.low < -2147483647 || cell.high > 2147483647)
      throw support::InputError(fmt::format("Promela has no numbers for the range {}..{} of `{}`", cell.low,
                                            cell.high, variable.name));
  }
}

void Promela::head(const std::string& origin) {
  line(fmt::format("/* {}", origin));
  if (!model().summary.empty()) line(" * " + model().summary);
  line(" * One d_step is one step; SPIN counts one transition more, the one into the initial state.");
  line(has_last_move_
           ? " * last_move and nobody() are not of the model: they are for no_livelock. Compile pan\n"
             " * with -DNOREDUCE and run it with -a -f -N no_livelock. */"
           : " * Compile pan with -DSAFETY -DNOREDUCE to count states. */");
}

void Promela::constants() {
  const bool none = std::ranges::any_of(instance_.cells(), [](const model::Cell& c) { return c.low < 0; });
  if (none) line(fmt::format("#define NONE {}", promela_none));
  std::vector<bool> used(model().enumerations.size());
  for (std::size_t c = 0; c < instance_.cells().size(); ++c)
    if (const auto sort = instance_.sort(c); sort.kind == model::SortKind::enumeration) used[sort.of] = true;
  for (const auto id : model().enumerations.ids()) {
    if (!used[id.value]) continue;
    const model::Enumeration& enumeration = model().enumerations[id];
    for (std::size_t i = 0; i < enumeration.constants.size(); ++i)
      line(fmt::format("#define {} {}", expressions_.constant(enumeration, i), i));
  }
}

void Promela::variables() {
  for (const auto id : model().variables.ids()) {
    if (!is_used(instance_, id)) continue;
    const model::Variable& variable = model().variables[id];
    const std::size_t first = instance_.first_cell(id);
    const model::Sort sort = instance_.sort(first);
    std::size_t cells = 1;
    for (const auto set : instance_.dimensions(id)) cells *= static_cast<std::size_t>(instance_.size(set));
    const std::string initial = expressions_.text(*variable.initial, {}, "");
    std::string declaration = fmt::format("{} {}", storage(sort, instance_.cells()[first]),
                                          names_.of(Identifiers::Kind::variable, variable.name));
    if (!instance_.dimensions(id).empty()) declaration += fmt::format("[{}]", cells);
    declaration += fmt::format(" = {};", initial);
    if (!variable.doc.empty()) declaration += fmt::format("  /* {} */", variable.doc);
    line(declaration);
  }
}

bool is_in(const model::Region& region, Id<model::Label> label) {
  return std::ranges::find(region.labels, label) != region.labels.end();
}

void Promela::regions() {
  for (const auto id : expressions_.used_regions()) {
    const model::Region& region = model().regions[id];
    const model::Thread& thread = model().threads[region.thread];
    line(fmt::format("bool {}[{}] = {};  /* {} is at one of the labels of `{}` */", expressions_.region(id),
                     thread.over ? instance_.size(*thread.over) : 1, is_in(region, thread.start), thread.name,
                     region.name));
  }
}

std::vector<std::string> Promela::region_changes(Id<model::Thread> id, const model::Step& step,
                                                 const std::string& self) {
  std::vector<std::string> changes;
  for (const auto used : expressions_.used_regions()) {
    const model::Region& region = model().regions[used];
    if (region.thread != id || is_in(region, step.from) == is_in(region, step.to)) continue;
    changes.push_back(fmt::format("{}[{}] = {}", expressions_.region(used), self.empty() ? "0" : self,
                                  is_in(region, step.to)));
  }
  return changes;
}

void Promela::threads_and_claims() {
  for (const auto id : model().threads.ids()) thread(id);
  // Where nothing can happen any more, SPIN's claims go on all the same: somebody must move, and not be busy.
  if (has_last_move_)
    line("\nactive proctype nobody()\n{\nend_nobody:\n  do\n  :: last_move = ELSEWHERE\n  od\n}");
  claims();
}

// What nobody leads to is left out.
bool is_written(const model::Thread& thread, Id<model::Label> label) {
  return label == thread.start ||
         std::ranges::any_of(thread.steps, [&](const model::Step& step) { return step.to == label; });
}

void Promela::thread(Id<model::Thread> id) {
  const model::Thread& thread = model().threads[id];
  const std::size_t first = expressions_.first_pid(id);
  const Value members = thread.over ? instance_.size(*thread.over) : 1;
  line(fmt::format("\nactive [{}] proctype {}()\n{{", members, expressions_.thread(id)));
  const std::string self = !thread.over ? "" : first == 0 ? "_pid" : fmt::format("(_pid - {})", first);
  label(id, thread.start, self);
  for (const auto other : thread.labels.ids()) {
    if (other != thread.start && is_written(thread, other)) label(id, other, self);
  }
  line("}");
}

void Promela::label(Id<model::Thread> id, Id<model::Label> at, const std::string& self) {
  const model::Thread& thread = model().threads[id];
  std::vector<std::string> options;
  for (const model::Step& step : thread.steps) {
    if (step.from != at) continue;
    each_choice(instance_, step, [&](const Members& members) {
      options.push_back(option(id, step, members, self) +
                        fmt::format(" -> goto {}", expressions_.label(thread, step.to)));
    });
  }
  line(expressions_.label(thread, at) + ":");
  if (options.empty()) {
    line("  false;");
    return;
  }
  line("  if");
  for (const std::string& text : options) line("  :: " + text);
  line("  fi;");
}

// A comment says what it is and where it stands.
std::string Promela::option(Id<model::Thread> id, const model::Step& step, const Members& members,
                            const std::string& self) {
  std::vector<std::string> statements = effects(step, members, self);
  const auto changes = region_changes(id, step, self);
  statements.insert(statements.end(), changes.begin(), changes.end());
  if (has_last_move_) statements.push_back(last_move(id, step));
  if (statements.empty()) statements.emplace_back("skip");
  std::string comment = step.text;
  if (!step.status.empty()) comment += " [" + step.status + "]";
  if (!step.source.file.empty()) comment += fmt::format(" ({}:{})", step.source.file, step.source.line);
  for (std::size_t at; (at = comment.find("*/")) != std::string::npos;) comment.replace(at, 2, "* /");
  return fmt::format("d_step {{ /* {} */\n       {} ->\n       {} }}", comment,
                     expressions_.text(whole_guard(step), members, self),
                     fmt::join(statements, ";\n       "));
}

std::string Promela::last_move(Id<model::Thread> id, const model::Step& step) {
  const bool ends = std::ranges::any_of(step.facts, [](const model::Fact& fact) {
    const auto* event = std::get_if<model::OperationEvent>(&fact);
    return event != nullptr && event->action == model::OperationAction::end;
  });
  const bool is_open = !contexts_[id.value][step.from.value].operations.empty();
  return fmt::format("last_move = {}", ends ? "ENDED" : is_open ? "BUSY" : "ELSEWHERE");
}

// Whether the value may be outside the cell's range, so that the model must say so.
bool may_leave(const model::Expr& value) {
  struct Look {
    const model::Sort& sort;
    bool operator()(const model::Literal&) const { return false; }
    bool operator()(const model::ParameterRef&) const { return false; }
    bool operator()(const model::Kept&) const { return false; }
    bool operator()(const model::VariableRef&) const { return sort.kind == model::SortKind::integer; }
    bool operator()(const model::Self&) const { return false; }
    bool operator()(const model::BoundRef&) const { return false; }
    bool operator()(const model::Unary&) const { return true; }
    bool operator()(const model::Binary&) const { return true; }
    bool operator()(const model::Conditional& e) const { return may_leave(e.then) || may_leave(e.otherwise); }
    bool operator()(const model::Wrap&) const { return true; }
    bool operator()(const model::Quantified&) const { return true; }
    bool operator()(const model::InRegion&) const { return false; }
  };
  const auto kind = value.sort().kind;
  if (kind == model::SortKind::boolean || kind == model::SortKind::subset) return false;
  return std::visit(Look{value.sort()}, value.node().kind);
}

std::vector<std::string> Promela::effects(const model::Step& step, const Members& members,
                                          const std::string& self) {
  std::vector<std::string> statements;
  const auto text = [&](const model::Expr& e) { return expressions_.text(e, members, self); };
  for (const model::Fact& fact : step.facts)
    if (const auto* assertion = std::get_if<model::Assertion>(&fact))
      statements.push_back(fmt::format("assert({}) /* {}: {} */", text(assertion->holds), assertion->property,
                                       assertion->text));
  if (!step.error.empty()) statements.push_back(fmt::format("assert(false) /* {} */", step.error));
  for (const model::Update& update : step.updates) {
    const model::Cell& cell = any_cell(instance_, update.target.variable);
    if (may_leave(update.value) && cell.low >= 0)
      statements.push_back(
          fmt::format("assert({0} <= {1} && {1} <= {2})", cell.low, text(update.value), cell.high));
  }
  const auto order = one_by_one(step.updates);
  std::vector<std::string> writes;
  std::size_t temporary = 0;
  for (const OrderedUpdate& update : order) {
    const model::Update& one = step.updates[update.position];
    std::string value = text(one.value);
    if (update.is_read_first) {
      statements.push_back(fmt::format("was{} = {}", temporary, value));
      value = fmt::format("was{}", temporary++);
    }
    writes.push_back(fmt::format("{} = {}", expressions_.cell(one.target, members, self), value));
  }
  temporaries_ = std::max(temporaries_, temporary);
  statements.insert(statements.end(), writes.begin(), writes.end());
  return statements;
}

// Only claims can ask for labels, and only for those that were written.
std::string Promela::all_ended() const {
  std::vector<std::string> all;
  for (const auto id : model().threads.ids()) {
    const model::Thread& thread = model().threads[id];
    std::vector<Id<model::Label>> ends;
    for (const auto label : thread.labels.ids())
      if (thread.labels[label].end && is_written(thread, label)) ends.push_back(label);
    const Value members = thread.over ? instance_.size(*thread.over) : 1;
    for (Value member = 0; member < members; ++member) {
      std::vector<std::string> one;
      for (const auto label : ends)
        one.push_back(fmt::format("{}[{}]@{}", expressions_.thread(id),
                                  expressions_.first_pid(id) + static_cast<std::size_t>(member),
                                  expressions_.label(thread, label)));
      all.push_back(one.empty() ? "false" : fmt::format("({})", fmt::join(one, " || ")));
    }
  }
  return fmt::format("{}", fmt::join(all, " && "));
}

// Never claims, not formulas: SPIN reads formulas of limited length, and without arithmetic.
void Promela::claims() {
  std::vector<std::string> unsaid;
  const auto never = [&](const model::Property& property, const std::string& automaton) {
    line(fmt::format("never {} {{\n{}}}", names_.of(Identifiers::Kind::claim, property.name), automaton));
  };
  const auto never_false = [&](const model::Property& property, const std::string& condition) {
    never(property, fmt::format("  do\n  :: !{} -> break\n  :: else\n  od;\n", condition));
  };
  const auto written = [&](const model::Expr& e) { return expressions_.text(e, {}, ""); };
  text_ += "\n";
  for (const model::Property& property : model().properties) {
    if (const auto* always = std::get_if<model::Always>(&property.claim)) {
      never_false(property, fmt::format("({})", written(always->condition)));
    } else if (const auto* balanced = std::get_if<model::Balanced>(&property.claim)) {
      const model::Counter& counter = model().counters[balanced->counter];
      const std::string value = written(counter.value), holders = written(counter.holders);
      std::string condition =
          fmt::format("({} == {} && (!({}) || {} == 0)", value, holders, all_ended(), value);
      if (!counter.freed.empty())
        condition += fmt::format(" && (!{} || {} == 0)", written(counter.freed), holders);
      never_false(property, condition + ")");
    } else if (const auto* leads = std::get_if<model::LeadsTo>(&property.claim)) {
      const std::string from = written(leads->from), to = written(leads->to);
      never(property, fmt::format("  do\n  :: {0} && !({1}) -> goto accept_waiting\n  :: true\n  od;\n"
                                  "accept_waiting:\n  do\n  :: !({1})\n  od\n",
                                  from, to));
    } else if (std::holds_alternative<model::NoLivelock>(property.claim) && has_last_move_) {
      never(property,
            "  do\n  :: true\n  :: last_move == BUSY -> goto accept_busy\n  od;\n"
            "accept_busy:\n  do\n  :: last_move == BUSY\n  :: last_move == ELSEWHERE -> goto waits\n"
            "  od;\nwaits:\n  do\n  :: last_move == BUSY -> goto accept_busy\n"
            "  :: last_move == ELSEWHERE\n  od\n");
    } else if (!std::holds_alternative<model::Asserted>(property.claim) &&
               !std::holds_alternative<model::NoDeadlock>(property.claim)) {
      unsaid.push_back(fmt::format("{} ({})", property.name, model::template_name(property.claim)));
    }
  }
  if (!unsaid.empty()) line(fmt::format("/* Claims without words here: {} */", fmt::join(unsaid, ", ")));
}

} // namespace

std::string promela(const model::Model& model, const model::Valuation& valuation, const std::string& origin,
                    PromelaState state) {
  return Promela(model, valuation, state).write(origin);
}

} // namespace tdxcheck::emit
