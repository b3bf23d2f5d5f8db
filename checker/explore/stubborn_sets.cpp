// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/stubborn_sets.h"

#include <bit>

namespace tdxcheck::explore {
namespace {

constexpr std::size_t most_threads = 64;

bool is_about_all_orders(const model::Claim& claim) {
  return std::visit(Overloaded{
                        [](const model::Always&) { return false; },
                        [](const model::Sometimes&) { return false; },
                        [](const model::Asserted&) { return false; },
                        [](const model::NoDeadlock&) { return false; },
                        [](const model::LockDiscipline&) { return false; },
                        [](const model::Balanced&) { return false; },
                        [](const model::Recoverable&) { return false; },
                        [](const model::LockOrder&) { return true; },
                        [](const model::NoLivelock&) { return true; },
                        [](const model::NoStarvation&) { return true; },
                        [](const model::LeadsTo&) { return true; },
                        [](const model::Retries&) { return true; },
                    },
                    claim);
}

// What somebody looks at besides the moves: by thread and label, and wherever the threads are.
class Onlookers {
public:
  Onlookers(InterpretedSystem& system, const Footprints& footprints, const Contexts& contexts,
            const std::vector<Case>& judged)
      : system_(system), footprints_(footprints), judged_(judged), visible_(fields()) {
    for (std::size_t t = 0; t < system.moves().size(); ++t)
      seen_.emplace_back(system.moves()[t].at.size(), FieldSet(fields()));
    for (std::size_t t = 0; t < seen_.size(); ++t) {
      for (const model::Step& step : thread(t).steps) look_at_stakes(t, step);
    }
    for (const Case& one : judged) {
      const model::Claim& claim = one.property->claim;
      if (const auto* always = std::get_if<model::Always>(&claim)) see(always->condition);
      if (const auto* sometimes = std::get_if<model::Sometimes>(&claim)) see(sometimes->condition);
      if (const auto* recoverable = std::get_if<model::Recoverable>(&claim)) see(recoverable->condition);
      if (const auto* balanced = std::get_if<model::Balanced>(&claim)) {
        const model::Counter& counter = system.instance().model().counters[balanced->counter];
        see(counter.value), see(counter.holders), see(counter.freed);
        sees_ends_ = true;
      }
      if (std::holds_alternative<model::LockDiscipline>(claim)) look_at_locks(contexts);
    }
  }

  [[nodiscard]] const std::vector<std::vector<FieldSet>>& seen() const { return seen_; }
  [[nodiscard]] bool sees(Move move) const {
    const auto& labels = thread(move.thread).labels;
    const model::Step& step = system_.step_of(move);
    return footprints_.of(move).writes.meets(visible_) ||
           (sees_ends_ && labels[step.from].end != labels[step.to].end);
  }

  // Whether nobody looks at the moves at the label, nor at the thread while it is there.
  [[nodiscard]] bool is_quiet(std::size_t t, std::size_t label) const {
    const model::Id<model::Label> id{static_cast<std::uint32_t>(label)};
    const auto looks = [&](const Case& one) {
      if (!one.watch) return false;
      return one.watch->looks_at_label(t, id) ||
             (one.watch->looks_at_moves() &&
              std::ranges::any_of(system_.moves()[t].at[label], [&](std::uint16_t m) {
                return one.watch->looks_at_move({static_cast<std::uint16_t>(t), m});
              }));
    };
    return !thread(t).labels[id].end && std::ranges::none_of(judged_, looks) &&
           std::ranges::none_of(thread(t).steps, [&](const model::Step& step) {
             return step.from == id && !step.named.empty();
           });
  }

private:
  [[nodiscard]] std::size_t fields() const { return system_.layout().fields().size(); }
  [[nodiscard]] const model::Thread& thread(std::size_t position) const {
    return system_.instance().model().threads[system_.instance().threads()[position].thread];
  }
  [[nodiscard]] Surroundings self_of(std::size_t thread) const {
    Surroundings here;
    here.self = system_.instance().threads()[thread].member;
    return here;
  }
  void see(const model::Expr& expression) { visible_ |= footprints_.reader(0).fields(expression, {}); }
  void look_at(std::size_t t, model::Id<model::Label> label, const model::Expr& expression) {
    seen_[t][label.value] |= footprints_.reader(t).fields(expression, self_of(t));
  }
  // Whether a named conjunct makes the difference (coverage.h).
  void look_at_stakes(std::size_t t, const model::Step& step) {
    if (step.named.empty()) return;
    look_at(t, step.from, step.guard);
    for (const model::NamedConjunct& conjunct : step.named) look_at(t, step.from, conjunct.condition);
  }
  // Which instances are held and wanted (lock_discipline.cpp).
  void look_at_locks(const Contexts& contexts) {
    for (std::size_t t = 0; t < seen_.size(); ++t) {
      const auto& by_label = contexts[system_.instance().threads()[t].thread.value];
      for (const model::Step& step : thread(t).steps) {
        for (const model::Fact& fact : step.facts)
          if (const auto* event = std::get_if<model::LockEvent>(&fact))
            for (const model::Expr& member : event->instance) look_at(t, step.from, member);
        for (const model::HeldLock& held : by_label[step.from.value].held)
          for (const model::Expr& member : held.instance) look_at(t, step.from, member);
      }
    }
  }

  InterpretedSystem& system_;
  const Footprints& footprints_;
  const std::vector<Case>& judged_;
  FieldSet visible_;
  bool sees_ends_ = false;
  std::vector<std::vector<FieldSet>> seen_;
};

// Marks a label of each cycle through marked labels of a thread as not reducible (those that a depth-first
// search comes back to).
class CycleBreaker {
public:
  CycleBreaker(const model::Thread& thread, std::vector<std::uint8_t>& reducible)
      : reducible_(reducible), colour_(reducible.size(), white), next_(reducible.size()) {
    for (const model::Step& step : thread.steps) next_[step.from.value].push_back(step.to.value);
    for (std::size_t label = 0; label < reducible.size(); ++label)
      if (reducible[label] != 0 && colour_[label] == white) visit(label);
  }

private:
  enum Colour : std::uint8_t { white, grey, black };
  void visit(std::size_t label) {
    colour_[label] = grey;
    for (const std::size_t next : next_[label]) {
      if (reducible_[label] == 0) break;
      if (reducible_[next] == 0) continue;
      if (colour_[next] == grey) reducible_[next] = 0;
      else if (colour_[next] == white) visit(next);
    }
    colour_[label] = black;
  }

  std::vector<std::uint8_t>& reducible_;
  std::vector<Colour> colour_;
  std::vector<std::vector<std::size_t>> next_;
};

} // namespace

std::vector<std::string> claims_about_all_orders(const std::vector<const model::Property*>& judged) {
  std::vector<std::string> names;
  for (const model::Property* property : judged)
    if (is_about_all_orders(property->claim)) names.push_back(property->name);
  return names;
}

std::shared_ptr<const StubbornSets> StubbornSets::of(InterpretedSystem& system, const Contexts& contexts,
                                                     const std::vector<Case>& judged) {
  const std::size_t threads = system.moves().size();
  if (threads < 2 || threads > most_threads) return nullptr;
  const Footprints footprints(system);
  const HeldPlaces held(footprints);
  const Onlookers onlookers(system, footprints, contexts, judged);
  const Dependence dependence(footprints, held, onlookers.seen());
  const model::Model& model = system.instance().model();
  std::vector<std::vector<std::uint8_t>> reducible; // by thread template: for one member, for all
  for (const model::Thread& thread : model.threads)
    reducible.emplace_back(thread.labels.size(), std::uint8_t{0});
  std::shared_ptr<StubbornSets> sets(new StubbornSets);
  for (std::size_t t = 0; t < threads; ++t) {
    Thread& thread = sets->threads_.emplace_back();
    thread.label = system.layout().label(t);
    for (std::size_t l = 0; l < system.moves()[t].at.size(); ++l) {
      const std::vector<std::uint16_t>& moves = system.moves()[t].at[l];
      const bool is_seen = std::ranges::any_of(moves, [&](std::uint16_t m) {
        return onlookers.sees({static_cast<std::uint16_t>(t), m});
      });
      thread.reducible.push_back(!moves.empty() && !is_seen && dependence.is_ever_alone(t, l) ? 1 : 0);
      reducible[system.instance().threads()[t].thread.value][l] |= thread.reducible.back();
      Thread::At& at = thread.at.emplace_back();
      for (const std::size_t local : dependence.told_apart_by(t, l))
        at.told_apart_by.push_back(system.layout().fields()[local]);
      if (thread.reducible.back() == 0) continue;
      for (std::size_t v = 0; v < dependence.values(t, l); ++v) {
        std::vector<std::vector<bool>>& meets = at.meets.emplace_back(threads);
        for (std::size_t other = 0; other < threads; ++other)
          for (std::size_t there = 0; there < system.moves()[other].at.size(); ++there)
            meets[other].push_back(other != t && dependence.may_meet(t, l, v, other, there));
      }
    }
  }
  for (auto id : model.threads.ids()) CycleBreaker(model.threads[id], reducible[id.value]);
  for (std::size_t t = 0; t < threads; ++t) {
    const auto& of_template = reducible[system.instance().threads()[t].thread.value];
    for (std::size_t l = 0; l < of_template.size(); ++l) {
      sets->threads_[t].reducible[l] &= of_template[l];
      sets->reducible_labels_ += sets->threads_[t].reducible[l];
      sets->threads_[t].quiet.push_back(sets->threads_[t].reducible[l] != 0 && onlookers.is_quiet(t, l) ? 1
                                                                                                        : 0);
    }
  }
  if (sets->reducible_labels_ == 0) return nullptr;
  return sets;
}

std::optional<std::size_t> StubbornSets::first_alone(StateView state,
                                                     std::vector<std::uint8_t> Thread::*allowed,
                                                     std::uint64_t among) const {
  std::size_t labels[most_threads];
  std::uint64_t candidates = 0;
  for (std::size_t t = 0; t < threads_.size(); ++t) {
    labels[t] = static_cast<std::size_t>(threads_[t].label.read(state.data()));
    candidates |= std::uint64_t{(threads_[t].*allowed)[labels[t]]} << t;
  }
  for (candidates &= among; candidates != 0; candidates &= candidates - 1) {
    const auto t = static_cast<std::size_t>(std::countr_zero(candidates));
    const Thread::At& at = threads_[t].at[labels[t]];
    std::size_t values = 0;
    for (const Field& local : at.told_apart_by)
      values = values * static_cast<std::size_t>(local.high - local.low + 1) +
               static_cast<std::size_t>(local.read(state.data()) - local.low);
    const auto& meets = at.meets[values];
    std::size_t other = 0;
    while (other < threads_.size() && (other == t || !meets[other][labels[other]])) ++other;
    if (other == threads_.size()) return t;
  }
  return {};
}

std::optional<std::size_t> StubbornSets::alone(StateView state, std::uint64_t enabled) const {
  return first_alone(state, &Thread::reducible, enabled);
}

std::optional<std::size_t> StubbornSets::passing(StateView state) const {
  return first_alone(state, &Thread::quiet, ~std::uint64_t{0});
}

} // namespace tdxcheck::explore
