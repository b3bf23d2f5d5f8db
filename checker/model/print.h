// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Names of things, as a reader of the kernel would write them. C-like operators; bound names by name.

#include <string>

#include "model/model.h"

namespace tdxcheck::model {

[[nodiscard]] std::string print(const Model& model, const Expr& expression);
[[nodiscard]] std::string print_value(const Model& model, const Sort& sort, Value value);
[[nodiscard]] std::string print_reference(const Model& model, const VariableRef& reference);
// A parameter's value: "unlimited", "true", "v19", "16".
[[nodiscard]] std::string print_parameter(const Model& model, Id<Parameter> parameter, Value value);
// The inverse; empty if `text` is not a value of that parameter (range included).
[[nodiscard]] std::optional<Value> parse_parameter(const Model& model, Id<Parameter> parameter,
                                                   const std::string& text);
// "0..16, unlimited", "true, false", "none, everything": what parse_parameter accepts.
[[nodiscard]] std::string print_range(const Model& model, Id<Parameter> parameter);

[[nodiscard]] std::string_view name_of(Domain domain);
[[nodiscard]] std::string_view name_of(Fairness fairness);
[[nodiscard]] std::string_view name_of(LockMode mode);
[[nodiscard]] std::string_view name_of(LockAction action);
[[nodiscard]] std::string_view name_of(LockKind kind);

} // namespace tdxcheck::model
