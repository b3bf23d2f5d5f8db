// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a bit field that is off by one, or a negative lowest value, would merge states that differ:
// the search would still end, with fewer of them.
#include "explore/layout.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/inputs.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>

namespace layout_test {

using namespace tdxcheck;
using model::Value;

std::vector<Value> some_values(tests::Dice& dice, const explore::Layout& layout) {
  std::vector<Value> values;
  for (const explore::Field& field : layout.fields()) {
    const auto width = static_cast<std::uint64_t>(field.high) - static_cast<std::uint64_t>(field.low);
    const auto above = width == ~std::uint64_t{0} ? dice.next() : dice.next() % (width + 1);
    const Value ends[] = {field.low, field.high,
                          static_cast<Value>(static_cast<std::uint64_t>(field.low) + above)};
    values.push_back(ends[dice.below(3)]);
  }
  return values;
}

void expect_round_trip(const model::Model& written, std::uint64_t seed) {
  const model::Instance instance(written, model::defaults(written));
  const explore::Layout layout(instance);
  tests::Dice dice(seed);
  std::vector<explore::Word> words(layout.words());
  std::vector<Value> back(layout.fields().size());
  for (int i = 0; i < 20; ++i) {
    const std::vector<Value> values = some_values(dice, layout);
    layout.pack(values.data(), words.data());
    layout.unpack(words.data(), back.data());
    RC_ASSERT(back == values);
  }
}

std::size_t end_of(const explore::Field& field) { return std::size_t{field.shift} + field.width; }

TEST_CASE("what is packed is what is unpacked, at both ends of every range") {
  CHECK(rc::check("random models", [] {
    const std::uint64_t seed = *rc::gen::inRange<std::uint64_t>(1, 3000);
    expect_round_trip(tests::random_model(seed), seed);
  }));
}

TEST_CASE("a field of any width and any lowest value survives beside others") {
  CHECK(rc::check("random ranges", [] {
    tests::Sketch sketch;
    const auto ranges = *rc::gen::container<std::vector<std::pair<int, std::uint8_t>>>(
        rc::gen::arbitrary<std::pair<int, std::uint8_t>>());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const Value low = ranges[i].first, width = (Value{1} << (ranges[i].second % 50)) - 1;
      sketch.number("v" + std::to_string(i), low, low + width, low);
    }
    sketch.thread("t", "a b* c");
    expect_round_trip(sketch.model, ranges.size());
  }));
}

TEST_CASE("the whole range of 64 bits is a field") {
  tests::Sketch sketch;
  sketch.number("all", std::numeric_limits<Value>::min(), std::numeric_limits<Value>::max());
  sketch.number("flag", 0, 1);
  const model::Instance instance(sketch.model, model::defaults(sketch.model));
  const explore::Layout layout(instance);
  CHECK(layout.cell(0).width == 64);
  expect_round_trip(sketch.model, 1);
}

TEST_CASE("no two fields share a bit and none straddles a word") {
  for (std::uint64_t seed = 1; seed <= tests::inputs(200); ++seed) {
    const model::Model written = tests::random_model(seed);
    const model::Instance instance(written, model::defaults(written));
    const explore::Layout layout(instance);
    std::vector<explore::Word> used(layout.words(), 0);
    for (const explore::Field& field : layout.fields()) {
      if (field.width == 0) continue;
      REQUIRE(end_of(field) <= 64);
      const explore::Word bits = field.mask() << field.shift;
      CHECK((used.at(field.word) & bits) == 0);
      used[field.word] |= bits;
    }
  }
}

TEST_CASE("a variable of one value takes no bits, and a thread's locals lie beside its label") {
  tests::Sketch sketch;
  sketch.number("constant", 7, 7, 7);
  const auto t = sketch.thread("t", "a b c d");
  for (int i = 0; i < 9; ++i) sketch.number("wide" + std::to_string(i), 0, 1023);
  sketch.local(t, "x", 0, 3);
  sketch.local(t, "y", 0, 3);
  const model::Instance instance(sketch.model, model::defaults(sketch.model));
  const explore::Layout layout(instance);
  CHECK(layout.cell(0).width == 0);
  CHECK(layout.words() == 2);
  const explore::Field &label = layout.label(0), &x = layout.cell(10), &y = layout.cell(11);
  CHECK(label.word == x.word);
  CHECK(label.word == y.word);
  CHECK(x.shift == end_of(label));
  CHECK(y.shift == end_of(x));
}

} // namespace layout_test
