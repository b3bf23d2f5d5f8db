// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/locking_models.h"

#include <fmt/format.h>

#include "tests/dice.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

namespace tdxcheck::tests {

using namespace model;

namespace {

class LockingModel {
public:
  explicit LockingModel(std::uint64_t seed) : dice_(seed), mistakes_(seed % 3 == 0 ? 1 : 0) {
    s_.model.name = fmt::format("locking_{}", seed);
    page_ = s_.set("page", 2);
    const std::size_t threads = 2 + dice_.below(2);
    mark_ = s_.set("mark", static_cast<Value>(threads));
    taken_ = per_page("taken", BoolType{}, truth(false));
    datum_ = per_page("datum", IntegerType{integer(0), integer(2)}, integer(0));
    readers_ = s_.number("readers", 0, static_cast<Value>(dice_.between(1, 3)));
    writer_ = s_.boolean("writer");
    word_ = s_.number("word", 0, 2);
    marks_ = s_.model.variables.add({"marks",
                                     {SubsetType{mark_}, {}},
                                     literal({SortKind::subset, mark_.value}, 0),
                                     GlobalScope{},
                                     "",
                                     {}});
    for (std::size_t t = 0; t < threads; ++t) add_thread(t);
    s_.claim("consistent", Asserted{});
    s_.claim("no_deadlock", NoDeadlock{});
    s_.claim("word_is_small", Always{binary(BinaryOp::less, s_.read(word_), integer(2))});
    s_.claim("both", Sometimes{conjunction(s_.read(writer_), read(s_.model, taken_, {page(0)}))});
  }

  Model take() { return std::move(s_.model); }

private:
  Id<Variable> per_page(const std::string& name, const ScalarType& type, const Expr& initial) {
    return s_.model.variables.add({name, {type, {page_}}, initial, GlobalScope{}, "", {}});
  }
  [[nodiscard]] Expr page(Value member) const { return literal({SortKind::index, page_.value}, member); }
  bool is_wrong() {
    if (mistakes_ == 0 || !dice_.chance(12)) return false;
    --mistakes_;
    return true;
  }

  void add_thread(std::size_t number) {
    number_ = static_cast<Value>(number);
    thread_ = s_.thread(fmt::format("t{}", number), "start");
    e_ = s_.local(thread_, "e", 0, 0);
    s_.model.variables[e_].type = {IndexType{page_}, {}};
    s_.model.variables[e_].initial = page(0);
    seen_ = s_.local(thread_, "seen", 0, 2);
    here_ = {0};
    for (std::size_t left = 1 + dice_.below(2); left > 0; --left) {
      switch (dice_.below(5)) {
      case 0: page_section(true); break;
      case 1: page_section(false); break;
      case 2: read_section(); break;
      case 3: write_section(); break;
      case 4: mark_section(); break;
      }
    }
    if (dice_.chance(30)) add(here_, {0});
    else s_.model.threads[thread_].labels[here_].end = true;
  }

  Id<Label> fresh() {
    const std::size_t n = s_.model.threads[thread_].labels.size();
    return s_.model.threads[thread_].labels.add({fmt::format("l{}", n), Domain::host, false, {}});
  }
  Step& add(Id<Label> from, Id<Label> to) {
    Step step;
    step.from = from;
    step.to = to;
    step.guard = truth(true);
    s_.model.threads[thread_].steps.push_back(step);
    return s_.model.threads[thread_].steps.back();
  }
  Step& next() {
    const Id<Label> to = fresh();
    Step& step = add(here_, to);
    here_ = to;
    return step;
  }

  void page_section(bool by_choice) {
    const bool unguarded = is_wrong(), untaken = is_wrong(), forgotten = is_wrong(), other = is_wrong();
    const bool tries = dice_.chance(40);
    const Id<Label> before = here_;
    Expr which = s_.read(e_);
    if (!by_choice) next().updates = {set(e_, page(static_cast<Value>(dice_.below(2))))};
    const Id<Label> asks = here_;
    Step& takes = next();
    if (by_choice) {
      const BoundName name{bound_++, "p"};
      takes.choices = {{name, page_}};
      which = bound(name, page_);
      takes.updates = {set(e_, which)};
    }
    if (!unguarded) takes.guard = negation(read(s_.model, taken_, {which}));
    if (!untaken) takes.updates.push_back({{taken_, {which}}, truth(true)});
    if (tries)
      add(asks, before).guard =
          by_choice ? read(s_.model, taken_, {page(0)}) : read(s_.model, taken_, {which});
    const Expr own = s_.read(e_), datum = read(s_.model, datum_, {own}), seen = s_.read(seen_);
    next().updates = {set(seen_, datum)};
    Step& changes = next();
    changes.facts.emplace_back(
        Assertion{"consistent", binary(BinaryOp::equal, datum, seen), "nobody else changed it"});
    changes.updates = {{{datum_, {own}},
                        conditional(binary(BinaryOp::less, seen, integer(2)),
                                    binary(BinaryOp::add, seen, integer(1)), integer(0))}};
    if (dice_.chance(50)) next().updates = {set(seen_, integer(0))};
    if (!forgotten) next().updates = {{{taken_, {other ? page(0) : own}}, truth(false)}};
  }

  void read_section() {
    Step& takes = next();
    if (!is_wrong()) takes.guard = negation(s_.read(writer_));
    takes.updates = {set(readers_, binary(BinaryOp::add, s_.read(readers_), integer(1)))};
    next().updates = {set(seen_, s_.read(word_))};
    next().facts.emplace_back(Assertion{"consistent", binary(BinaryOp::equal, s_.read(word_), s_.read(seen_)),
                                        "nobody writes meanwhile"});
    if (!is_wrong())
      next().updates = {set(readers_, binary(BinaryOp::subtract, s_.read(readers_), integer(1)))};
  }

  void write_section() {
    Step& takes = next();
    const Expr no_readers = binary(BinaryOp::equal, s_.read(readers_), integer(0));
    takes.guard = is_wrong() ? no_readers : conjunction(negation(s_.read(writer_)), no_readers);
    takes.updates = {set(writer_, truth(true))};
    next().updates = {set(word_, integer(dice_.chance(10) ? 2 : 1))};
    next().updates = {set(word_, integer(0))};
    if (!is_wrong()) next().updates = {set(writer_, truth(false))};
  }

  void mark_section() {
    const Expr all = s_.read(marks_), own = literal({SortKind::index, mark_.value}, number_);
    next().updates = {set(marks_, binary(BinaryOp::with, all, own))};
    if (dice_.chance(60)) next().updates = {set(seen_, integer(1))};
    const Value whose = is_wrong() ? 0 : number_;
    const Expr marked = binary(BinaryOp::contains, all, literal({SortKind::index, mark_.value}, whose));
    next().facts.emplace_back(Assertion{"consistent", marked, "the mark is there"});
    next().updates = {set(marks_, binary(BinaryOp::without, all, own))};
    if (dice_.chance(20))
      next().guard = binary(BinaryOp::equal, unary(UnaryOp::cardinality, all), integer(0));
  }

  Sketch s_;
  Dice dice_;
  int mistakes_;
  Id<IndexSet> page_, mark_;
  Id<Variable> taken_, datum_, readers_, writer_, word_, marks_;
  Id<Thread> thread_;
  Id<Variable> e_, seen_;
  Id<Label> here_;
  Value number_ = 0;
  std::uint32_t bound_ = 1000;
};

} // namespace

Model locking_model(std::uint64_t seed) { return LockingModel(seed).take(); }

} // namespace tdxcheck::tests
