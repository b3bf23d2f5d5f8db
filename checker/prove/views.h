// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A state as seen from a few members of open sets: what is true of them, and of everything that is nobody's.
// States of any size have the same views, so that what was seen of two or three members, and never of any
// two, is a lemma about every two (view abstraction: Abdulla, Haziza, Holik, All for the price of few, 2013).
//
// An atom speaks of members by the names `viewer` gives them; a clause of atoms is closed by quantifying over
// them, all different. Private to prove/.

#include <string>
#include <vector>

#include "prove/problem.h"
#include "prove/seen_atoms.h"

namespace tdxcheck::prove {

// Members, by open set (in the order of Problem::open).
using Viewers = std::vector<std::vector<model::Value>>;

class Views {
public:
  // `viewers`: how many members of each open set look. Adds regions to the problem's model; refers to it.
  Views(Problem& problem, std::vector<model::Value> viewers);

  [[nodiscard]] const std::vector<model::Value>& viewers() const { return viewers_; }
  [[nodiscard]] std::size_t size() const { return said_.size(); }
  [[nodiscard]] const model::Expr& said(std::size_t atom) const { return said_[atom]; }
  // That it is false says something, too.
  [[nodiscard]] bool counts_negated(std::size_t atom) const { return counts_negated_[atom]; }

  // Calls with every choice of different members that exist in the instance.
  template <class F>
  void each_choice(const model::Instance& instance, F&& f) const {
    Viewers chosen(viewers_.size());
    choose(instance, chosen, 0, f);
  }
  // What is true in a state of the instance, seen from there; in ascending order.
  [[nodiscard]] std::vector<std::size_t> atoms_of(const model::Instance& instance, const State& state,
                                                  const std::vector<model::Value>& parameters,
                                                  const Viewers& members) const;
  [[nodiscard]] std::vector<AtomLiteral> literals_of(const std::vector<std::size_t>& atoms) const;
  // Of an atom that says what something is, those that say that it is something else, and itself.
  [[nodiscard]] std::vector<std::size_t> rivals(std::size_t atom) const;
  // What an atom is about.
  struct Member { // of a closed set
    model::Id<model::IndexSet> set;
    model::Value number;
    friend auto operator<=>(const Member& a, const Member& b) {
      return std::pair(a.set.value, a.number) <=> std::pair(b.set.value, b.number);
    }
    friend bool operator==(const Member&, const Member&) = default;
  };
  struct Who { // a thread; if there are several, the viewer's, or that of the number
    model::Id<model::Thread> thread;
    std::optional<model::Value> number;
    friend bool operator==(const Who&, const Who&) = default;
  };
  struct About {
    std::optional<Who> owner;    // of the local, or of the label
    std::vector<Member> members; // whose variable it is, or at which it points
    bool points = false;         // it says whether a member of a closed set is pointed at
    bool is_scalar = false;      // a variable without index that points at nothing
    bool is_relative = false;    // it compares with a parameter
  };
  [[nodiscard]] About about(std::size_t atom) const;
  // The cell, or, after the cells, the thread of the instance that it is about.
  [[nodiscard]] std::size_t symbol_of(std::size_t atom, const model::Instance& instance,
                                      const Viewers& members) const;
  // Of each viewer something is said.
  [[nodiscard]] bool is_about_all_viewers(const std::vector<AnyAtom>& cube) const;
  // For all different members: not all of the literals.
  [[nodiscard]] model::Expr clause(const std::vector<AnyAtom>& cube) const;

private:
  struct Place { // a cell, or a thread's label
    model::Id<model::Variable> variable{};
    model::Id<model::Thread> thread{};
    struct At {
      bool is_viewer = false;
      std::size_t set = 0; // of the viewer, in Problem::open
      model::Value number = 0;
    };
    std::vector<At> at;
    // Its atoms, of which the first are for values in a row: just one of these is true.
    std::size_t first = 0, in_a_row = 0;
    model::Value lowest = 0;
  };
  enum class Kind : std::uint8_t {
    is,
    at_most,
    contains,
    below_viewer,
    is_viewer,
    has_viewer,
    is_parameter,
    at_most_parameter
  };
  struct Look {
    std::size_t place;
    Kind kind;
    model::Value value = 0; // or the viewer's number, the member, or the parameter
    std::size_t set = 0;
  };

  template <class F>
  void choose(const model::Instance& instance, Viewers& chosen, std::size_t set, F&& f) const {
    while (set < chosen.size() && static_cast<model::Value>(chosen[set].size()) == viewers_[set]) ++set;
    if (set == chosen.size()) return f(static_cast<const Viewers&>(chosen));
    for (model::Value m = 0; m < instance.size(problem_.open[set].set); ++m) {
      bool is_new = true;
      for (const model::Value other : chosen[set]) is_new = is_new && other != m;
      if (!is_new) continue;
      chosen[set].push_back(m);
      choose(instance, chosen, set, f);
      chosen[set].pop_back();
    }
  }

  [[nodiscard]] model::Expr is_at(const Place& place,
                                  const std::vector<model::Id<model::Label>>& labels) const;
  [[nodiscard]] bool is_label(std::size_t atom) const { return looks_[atom].place < labels_; }
  [[nodiscard]] model::Expr any(const AnyAtom& literal) const;
  [[nodiscard]] model::Expr never(const model::Expr& all) const;
  [[nodiscard]] std::optional<std::size_t> open(model::Id<model::IndexSet> set) const;
  [[nodiscard]] model::BoundName viewer(std::size_t set, model::Value number) const;
  [[nodiscard]] model::Expr viewing(std::size_t set, model::Value number) const;
  [[nodiscard]] std::vector<std::vector<Place::At>>
  all_indices(const std::vector<model::Id<model::IndexSet>>& dimensions) const;
  void begin_place(model::Id<model::Variable> variable, model::Id<model::Thread> thread,
                   const std::vector<Place::At>& at);
  void values_in_a_row(model::Value lowest, std::size_t number);
  void look_at_labels(model::Id<model::Thread> thread);
  void look_at_cells(model::Id<model::Variable> variable);
  void look_at_cell(const model::Expr& read);
  void look_at_index(std::size_t place, model::Id<model::IndexSet> set, const model::Expr& read);
  void look_at_subset(std::size_t place, model::Id<model::IndexSet> set, const model::Expr& read);
  void look_at_number(std::size_t place, const model::Expr& read);
  void add(const Look& look, model::Expr said, bool counts_negated);
  [[nodiscard]] static bool holds(const Look& look, model::Value here,
                                  const std::vector<model::Value>& parameters, const Viewers& members);
  [[nodiscard]] model::Value value(const Place& place, const model::Instance& instance, const State& state,
                                   const Viewers& members) const;

  Problem& problem_;
  model::Instance names_; // of the problem
  std::vector<model::Value> viewers_;
  std::vector<Place> places_;
  std::vector<Look> looks_; // by atom
  std::vector<model::Expr> said_;
  std::vector<bool> counts_negated_;
  std::size_t labels_ = 0; // places that are threads; the others are cells
};

} // namespace tdxcheck::prove
