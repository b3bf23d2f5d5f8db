// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A model as JSON, schema "tdxcheck/model/1" (schemas/model.schema.json), for people and for other tools:
// whatever a model refers to is referred to by name. What has its usual value is left out: empty texts and
// lists, false, the line of what has none.
//
// An expression is a truth value, a number, a list ["operator", operands...], or an object whose first field
// says what it is:
//   ["and", {"parameter": "strict"}, ["==", {"variable": "assoc", "at": [{"bound": "v#3"}]}, {"index": 0,
//   "of": "cpu"}]]
// Operators that form chains take any number of operands: ["and", a, b, c] is (a && b) && c. A bound name is
// written with its number, `v#3`. Sorts are not written, for they follow from the rest.

#include "model/model.h"

#include <nlohmann/json_fwd.hpp>

namespace tdxcheck::model {

// The model must be one that validate finds nothing wrong with: names are told apart by nothing but
// themselves.
[[nodiscard]] nlohmann::ordered_json to_json(const Model& model);

// The same model again. Refuses what it does not know with a support::InputError that starts with the path of
// the offending field: "/threads/2/steps/5/guard: expected ...". Whether the model makes sense is for
// validate to say.
[[nodiscard]] Model model_from_json(const nlohmann::json& json);

} // namespace tdxcheck::model
