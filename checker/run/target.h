// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// From the TARGET of a command line (with --set and --without) to a model and a valuation:
//   PROTOCOL, PROTOCOL@VARIANT          built in
//   FILE.json                           a variant file or a model (FILE.json@VARIANT for a variant of it)
//   FILE.cpp, FILE.cpp@VARIANT          compiled on the spot; the first protocol that it registers
// Whatever is not known is an InputError that names what is near.

#include "dsl/catalogue.h"
#include "model/model.h"
#include "result/trace.h"

#include <string>
#include <utility>
#include <vector>

namespace tdxcheck::run {

struct Request {
  std::string target;
  std::vector<std::string> set = {};     // NAME=VALUE, a later one counts
  std::vector<std::string> without = {}; // named guards
  std::vector<std::string> fair = {}; // none, weak or strong, and for which steps (lower/override_fairness.h)
};

struct Target {
  std::string name;                   // as reports and traces call it; asking for it again finds the same
  model::Model model;                 // as written
  model::Valuation base;              // what the target says of itself
  model::Valuation valuation;         // and what --set and --without make of it
  result::Names expect;               // of a variant file: property -> verdict
  std::vector<std::string> fair = {}; // how the fairness of the model's steps was overridden

  [[nodiscard]] result::Names parameters() const;         // name -> value, in `valuation`
  [[nodiscard]] std::vector<std::string> without() const; // the guards that are dropped
};

[[nodiscard]] Target resolve(const Request& request);

// The target's model with parameters and guards folded.
[[nodiscard]] model::Model instantiated(const Target& target);

// The target of a trace, with the parameters and guards that the trace names.
[[nodiscard]] Target target_of(const result::Trace& trace);

// Names and summaries of the built-in protocols; none of them is built for that.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> built_in_names();

// Every protocol that is built in, in the order of the catalogue.
[[nodiscard]] std::vector<model::Model> built_in_models();

} // namespace tdxcheck::run
