// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fair_models.h"

#include "tests/dice.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

namespace tdxcheck::tests {

using namespace model;

namespace {

class FairModel {
public:
  explicit FairModel(std::uint64_t seed) : dice_(seed) {
    s.model.name = "fair_" + std::to_string(seed);
    x_.push_back(s.boolean("x"));
    if (dice_.chance(30)) x_.push_back(s.boolean("y"));
    member_ = s.set("m", 2);
    add_thread("one");
    add_thread("two");
    claim();
  }
  Sketch s;

private:
  Expr condition() {
    const std::size_t which = dice_.below(3);
    if (which == 0) return truth(true);
    const Expr x = s.read(dice_.pick(x_));
    return which == 1 ? x : negation(x);
  }
  Fairness fairness() {
    return std::vector{Fairness::none, Fairness::weak, Fairness::strong}[dice_.below(3)];
  }

  void decorate(Step& step) {
    step.guard = condition();
    step.fairness = fairness();
    step.text = "step " + std::to_string(++texts_);
    const auto x = dice_.pick(x_);
    const std::vector<Expr> values{truth(true), truth(false), negation(s.read(x))};
    if (dice_.chance(60)) step.updates = {tests::set(x, dice_.pick(values))};
  }

  void add_thread(const std::string& name) {
    const std::size_t labels = 2 + dice_.below(2);
    const auto t = s.thread(name, labels == 2 ? "a b" : "a b c");
    const auto operation = s.model.operations.add({"of_" + name, t, {}, {}});
    const auto loop = s.model.loops.add({"loop_of_" + name, t, {"f_" + name}, {}});
    const bool operates = dice_.chance(85);
    std::vector<bool> inside{false, operates, operates && dice_.chance(50)};
    const std::size_t steps = labels + dice_.below(3);
    for (std::size_t i = 0; i < steps; ++i) {
      const std::size_t from = i < labels ? i : dice_.below(labels), to = dice_.below(labels);
      Step& step = s.step(t, std::string(1, static_cast<char>('a' + from)),
                          std::string(1, static_cast<char>('a' + to)));
      decorate(step);
      if (inside[from] && (!inside[to] || dice_.chance(15)))
        step.facts.emplace_back(OperationEvent{OperationAction::end, operation});
      if (inside[to] && (!inside[from] || !step.facts.empty()))
        step.facts.emplace_back(OperationEvent{OperationAction::begin, operation});
      add_loop(step, inside[from], inside[to], loop);
    }
    if (labels == 3 && dice_.chance(30)) add_branch(t, inside, operation, loop);
  }

  void add_loop(Step& step, bool from_inside, bool to_inside, Id<Loop> loop) {
    const auto cost = static_cast<Value>(dice_.below(3));
    if (dice_.chance(30)) step.facts.emplace_back(Cost{CostKind::seamcalls, integer(cost)});
    const bool again = from_inside && to_inside && dice_.chance(40), anew = from_inside && dice_.chance(10);
    if (again) step.facts.emplace_back(LoopEvent{LoopAction::again, loop});
    if (from_inside && (!to_inside || anew)) step.facts.emplace_back(LoopEvent{LoopAction::leave, loop});
    if (to_inside && (!from_inside || anew)) step.facts.emplace_back(LoopEvent{LoopAction::enter, loop});
    if (dice_.chance(10)) step.facts.emplace_back(Cost{CostKind::seamcalls, integer(1)});
  }

  // From a to b or c, as the choice decides: one written step, two that the engine sees.
  void add_branch(Id<Thread> t, const std::vector<bool>& inside, Id<Operation> operation, Id<Loop> loop) {
    Variable chosen{s.model.threads[t].name + ".chosen",
                    {IndexType{member_}, {}},
                    literal(index(), 0),
                    LocalScope{t},
                    "",
                    {}};
    const auto local = s.model.variables.add(chosen);
    s.model.threads[t].labels.add({"branch", Domain::host, false, {}});
    Step& step = s.step(t, "a", "branch");
    decorate(step);
    const BoundName i{static_cast<std::uint32_t>(t.value), "i"};
    step.choices = {{i, member_}};
    step.updates.push_back(tests::set(local, make(index(), BoundRef{i})));
    for (const Value way : {0, 1}) {
      Step& on = s.silent(t, "branch", way == 0 ? "b" : "c",
                          binary(BinaryOp::equal, s.read(local), literal(index(), way)));
      on.updates = {tests::set(local, literal(index(), 0))};
      if (inside[static_cast<std::size_t>(way) + 1])
        on.facts = {OperationEvent{OperationAction::begin, operation}, LoopEvent{LoopAction::enter, loop},
                    Cost{CostKind::seamcalls, integer(2)}};
    }
  }
  [[nodiscard]] Sort index() const { return {SortKind::index, member_.value}; }

  void claim() {
    const Expr x = s.read(x_.front());
    const auto at_b = s.model.regions.add({"at_b", {0}, {Id<Label>{1}}});
    s.claim("no_livelock", NoLivelock{});
    s.claim("no_starvation", NoStarvation{});
    s.claim("x_leads_to_not_x", LeadsTo{x, negation(x)});
    s.claim("b_leads_to_x", LeadsTo{tests::in_region(at_b), x});
    s.claim("x_recovers", Recoverable{negation(x)});
  }

  Dice dice_;
  std::vector<Id<Variable>> x_;
  Id<IndexSet> member_;
  int texts_ = 0;
};

} // namespace

Model fair_model(std::uint64_t seed) { return FairModel(seed).s.model; }

// ---- the meaning

PlainEndlessRuns::PlainEndlessRuns(const semantics::Interpreter& interpreter, std::size_t most)
    : interpreter_(interpreter) {
  std::map<semantics::State, std::size_t> number;
  const auto find = [&](const semantics::State& state, const Open& open) {
    const auto [at, is_new] = number.try_emplace(state, states_.size());
    if (is_new) {
      states_.push_back(state);
      open_.push_back(open);
    } else if (open_[at->second] != open) {
      throw std::logic_error("what is open must be a function of the state");
    }
    return at->second;
  };
  for (const auto& start : interpreter.starts()) find(start.state, {});
  for (std::size_t s = 0; s < states_.size() && !too_large_; ++s) {
    const semantics::State state = states_[s];
    for (const semantics::Action& action : interpreter.actions(state)) {
      Open open = open_[s];
      Edge edge{s, 0, action.thread, action.step, {}, {}};
      for (const auto& happening : action.happened) {
        if (const auto* loop = std::get_if<LoopEvent>(&happening);
            loop && loop->action != LoopAction::again) {
          edge.entered_or_left.emplace_back(action.thread, loop->loop);
          if (loop->action == LoopAction::enter) open.loops.insert(edge.entered_or_left.back());
          else open.loops.erase(edge.entered_or_left.back());
        }
        const auto* event = std::get_if<OperationEvent>(&happening);
        if (event == nullptr) continue;
        if (event->action == OperationAction::begin)
          open.operations.insert({action.thread, event->operation});
        else {
          open.operations.erase({action.thread, event->operation});
          edge.ended.emplace_back(action.thread, event->operation);
        }
      }
      edge.to = find(action.next, open);
      edges_.push_back(edge);
    }
    too_large_ = states_.size() > most;
  }
}

Fairness PlainEndlessRuns::fairness(std::size_t thread, std::size_t step) const {
  const auto& instance = interpreter_.instance();
  return instance.model().threads[instance.threads()[thread].thread].steps[step].fairness;
}

// A strongly fair step by itself; the weakly fair ones at a label together, as the label.
bool PlainEndlessRuns::is_fair(Set set, const std::vector<const Edge*>& edges) const {
  struct Chance {
    Set enabled = 0;
    bool taken = false;
  };
  std::map<std::pair<std::size_t, std::size_t>, Chance> strong, weak;
  const auto chance_of = [&](const Edge& edge) -> Chance* {
    const auto& instance = interpreter_.instance();
    const auto& step = instance.model().threads[instance.threads()[edge.thread].thread].steps[edge.step];
    if (step.fairness == Fairness::strong) return &strong[{edge.thread, edge.step}];
    if (step.fairness == Fairness::weak) return &weak[{edge.thread, step.from.value}];
    return nullptr;
  };
  for (const Edge& edge : edges_)
    if (Chance* chance = chance_of(edge); chance != nullptr && (set >> edge.from & 1) != 0)
      chance->enabled |= Set{1} << edge.from;
  for (const Edge* edge : edges)
    if (Chance* chance = chance_of(*edge)) chance->taken = true;
  return std::ranges::none_of(strong,
                              [](const auto& s) { return s.second.enabled != 0 && !s.second.taken; }) &&
         std::ranges::none_of(weak,
                              [&](const auto& w) { return w.second.enabled == set && !w.second.taken; });
}

template <class Accept, class Uses>
bool PlainEndlessRuns::some_fair_set(Set within, Uses uses, Accept accept) const {
  for (Set set = 1; set < (Set{1} << states_.size()); ++set) {
    if ((set & ~within) != 0) continue;
    std::vector<const Edge*> edges;
    for (const Edge& edge : edges_)
      if ((set >> edge.from & 1) != 0 && (set >> edge.to & 1) != 0 && uses(edge)) edges.push_back(&edge);
    if (edges.empty() || !accept(set, edges) || !is_fair(set, edges)) continue;
    // Strongly connected: from the lowest state everything is reached, forwards and backwards.
    const Set lowest = set & (~set + 1);
    Set forwards = lowest, backwards = lowest;
    for (bool grows = true; grows;) {
      const Set before_f = forwards, before_b = backwards;
      for (const Edge* e : edges) {
        if ((forwards >> e->from & 1) != 0) forwards |= Set{1} << e->to;
        if ((backwards >> e->to & 1) != 0) backwards |= Set{1} << e->from;
      }
      grows = forwards != before_f || backwards != before_b;
    }
    if (forwards == set && backwards == set) return true;
  }
  return false;
}

bool PlainEndlessRuns::some_fair_stop(Set within) const {
  for (std::size_t s = 0; s < states_.size(); ++s) {
    if ((within >> s & 1) == 0) continue;
    if (std::ranges::none_of(edges_, [&](const Edge& e) {
          return e.from == s && fairness(e.thread, e.step) != Fairness::none;
        }))
      return true;
  }
  return false;
}

PlainEndlessRuns::Set PlainEndlessRuns::where(const Expr& condition) const {
  Set set = 0;
  for (std::size_t s = 0; s < states_.size(); ++s)
    if (interpreter_.evaluate(states_[s], condition) != 0) set |= Set{1} << s;
  return set;
}

PlainEndlessRuns::Set PlainEndlessRuns::closure(Set from, Set within) const {
  Set reached = from & within;
  for (bool grows = true; grows;) {
    const Set before = reached;
    for (const Edge& e : edges_)
      if ((reached >> e.from & 1) != 0 && (within >> e.to & 1) != 0) reached |= Set{1} << e.to;
    grows = reached != before;
  }
  return reached;
}

bool PlainEndlessRuns::livelock() const {
  const auto opens = [&](Set set, std::size_t thread) {
    std::set<Id<Operation>> all;
    bool first = true;
    for (std::size_t s = 0; s < states_.size(); ++s) {
      if ((set >> s & 1) == 0) continue;
      std::set<Id<Operation>> here;
      for (const auto& [t, operation] : open_[s].operations)
        if (t == thread && (first || all.contains(operation))) here.insert(operation);
      all = here;
      first = false;
    }
    return !all.empty();
  };
  return some_fair_set(
      ~Set{0}, [](const Edge& e) { return e.ended.empty(); },
      [&](Set set, const std::vector<const Edge*>& edges) {
        return std::ranges::any_of(edges, [&](const Edge* e) { return opens(set, e->thread); });
      });
}

bool PlainEndlessRuns::starvation() const {
  std::set<std::pair<std::size_t, Id<Operation>>> all;
  for (const auto& open : open_) all.insert(open.operations.begin(), open.operations.end());
  for (const auto& open : all) {
    Set within = 0;
    for (std::size_t s = 0; s < states_.size(); ++s)
      if (open_[s].operations.contains(open)) within |= Set{1} << s;
    const auto anything = [](Set, const std::vector<const Edge*>&) { return true; };
    const auto ends_another = [](Set, const std::vector<const Edge*>& edges) {
      return std::ranges::any_of(edges, [](const Edge* e) { return !e->ended.empty(); });
    };
    if (some_fair_stop(within)) return true;
    if (some_fair_set(
            within, [&](const Edge& e) { return e.thread != open.first; }, anything))
      return true;
    if (some_fair_set(
            within, [&](const Edge& e) { return std::ranges::count(e.ended, open) == 0; }, ends_another))
      return true;
  }
  return false;
}

bool PlainEndlessRuns::some_fair_run_stays(std::size_t thread, Id<Loop> loop) const {
  const std::pair which{thread, loop};
  Set within = 0;
  for (std::size_t s = 0; s < states_.size(); ++s)
    if (open_[s].loops.contains(which)) within |= Set{1} << s;
  return some_fair_stop(within) ||
         some_fair_set(
             within, [&](const Edge& e) { return std::ranges::count(e.entered_or_left, which) == 0; },
             [](Set, const std::vector<const Edge*>&) { return true; });
}

Plainly PlainEndlessRuns::judge(const Claim& claim) const {
  if (too_large_) return Plainly::too_large;
  bool violated = false;
  const Set all = states_.size() == 32 ? ~Set{0} : (Set{1} << states_.size()) - 1;
  if (std::holds_alternative<NoLivelock>(claim)) violated = livelock();
  if (std::holds_alternative<NoStarvation>(claim)) violated = starvation();
  if (const auto* leads = std::get_if<LeadsTo>(&claim)) {
    const Set within = closure(where(leads->from), all & ~where(leads->to));
    violated = some_fair_stop(within) || some_fair_set(
                                             within, [](const Edge&) { return true; },
                                             [](Set, const std::vector<const Edge*>&) { return true; });
  }
  if (const auto* recoverable = std::get_if<Recoverable>(&claim)) {
    const Set good = where(recoverable->condition);
    for (std::size_t s = 0; s < states_.size(); ++s)
      violated = violated || (closure(Set{1} << s, all) & good) == 0;
  }
  return violated ? Plainly::violated : Plainly::holds;
}

} // namespace tdxcheck::tests
