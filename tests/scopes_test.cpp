// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a lemma may be about. Caught here: a scope that mixes threads or members of a closed set, a clause
// that excludes what was seen or speaks of what is of no account, a part of a view that is forgotten.

#include <doctest/doctest.h>

#include <algorithm>

#include "prove/scopes.h"
#include "tests/any_size.h"
#include "tests/sketch.h"

namespace tdxcheck::tests::scopes_test {

using namespace prove;

const auto of_account = [](std::size_t) { return true; };

// Workers with a lock word and a count; two rooms, each open or not, and which is asked about.
Problem workers_and_rooms() {
  Problem problem = open_problem(one_lock_for_all(true));
  model::Model& model = problem.model;
  const auto room = model.sets.add({"room", model::integer(2), false, {}});
  model.variables.add(
      {"is_open", {model::BoolType{}, {room}}, model::truth(false), model::GlobalScope{}, "", {}});
  model.variables.add({"asked",
                       {model::OptionalIndexType{room}, {}},
                       model::literal({model::SortKind::optional_index, room.value}, model::no_member),
                       model::GlobalScope{},
                       "",
                       {}});
  return problem;
}

struct Lab {
  Problem problem = workers_and_rooms();
  Views views = Views(problem, {1});

  [[nodiscard]] std::vector<Scope> scopes(Breadth breadth) const { return scopes_of(views, breadth); }
};

bool is_within_one_room(const Views& views, const Scope& scope) {
  std::optional<model::Value> room;
  for (const std::size_t atom : scope.atoms())
    for (const Views::Member& member : views.about(atom).members) {
      if (room && *room != member.number) return false;
      room = member.number;
    }
  return true;
}

TEST_CASE("a scope is about one thread at most, and one member of each closed set") {
  const Lab lab;
  for (const Breadth breadth : {Breadth::no_thread, Breadth::one_thread, Breadth::one_thread_and_scalars}) {
    const auto scopes = lab.scopes(breadth);
    CHECK(scopes.size() == 2); // one per room
    for (const Scope& scope : scopes) {
      CHECK(is_within_one_room(lab.views, scope));
      for (const std::size_t atom : scope.atoms()) {
        const Views::About about = lab.views.about(atom);
        if (breadth == Breadth::no_thread) CHECK(!about.owner);
        if (breadth == Breadth::one_thread) CHECK(!about.is_scalar);
      }
    }
  }
  CHECK(lab.scopes(Breadth::two_threads).empty()); // one viewer has one thread
}

TEST_CASE("a clause excludes what was not seen, by what is of account, and nothing that was seen") {
  const Lab lab;
  Scope scope = lab.scopes(Breadth::one_thread_and_scalars).front();
  const std::size_t atoms = lab.views.size();
  const auto row_of = [&](const char* what, std::size_t number) { // of labels, or of a variable's values
    std::vector<std::size_t> row;
    for (const std::size_t atom : scope.atoms())
      if (lab.views.rivals(atom).size() > 1 &&
          lab.views.about(atom).owner.has_value() == (std::string(what) == "label"))
        row.push_back(atom);
    return row.at(number);
  };
  const std::size_t idle = row_of("label", 0), inside = row_of("label", 1);
  const std::size_t first = row_of("value", 0), second = row_of("value", 1);
  CHECK(scope.add(bits_of({std::min(idle, first), std::max(idle, first)}, atoms)));
  CHECK(!scope.add(bits_of({idle, first}, atoms)));
  CHECK(scope.add(bits_of({inside, second}, atoms)));
  CHECK(scope.is_seen(bits_of({idle, first}, atoms)));

  const AtomBits unseen = bits_of({inside, first}, atoms);
  CHECK(!scope.is_seen(unseen));
  const auto clause = scope.separate(lab.views, unseen, of_account);
  REQUIRE(clause);
  CHECK(all_hold(*clause, scope.atoms_of(unseen)));
  for (const auto& seen : {bits_of({idle, first}, atoms), bits_of({inside, second}, atoms)})
    CHECK(!all_hold(*clause, scope.atoms_of(seen)));

  CHECK(!scope.separate(lab.views, unseen, [&](std::size_t atom) { return atom == inside; }));
  const auto alike = scope.seen_like(
      unseen, [&](std::size_t atom) { return atom == inside; }, 10);
  REQUIRE(alike.size() == 1);
  CHECK(std::ranges::count(alike.front(), second) == 1);
  CHECK(scope
            .seen_like(
                unseen, [](std::size_t) { return false; }, 1)
            .size() == 1);
}

} // namespace tdxcheck::tests::scopes_test
