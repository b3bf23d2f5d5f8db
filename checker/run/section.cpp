// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/section.h"

#include <algorithm>

#include <fmt/format.h>

#include "explore/components.h"
#include "support/error.h"

namespace tdxcheck::run {
namespace {

using explore::Move;
using explore::StateNumber;
using graph::Amount;
using graph::Passage;

bool is_open(const model::LabelContext& context, const Unit& unit) {
  if (const auto* loop = std::get_if<model::Id<model::Loop>>(&unit))
    return std::ranges::count(context.loops, *loop) > 0;
  return std::ranges::count(context.operations, std::get<model::Id<model::Operation>>(unit)) > 0;
}

// Follows the events of one move.
class Passing {
public:
  void add(Amount amount) {
    if (before_) *before_ += amount;
    if (since_) *since_ += amount;
  }
  void end() {
    if (before_) passage_.ends = before_;
    if (since_) passage_.inside = std::max(passage_.inside.value_or(0), *since_);
    before_.reset();
    since_.reset();
  }
  void begin() {
    end();
    since_ = 0;
  }
  [[nodiscard]] Passage done() {
    passage_.through = before_;
    passage_.begins = since_;
    return passage_;
  }

private:
  Passage passage_;
  std::optional<Amount> before_ = 0, since_; // since the section began before the move, or within it
};

} // namespace

SectionOf::SectionOf(const explore::Explored& explored, std::size_t thread, Unit unit, Counted counted)
    : explored_(explored), thread_(thread), unit_(unit), counted_(counted) {
  explore::InterpretedSystem& system = explored_.system;
  const model::ThreadInstance& who = system.instance().threads()[thread];
  for (const explore::CompiledMove& move : system.moves()[thread].moves) {
    const model::Step& step = system.instance().model().threads[who.thread].steps[move.step];
    events_.push_back(events_of(step.facts, explore::surroundings_of(who, step, move.choices)));
  }
  section_.in.resize(explored_.graph.states());
  for (StateNumber s = 0; s < explored_.graph.states(); ++s) {
    const auto label = system.label(explored_.graph.state(s), thread);
    section_.in[s] = is_open(explored_.contexts[who.thread.value][label.value], unit_);
  }
  section_.passage = [this](StateNumber from, Move move) { return passage(from, move); };
  Passing start;
  explore::Surroundings here;
  here.self = who.member;
  for (const Event& event : events_of(system.instance().model().threads[who.thread].start_facts, here)) {
    if (event.what == What::begins) start.begin();
    else if (event.what == What::ends) start.end();
    else start.add(event.amount.known.value_or(0));
  }
  section_.at_start = start.done().begins.value_or(0);
}

SectionOf::Events SectionOf::events_of(const std::vector<model::Fact>& facts,
                                       const explore::Surroundings& here) const {
  Events events;
  for (const model::Fact& fact : facts) {
    if (const auto* loop = std::get_if<model::LoopEvent>(&fact)) {
      const bool is_unit = unit_ == Unit{loop->loop}, is_counted = counted_ == Counted{loop->loop};
      if (is_unit && loop->action == model::LoopAction::enter) events.push_back({What::begins, {}});
      if (is_unit && loop->action == model::LoopAction::leave) events.push_back({What::ends, {}});
      if (is_counted && loop->action == model::LoopAction::again) events.push_back({What::adds, {0, 1, {}}});
    }
    if (const auto* operation = std::get_if<model::OperationEvent>(&fact);
        operation && unit_ == Unit{operation->operation})
      events.push_back({operation->action == model::OperationAction::begin ? What::begins : What::ends, {}});
    if (const auto* cost = std::get_if<model::Cost>(&fact); cost && counted_ == Counted{cost->kind})
      events.push_back({What::adds, explored_.system.compile(cost->amount, here)});
  }
  return events;
}

Passage SectionOf::passage(StateNumber from, Move move) const {
  if (move.thread != thread_ || events_[move.step].empty()) return {};
  Passing passing;
  bool loaded = false;
  for (const Event& event : events_[move.step]) {
    switch (event.what) {
    case What::begins: passing.begin(); break;
    case What::ends: passing.end(); break;
    case What::adds:
      if (!event.amount.known && !loaded) {
        explored_.system.load(explored_.graph.state(from));
        loaded = true;
      }
      const Amount amount = explored_.system.value(event.amount);
      if (amount < 0)
        throw support::InputError(fmt::format("a step costs `{}`, which is negative", event.amount.text));
      passing.add(amount);
      break;
    }
  }
  return passing.done();
}

explore::Subgraph SectionOf::part() const {
  explore::Subgraph part{section_.in, explore::MoveSet(explored_.system, 1)};
  for (std::size_t m = 0; m < events_.size(); ++m)
    part.moves[{static_cast<std::uint16_t>(thread_), static_cast<std::uint16_t>(m)}] =
        std::ranges::all_of(events_[m], [](const Event& event) { return event.what == What::adds; });
  return part;
}

graph::Longest SectionOf::longest() const {
  const auto found = explore::strongly_connected_components(explored_.graph, part());
  return graph::longest_path(explored_.graph, section_, {found.of, found.count});
}

std::optional<explore::Walk> SectionOf::fair_run_that_stays() const {
  const explore::FairSteps fair(explored_.system);
  explore::Stay stay{part()};
  stay.wanted = explore::MoveSet(explored_.system, 0);
  for (std::size_t m = 0; m < events_.size(); ++m)
    (*stay.wanted)[{static_cast<std::uint16_t>(thread_), static_cast<std::uint16_t>(m)}] =
        !events_[m].empty();
  auto found = explore::find_fair_run(explored_.graph, fair, stay, 0, [] {});
  if (found.run) return found.run;
  stay.wanted.reset();
  stay.may_stop = true;
  return explore::find_fair_run(explored_.graph, fair, stay, 0, [] {}).run;
}

} // namespace tdxcheck::run
