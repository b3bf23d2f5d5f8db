// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fstream>

#include <nlohmann/json.hpp>

#include "model/model_json.h"
#include "run/run_prove.h"
#include "run/target.h"
#include "tests/scratch_folder.h"

namespace tdxcheck::tests {

// A model as a target, of which claims are to be proved for every number of `members`.
struct AskedForAnySize {
  ScratchFolder folder;
  run::Target target;
  double seconds; // for a claim

  AskedForAnySize(const model::Model& model, double most_seconds) : seconds(most_seconds) {
    std::ofstream(folder / "model.json") << model::to_json(model);
    target = run::resolve({(folder / "model.json").string(), {}, {}});
  }
  [[nodiscard]] result::ProveResult proved(const std::string& property) const {
    run::ProveRequest request;
    request.properties = {property};
    request.any = {"members"};
    request.seconds = seconds;
    return run::run_prove(target, request);
  }
};

} // namespace tdxcheck::tests
