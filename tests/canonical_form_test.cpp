// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, members that are sorted by a part of what they have would merge states that differ, or keep
// apart what is the same; and a renaming that does not lead into the form would send traces astray.
#include "explore/canonical_form.h"

#include "explore/quotient_system.h"
#include "lower/find_symmetry.h"
#include "lower/instantiate.h"
#include "lower/shrink.h"
#include "support/error.h"
#include "tests/dice.h"
#include "tests/inputs.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"
#include "tests/symmetric_models.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace canonical_form_test {

using namespace tdxcheck;
using explore::Word;
using Packed = std::vector<Word>;

// A model with its reachable states, searched plainly.
struct Reached : explore::SuccessorSink {
  explicit Reached(const model::Model& written)
      : valuation(model::defaults(written)),
        searched(lower::shrink(lower::instantiate(written, valuation), valuation,
                               std::vector<bool>(written.sets.size(), true))),
        instance(searched, valuation),
        system(instance),
        symmetry(lower::find_symmetry(searched, valuation, [](const model::Property&) { return true; })) {
    explore::respect_layout(symmetry, system);
    system.initial(*this);
    for (std::size_t i = 0; i < states.size(); ++i) {
      const Packed state = states[i];
      system.successors(state, *this);
    }
  }
  void take(explore::StateView next, explore::Move, std::uint8_t flags) override {
    if ((flags & explore::range_left) != 0) return;
    Packed state(next.begin(), next.end());
    if (known.insert(state).second) states.push_back(std::move(state));
  }

  // Some renaming within the blocks.
  explore::Renaming some_renaming(tests::Dice& dice) const {
    explore::Renaming renaming(instance);
    for (auto set : searched.sets.ids()) {
      const auto& blocks = symmetry.blocks(set);
      for (std::size_t m = blocks.size(); m-- > 1;) {
        std::vector<std::size_t> others;
        for (std::size_t o = 0; o <= m; ++o)
          if (blocks[o] == blocks[m]) others.push_back(o);
        std::swap(renaming(set, static_cast<model::Value>(m)),
                  renaming(set, static_cast<model::Value>(dice.pick(others))));
      }
    }
    return renaming;
  }

  model::Valuation valuation;
  model::Model searched;
  model::Instance instance;
  explore::InterpretedSystem system;
  model::Symmetry symmetry;
  std::vector<Packed> states;
  std::set<Packed> known;
};

// Swaps of two neighbours of a block generate all renamings.
std::vector<explore::Renaming> generators(const Reached& reached) {
  std::vector<explore::Renaming> all;
  for (auto set : reached.searched.sets.ids()) {
    const auto& blocks = reached.symmetry.blocks(set);
    for (std::size_t a = 0; a < blocks.size(); ++a) {
      const auto next =
          std::find(blocks.begin() + static_cast<std::ptrdiff_t>(a) + 1, blocks.end(), blocks[a]);
      if (next == blocks.end()) continue;
      explore::Renaming swap(reached.instance);
      std::swap(swap(set, static_cast<model::Value>(a)),
                swap(set, static_cast<model::Value>(next - blocks.begin())));
      all.push_back(swap);
    }
  }
  return all;
}

// Reachable states up to renaming, by closing each under the generators.
std::size_t orbits(const Reached& reached) {
  const auto swaps = generators(reached);
  std::set<Packed> seen;
  std::size_t count = 0;
  for (const Packed& state : reached.states) {
    if (!seen.insert(state).second) continue;
    ++count;
    for (std::vector<Packed> open{state}; !open.empty();) {
      const Packed next = std::move(open.back());
      open.pop_back();
      for (const auto& swap : swaps) {
        Packed renamed = explore::renamed_state(reached.system, swap, next);
        if (seen.insert(renamed).second) open.push_back(std::move(renamed));
      }
    }
  }
  return count;
}

struct Count : explore::SuccessorSink {
  void take(explore::StateView next, explore::Move, std::uint8_t flags) override {
    Packed state(next.begin(), next.end());
    if ((flags & explore::range_left) == 0 && known.insert(state).second) states.push_back(std::move(state));
  }
  std::vector<Packed> states;
  std::set<Packed> known;
};

std::size_t states_of_the_quotient(Reached& reached, explore::CanonicalForm& form) {
  explore::QuotientSystem quotient(reached.system, form);
  Count count;
  quotient.initial(count);
  for (std::size_t i = 0; i < count.states.size(); ++i) {
    const Packed state = count.states[i];
    quotient.successors(state, count);
  }
  return count.states.size();
}

void expect_one_form_per_orbit(const model::Model& written, std::uint64_t seed) {
  INFO(written.name);
  Reached reached(written);
  if (reached.symmetry.is_trivial()) return;
  explore::CanonicalForm form(reached.system, reached.symmetry);
  tests::Dice dice(seed);
  Packed once(reached.system.words()), again(once);
  explore::Renaming into(reached.instance);
  for (const Packed& state : reached.states) {
    form.of(state, once.data(), into);
    REQUIRE(explore::renamed_state(reached.system, into, state) == once);
    form.of(explore::renamed_state(reached.system, reached.some_renaming(dice), state), again.data());
    REQUIRE(again == once);
    form.of(once, again.data());
    REQUIRE(again == once);
  }
  CHECK(states_of_the_quotient(reached, form) == orbits(reached));
}

TEST_CASE("a state and its renamings have one canonical form, and a renaming leads to it") {
  for (std::uint64_t seed = 1; seed <= tests::inputs(100, 3000); ++seed) {
    try {
      expect_one_form_per_orbit(tests::symmetric_model(seed), seed);
    } catch (const support::InputError&) { // a branch that does not decide
    }
  }
}

// `members` threads, each with a pointer to one of them, a queue that points at one, and who met whom.
model::Model pointers(model::Value members, bool with_table) {
  using namespace model;
  tests::Sketch s;
  const auto set = s.set("s", members);
  s.model.sets[set].symmetric = true;
  const auto thread = s.thread("t", "a b c*", set);
  const Sort one{SortKind::index, set.value}, perhaps{SortKind::optional_index, set.value};
  const auto next = s.model.variables.add(
      {"t.next", {OptionalIndexType{set}, {}}, literal(perhaps, no_member), LocalScope{thread}, "", {}});
  const auto head = s.model.variables.add(
      {"head", {OptionalIndexType{set}, {}}, literal(perhaps, no_member), GlobalScope{}, "", {}});
  const auto met =
      s.model.variables.add({"met", {BoolType{}, {set, set}}, truth(false), GlobalScope{}, "", {}});
  const Expr me = tests::self(set);
  const BoundName other{7, "other"};
  const Expr chosen = tests::bound(other, set);
  const auto read = [&](Id<Variable> v, std::vector<Expr> at) {
    return tests::read(s.model, v, std::move(at));
  };
  Step& join = s.step(thread, "a", "b");
  join.updates = {{{next, {me}}, read(head, {})}, {{head, {}}, me}};
  Step& meet = s.step(thread, "b", "c");
  meet.choices.push_back({other, set});
  meet.guard = binary(BinaryOp::equal, read(next, {me}), chosen);
  if (with_table) meet.updates = {{{met, {me, chosen}}, truth(true)}, {{next, {chosen}}, me}};
  else meet.updates = {{{next, {chosen}}, me}};
  (void)one;
  return s.model;
}

TEST_CASE("members that point at each other are renamed in what points at them, too") {
  for (const bool with_table : {false, true})
    for (model::Value members = 2; members <= 4; ++members)
      expect_one_form_per_orbit(pointers(members, with_table), static_cast<std::uint64_t>(members));
}

TEST_CASE(
    "where not all ties are permuted, fewer states are merged, and each is renamed into what stands for it") {
  Reached reached(pointers(4, true));
  explore::CanonicalForm first(reached.system, reached.symmetry, 1);
  Packed form(reached.system.words());
  explore::Renaming into(reached.instance);
  for (const Packed& state : reached.states) {
    first.of(state, form.data(), into);
    REQUIRE(explore::renamed_state(reached.system, into, state) == form);
  }
  const std::size_t found = states_of_the_quotient(reached, first);
  CHECK(found >= orbits(reached));
  CHECK(found < reached.states.size());
}

// Members that keep their names had colours that the states before had left behind.
TEST_CASE("a canonical form does not depend on the states that were looked at before") {
  expect_one_form_per_orbit(tests::symmetric_model(252), 252);
}

TEST_CASE("who points at whom is searched, and who is pointed at is sorted") {
  Reached queue(pointers(3, false));
  CHECK(explore::CanonicalForm(queue.system, queue.symmetry).is_searched(0));
  Reached workers(tests::two_threads_one_lock());
  REQUIRE(!workers.symmetry.is_trivial());
  CHECK(!explore::CanonicalForm(workers.system, workers.symmetry).is_searched(0));
}

} // namespace canonical_form_test
