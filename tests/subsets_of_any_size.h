// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Models in which variables hold subsets of a set whose size is the parameter `members` (any_size.h).

#include <cstdint>
#include <optional>

#include "model/model.h"

namespace tdxcheck::tests {

// A thread visits every member, as for_each() does, and says so of each; then it forgets whom it has visited.
// The claim: `all_visited`, behind the loop. With a bug, the loop ends after so many members, too.
[[nodiscard]] model::Model visit_all(std::optional<model::Value> ends_after = {});

// The same with a number, from 0 to the size of the set, of how many are visited. The claim: `counted`.
[[nodiscard]] model::Model count_visited();

// Members ask, in a subset `asked`; a thread takes over all that do at once (`taken`) and serves them one by
// one. Claims: `asked_wait`: whoever asks, or was taken over, waits; `once`: nobody is in both subsets;
// `nobody_is_forgotten`: whoever waits is in one of them, or was served. With the bug, those that are not
// served yet are forgotten when others are taken over.
[[nodiscard]] model::Model serve_in_batches(bool forgets = false);

// Members are put into one of two boxes, each once, and a number says how many are in one. The claim:
// `counted`.
[[nodiscard]] model::Model put_into_boxes();

// A model that nobody thought of, in which variables hold subsets of the set whose size is left free; some
// step copies one to another. Nothing if the seed gives no subset of a set that has other uses.
[[nodiscard]] std::optional<model::Model> model_with_subsets(std::uint64_t seed);

} // namespace tdxcheck::tests
