// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "model/model.h"

namespace tdxcheck::graph {

// The labels of every thread and the steps between them, as DOT.
[[nodiscard]] std::string control_flow_as_dot(const model::Model& model);

} // namespace tdxcheck::graph
