// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the exporters share: the members that bound names stand for, and the ways to choose in a step.

#include "model/instance.h"

#include <functional>
#include <map>

namespace tdxcheck::emit {

// By BoundName::number.
using Members = std::map<std::uint32_t, model::Value>;

// Every way to choose, in order; once, with nothing, for a step without choices.
void each_choice(const model::Instance& instance, const model::Step& step,
                 const std::function<void(const Members&)>& body);

// The guard with the named conjuncts that are kept; `model` is instantiated, so those that are not are gone.
[[nodiscard]] model::Expr whole_guard(const model::Step& step);

} // namespace tdxcheck::emit
