// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Changing a valuation by name. What is not known is an InputError that names what is near.

#include "model/model.h"

#include <string>
#include <vector>

namespace tdxcheck::run {

void assign(const model::Model& model, model::Valuation& valuation, const std::string& parameter,
            const std::string& value);
void assign(const model::Model& model, model::Valuation& valuation, const std::string& name_equals_value);
void drop_guard(const model::Model& model, model::Valuation& valuation, const std::string& guard);
// An empty name: the parameters' defaults.
[[nodiscard]] model::Valuation valuation_of_variant(const model::Model& model, const std::string& variant);

struct ParameterValues {
  std::string name, doc;
  std::vector<std::string> values; // of a large range the ends
};
[[nodiscard]] std::vector<ParameterValues> values_of_parameters(const model::Model& model);

// InputError unless the model has a property of that name.
void require_property(const model::Model& model, const std::string& property);

// Refuses what validate() finds, each problem with its file and line.
void refuse_ill_formed(const model::Model& model);

} // namespace tdxcheck::run
