// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/watch.h"

#include <fmt/format.h>

#include "explore/settled_keys.h"
#include "model/print.h"

namespace tdxcheck::explore {
namespace {

using Program = InterpretedSystem::Program;

// What must hold is looked at conjunct by conjunct, and member by member, each by what it reads; what is
// looked for, as a whole.
class WatchCondition : public Watch {
public:
  WatchCondition(InterpretedSystem& system, const model::Expr& condition, bool looked_for)
      : system_(system), looked_for_(looked_for) {
    text_ = fmt::format("{}: {}", looked_for ? "true" : "false",
                        model::print(system.instance().model(), condition));
    if (looked_for) add(condition, {});
    else add_conjuncts(condition, {});
  }
  std::optional<Sighting> at_state(StateView state) override {
    for (Part& part : parts_) {
      if (part.settled.has(state)) continue;
      if ((system_.value(part.program) != 0) == looked_for_) return Sighting{text_};
      part.settled.add(state);
    }
    return {};
  }

private:
  struct Part {
    Program program;
    SettledKeys settled; // it is not what is looked for
  };

  void add(const model::Expr& condition, const Surroundings& here) {
    Part part{system_.compile(condition, here), {}};
    part.settled = {system_.layout(), system_.fields_read(part.program)};
    parts_.push_back(std::move(part));
  }
  void add_conjuncts(const model::Expr& condition, const Surroundings& here) {
    if (const auto* x = std::get_if<model::Binary>(&condition.node().kind);
        x != nullptr && x->op == model::BinaryOp::logical_and) {
      add_conjuncts(x->left, here);
      add_conjuncts(x->right, here);
    } else if (const auto* all = std::get_if<model::Quantified>(&condition.node().kind);
               all != nullptr && all->kind == model::QuantifierKind::for_all) {
      for (model::Value member = 0; member < system_.instance().size(all->over); ++member) {
        Surroundings inside = here;
        inside.bound[all->bound.number] = member;
        add_conjuncts(all->body, inside);
      }
    } else {
      add(condition, here);
    }
  }

  InterpretedSystem& system_;
  bool looked_for_;
  std::string text_;
  std::vector<Part> parts_;
};

class WatchCounter : public Watch {
public:
  WatchCounter(InterpretedSystem& system, const model::Counter& counter)
      : system_(system), value_(system.compile(counter.value)), holders_(system.compile(counter.holders)) {
    if (!counter.freed.empty()) freed_ = system.compile(counter.freed);
    std::vector<bool> reads = system.fields_read(value_);
    for (const Program& other : {holders_, freed_.value_or(holders_)}) {
      const std::vector<bool> more = system.fields_read(other);
      for (std::size_t f = 0; f < reads.size(); ++f) reads[f] = reads[f] || more[f];
    }
    settled_ = {system.layout(), reads};
  }
  [[nodiscard]] bool looks_at_ends() const override { return true; }
  std::optional<Sighting> at_state(StateView state) override {
    if (settled_.has(state)) return {};
    const model::Value value = system_.value(value_), holders = system_.value(holders_);
    if (value != holders) return Sighting{fmt::format("it counts {}, and {} hold it", value, holders)};
    if (holders != 0 && freed_ && system_.value(*freed_) != 0) {
      return Sighting{fmt::format("it is freed, and {} hold it", holders)};
    }
    settled_.add(state);
    return {};
  }
  std::optional<Sighting> at_end(StateView) override {
    const model::Value value = system_.value(value_);
    if (value == 0) return {};
    return Sighting{fmt::format("all threads have ended, and it counts {}", value)};
  }

private:
  InterpretedSystem& system_;
  Program value_, holders_;
  std::optional<Program> freed_;
  SettledKeys settled_;
};

// The half of no_deadlock that a single state shows; find_stuck_threads has the other.
class WatchStop : public Watch {
public:
  explicit WatchStop(InterpretedSystem& system) : system_(system) {}
  [[nodiscard]] bool looks_at_states() const override { return false; }
  std::optional<Sighting> at_stop(StateView state) override {
    for (std::size_t t = 0; t < system_.instance().threads().size(); ++t) {
      if (system_.at_end(state, t)) continue;
      return Sighting{
          fmt::format("nothing can happen, and {} is not at its end", system_.instance().threads()[t].name),
          t};
    }
    return {};
  }

private:
  InterpretedSystem& system_;
};

class WatchAssertions : public Watch {
public:
  WatchAssertions(InterpretedSystem& system, const std::string& property) : system_(system) {
    for (std::size_t t = 0; t < system.moves().size(); ++t) {
      std::vector<std::vector<Checked>>& by_move = checked_.emplace_back(system.moves()[t].moves.size());
      for (std::size_t m = 0; m < by_move.size(); ++m) add(t, m, property, by_move[m]);
    }
    for (std::size_t t = 0; t < system.moves().size(); ++t) look_at_start(t, property);
  }

  [[nodiscard]] bool looks_at_states() const override { return false; }
  [[nodiscard]] bool looks_at_moves() const override { return true; }
  [[nodiscard]] bool looks_at_move(Move) const override { return false; }

  std::optional<Sighting> at_start() override { return at_start_; }

  std::optional<Sighting> at_move(StateView from, Move move, std::uint8_t flags) override {
    if ((flags & assertion_failed) == 0 || checked_[move.thread][move.step].empty()) return {};
    system_.load(from);
    for (const Checked& checked : checked_[move.thread][move.step]) {
      if (system_.value(checked.holds) == 0) return Sighting{checked.assertion->text, move.thread};
    }
    return {};
  }

private:
  struct Checked {
    const model::Assertion* assertion;
    Program holds;
  };

  void add(std::size_t thread, std::size_t m, const std::string& property, std::vector<Checked>& checked) {
    const Move move{static_cast<std::uint16_t>(thread), static_cast<std::uint16_t>(m)};
    const model::Step& step = system_.step_of(move);
    for (const model::Fact& fact : step.facts) {
      const auto* assertion = std::get_if<model::Assertion>(&fact);
      if (assertion == nullptr || assertion->property != property) continue;
      const Surroundings here =
          surroundings_of(system_.instance().threads()[thread], step, system_.compiled(move).choices);
      checked.push_back({assertion, system_.compile(assertion->holds, here)});
    }
  }

  // What fails in the silent tail of the start fails whatever the state, or lower/ had refused it.
  void look_at_start(std::size_t t, const std::string& property) {
    const model::ThreadInstance& who = system_.instance().threads()[t];
    for (const model::Fact& fact : system_.instance().model().threads[who.thread].start_facts) {
      const auto* assertion = std::get_if<model::Assertion>(&fact);
      if (assertion == nullptr || assertion->property != property || !model::is_false(assertion->holds))
        continue;
      if (!at_start_) at_start_ = Sighting{assertion->text, t};
    }
  }

  InterpretedSystem& system_;
  std::vector<std::vector<std::vector<Checked>>> checked_; // by thread, by move
  std::optional<Sighting> at_start_;
};

} // namespace

std::unique_ptr<Watch> watch_assertions(InterpretedSystem& system, const std::string& property) {
  return std::make_unique<WatchAssertions>(system, property);
}

std::unique_ptr<Watch> watch_for(InterpretedSystem& system, const Contexts& contexts,
                                 const model::Property& property) {
  using Made = std::unique_ptr<Watch>;
  const model::Model& model = system.instance().model();
  return std::visit(
      Overloaded{
          [&](const model::Always& x) -> Made {
            return std::make_unique<WatchCondition>(system, x.condition, false);
          },
          [&](const model::Sometimes& x) -> Made {
            return std::make_unique<WatchCondition>(system, x.condition, true);
          },
          [&](const model::Asserted&) -> Made { return watch_assertions(system, property.name); },
          [&](const model::NoDeadlock&) -> Made { return std::make_unique<WatchStop>(system); },
          [&](const model::LockDiscipline&) -> Made { return watch_locks(system, contexts); },
          [&](const model::Balanced& x) -> Made {
            return std::make_unique<WatchCounter>(system, model.counters[x.counter]);
          },
          [](const model::LockOrder&) -> Made { return nullptr; },
          [](const model::NoLivelock&) -> Made { return nullptr; },
          [](const model::NoStarvation&) -> Made { return nullptr; },
          [](const model::LeadsTo&) -> Made { return nullptr; },
          [](const model::Recoverable&) -> Made { return nullptr; },
          [](const model::Retries&) -> Made { return nullptr; },
      },
      property.claim);
}

} // namespace tdxcheck::explore
