// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a module means, by enumeration: the states that Init allows, those that Next leads to, whether an
// invariant is true of a state, which pairs of states an action relates.

#include "tests/tla_syntax.h"
#include "tests/tla_value.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace tdxcheck::tests {

using TlaState = std::vector<TlaValue>; // in the order of the module's variables

struct TlaGraph {
  std::vector<TlaState> states; // those of Init first
  std::size_t initial = 0;
  std::vector<std::vector<std::size_t>> next; // by state, one for each way that Next leads on
  std::uint64_t transitions = 0;
};

class TlaMeaning {
public:
  explicit TlaMeaning(const TlaModule& module) : module_(module) {}

  using Names = std::map<std::string, TlaValue>;

  // TlaError beyond `most` states.
  [[nodiscard]] TlaGraph explore(std::size_t most) const;
  [[nodiscard]] bool is_true(const Tla& predicate, const TlaState& state, const Names& names = {}) const;
  // The definition of that name.
  [[nodiscard]] const Tla& definition(const std::string& name) const;
  // Every state that the action leads to, once for each way.
  void each_successor(const Tla& action, const TlaState& state, const Names& names,
                      const std::function<void(const TlaState&)>& found) const;
  [[nodiscard]] TlaValue value(const Tla& expression, const TlaState& state, const Names& names) const;
  [[nodiscard]] const TlaModule& module() const { return module_; }

private:
  const TlaModule& module_;
};

} // namespace tdxcheck::tests
