// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The parts of to_json.

#include "model/model.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace tdxcheck::model::json_writing {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json write_expression(const Model& model, const Expr& expression);
[[nodiscard]] Json write_expressions(const Model& model, const std::vector<Expr>& expressions);
[[nodiscard]] std::string write_bound(const BoundName& name); // "v#3"
[[nodiscard]] Json write_thread(const Model& model, const Thread& thread);
[[nodiscard]] Json write_property(const Model& model, const Property& property);

// Fields that are left out where they say nothing.
void put_text(Json& object, const char* key, const std::string& text);
void put_flag(Json& object, const char* key, bool flag);
void put_list(Json& object, const char* key, Json list);
void put_expression(Json& object, const char* key, const Model& model, const Expr& expression);
void put_source(Json& object, const Source& source); // "source": "protocols/x.cpp:12"

} // namespace tdxcheck::model::json_writing
