// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_expression.h"

#include "emit/smt2_open_sets.h"
#include "emit/smt2_open_subsets.h"
#include "emit/smt2_terms.h"
#include "emit/smt2_write.h"
#include "support/contract.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace tdxcheck::emit::smt2 {

using model::Expr;
using model::Id;
using model::Value;

namespace {

bool is_none(const Expr& e) {
  return e.sort().kind == model::SortKind::optional_index && model::is_literal(e, model::no_member);
}

// Whether what is assumed says that the optional index is a member.
bool says_present(const Assumed& assumed, const Expr& index) {
  if (const auto* unary = std::get_if<model::Unary>(&assumed.condition.node().kind)) {
    return unary->op == model::UnaryOp::logical_not && says_present({unary->operand, !assumed.holds}, index);
  }
  const auto* binary = std::get_if<model::Binary>(&assumed.condition.node().kind);
  if (binary == nullptr) return false;
  using enum model::BinaryOp;
  const bool conjunction = assumed.holds ? binary->op == logical_and : binary->op == logical_or;
  if (conjunction)
    return says_present({binary->left, assumed.holds}, index) ||
           says_present({binary->right, assumed.holds}, index);
  if (!assumed.holds && binary->op == implies)
    return says_present({binary->left, true}, index) || says_present({binary->right, false}, index);
  const bool differ = assumed.holds ? binary->op == not_equal : binary->op == equal;
  if (differ && is_none(binary->right)) return binary->left == index;
  if (differ && is_none(binary->left)) return binary->right == index;
  // Equal to a member that surely exists.
  const bool equals = assumed.holds ? binary->op == equal : binary->op == not_equal;
  if (!equals) return false;
  const auto surely = [](const Expr& e) {
    return e.sort().kind == model::SortKind::index &&
           (std::holds_alternative<model::Self>(e.node().kind) ||
            std::holds_alternative<model::BoundRef>(e.node().kind) ||
            std::holds_alternative<model::Literal>(e.node().kind) ||
            std::holds_alternative<model::VariableRef>(e.node().kind));
  };
  return (binary->left == index && surely(binary->right)) || (binary->right == index && surely(binary->left));
}

unsigned width_for(const Interval& interval) {
  support::ensures_internal(interval.low && interval.high, "bits are bounded");
  const auto length = [](Value v) {
    return static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(v < 0 ? ~v : v)));
  };
  const unsigned most = std::max(length(*interval.low), length(*interval.high));
  return std::max(1U, *interval.low < 0 ? most + 1 : most);
}

std::string array_symbol(Names& names, const std::string& name) {
  return names.of(Names::Kind::function, name + "[]");
}

} // namespace

Expressions::Expressions(const model::Instance& instance, Names& names,
                         const std::vector<result::OpenSet>& open)
    : instance_(&instance),
      names_(&names),
      open_(std::make_unique<OpenSets>(*this, open)),
      subsets_(std::make_unique<OpenSubsets>(*this)) {
  for (std::size_t c = 0; c < instance.cells().size(); ++c)
    if (subsets_->is_one(instance.sort(c))) subset_cells_.push_back(c);
  for (const model::Thread& thread : instance.model().threads) {
    std::vector<bool> reached(thread.labels.size());
    reached.at(thread.start.value) = true;
    for (const model::Step& step : thread.steps)
      reached.at(step.from.value) = reached.at(step.to.value) = true;
    reached_.push_back(std::move(reached));
  }
}

Expressions::~Expressions() = default;

Interval Expressions::interval(const Expr& e, const Speaker& speaker) const {
  return interval_of(*instance_, e, speaker.members, speaker.self,
                     [this](Id<model::IndexSet> set) { return open_->contains(set); });
}

unsigned Expressions::width_of(const Expr& e, const Speaker& speaker) const {
  return width_for(interval(e, speaker));
}

Term Expressions::term(const Expr& e, const Speaker& speaker, const Assumptions& assumed) const {
  if (e.sort().kind == model::SortKind::bits) return bits(e, width_of(e, speaker), speaker, assumed);
  return std::visit(Write{*this, speaker, assumed, e}, e.node().kind);
}

Term Expressions::bits(const Expr& e, unsigned width, const Speaker& speaker,
                       const Assumptions& assumed) const {
  return std::visit(WriteBits{*this, speaker, assumed, e, width}, e.node().kind);
}

std::string Expressions::literal(const model::Sort& sort, Value value, unsigned width) const {
  switch (sort.kind) {
  case model::SortKind::boolean: return value != 0 ? yes : no;
  case model::SortKind::bits: return smt2::bits(value, width);
  case model::SortKind::subset:
    if (value != 0 && subsets_->is_one(sort))
      throw support::InputError(
          fmt::format("a subset of `{}` is written member by member, and its size is left free",
                      instance_->model().sets[Id<model::IndexSet>{sort.of}].name));
    return smt2::bits(value, static_cast<unsigned>(instance_->size(Id<model::IndexSet>{sort.of})));
  case model::SortKind::enumeration: {
    used_.insert(Id<model::Enumeration>{sort.of});
    const auto& enumeration = instance_->model().enumerations[Id<model::Enumeration>{sort.of}];
    return names_->of(Names::Kind::constant,
                      enumeration.name + ": " + enumeration.constants.at(static_cast<std::size_t>(value)));
  }
  case model::SortKind::optional_index: return value == model::no_member ? "none" : number(value);
  case model::SortKind::integer:
  case model::SortKind::index: break;
  }
  return number(value);
}

std::string Expressions::sort(std::size_t cell) const {
  if (cell >= instance_->cells().size()) return "Int";
  const model::Sort sort = instance_->sort(cell);
  switch (sort.kind) {
  case model::SortKind::boolean: return "Bool";
  case model::SortKind::bits: {
    const auto& most = instance_->cells()[cell].high;
    return fmt::format("(_ BitVec {})", width_for({0, most}));
  }
  case model::SortKind::subset:
    return fmt::format("(_ BitVec {})", instance_->size(Id<model::IndexSet>{sort.of}));
  case model::SortKind::enumeration:
    used_.insert(Id<model::Enumeration>{sort.of});
    return names_->of(Names::Kind::type,
                      instance_->model().enumerations[Id<model::Enumeration>{sort.of}].name);
  case model::SortKind::integer:
  case model::SortKind::index:
  case model::SortKind::optional_index: break;
  }
  return "Int";
}

std::string Expressions::sort_of(const Expr& e, const Speaker& speaker) const {
  switch (e.sort().kind) {
  case model::SortKind::boolean: return "Bool";
  case model::SortKind::bits: return fmt::format("(_ BitVec {})", width_of(e, speaker));
  case model::SortKind::subset:
    return fmt::format("(_ BitVec {})", instance_->size(Id<model::IndexSet>{e.sort().of}));
  case model::SortKind::enumeration:
    return names_->of(Names::Kind::type,
                      instance_->model().enumerations[Id<model::Enumeration>{e.sort().of}].name);
  case model::SortKind::integer:
  case model::SortKind::index:
  case model::SortKind::optional_index: break;
  }
  return "Int";
}

std::string Expressions::cell(std::size_t cell, const std::string& state) const {
  const std::size_t known = instance_->cells().size();
  const std::string name = cell < known ? instance_->cells()[cell].name
                                        : instance_->cells()[subset_cells_[cell - known]].name + " of others";
  return fmt::format("({} {})", names_->of(Names::Kind::variable, name), state);
}

std::optional<std::size_t> Expressions::others_cell(std::size_t cell) const {
  const auto found = std::ranges::find(subset_cells_, cell);
  if (found == subset_cells_.end()) return {};
  return instance_->cells().size() + static_cast<std::size_t>(found - subset_cells_.begin());
}

std::string Expressions::at(std::size_t thread, const std::string& state) const {
  return fmt::format("({} {})", names_->of(Names::Kind::variable, "at " + instance_->threads()[thread].name),
                     state);
}

std::string Expressions::label(Id<model::Thread> thread, Id<model::Label> label) const {
  const model::Thread& row = instance_->model().threads[thread];
  return names_->of(Names::Kind::constant, row.name + ": " + row.labels[label].name);
}

std::string Expressions::label_sort(Id<model::Thread> thread) const {
  return names_->of(Names::Kind::type, "label of " + instance_->model().threads[thread].name);
}

bool Expressions::is_reached(Id<model::Thread> thread, Id<model::Label> label) const {
  return reached_.at(thread.value).at(label.value);
}

std::string Expressions::is_member(const Expr& index, const Term& written, Id<model::IndexSet> set,
                                   const Speaker& speaker, const Assumptions& assumed) const {
  const bool present =
      std::ranges::any_of(assumed, [&](const Assumed& one) { return says_present(one, index); });
  if (open_->contains(set)) {
    if (open_->name_of(index, speaker)) return yes;
    // What a variable holds lies in its range.
    const bool is_held = std::holds_alternative<model::VariableRef>(index.node().kind);
    if (is_held && (present || index.sort().kind == model::SortKind::index)) return yes;
    if (is_held && index.sort().kind == model::SortKind::optional_index)
      return negated(equals(written.text, "none"));
    return both(call("<=", {"0", written.text}), call("<", {written.text, open_->size(set)}));
  }
  const Value size = instance_->size(set);
  const Interval interval = this->interval(index, speaker);
  if (interval.lies_in(0, size - 1)) return yes;
  if (present && interval.lies_in(model::no_member, size - 1)) return yes;
  if (interval.lies_in(model::no_member, size - 1)) return negated(equals(written.text, "none"));
  return call("<=", {"0", written.text, number(size - 1)});
}

std::string Expressions::member_of(Id<model::IndexSet> set, const Term& index) const {
  const std::string symbol =
      names_->of(Names::Kind::function, "only of " + instance_->model().sets[set].name);
  const auto size = static_cast<unsigned>(instance_->size(set));
  std::string body = smt2::bits(0, size);
  for (unsigned i = size; i-- > 0;)
    body = if_then_else(both(open_->exists(set, i), equals("i", open_->member(set, i))),
                        smt2::bits(Value{1} << i, size), body);
  definitions_.try_emplace(
      symbol, laid_out(fmt::format("(define-fun {} ((i Int)) (_ BitVec {}) {})", symbol, size, body), 0));
  return call(symbol, {index.text});
}

// The function that looks a cell up, or what it has of members without a name.
std::string Expressions::looked_up(Id<model::Variable> variable, bool others) const {
  const std::string name = instance_->model().variables[variable].name + (others ? " of others" : "");
  const std::string symbol = array_symbol(*names_, name);
  const auto place = [&](std::size_t c) { return others ? *others_cell(c) : c; };
  if (definitions_.contains(symbol)) return symbol;
  const auto& dimensions = instance_->dimensions(variable);
  const std::size_t first = instance_->first_cell(variable);
  std::size_t left = 1;
  bool is_open = false;
  std::string parameters = "((s State)";
  std::vector<std::string> at;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    left *= static_cast<std::size_t>(instance_->size(dimensions[i]));
    is_open = is_open || open_->contains(dimensions[i]);
    at.push_back(fmt::format("i{}", i));
    parameters += fmt::format(" ({} Int)", at.back());
  }
  std::string body;
  if (is_open) {
    body = open_->elsewhere(name, at, sort(place(first)));
    if (const auto& initial = instance_->model().variables[variable].initial)
      start_elsewhere_[variable] = *initial;
  } else {
    body = cell(place(first + --left), "s");
  }
  for (std::size_t c = left; c-- > 0;) {
    std::vector<std::string> here;
    for (std::size_t i = 0; i < dimensions.size(); ++i)
      here.push_back(equals(at[i], open_->member(dimensions[i], instance_->cells()[first + c].at[i])));
    body = if_then_else(all_of(here), cell(place(first + c), "s"), body);
  }
  definitions_[symbol] =
      laid_out(fmt::format("(define-fun {} {}) {} {})", symbol, parameters, sort(place(first)), body), 0);
  return symbol;
}

// A cell whose indices are numbers or names, or the function that looks it up.
Term Expressions::reference(const model::VariableRef& reference, const Speaker& speaker,
                            const Assumptions& assumed, bool others) const {
  const auto& dimensions = instance_->dimensions(reference.variable);
  std::vector<Value> known;
  std::vector<std::string> arguments{speaker.state}, at;
  std::string defined = yes;
  for (std::size_t i = 0; i < reference.at.size(); ++i) {
    const Interval interval = this->interval(reference.at[i], speaker);
    const bool is_open = open_->contains(dimensions[i]);
    if (const auto name = open_->name_of(reference.at[i], speaker)) known.push_back(*name);
    else if (!is_open && interval.low && interval.low == interval.high &&
             interval.lies_in(0, instance_->size(dimensions[i]) - 1))
      known.push_back(*interval.low);
    const Term index = term(reference.at[i], speaker, assumed);
    arguments.push_back(index.text);
    at.push_back(index.text);
    defined =
        all_of({defined, index.defined, is_member(reference.at[i], index, dimensions[i], speaker, assumed)});
  }
  if (known.size() == reference.at.size()) {
    const std::size_t here = instance_->cell(reference.variable, known);
    return {cell(others ? *others_cell(here) : here, speaker.state), defined};
  }
  const std::string symbol = looked_up(reference.variable, others);
  const auto initial = start_elsewhere_.find(reference.variable);
  if (initial != start_elsewhere_.end()) {
    const std::size_t first = instance_->first_cell(reference.variable);
    const std::string name =
        instance_->model().variables[reference.variable].name + (others ? " of others" : "");
    open_->starts_with(open_->elsewhere(name, at, sort(others ? *others_cell(first) : first)),
                       others ? subsets_->others(initial->second, {}) : initial_text(first, initial->second));
  }
  return {call(symbol, arguments), defined};
}

std::string Expressions::others_of(const model::VariableRef& subset, const Speaker& speaker,
                                   const Assumptions& assumed) const {
  return reference(subset, speaker, assumed, true).text;
}

std::string Expressions::at_a_label(Id<model::Region> id, const std::string& where) const {
  const model::Region& region = instance_->model().regions[id];
  std::vector<std::string> places;
  for (const auto label : region.labels)
    if (is_reached(region.thread, label)) places.push_back(equals(where, this->label(region.thread, label)));
  return any_of(places);
}

std::string Expressions::in_region(Id<model::Region> id, Value member, const std::string& state) const {
  return at_a_label(id, at(instance_->thread(instance_->model().regions[id].thread, member), state));
}

Term Expressions::region(const model::InRegion& in, const Speaker& speaker,
                         const Assumptions& assumed) const {
  const model::Region& region = instance_->model().regions[in.region];
  const auto& over = instance_->model().threads[region.thread].over;
  const bool few = region.labels.size() <= 1;
  const auto symbol = [&](const std::string& of) {
    return names_->of(Names::Kind::function, fmt::format("in {}{}", region.name, of));
  };
  if (in.member.empty()) {
    const std::string direct = in_region(in.region, 0, "s");
    if (few || direct == no) return {in_region(in.region, 0, speaker.state), yes};
    definitions_.try_emplace(
        symbol(""), laid_out(fmt::format("(define-fun {} ((s State)) Bool {})", symbol(""), direct), 0));
    return {call(symbol(""), {speaker.state}), yes};
  }
  const Value size = instance_->size(*over);
  const Term member = term(in.member.front(), speaker, assumed);
  std::string body = in_region(in.region, size - 1, "s");
  Value left = size - 1;
  if (open_->contains(*over)) {
    const auto elsewhere = [&](const std::string& who) {
      return open_->elsewhere("at " + instance_->model().threads[region.thread].name, {who},
                              label_sort(region.thread));
    };
    body = at_a_label(in.region, elsewhere("i"));
    left = size;
    if (!open_->name_of(in.member.front(), speaker))
      open_->starts_with(elsewhere(member.text),
                         label(region.thread, instance_->model().threads[region.thread].start));
  }
  for (Value m = left; m-- > 0;)
    body = if_then_else(equals("i", open_->member(*over, m)), in_region(in.region, m, "s"), body);
  definitions_.try_emplace(
      symbol("[]"),
      laid_out(fmt::format("(define-fun {} ((s State) (i Int)) Bool {})", symbol("[]"), body), 0));
  const std::string defined =
      both(member.defined, is_member(in.member.front(), member, *over, speaker, assumed));
  if (const auto name = open_->name_of(in.member.front(), speaker))
    return {in_region(in.region, *name, speaker.state), defined};
  return {call(symbol("[]"), {speaker.state, member.text}), defined};
}

std::string Expressions::initial_text(std::size_t cell, const Expr& initial) const {
  if (instance_->sort(cell).kind != model::SortKind::bits) return term(initial, {}).text;
  return bits(initial, width_for({0, instance_->cells()[cell].high}), {}).text;
}

std::string Expressions::definitions() const {
  std::string text;
  for (const auto& [symbol, definition] : definitions_) text += definition + "\n";
  return text;
}

} // namespace tdxcheck::emit::smt2
