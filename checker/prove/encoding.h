// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The one encoding of a model into Z3 that every use shares: states, initial states, the step relation and
// closed expressions, for some parameters left free, which sizes of sets may depend on (open_sets.h).
//
// A state is one constant per cell (arrays flattened) and one per thread for its label. What comes of an
// expression that has no value (a member that does not exist) is said by `defined`, as semantics/ has it: in
// a guard, the step counts as enabled and is a model error; so it is in what the step writes or tells.
//
// Constants are named by position (`c3!1`, `at0!1`), never by the model's names: a constructor that shares
// its name with a variable gives wrong answers without a word. Which sorts are used is a choice, measured in
// ENCODINGS.md. Tests: prove_encoding_test.cpp holds it against semantics/.

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "prove/name_members.h"
#include "prove/open_sets.h"
#include "prove/problem.h"
#include "prove/style.h"
#include "prove/term.h"

namespace tdxcheck::prove {

// What surrounds an expression.
struct Surroundings {
  std::optional<model::Value> self = {};
  std::map<std::uint32_t, model::Value> bound = {}; // by BoundName::number
};

// The constants of one state: cells, labels, then for each subset of an open set what it has of the members
// without a name.
using Symbols = std::vector<z3::expr>;

struct Write {
  std::size_t cell; // a cell's position in Symbols, or that of what it has of members without a name
  z3::expr value;   // of its sort
};

// What a move does in a state.
struct Effect {
  z3::expr enabled; // the thread is at the label, and the guard holds or has no value
  z3::expr error;   // given that it is enabled: it is a model error
  std::vector<Write> writes;
};

class Encoding {
public:
  // InputError for a construct that cannot be encoded.
  // Refers to the problem.
  Encoding(z3::context& context, const Problem& problem, Style style = {});
  Encoding(const Encoding&) = delete;
  Encoding& operator=(const Encoding&) = delete;

  [[nodiscard]] z3::context& context() const { return context_; }
  [[nodiscard]] const Problem& problem() const { return problem_; }
  [[nodiscard]] const Style& style() const { return style_; }
  [[nodiscard]] const model::Model& model() const { return problem_.model; }
  [[nodiscard]] const model::Instance& instance() const { return instance_; }
  [[nodiscard]] const Terms& terms() const { return terms_; }
  [[nodiscard]] const std::vector<Move>& moves() const { return moves_; }
  [[nodiscard]] const model::Step& step_of(std::size_t move) const;
  [[nodiscard]] Surroundings surroundings_of(std::size_t move) const;

  // Bits are all there is: no unbounded integer, no datatype.
  [[nodiscard]] bool is_finite() const;

  [[nodiscard]] Symbols fresh(const std::string& suffix) const;
  [[nodiscard]] std::vector<z3::expr> parameters() const; // the free ones
  [[nodiscard]] z3::expr typed(const Symbols& state) const;
  [[nodiscard]] z3::expr parameters_have_values() const;
  [[nodiscard]] z3::expr initial(const Symbols& state) const;
  [[nodiscard]] z3::expr same(const Symbols& a, const Symbols& b) const;

  [[nodiscard]] Effect effect(const Symbols& state, std::size_t move) const;
  [[nodiscard]] std::vector<Effect> effects(const Symbols& state) const; // of every move
  // The state after a move, in terms of the one before.
  [[nodiscard]] Symbols after(const Symbols& state, std::size_t move, const Effect& effect) const;
  // One move, chosen by `selector` (a bit-vector, see `selector`), that is no model error.
  [[nodiscard]] z3::expr step(const Symbols& now, const std::vector<Effect>& effects, const Symbols& next,
                              const z3::expr& selector) const;
  [[nodiscard]] z3::expr selector(const std::string& suffix) const;
  [[nodiscard]] z3::expr selects(const z3::expr& selector, std::size_t move) const;

  [[nodiscard]] Term evaluate(const Symbols& state, const model::Expr& expression,
                              const Surroundings& here = {}) const;
  // The expression has a value and is true.
  [[nodiscard]] z3::expr holds(const Symbols& state, const model::Expr& expression,
                               const Surroundings& here = {}) const;
  // It does not hold. Where it is quantified over an open set, only named members are looked at: somebody who
  // witnesses that it is false has a name.
  [[nodiscard]] z3::expr refuted(const Symbols& state, const model::Expr& expression,
                                 const Surroundings& here = {}) const;
  // It counts members, and too many.
  [[nodiscard]] z3::expr refuted(const Symbols& state, const CountedAtMost& counted,
                                 const Surroundings& here) const;
  // The member of that name; true unless there are fewer.
  [[nodiscard]] Term member(model::Id<model::IndexSet> set, model::Value name) const;
  [[nodiscard]] z3::expr exists(model::Id<model::IndexSet> set, model::Value name) const;
  // The thread's member does.
  [[nodiscard]] z3::expr exists(std::size_t thread) const;
  [[nodiscard]] const OpenSets& open_sets() const { return *open_sets_; }
  // Of what was said so far of members without a name: what is true of them where all begins.
  [[nodiscard]] std::vector<z3::expr> facts_about_the_start() const { return std::exchange(start_, {}); }
  // An integer of which nothing is known.
  [[nodiscard]] z3::expr new_number() const;
  [[nodiscard]] z3::expr is_at(const Symbols& state, std::size_t thread, model::Id<model::Label> label) const;

  // What a Z3 model says of a state, of the free parameters, of a selector.
  [[nodiscard]] State state_in(const z3::model& found, const Symbols& state) const;
  [[nodiscard]] std::vector<model::Value> parameters_in(const z3::model& found) const;
  [[nodiscard]] std::size_t move_in(const z3::model& found, const z3::expr& selector) const;
  // The state has just these values.
  [[nodiscard]] z3::expr equals(const Symbols& symbols, const State& state) const;
  // The constant of a cell (of a thread's label) as a term of the kind that the style gives it.
  [[nodiscard]] Term cell_term(const Symbols& state, std::size_t cell) const;
  [[nodiscard]] Term label_term(const Symbols& state, std::size_t thread) const;

private:
  friend class Evaluation;

  struct Constants { // of a datatype
    z3::sort sort;
    std::vector<z3::expr> values;
  };
  struct CellSort {
    TermKind kind;
    z3::sort sort;
    model::Value low = 0, high = 0;       // of bits
    std::optional<Term> least, most{};    // of numbers
    std::optional<std::size_t> unnamed{}; // the position in Symbols of what it has of members without a name
  };

  [[nodiscard]] Term like_cell(std::size_t cell, const z3::expr& value) const;
  [[nodiscard]] z3::expr are_members(std::size_t cell, const Term& subset) const;
  [[nodiscard]] CellSort index_sort(model::Id<model::IndexSet> set, const model::Cell& cell) const;
  [[nodiscard]] model::Value name_of(const z3::model& found, model::Id<model::IndexSet> set,
                                     model::Value member) const;
  void choose_cell_sort(std::size_t cell);
  void list_moves();
  [[nodiscard]] Constants datatype(const std::string& prefix, std::size_t size) const;
  [[nodiscard]] Term constant(const std::optional<Constants>& of, std::size_t position) const;
  [[nodiscard]] Term enumeration_constant(std::uint32_t enumeration, model::Value value) const;
  [[nodiscard]] Term label_constant(std::size_t thread, model::Id<model::Label> label) const;
  [[nodiscard]] Term parameter(model::Id<model::Parameter> id) const;
  [[nodiscard]] z3::expr in_range(std::size_t cell, const Term& value) const;
  [[nodiscard]] z3::expr as_cell(std::size_t cell, const Term& value) const;
  [[nodiscard]] model::Value value_of(const z3::model& found, const Term& term,
                                      const std::optional<Constants>& constants) const;
  [[nodiscard]] const std::optional<Constants>& constants_of(std::size_t cell) const;

  z3::context& context_;
  const Problem& problem_;
  Style style_;
  model::Instance instance_;
  Terms terms_;
  std::vector<std::optional<Constants>> enumerations_, labels_; // labels: by thread template; none: numbers
  std::vector<std::optional<Constants>> no_constants_ = {std::nullopt};
  std::vector<std::optional<Term>> free_; // by parameter
  std::vector<CellSort> cells_;
  std::vector<model::Value> named_by_a_step_; // by open set
  std::size_t subsets_ = 0;                   // cells that hold a subset of an open set
  std::vector<Move> moves_;
  std::unique_ptr<OpenSets> open_sets_;
  mutable std::vector<z3::expr> start_;
  mutable std::size_t numbers_ = 0;
};

} // namespace tdxcheck::prove
