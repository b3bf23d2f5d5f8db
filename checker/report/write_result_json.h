// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/result_json.h"

namespace tdxcheck::report {

// "tdxcheck/result/1"
using result::to_json;

} // namespace tdxcheck::report
