// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a table that trusts its hash would pass: two states with one hash would be one state. Or one
// that loses what lies beyond the end of a bucket when it grows, or when two threads want the same slot.
#include "explore/crew.h"
#include "explore/inner_loops.h"
#include "explore/seen_set.h"
#include "tests/dice.h"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <thread>

namespace seen_set_test {

using namespace tdxcheck::explore;
using tdxcheck::tests::Dice;

using State = std::vector<Word>;

// A table with its pool, one thread's view of it.
struct Table {
  Table(std::size_t words_, std::size_t bits, bool numbers_, const InnerLoops& loops_ = inner_loops(),
        std::size_t room = 100000)
      : words(words_), numbers(numbers_), seen(words_, bits, numbers_), loops(loops_) {
    pool.reserve(room * words);
    parents.reserve(room);
    // Before there is any state to remember: one that is not among those of the tests.
    recent.assign(recent_states * words, ~Word{0});
  }

  // Number of each; whoever was new got the next one.
  std::vector<StateNumber> insert(const std::vector<State>& states) {
    const std::size_t count = states.size();
    State columns(count * words);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t w = 0; w < words; ++w) columns[w * count + i] = states[i][w];
    const std::vector<StateNumber> sources(count, no_state);
    std::vector<StateNumber> found(count, no_state);
    std::vector<Probe> probes(count + room_beyond_probes);
    Insertion job{};
    job.columns = columns.data();
    job.stride = count;
    job.words = words;
    job.sources = sources.data();
    job.probes = probes.data();
    job.pool = pool.data();
    job.parents = parents.data();
    job.next = size;
    job.last = no_state;
    job.numbers = numbers ? found.data() : nullptr;
    const auto kind = static_cast<std::size_t>(seen.kind());
    const std::size_t specialised = words <= InnerLoops::most_words ? words : 0;
    // In two parts, as they come; whatever is left when the table grows is prepared again, all of it.
    std::size_t done = 0;
    for (bool again = false; done < count; again = true) {
      if (again || seen.must_grow(size, count))
        seen.grow(
            pool, size, [](StateNumber) { return false; }, crew.get());
      job.slots = seen.slots();
      job.mixing = &seen.mixing();
      Preparation preparation{job.slots, job.mixing, job.columns, count,         words,
                              done,      done,       nullptr,     probes.data(), 0};
      if (!numbers && !again && !same_probe) preparation.recent = recent.data();
      for (const std::size_t end : {(done + count) / 2, count}) {
        preparation.end = end;
        loops.prepare[kind][specialised](preparation);
      }
      if (same_probe) {
        for (std::size_t i = 0; i < count; ++i)
          probes[i] = {same_probe->bucket, static_cast<std::uint32_t>(i), same_probe->key};
      }
      left_out += count - done - preparation.count;
      job.at = 0;
      job.end = preparation.count;
      if (!numbers) loops.sift[kind](job);
      sifted += preparation.count - job.end;
      loops.insert[0][kind][specialised](job);
      done = job.at == job.end ? count : probes[job.at].successor;
      size = job.next;
      pool.set_size(size * words);
    }
    return found;
  }
  [[nodiscard]] State at(StateNumber number) const {
    const Word* const stored = pool.data() + std::size_t{number} * words;
    return {stored, stored + words};
  }

  std::size_t words;
  bool numbers;
  SeenSet seen;
  const InnerLoops& loops;
  tdxcheck::support::GrowingArray<Word> pool;
  tdxcheck::support::GrowingArray<StateNumber> parents;
  StateNumber size = 0;
  std::optional<Probe> same_probe = {};
  std::vector<Word> recent;
  std::size_t left_out = 0, sifted = 0;
  std::unique_ptr<Crew> crew = {}; // that grows it together
};

struct Shape {
  std::size_t words, bits;
  bool numbers;
  SlotKind kind;
};
constexpr Shape shapes[] = {
    {1, 3, true, SlotKind::map},      {1, 20, true, SlotKind::map},     {1, 54, true, SlotKind::map},
    {1, 55, true, SlotKind::tagged},  {1, 64, false, SlotKind::state},  {2, 71, false, SlotKind::state},
    {2, 71, true, SlotKind::tagged},  {2, 74, false, SlotKind::state},  {2, 75, false, SlotKind::tagged},
    {3, 190, true, SlotKind::tagged}, {4, 256, true, SlotKind::tagged}, {7, 448, false, SlotKind::tagged},
};

// Many states are alike; those that are not differ in any of their bits.
State random_state(Dice& dice, const Shape& shape) {
  State state(shape.words, 0);
  Word seed = dice.below(9000);
  const bool dense = dice.below(2) == 0;
  for (std::size_t bit = 0; bit < shape.bits; ++bit) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    const bool set = dense ? bit < 13 && (seed >> 33 & 1) != 0 : (seed >> 40 & 3) == 0;
    if (set) state[bit / 64] |= Word{1} << bit % 64;
  }
  return state;
}

TEST_CASE("every state is found under the number it got, through all growth, on every processor") {
  std::size_t count = 0;
  const InnerLoops* const* const loops = inner_loops_that_run(count);
  for (std::size_t l = 0; l < count; ++l) {
    for (const Shape& shape : shapes) {
      INFO(loops[l]->name << ", " << shape.bits << " bits");
      Dice dice(shape.bits);
      Table table(shape.words, shape.bits, shape.numbers, *loops[l]);
      REQUIRE(table.seen.kind() == shape.kind);
      std::map<State, StateNumber> known;
      for (int round = 0; round < 100; ++round) {
        std::vector<State> states;
        for (int i = 0; i < 200; ++i) states.push_back(random_state(dice, shape));
        const std::vector<StateNumber> numbers = table.insert(states);
        for (std::size_t i = 0; i < states.size(); ++i) {
          const auto at = known.emplace(states[i], static_cast<StateNumber>(known.size())).first;
          if (shape.numbers) REQUIRE(numbers[i] == at->second);
        }
        REQUIRE(table.size == known.size());
      }
      for (const auto& [state, number] : known) REQUIRE(table.at(number) == state);
      CHECK((table.left_out > 0) == !shape.numbers);
      CHECK((table.sifted > 0) == (!shape.numbers && shape.kind != SlotKind::tagged));
    }
  }
}

TEST_CASE("a table that several threads grow together has lost nothing") {
  constexpr std::size_t states_in_all = 400000, at_a_time = 20000;
  for (const std::size_t threads : {2, 3}) {
    for (const Shape& shape : {shapes[2], shapes[4], shapes[5], shapes[6], shapes[9]}) {
      INFO(threads << " threads, " << shape.bits << " bits");
      Dice dice(shape.bits);
      Table table(shape.words, shape.bits, shape.numbers, inner_loops(), states_in_all + 1);
      REQUIRE(table.seen.kind() == shape.kind);
      table.crew = std::make_unique<Crew>(threads);
      std::vector<State> states;
      for (Word i = 0; i < states_in_all; ++i) {
        State state(shape.words, 0);
        state[0] = i * 0x9e3779b97f4a7c15 & (shape.bits < 64 ? (Word{1} << shape.bits) - 1 : ~Word{0});
        if (shape.words > 1) state[1] = dice.below(2);
        states.push_back(std::move(state));
      }
      for (int round = 0; round < 2; ++round) {
        for (std::size_t begin = 0; begin < states_in_all; begin += at_a_time) {
          const auto from = states.begin() + static_cast<std::ptrdiff_t>(begin);
          const std::vector<StateNumber> numbers = table.insert({from, from + at_a_time});
          for (std::size_t i = 0; shape.numbers && i < at_a_time; ++i) REQUIRE(numbers[i] == begin + i);
        }
        REQUIRE(table.size == states_in_all);
      }
    }
  }
}

TEST_CASE("states are told apart although their hashes are equal") {
  Table table(1, 64, true);
  REQUIRE(table.seen.kind() == SlotKind::tagged);
  table.same_probe = Probe{5, 0, Mixing::occupied | Word{0x1234567} << 32};
  std::vector<State> states;
  for (Word state = 0; state < 250; ++state) states.push_back({state});
  for (int round = 0; round < 2; ++round) {
    const std::vector<StateNumber> numbers = table.insert(states);
    for (StateNumber i = 0; i < 250; ++i) CHECK(numbers[i] == i);
  }
  CHECK(table.size == 250);
}

TEST_CASE("a bijection: no two states have the same probe") {
  for (const std::size_t bits : {20, 36, 64, 70}) {
    const SeenSet seen(bits > 64 ? 2 : 1, bits, false);
    std::map<std::pair<std::uint32_t, Word>, State> known;
    Dice dice(bits);
    for (int i = 0; i < 20000; ++i) {
      State state{dice.next(), dice.next()};
      if (bits < 64) state[0] &= (Word{1} << bits) - 1;
      state[1] = bits > 64 ? state[1] & ((Word{1} << (bits - 64)) - 1) : 0;
      if (dice.below(2) == 0) state[0] &= 0xfff;
      const Probe probe = seen.kind() == SlotKind::map
                              ? seen.mixing().probe<SlotKind::map, 1>(state.data(), 1, 1)
                              : seen.mixing().probe<SlotKind::state, 2>(state.data(), 1, 2);
      const auto [at, is_new] = known.emplace(std::pair{probe.bucket, probe.key}, state);
      REQUIRE(at->second == state);
    }
  }
}

TEST_CASE("threads that insert the same states at once agree on who was first") {
  constexpr std::size_t threads = 4, each = 20000;
  for (const Shape& shape : shapes) {
    if (shape.bits < 20) continue;
    INFO(shape.bits << " bits");
    SeenSet seen(shape.words, shape.bits, shape.numbers, 13);
    tdxcheck::support::GrowingArray<Word> pool;
    tdxcheck::support::GrowingArray<StateNumber> parents;
    pool.reserve((threads * each + 1) * shape.words);
    parents.reserve(threads * each + 1);
    Dice dice(7);
    std::vector<State> states;
    for (std::size_t i = 0; i < each; ++i) states.push_back(random_state(dice, shape));
    std::vector<std::size_t> added(threads, 0);
    std::vector<std::vector<StateNumber>> found(threads);
    const auto work = [&](std::size_t thread) {
      State columns(each * shape.words);
      for (std::size_t i = 0; i < each; ++i)
        for (std::size_t w = 0; w < shape.words; ++w) columns[w * each + i] = states[i][w];
      const std::vector<StateNumber> sources(each, static_cast<StateNumber>(thread));
      std::vector<Probe> probes(each + room_beyond_probes);
      std::vector<Word> recent(recent_states * shape.words, ~Word{0});
      found[thread].assign(each, no_state);
      Insertion job{};
      job.slots = seen.slots();
      job.mixing = &seen.mixing();
      job.columns = columns.data();
      job.stride = each;
      job.words = shape.words;
      job.sources = sources.data();
      job.probes = probes.data();
      job.pool = pool.data();
      job.parents = parents.data();
      job.next = static_cast<StateNumber>(thread * each);
      job.last = static_cast<StateNumber>((thread + 1) * each + 1);
      job.numbers = shape.numbers ? found[thread].data() : nullptr;
      const auto kind = static_cast<std::size_t>(seen.kind());
      const std::size_t specialised = shape.words <= InnerLoops::most_words ? shape.words : 0;
      Preparation preparation{job.slots, job.mixing, job.columns, each,          shape.words,
                              0,         each,       nullptr,     probes.data(), 0};
      if (!shape.numbers) preparation.recent = recent.data();
      inner_loops().prepare[kind][specialised](preparation);
      job.end = preparation.count;
      if (!shape.numbers) inner_loops().sift[kind](job);
      inner_loops().insert[1][kind][specialised](job);
      added[thread] = job.at == job.end ? job.next - thread * each : 0;
    };
    std::vector<std::thread> running;
    for (std::size_t t = 0; t < threads; ++t) running.emplace_back(work, t);
    for (std::thread& thread : running) thread.join();
    const std::map<State, int> distinct = [&] {
      std::map<State, int> all;
      for (const State& state : states) ++all[state];
      return all;
    }();
    std::size_t all = 0;
    for (const std::size_t one : added) all += one;
    CHECK(all == distinct.size());
    if (!shape.numbers) continue;
    for (std::size_t i = 0; i < each; ++i) {
      for (std::size_t t = 1; t < threads; ++t) REQUIRE(found[t][i] == found[0][i]);
      const Word* const stored = pool.data() + std::size_t{found[0][i]} * shape.words;
      REQUIRE(State(stored, stored + shape.words) == states[i]);
    }
  }
}

TEST_CASE("the hash depends on every bit of every word, in both halves") {
  const State state = {1, 2, 3};
  for (std::size_t bit = 0; bit < 192; ++bit) {
    State other = state;
    other[bit / 64] ^= Word{1} << bit % 64;
    const Word difference = hash_of(state) ^ hash_of(other);
    CHECK((difference >> 32) != 0);
    CHECK((difference & 0xffffffff) != 0);
  }
}

} // namespace seen_set_test
