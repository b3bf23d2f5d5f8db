// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "emit/promela.h"
#include "emit/tla.h"
#include "model/model.h"
#include "run/target.h"

#include <nlohmann/json.hpp>

#include <string>

namespace tdxcheck::run {

// The model as written, "tdxcheck/model/1". Where the target is not what the model says by default, its
// defaults are changed, so that checking the file is checking the target. A dropped guard cannot be said so:
// an InputError.
[[nodiscard]] nlohmann::ordered_json export_as_json(const Target& target);

// In another language, instantiated: promela (emit/promela.h), smt2. InputError for what that language cannot
// say.
[[nodiscard]] std::string export_as_promela(const Target& target,
                                            emit::PromelaState state = emit::PromelaState::as_written);
// emit/dot.h
[[nodiscard]] std::string export_as_dot(const Target& target);
// emit/tla.h
[[nodiscard]] emit::TlaFiles export_as_tla(const Target& target, const std::string& module_name);
// With a search of that depth (emit/smt2.h).
[[nodiscard]] std::string export_as_smt2(const Target& target, unsigned depth);

} // namespace tdxcheck::run
