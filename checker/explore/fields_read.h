// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which fields of the state a program may read, and which the program of a move may write, whatever way it
// takes through its jumps. An index that is computed stands for the cells of all members that it may name.

#include <vector>

#include "explore/bytecode.h"

namespace tdxcheck::explore {

// By field; `fields` of them.
[[nodiscard]] std::vector<bool> fields_read(const Code& code, std::size_t start, std::size_t fields);

// By field; `fields` are those of the layout. A field without bits is never written.
[[nodiscard]] std::vector<bool> fields_written(const Code& code, std::size_t start,
                                               const std::vector<Field>& fields);

} // namespace tdxcheck::explore
