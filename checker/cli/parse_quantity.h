// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "support/parse_quantity.h"

namespace tdxcheck::cli {

// Sizes and durations of options are written as those of files are.
using support::parse_duration;
using support::parse_size;

} // namespace tdxcheck::cli
