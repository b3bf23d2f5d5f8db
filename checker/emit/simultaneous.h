// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Simultaneous updates for languages that assign one after the other: which right-hand sides have to be kept
// before the first assignment.

#include "model/model.h"

#include <cstddef>
#include <vector>

namespace tdxcheck::emit {

struct OrderedUpdate {
  std::size_t position;       // in the step's updates
  bool is_read_first = false; // its value reads what an earlier one of the order writes
};

// In an order in which as few as possible have to be: what reads a variable goes before what writes it, where
// no cycle forbids it. Two updates of one variable keep their order. Throws InputError if a target's index
// reads what another update writes, in every order.
[[nodiscard]] std::vector<OrderedUpdate> one_by_one(const std::vector<model::Update>& updates);

} // namespace tdxcheck::emit
