// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which fields of the state a program may read, whatever way it takes through its jumps. An index that is
// computed reads the cells of all members that it may name.

#include <vector>

#include "explore/bytecode.h"

namespace tdxcheck::explore {

// By field; `fields` of them.
[[nodiscard]] std::vector<bool> fields_read(const Code& code, std::size_t start, std::size_t fields);

} // namespace tdxcheck::explore
