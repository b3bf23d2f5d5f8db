// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Judges one property while the search runs. A watch is shown what the search finds, in breadth-first order,
// until it has seen what it looks for: for `sometimes` a witness, for every other claim a violation. So the
// first sighting lies on a shortest path.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "explore/interpreted_system.h"
#include "explore/reached_graph.h"
#include "model/label_context.h"

namespace tdxcheck::explore {

using Contexts = std::vector<std::vector<model::LabelContext>>; // by thread, by label

struct Sighting {
  std::string why;
  std::optional<std::size_t> thread = {}; // position in Instance::threads: whose doing it is
};

class Watch {
public:
  virtual ~Watch() = default;
  // What it need not be shown is not shown: there are many moves.
  [[nodiscard]] virtual bool looks_at_states() const { return true; }
  [[nodiscard]] virtual bool looks_at_moves() const { return false; }
  // Also where no assertion failed.
  [[nodiscard]] virtual bool looks_at_move(Move) const { return true; }
  // Whether it says something of the thread being at that label.
  [[nodiscard]] virtual bool looks_at_label(std::size_t, model::Id<model::Label>) const { return false; }
  [[nodiscard]] virtual bool looks_at_ends() const { return false; }
  // Before the first step.
  [[nodiscard]] virtual std::optional<Sighting> at_start() { return {}; }
  // The state is loaded into the system.
  [[nodiscard]] virtual std::optional<Sighting> at_state(StateView) { return {}; }
  [[nodiscard]] virtual std::optional<Sighting> at_move(StateView, Move, std::uint8_t) { return {}; }
  // All threads are at end labels there. The state is loaded into the system.
  [[nodiscard]] virtual std::optional<Sighting> at_end(StateView) { return {}; }
  // Nothing is enabled there.
  [[nodiscard]] virtual std::optional<Sighting> at_stop(StateView) { return {}; }
};

// None where exploration does not judge the claim.
[[nodiscard]] std::unique_ptr<Watch> watch_for(InterpretedSystem& system, const Contexts& contexts,
                                               const model::Property& property);

[[nodiscard]] std::unique_ptr<Watch> watch_assertions(InterpretedSystem& system, const std::string& property);
[[nodiscard]] std::unique_ptr<Watch> watch_locks(InterpretedSystem& system, const Contexts& contexts);

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

} // namespace tdxcheck::explore
