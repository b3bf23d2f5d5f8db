// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/describe_deadlock.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/print.h"

namespace tdxcheck::explore {
namespace {

using model::Value;

// What one thread waits for, in words, and which threads could bring it.
struct Wait {
  std::string text;
  std::set<std::size_t> on;
};

class SeeEnabled : public SuccessorSink {
public:
  explicit SeeEnabled(std::size_t threads) : enabled(threads) {}
  void take(StateView, Move move, std::uint8_t) override { enabled[move.thread] = true; }
  std::vector<bool> enabled;
};

class Describer {
public:
  Describer(InterpretedSystem& system, const Contexts& contexts, StateView state)
      : system_(system), contexts_(contexts), state_(state), waits_(system.instance().threads().size()) {
    SeeEnabled see(waits_.size());
    system.successors(state, see);
    for (std::size_t t = 0; t < waits_.size(); ++t) {
      if (!see.enabled[t] && !system.at_end(state, t)) look_at(t);
    }
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> result;
    for (std::size_t t = 0; t < waits_.size(); ++t) {
      for (const Wait& wait : waits_[t]) result.push_back(fmt::format("{} {}", place(t), wait.text));
    }
    const std::vector<std::size_t> cycle = find_cycle();
    if (!cycle.empty()) {
      std::string text;
      for (const std::size_t t : cycle) text += name(t) + " -> ";
      result.push_back(text + name(cycle.front()));
    }
    return result;
  }

private:
  [[nodiscard]] const std::string& name(std::size_t t) const { return system_.instance().threads()[t].name; }
  [[nodiscard]] const model::Thread& thread(std::size_t t) const {
    return system_.instance().model().threads[system_.instance().threads()[t].thread];
  }
  [[nodiscard]] const std::string& label(std::size_t t) const {
    return thread(t).labels[system_.label(state_, t)].name;
  }
  [[nodiscard]] std::string place(std::size_t t) const { return fmt::format("{} at {}", name(t), label(t)); }
  [[nodiscard]] const model::LabelContext& context(std::size_t t) const {
    return contexts_[system_.instance().threads()[t].thread.value][system_.label(state_, t).value];
  }
  [[nodiscard]] Surroundings self(std::size_t t) const {
    Surroundings here;
    here.self = system_.instance().threads()[t].member;
    return here;
  }

  // All that its steps at this label say they wait for, each once.
  void look_at(std::size_t t) {
    const auto& moves = system_.moves()[t];
    for (const std::uint16_t m : moves.at[system_.label(state_, t).value]) {
      const model::Step& step = thread(t).steps[moves.moves[m].step];
      const Surroundings here =
          surroundings_of(system_.instance().threads()[t], step, moves.moves[m].choices);
      for (const model::Fact& fact : step.facts) add(t, wait_for(t, fact, here));
    }
    if (!waits_[t].empty()) return;
    for (const std::uint16_t m : moves.at[system_.label(state_, t).value]) {
      const model::Step& step = thread(t).steps[moves.moves[m].step];
      const std::string what = step.text.empty() ? std::string("a step") : "`" + step.text + "`";
      add(t, Wait{fmt::format("cannot do {}, which needs {}", what, needed(step)), {}});
    }
    if (waits_[t].empty()) waits_[t].push_back({"has no step, and it is not an end label", {}});
  }

  [[nodiscard]] std::string needed(const model::Step& step) const {
    model::Expr guard = step.guard;
    for (const model::NamedConjunct& conjunct : step.named)
      guard = model::conjunction(guard, conjunct.condition);
    return model::print(system_.instance().model(), guard);
  }

  void add(std::size_t t, std::optional<Wait> wait) {
    const auto same = [&](const Wait& other) { return other.text == wait->text; };
    if (wait && std::none_of(waits_[t].begin(), waits_[t].end(), same)) waits_[t].push_back(std::move(*wait));
  }

  std::optional<Wait> wait_for(std::size_t t, const model::Fact& fact, const Surroundings& here) {
    return std::visit(Overloaded{
                          [&](const model::WaitForLock& x) { return wait_for_lock(x, here); },
                          [&](const model::WaitForThreads& x) { return wait_for_threads(x, here); },
                          [&](const model::WaitForCpu& x) { return wait_for_cpu(t, x, here); },
                          [](const model::LockEvent&) { return std::optional<Wait>{}; },
                          [](const model::LoopEvent&) { return std::optional<Wait>{}; },
                          [](const model::OperationEvent&) { return std::optional<Wait>{}; },
                          [](const model::Assertion&) { return std::optional<Wait>{}; },
                          [](const model::Cost&) { return std::optional<Wait>{}; },
                          [](const model::ContextEvent&) { return std::optional<Wait>{}; },
                          [](const model::RanUnder&) { return std::optional<Wait>{}; },
                      },
                      fact);
  }

  [[nodiscard]] std::optional<std::vector<Value>> values(const std::vector<model::Expr>& expressions,
                                                         const Surroundings& here) {
    std::vector<Value> result;
    for (const model::Expr& e : expressions) {
      const auto value = system_.value_if_any(state_, e, here);
      if (!value) return {};
      result.push_back(*value);
    }
    return result;
  }

  std::optional<Wait> wait_for_lock(const model::WaitForLock& x, const Surroundings& here) {
    const auto instance = values(x.instance, here);
    if (!instance) return {};
    Wait wait;
    std::vector<std::string> holders;
    for (std::size_t t = 0; t < waits_.size(); ++t) {
      for (const model::HeldLock& held : context(t).held) {
        const bool compatible = held.mode == model::LockMode::shared && x.mode == model::LockMode::shared;
        if (held.lock != x.lock || compatible || values(held.instance, self(t)) != instance) continue;
        if (wait.on.insert(t).second) holders.push_back(fmt::format("{} (at {})", name(t), label(t)));
      }
    }
    std::string lock = system_.instance().model().locks[x.lock].name;
    for (const Value member : *instance) lock += fmt::format("[{}]", member);
    wait.text = holders.empty() ? fmt::format("waits for {}, which nobody holds", lock)
                                : fmt::format("waits for {}, held by {}", lock, fmt::join(holders, ", "));
    return wait;
  }

  std::optional<Wait> wait_for_threads(const model::WaitForThreads& x, const Surroundings& here) {
    Wait wait;
    std::vector<std::string> awaited;
    for (std::size_t t = 0; t < waits_.size(); ++t) {
      const model::ThreadInstance& other = system_.instance().threads()[t];
      if (other.thread != x.thread) continue;
      Surroundings there = here;
      there.bound[x.bound.number] = other.member;
      if (system_.value_if_any(state_, x.which, there).value_or(0) == 0) continue;
      wait.on.insert(t);
      awaited.push_back(fmt::format("{} (at {})", other.name, label(t)));
    }
    if (awaited.empty()) return {};
    wait.text = fmt::format("waits for {}", fmt::join(awaited, ", "));
    if (!x.text.empty()) wait.text += ": " + x.text;
    return wait;
  }

  std::optional<Wait> wait_for_cpu(std::size_t waiting, const model::WaitForCpu& x,
                                   const Surroundings& here) {
    const auto cpu = system_.value_if_any(state_, x.cpu, here);
    if (!cpu) return {};
    Wait wait;
    std::vector<std::string> keepers;
    for (std::size_t t = 0; t < waits_.size(); ++t) {
      const bool keeps = context(t).irqs_off || context(t).in_irq;
      if (t == waiting || !keeps || thread(t).cpu.empty()) continue;
      if (system_.value_if_any(state_, thread(t).cpu, self(t)) != cpu) continue;
      wait.on.insert(t);
      keepers.push_back(fmt::format("{} (at {})", name(t), label(t)));
    }
    if (keepers.empty()) return {};
    wait.text = fmt::format("waits for pCPU {}, kept by {}", *cpu, fmt::join(keepers, ", "));
    return wait;
  }

  // Some cycle of threads of which each waits for the next.
  [[nodiscard]] std::vector<std::size_t> find_cycle() const {
    std::vector<bool> done(waits_.size());
    for (std::size_t start = 0; start < waits_.size(); ++start) {
      std::vector<std::size_t> path;
      if (walk(start, path, done)) return path;
    }
    return {};
  }

  // True with the cycle in `path`.
  bool walk(std::size_t t, std::vector<std::size_t>& path, std::vector<bool>& done) const {
    const auto earlier = std::find(path.begin(), path.end(), t);
    if (earlier != path.end()) {
      path.erase(path.begin(), earlier);
      return true;
    }
    if (done[t]) return false;
    path.push_back(t);
    for (const Wait& wait : waits_[t]) {
      for (const std::size_t other : wait.on) {
        if (walk(other, path, done)) return true;
      }
    }
    path.pop_back();
    done[t] = true;
    return false;
  }

  InterpretedSystem& system_;
  const Contexts& contexts_;
  StateView state_;
  std::vector<std::vector<Wait>> waits_; // by thread
};

} // namespace

std::vector<std::string> describe_deadlock(InterpretedSystem& system, const Contexts& contexts,
                                           StateView state) {
  return Describer(system, contexts, state).lines();
}

} // namespace tdxcheck::explore
