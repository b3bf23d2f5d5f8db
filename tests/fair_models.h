// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Models for claims about endless runs, and their meaning by brute force.

#include "model/model.h"
#include "semantics/interpreter.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tdxcheck::tests {

// Two threads with two or three labels, a boolean or two, an operation and a loop each (`of_one`,
// `loop_of_one`) that open and close together, steps that cost SEAMCALLs, steps of every fairness, some with
// a choice and a silent branch behind it, so that one written step is several. It claims no_livelock,
// no_starvation, leads_to and recoverable. The texts of steps are unique. The same for the same seed.
[[nodiscard]] model::Model fair_model(std::uint64_t seed);

enum class Plainly { holds, violated, too_large };

// By definition: a set of edges that is strongly connected, fair as a whole and inside what the claim
// forbids; all sets of states are tried, with all edges between them that may be used (more edges are never
// less fair). Nothing in it is shared with the engine: which operation is open is learnt by following runs.
class PlainEndlessRuns {
public:
  // At most `most` states, else every answer is too_large.
  PlainEndlessRuns(const semantics::Interpreter& interpreter, std::size_t most);

  [[nodiscard]] bool too_large() const { return too_large_; }
  [[nodiscard]] std::size_t states() const { return states_.size(); }
  [[nodiscard]] Plainly judge(const model::Claim& claim) const;
  // A fair run stays in the loop for ever, or stops there.
  [[nodiscard]] bool some_fair_run_stays(std::size_t thread, model::Id<model::Loop> loop) const;

private:
  struct Edge {
    std::size_t from, to, thread, step;
    std::vector<std::pair<std::size_t, model::Id<model::Operation>>> ended;
    std::vector<std::pair<std::size_t, model::Id<model::Loop>>> entered_or_left;
  };
  using Set = std::uint32_t; // of states
  struct Open {
    std::set<std::pair<std::size_t, model::Id<model::Operation>>> operations;
    std::set<std::pair<std::size_t, model::Id<model::Loop>>> loops;
    friend bool operator==(const Open&, const Open&) = default;
  };
  template <class Accept, class Uses>
  [[nodiscard]] bool some_fair_set(Set within, Uses uses, Accept accept) const;
  [[nodiscard]] bool is_fair(Set set, const std::vector<const Edge*>& edges) const;
  [[nodiscard]] bool some_fair_stop(Set within) const;
  [[nodiscard]] Set where(const model::Expr& condition) const;
  [[nodiscard]] Set closure(Set from, Set within) const;
  [[nodiscard]] bool livelock() const;
  [[nodiscard]] bool starvation() const;
  [[nodiscard]] model::Fairness fairness(std::size_t thread, std::size_t step) const;

  const semantics::Interpreter& interpreter_;
  bool too_large_ = false;
  std::vector<semantics::State> states_;
  std::vector<Open> open_; // by state
  std::vector<Edge> edges_;
};

} // namespace tdxcheck::tests
