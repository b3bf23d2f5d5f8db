// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/encoding.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/print.h"
#include "prove/evaluation.h"
#include "prove/name_members.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {

using model::Value;

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

bool names_a_parameter(const model::Expr& e) {
  return std::visit(Overloaded{
                        [](const model::Literal&) { return false; },
                        [](const auto&) { return true; },
                    },
                    e.node().kind);
}

} // namespace

Encoding::Encoding(z3::context& context, const Problem& problem, Style style)
    : context_(context),
      problem_(problem),
      style_(style),
      instance_(problem.model, problem.valuation),
      terms_(context) {
  const model::Model& model = problem.model;
  const bool datatypes = style.finite == Finite::datatype;
  for (std::size_t e = 0; e < model.enumerations.size(); ++e) {
    const auto size =
        model.enumerations[model::Id<model::Enumeration>{static_cast<std::uint32_t>(e)}].constants.size();
    enumerations_.push_back(datatypes ? std::optional(datatype(fmt::format("E{}!", e), size)) : std::nullopt);
  }
  for (const auto id : model.threads.ids())
    labels_.push_back(
        datatypes ? std::optional(datatype(fmt::format("L{}!", id.value), model.threads[id].labels.size()))
                  : std::nullopt);
  for (const result::OpenSet& open : problem.open)
    named_by_a_step_.push_back(named_by_a_step(model, open.set));
  free_.resize(model.parameters.size());
  for (const result::AnyParameter& any : problem.any) {
    const std::string name = fmt::format("p{}", any.parameter.value);
    const auto* enumeration = std::get_if<model::EnumParameter>(&model.parameters[any.parameter].type);
    std::optional<Term>& term = free_[any.parameter.value];
    if (std::holds_alternative<model::BoolParameter>(model.parameters[any.parameter].type)) {
      term = terms_.truth(context_.bool_const(name.c_str()));
    } else if (enumeration == nullptr && style.few_values == 1) {
      term = terms_.number(problem.valuation.parameters[any.parameter.value]);
    } else if (enumeration == nullptr && style.few_values > 0) {
      const Value most = any.lowest + style.few_values - 1;
      term = terms_.bits(context_.bv_const(name.c_str(), width_of(any.lowest, most)), any.lowest, most);
    } else if (enumeration == nullptr) {
      term = Term{TermKind::integer, context_.int_const(name.c_str())};
    } else if (const auto& constants = enumerations_[enumeration->enumeration.value]) {
      term = Term{TermKind::constant, context_.constant(name.c_str(), constants->sort)};
    } else {
      const auto size = model.enumerations[enumeration->enumeration].constants.size();
      const auto most = static_cast<Value>(size) - 1;
      term = terms_.bits(context_.bv_const(name.c_str(), width_of(0, most)), 0, most);
    }
  }
  open_sets_ = std::make_unique<OpenSets>(*this);
  for (std::size_t c = 0; c < instance_.cells().size(); ++c) choose_cell_sort(c);
  list_moves();
}

Encoding::Constants Encoding::datatype(const std::string& prefix, std::size_t size) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < size; ++i) names.push_back(fmt::format("{}{}", prefix, i));
  std::vector<const char*> texts;
  for (const std::string& name : names) texts.push_back(name.c_str());
  z3::func_decl_vector constructors(context_), testers(context_);
  Constants constants{context_.enumeration_sort((prefix + "sort").c_str(), static_cast<unsigned>(size),
                                                texts.data(), constructors, testers),
                      {}};
  for (unsigned i = 0; i < size; ++i) constants.values.push_back(constructors[i]());
  return constants;
}

Encoding::CellSort Encoding::index_sort(model::Id<model::IndexSet> set, const model::Cell& cell) const {
  const OpenSet* open = open_sets_->find(set);
  const Term least = terms_.number(cell.low);
  if (open == nullptr)
    return {TermKind::bits, context_.bv_sort(width_of(cell.low, cell.high)),
            cell.low,       cell.high,
            least,          terms_.number(cell.high)};
  const Term last = terms_.apply(model::BinaryOp::subtract, open->size, terms_.number(1));
  if (open->others) return {TermKind::integer, context_.int_sort(), 0, 0, least, last};
  return {TermKind::bits, context_.bv_sort(width_of(cell.low, cell.high)), cell.low, cell.high, least, last};
}

// How the values of a cell are represented.
void Encoding::choose_cell_sort(std::size_t c) {
  const model::Cell& cell = instance_.cells()[c];
  const model::ScalarType& type = model().variables[cell.variable].type.scalar;
  const auto bits = [&](Value low, Value high) {
    return CellSort{TermKind::bits,     context_.bv_sort(width_of(low, high)), low, high, terms_.number(low),
                    terms_.number(high)};
  };
  const auto integers = [&](const Term& low, const Term& high) {
    return CellSort{TermKind::integer, context_.int_sort(), 0, 0, low, high};
  };
  cells_.push_back(
      std::visit(Overloaded{
                     [&](const model::BoolType&) {
                       return CellSort{TermKind::truth, context_.bool_sort(), 0, 0, {}, {}};
                     },
                     [&](const model::IntegerType& x) {
                       const Term low = evaluate({}, x.low), high = evaluate({}, x.high);
                       const bool bounded = low.kind == TermKind::bits && high.kind == TermKind::bits;
                       if (!bounded || style_.numbers != Numbers::bits) return integers(low, high);
                       CellSort sort = bits(low.low, high.high);
                       sort.least = low;
                       sort.most = high;
                       return sort;
                     },
                     [&](const model::EnumType& x) {
                       if (const auto& constants = enumerations_[x.enumeration.value])
                         return CellSort{TermKind::constant, constants->sort, 0, 0, {}, {}};
                       if (style_.finite == Finite::integer)
                         return integers(terms_.number(cell.low), terms_.number(cell.high));
                       return bits(cell.low, cell.high);
                     },
                     [&](const model::BitsType& x) {
                       if (names_a_parameter(x.width))
                         throw support::InputError(fmt::format(
                             "the width of `{}` depends on a parameter that is left free", cell.name));
                       return bits(cell.low, cell.high);
                     },
                     [&](const model::IndexType& x) { return index_sort(x.set, cell); },
                     [&](const model::OptionalIndexType& x) { return index_sort(x.set, cell); },
                     [&](const model::SubsetType& x) {
                       CellSort sort = bits(cell.low, cell.high);
                       const OpenSet* open = open_sets_->find(x.of);
                       if (open != nullptr && open->others)
                         sort.unnamed = instance_.cells().size() + instance_.threads().size() + subsets_++;
                       return sort;
                     },
                 },
                 type));
}

void Encoding::list_moves() {
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    const auto& steps = model().threads[instance_.threads()[t].thread].steps;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      std::vector<std::vector<Value>> ways = {{}};
      for (const model::Choice& choice : steps[s].choices) {
        std::vector<std::vector<Value>> longer;
        for (const auto& way : ways)
          for (Value member = 0; member < instance_.size(choice.set); ++member) {
            longer.push_back(way);
            longer.back().push_back(member);
          }
        ways = std::move(longer);
      }
      for (auto& way : ways) moves_.push_back({t, s, std::move(way)});
    }
  }
}

const model::Step& Encoding::step_of(std::size_t move) const {
  const Move& m = moves_[move];
  return model().threads[instance_.threads()[m.thread].thread].steps[m.step];
}

Surroundings Encoding::surroundings_of(std::size_t move) const {
  Surroundings here;
  here.self = instance_.threads()[moves_[move].thread].member;
  const model::Step& step = step_of(move);
  for (std::size_t i = 0; i < step.choices.size(); ++i)
    here.bound[step.choices[i].bound.number] = moves_[move].choices[i];
  return here;
}

bool Encoding::is_finite() const {
  const auto is_integer = [](const auto& term) { return term && term->kind == TermKind::integer; };
  return style_.finite == Finite::bits && std::ranges::none_of(free_, is_integer) &&
         std::ranges::none_of(cells_, [](const CellSort& c) { return c.kind == TermKind::integer; });
}

Symbols Encoding::fresh(const std::string& suffix) const {
  Symbols state;
  for (std::size_t c = 0; c < cells_.size(); ++c)
    state.push_back(context_.constant(fmt::format("c{}!{}", c, suffix).c_str(), cells_[c].sort));
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    const auto thread = instance_.threads()[t].thread;
    const auto most = static_cast<Value>(model().threads[thread].labels.size()) - 1;
    const z3::sort sort = labels_[thread.value]              ? labels_[thread.value]->sort
                          : style_.finite == Finite::integer ? context_.int_sort()
                                                             : context_.bv_sort(width_of(0, most));
    state.push_back(context_.constant(fmt::format("at{}!{}", t, suffix).c_str(), sort));
  }
  for (std::size_t s = 0; s < subsets_; ++s)
    state.push_back(context_.int_const(fmt::format("unnamed{}!{}", s, suffix).c_str()));
  return state;
}

std::vector<z3::expr> Encoding::parameters() const {
  std::vector<z3::expr> all;
  for (const auto& term : free_)
    if (term) all.push_back(term->value);
  return all;
}

Term Encoding::cell_term(const Symbols& state, std::size_t cell) const {
  Term term = like_cell(cell, state[cell]);
  if (cells_[cell].unnamed) term.unnamed = state[*cells_[cell].unnamed];
  return term;
}

Term Encoding::label_term(const Symbols& state, std::size_t thread) const {
  const auto id = instance_.threads()[thread].thread;
  const z3::expr& value = state[cells_.size() + thread];
  if (labels_[id.value]) return {TermKind::constant, value};
  if (style_.finite == Finite::integer) return {TermKind::integer, value};
  return terms_.bits(value, 0, static_cast<Value>(model().threads[id].labels.size()) - 1);
}

Term Encoding::constant(const std::optional<Constants>& of, std::size_t position) const {
  if (of) return {TermKind::constant, of->values.at(position)};
  return terms_.number(static_cast<Value>(position));
}

Term Encoding::enumeration_constant(std::uint32_t enumeration, Value value) const {
  return constant(enumerations_[enumeration], static_cast<std::size_t>(value));
}

Term Encoding::label_constant(std::size_t thread, model::Id<model::Label> label) const {
  return constant(labels_[instance_.threads()[thread].thread.value], label.value);
}

Term Encoding::parameter(model::Id<model::Parameter> id) const {
  if (free_[id.value]) return *free_[id.value];
  const Value value = problem_.valuation.parameters[id.value];
  const model::Sort sort = model::sort_of(model().parameters[id]);
  if (sort.kind == model::SortKind::boolean) return terms_.truth(value != 0);
  if (sort.kind == model::SortKind::enumeration) return enumeration_constant(sort.of, value);
  return terms_.number(value);
}

z3::expr Encoding::is_at(const Symbols& state, std::size_t thread, model::Id<model::Label> label) const {
  return terms_.equal(label_term(state, thread), label_constant(thread, label));
}

z3::expr Encoding::in_range(std::size_t cell, const Term& value) const {
  const CellSort& sort = cells_[cell];
  if (!sort.least) return context_.bool_val(true);
  return terms_.both(terms_.less_equal(*sort.least, value), terms_.less_equal(value, *sort.most));
}

// Whoever is in a subset of an open set exists.
z3::expr Encoding::are_members(std::size_t cell, const Term& subset) const {
  z3::expr all = context_.bool_val(true);
  const auto* type =
      std::get_if<model::SubsetType>(&model().variables[instance_.cells()[cell].variable].type.scalar);
  const OpenSet* open = type != nullptr ? open_sets_->find(type->of) : nullptr;
  if (open == nullptr) return all;
  for (unsigned m = 0; m < open->exists.size(); ++m)
    all = terms_.both(all, terms_.either(subset.value.extract(m, m) == 0, open->exists[m]));
  if (subset.unnamed) all = all && z3::implies(*open->others == 0, *subset.unnamed == 0);
  return all;
}

z3::expr Encoding::as_cell(std::size_t cell, const Term& value) const {
  const CellSort& sort = cells_[cell];
  if (sort.kind == TermKind::integer) return terms_.as_integer(value);
  if (sort.kind != TermKind::bits) return value.value;
  // A value in range fits; what becomes of others is of no account.
  if (value.kind == TermKind::integer) return z3::int2bv(width_of(sort.low, sort.high), value.value);
  return terms_.resized(value, sort.low, sort.high);
}

z3::expr Encoding::typed(const Symbols& state) const {
  z3::expr all = context_.bool_val(true);
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const CellSort& sort = cells_[c];
    if (!sort.least) continue;
    // The bounds that the term knows of itself are what is to be said here.
    Term value = cell_term(state, c);
    if (value.kind == TermKind::bits) {
      const unsigned width = width_of(sort.low, sort.high);
      const bool is_signed = sort.low < 0;
      value.low = is_signed ? -(Value{1} << (width - 1)) : 0;
      value.high = is_signed ? (Value{1} << (width - 1)) - 1 : static_cast<Value>((__int128{1} << width) - 1);
    }
    all = terms_.both(terms_.both(all, in_range(c, value)), are_members(c, cell_term(state, c)));
  }
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    Term label = label_term(state, t);
    if (label.kind == TermKind::constant) continue;
    const Term most =
        terms_.number(static_cast<Value>(model().threads[instance_.threads()[t].thread].labels.size()) - 1);
    if (label.kind == TermKind::bits)
      label.high = static_cast<Value>((__int128{1} << width_of(label.low, label.high)) - 1);
    all = terms_.both(
        all, terms_.both(terms_.less_equal(terms_.number(0), label), terms_.less_equal(label, most)));
  }
  return all;
}

z3::expr Encoding::parameters_have_values() const {
  z3::expr all = open_sets_->constraints();
  for (const result::AnyParameter& any : problem_.any) {
    Term term = *free_[any.parameter.value];
    if (term.is_known()) continue;
    if (term.kind == TermKind::integer) {
      all = terms_.both(all, terms_.less_equal(terms_.number(any.lowest), term));
    } else if (term.kind == TermKind::bits) {
      const Term least = terms_.number(term.low), most = terms_.number(term.high);
      term.high = static_cast<Value>((__int128{1} << width_of(term.low, term.high)) - 1);
      term.low = 0;
      all = terms_.both(all, terms_.both(terms_.less_equal(least, term), terms_.less_equal(term, most)));
    }
  }
  return all;
}

z3::expr Encoding::initial(const Symbols& state) const {
  z3::expr all = typed(state);
  for (std::size_t c = 0; c < cells_.size(); ++c)
    if (const auto& initial = model().variables[instance_.cells()[c].variable].initial)
      all = terms_.both(all, terms_.equal(cell_term(state, c), evaluate(state, *initial)));
  for (std::size_t t = 0; t < instance_.threads().size(); ++t)
    all = terms_.both(all, is_at(state, t, model().threads[instance_.threads()[t].thread].start));
  for (const auto id : model().threads.ids()) {
    const model::Thread& thread = model().threads[id];
    const OpenSet* set = thread.over ? open_sets_->find(*thread.over) : nullptr;
    if (set != nullptr && set->others) all = all && open_sets_->unnamed_at(id, thread.start) == *set->others;
  }
  return all;
}

Term Encoding::member(model::Id<model::IndexSet> set, model::Value name) const {
  const OpenSet* open = open_sets_->find(set);
  return open == nullptr ? terms_.number(name) : open->members.at(static_cast<std::size_t>(name));
}

z3::expr Encoding::exists(model::Id<model::IndexSet> set, model::Value name) const {
  const OpenSet* open = open_sets_->find(set);
  return open == nullptr ? context_.bool_val(true) : open->exists.at(static_cast<std::size_t>(name));
}

z3::expr Encoding::exists(std::size_t thread) const {
  const auto& over = model().threads[instance_.threads()[thread].thread].over;
  return over ? exists(*over, instance_.threads()[thread].member) : context_.bool_val(true);
}

z3::expr Encoding::same(const Symbols& a, const Symbols& b) const {
  z3::expr all = context_.bool_val(true);
  for (std::size_t i = 0; i < a.size(); ++i) all = terms_.both(all, a[i] == b[i]);
  return all;
}

Term Encoding::evaluate(const Symbols& state, const model::Expr& expression, const Surroundings& here) const {
  return Evaluation(*this, state, here).of(expression);
}

z3::expr Encoding::holds(const Symbols& state, const model::Expr& expression,
                         const Surroundings& here) const {
  const Term term = evaluate(state, expression, here);
  return term.defined ? terms_.both(*term.defined, term.value) : term.value;
}

z3::expr Encoding::refuted(const Symbols& state, const model::Expr& e, const Surroundings& here) const {
  const auto holds_not = [&] { return terms_.negated(holds(state, e, here)); };
  if (open_sets_->empty()) return holds_not();
  if (const auto* unary = std::get_if<model::Unary>(&e.node().kind)) {
    if (unary->op != model::UnaryOp::logical_not) return holds_not();
    const auto inside = negated_inside(unary->operand);
    return inside ? refuted(state, *inside, here) : holds_not();
  }
  if (const auto counted = counted_at_most(e)) return refuted(state, *counted, here);
  if (const auto* binary = std::get_if<model::Binary>(&e.node().kind)) {
    const auto has_no_value = [&] {
      const Term left = evaluate(state, binary->left, here);
      return left.defined ? terms_.negated(*left.defined) : context_.bool_val(false);
    };
    switch (binary->op) {
    case model::BinaryOp::logical_and:
      return terms_.either(refuted(state, binary->left, here), refuted(state, binary->right, here));
    case model::BinaryOp::logical_or:
      return terms_.either(has_no_value(), terms_.both(refuted(state, binary->left, here),
                                                       refuted(state, binary->right, here)));
    case model::BinaryOp::implies:
      return terms_.either(has_no_value(), terms_.both(evaluate(state, binary->left, here).value,
                                                       refuted(state, binary->right, here)));
    default: return holds_not();
    }
  }
  const auto* quantified = std::get_if<model::Quantified>(&e.node().kind);
  if (quantified == nullptr || quantified->kind != model::QuantifierKind::for_all) return holds_not();
  z3::expr any = context_.bool_val(false);
  Surroundings inside = here;
  for (Value m = 0; m < instance_.size(quantified->over); ++m) {
    inside.bound[quantified->bound.number] = m;
    any = terms_.either(any,
                        terms_.both(exists(quantified->over, m), refuted(state, quantified->body, inside)));
  }
  return any;
}

// Too many of those with a name satisfy it, or may: of some it has no value.
z3::expr Encoding::refuted(const Symbols& state, const CountedAtMost& counted,
                           const Surroundings& here) const {
  Term number = terms_.number(0);
  z3::expr any = context_.bool_val(false);
  Surroundings inside = here;
  for (Value m = 0; m < instance_.size(counted.counted.over); ++m) {
    inside.bound[counted.counted.bound.number] = m;
    const z3::expr there = exists(counted.counted.over, m);
    const Term body = evaluate(state, counted.counted.body, inside);
    if (body.defined) any = terms_.either(any, terms_.both(there, terms_.negated(*body.defined)));
    const Term satisfies = terms_.truth(terms_.both(there, body.value));
    number = terms_.apply(model::BinaryOp::add, number,
                          terms_.conditional(satisfies, terms_.number(1), terms_.number(0)));
  }
  return terms_.either(any, terms_.less(terms_.number(counted.most), number));
}

z3::expr Encoding::new_number() const {
  return context_.int_const(fmt::format("some!{}", ++numbers_).c_str());
}

Term Encoding::like_cell(std::size_t cell, const z3::expr& value) const {
  return {cells_[cell].kind, value, cells_[cell].low, cells_[cell].high};
}

} // namespace tdxcheck::prove
