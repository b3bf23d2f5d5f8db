// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_system.h"

#include "emit/smt2_open_sets.h"
#include "emit/smt2_open_subsets.h"
#include "emit/smt2_terms.h"
#include "emit/smt2_update.h"
#include "model/print.h"
#include "support/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace tdxcheck::emit::smt2 {

using model::Id;
using model::Value;

namespace {

std::string defined_as(const std::string& symbol, const std::string& parameters, const std::string& body) {
  return fmt::format("(define-fun {} ({}) Bool\n  {})\n", symbol, parameters, laid_out(body, 2));
}

std::string name_of(const model::Instance& instance, std::size_t thread, const model::Step& step,
                    const Members& members) {
  const auto& who = instance.threads()[thread];
  const auto& labels = instance.model().threads[who.thread].labels;
  std::string name = fmt::format("{}: {} -> {}", who.name, labels[step.from].name, labels[step.to].name);
  std::vector<std::string> choices;
  for (const auto& choice : step.choices)
    choices.push_back(fmt::format("{}={}", choice.bound.name, members.at(choice.bound.number)));
  if (!choices.empty()) name += fmt::format(", {}", fmt::join(choices, ", "));
  return name;
}

} // namespace

System::System(const model::Model& model, const model::Valuation& valuation,
               const std::vector<result::AnyParameter>& any, const std::vector<result::OpenSet>& open)
    : instance_(model, valuation), any_(any), expressions_(instance_, names_, open) {
  refuse_what_cannot_be_said();
  for (std::size_t c = 0; c < instance_.cells().size(); ++c) (void)expressions_.sort(c);
  for (const auto& one : any_)
    if (const auto* of = std::get_if<model::EnumParameter>(&model.parameters[one.parameter].type))
      (void)expressions_.literal({model::SortKind::enumeration, of->enumeration.value}, 0);
  find_moves();
  find_blocks();
  for (const Move& move : moves_) write_move(move);
  start_ = start(); // the terms of both decide which definitions are needed
  in_range_ = in_range();
}

std::string System::exists(std::size_t thread) const {
  const auto& who = instance_.threads()[thread];
  const auto& over = instance_.model().threads[who.thread].over;
  return over ? expressions_.open_sets().exists(*over, who.member) : yes;
}

std::string System::is_at(std::size_t thread, Id<model::Label> label) const {
  return both(exists(thread), equals(expressions_.at(thread, "s"),
                                     expressions_.label(instance_.threads()[thread].thread, label)));
}

void System::refuse_what_cannot_be_said() const {
  const auto refuse_in = [&](const model::Expr& size, const std::string& what) {
    if (std::holds_alternative<model::Literal>(size.node().kind)) return;
    throw support::InputError(
        fmt::format("{} is `{}`: SMT-LIB needs a number there, so its parameters cannot "
                    "be left free",
                    what, model::print(instance_.model(), size)));
  };
  for (const model::IndexSet& set : instance_.model().sets)
    refuse_in(set.size, fmt::format("the size of `{}`", set.name));
  for (const model::Variable& variable : instance_.model().variables)
    if (const auto* bits = std::get_if<model::BitsType>(&variable.type.scalar))
      refuse_in(bits->width, fmt::format("the number of bits of `{}`", variable.name));
}

void System::find_moves() {
  std::set<std::string> taken;
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    const auto& who = instance_.threads()[t];
    const model::Thread& thread = instance_.model().threads[who.thread];
    for (const model::Step& step : thread.steps) {
      each_choice(instance_, step, [&](const Members& members) {
        Move move{t, &step, {members, {}, "s"}, name_of(instance_, t, step, members), {}, {}, {}};
        if (thread.over) move.speaker.self = who.member;
        const model::Expr guard = whole_guard(step);
        if (!guard.empty()) {
          if (expressions_.term(guard, move.speaker).text == no) return; // a choice that is ruled out
          move.guard.push_back({guard, true});
        }
        for (int i = 2; !taken.insert(move.name).second; ++i)
          move.name = fmt::format("{} ({})", name_of(instance_, t, step, members), i);
        move.symbol = names_.of(Names::Kind::function, move.name);
        move.may = names_.of(Names::Kind::function, "may " + move.name);
        moves_.push_back(std::move(move));
      });
    }
  }
}

// A step whose guard has no value counts as enabled, and is a model error.
void System::write_move(const Move& move) {
  const Term guard =
      move.guard.empty() ? Term{yes, yes} : expressions_.term(move.guard.front().condition, move.speaker);
  const Effect effect = effect_of(expressions_, move);
  std::string here = both(is_at(move.thread, move.step->from), effect.named);
  for (const model::Choice& choice : move.step->choices)
    here =
        both(here, expressions_.open_sets().exists(choice.set, move.speaker.members.at(choice.bound.number)));
  const std::string fine = all_of({guard.defined, guard.text, effect.possible});
  const std::string enabled_and_wrong =
      all_of({here, any_of({negated(guard.defined), both(guard.text, negated(effect.possible))})});
  if (enabled_and_wrong != no) errors_.push_back(enabled_and_wrong);

  std::string said = move.step->text;
  if (!move.step->status.empty()) said += " [" + move.step->status + "]";
  if (!move.step->source.file.empty())
    said += fmt::format(" ({}:{})", move.step->source.file, move.step->source.line);
  if (!move.step->error.empty()) said += " - " + move.step->error;
  steps_ += "\n" + comment(said);
  steps_ += defined_as(move.may, "(s State)", both(here, fine));
  std::vector<std::string> change{call(move.may, {"s"})};
  const auto& who = instance_.threads()[move.thread];
  change.push_back(equals(expressions_.at(move.thread, "t"), expressions_.label(who.thread, move.step->to)));
  std::vector<bool> written(expressions_.cells());
  for (const CellUpdate& update : effect.updates) {
    change.push_back(equals(expressions_.cell(update.cell, "t"), update.value));
    written[update.cell] = true;
  }
  change.push_back(rest_stays(move.thread, written));
  steps_ += defined_as(move.symbol, "(s State) (t State)", all_of(change));
}

// Labels and cells that often stay together: a thread with its locals, or some neighbours among the rest.
void System::find_blocks() {
  constexpr std::size_t most_together = 12;
  const auto add_to = [&](Block& block, std::size_t c) {
    if (const auto others = expressions_.others_cell(c)) block.cells.push_back(*others);
    block.cells.push_back(c);
  };
  for (std::size_t t = 0; t < instance_.threads().size(); ++t)
    blocks_.push_back({instance_.threads()[t].name, t, {}});
  const std::size_t threads = blocks_.size();
  for (std::size_t c = 0; c < instance_.cells().size(); ++c) {
    const model::Cell& cell = instance_.cells()[c];
    if (const auto* local =
            std::get_if<model::LocalScope>(&instance_.model().variables[cell.variable].scope)) {
      const bool is_one_of_many = instance_.model().threads[local->thread].over.has_value();
      add_to(blocks_[instance_.thread(local->thread, is_one_of_many ? cell.at.front() : 0)], c);
      continue;
    }
    if (blocks_.size() == threads || blocks_.back().cells.size() >= most_together)
      blocks_.push_back({cell.name, {}, {}});
    add_to(blocks_.back(), c);
  }
  for (Block& block : blocks_) {
    if (!block.thread && block.cells.size() > 1)
      block.name += " to " + instance_.cells()[block.cells.back()].name;
    block.symbol = names_.of(Names::Kind::function, block.name + " stays");
  }
}

std::string System::stays(const Block& block, std::optional<std::size_t> but_thread,
                          const std::vector<bool>& written) const {
  std::vector<std::string> kept;
  if (block.thread && block.thread != but_thread)
    kept.push_back(equals(expressions_.at(*block.thread, "t"), expressions_.at(*block.thread, "s")));
  for (const std::size_t c : block.cells)
    if (!written[c]) kept.push_back(equals(expressions_.cell(c, "t"), expressions_.cell(c, "s")));
  return all_of(kept);
}

// Everything but the thread's label and what was written stays.
std::string System::rest_stays(std::size_t thread, const std::vector<bool>& written) const {
  std::vector<std::string> kept;
  for (const Block& block : blocks_) {
    const bool is_touched =
        block.thread == thread || std::ranges::any_of(block.cells, [&](std::size_t c) { return written[c]; });
    kept.push_back(is_touched ? stays(block, thread, written) : call(block.symbol, {"s", "t"}));
  }
  return all_of(kept);
}

std::string System::blocks() const {
  const std::vector<bool> nothing(expressions_.cells());
  std::string text;
  for (const Block& block : blocks_)
    text += defined_as(block.symbol, "(s State) (t State)", stays(block, {}, nothing));
  return text;
}

std::string System::types() const {
  std::string text;
  for (const auto id : instance_.model().enumerations.ids()) {
    if (!expressions_.is_used(id)) continue;
    const model::Enumeration& enumeration = instance_.model().enumerations[id];
    std::vector<std::string> constants;
    for (std::size_t i = 0; i < enumeration.constants.size(); ++i)
      constants.push_back(
          "(" + expressions_.literal({model::SortKind::enumeration, id.value}, static_cast<Value>(i)) + ")");
    text += laid_out(fmt::format("(declare-datatypes (({} 0)) (({})))",
                                 expressions_.names().of(Names::Kind::type, enumeration.name),
                                 fmt::join(constants, " ")),
                     0) +
            "\n";
  }
  for (const auto id : instance_.model().threads.ids()) {
    std::vector<std::string> constants;
    for (const auto label : instance_.model().threads[id].labels.ids())
      if (expressions_.is_reached(id, label)) constants.push_back("(" + expressions_.label(id, label) + ")");
    text += laid_out(fmt::format("(declare-datatypes (({} 0)) (({})))", expressions_.label_sort(id),
                                 fmt::join(constants, " ")),
                     0) +
            "\n";
  }
  return text + "(define-fun none () Int (- 1)) ; an optional index without a member\n";
}

std::string System::parameters() const {
  std::string text;
  for (const auto& any : any_) {
    const model::Parameter& parameter = instance_.model().parameters[any.parameter];
    const std::string symbol = expressions_.names().of(Names::Kind::parameter, parameter.name);
    std::string sort = "Int";
    if (std::holds_alternative<model::BoolParameter>(parameter.type)) sort = "Bool";
    if (const auto* of = std::get_if<model::EnumParameter>(&parameter.type))
      sort = expressions_.names().of(Names::Kind::type, instance_.model().enumerations[of->enumeration].name);
    text += comment(parameter.doc.empty() ? "left free" : "left free: " + parameter.doc);
    text += fmt::format("(declare-const {} {})\n", symbol, sort);
    if (sort == "Int") text += fmt::format("(assert (<= {} {}))\n", number(any.lowest), symbol);
  }
  return text;
}

std::string System::variables() const {
  std::string text = "(declare-sort State 0)\n";
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    const std::string name = expressions_.at(t, "");
    text += fmt::format("(declare-fun {} (State) {})\n", name.substr(1, name.size() - 3),
                        expressions_.label_sort(instance_.threads()[t].thread));
  }
  std::optional<Id<model::Variable>> described;
  for (std::size_t c = 0; c < instance_.cells().size(); ++c) {
    const auto id = instance_.cells()[c].variable;
    const model::Variable& variable = instance_.model().variables[id];
    if (described != id && !variable.doc.empty()) text += comment(variable.doc);
    described = id;
    const std::string name = expressions_.cell(c, "");
    text +=
        fmt::format("(declare-fun {} (State) {})\n", name.substr(1, name.size() - 3), expressions_.sort(c));
    if (const auto others = expressions_.others_cell(c)) {
      const std::string number = expressions_.cell(*others, "");
      text += fmt::format("(declare-fun {} (State) Int)\n", number.substr(1, number.size() - 3));
    }
  }
  return text;
}

std::string System::in_range() const {
  std::vector<std::string> ranges;
  for (std::size_t c = 0; c < instance_.cells().size(); ++c) {
    ranges.push_back(range_of_cell(expressions_, c, expressions_.cell(c, "s")));
    ranges.push_back(expressions_.open_subsets().range(c, "s"));
  }
  return defined_as("in_range", "(s State)", all_of(ranges));
}

std::vector<std::string> System::start() const {
  std::vector<std::string> start;
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    const auto id = instance_.threads()[t].thread;
    start.push_back(
        equals(expressions_.at(t, "s"), expressions_.label(id, instance_.model().threads[id].start)));
  }
  for (std::size_t c = 0; c < instance_.cells().size(); ++c) {
    const model::Variable& variable = instance_.model().variables[instance_.cells()[c].variable];
    const std::string cell = expressions_.cell(c, "s");
    start.push_back(variable.initial
                        ? equals(cell, value_for_cell(expressions_, c, *variable.initial, {}).text)
                        : range_of_cell(expressions_, c, cell));
    const auto others = expressions_.others_cell(c);
    if (!others) continue;
    start.push_back(variable.initial ? equals(expressions_.cell(*others, "s"),
                                              expressions_.open_subsets().others(*variable.initial, {}))
                                     : expressions_.open_subsets().range(c, "s"));
  }
  return start;
}

std::string System::same() const {
  std::vector<std::string> equal;
  for (const Block& block : blocks_) equal.push_back(call(block.symbol, {"s", "t"}));
  return defined_as("same", "(s State) (t State)", all_of(equal));
}

std::string System::text(const std::string& rest) const {
  std::vector<std::string> steps;
  for (const Move& move : moves_) steps.push_back(call(move.symbol, {"s", "t"}));
  std::string text = "\n; ---- Types\n" + types();
  if (!any_.empty()) text += "\n; ---- Parameters\n" + parameters();
  if (!expressions_.open_sets().empty())
    text += "\n; ---- Sets of any size\n" + expressions_.open_sets().declarations();
  text += "\n; ---- State: a variable is a function of it\n" + variables();
  const std::string definitions = expressions_.definitions();
  if (!definitions.empty()) text += "\n; ---- Arrays and regions at an index\n" + definitions;
  text += "\n; ---- Declared ranges\n" + in_range_;
  // What was said of members without a name is known only now.
  std::vector<std::string> start = start_;
  for (std::string& fact : expressions_.open_sets().at_the_start()) start.push_back(std::move(fact));
  text += "\n; ---- Initial states\n" + defined_as("init", "(s State)", all_of(start));
  text += "\n; ---- What steps leave as it is\n" + blocks();
  text += "\n; ---- Steps: whether each may be taken, and what it does\n" + steps_;
  text += "\n; ---- The transition relation: one step\n" +
          defined_as("trans", "(s State) (t State)", one_of_many(steps));
  text +=
      "\n; ---- Whether a step is enabled that has no meaning: a range is left, a member does not exist\n" +
      defined_as("model_error", "(s State)", one_of_many(errors_));
  text += "\n; ---- Equal states\n" + same();
  return text + rest;
}

} // namespace tdxcheck::emit::smt2
