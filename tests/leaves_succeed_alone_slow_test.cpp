// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a leaf could be in nobody's way because it never gets anywhere: in every state of tdx_module
// it would fail its own checks.
#include "run/run_check.h"
#include "run/target.h"

#include <doctest/doctest.h>

namespace leaves_succeed_alone_slow_test {

using namespace tdxcheck;

run::Target alone(const std::string& leaf, run::Request& request) {
  request.target = "tdx_module";
  request.set = {"holder=" + leaf, "newcomer=SYS.LP.SHUTDOWN", "module=1.5.20_dpamt"};
  return run::resolve(request);
}

TEST_CASE("every leaf succeeds in some state of the TD, if nobody else calls") {
  run::Request request;
  const run::Target any = alone("any", request);
  for (const model::Parameter& parameter : any.model.parameters) {
    if (parameter.name != "holder") continue;
    for (const std::string& leaf : any.model.enumerations[{model::sort_of(parameter).of}].constants) {
      CAPTURE(leaf);
      for (const auto& property : run::run_check(alone(leaf, request), request, {}).properties) {
        CAPTURE(property.name);
        CHECK(property.verdict == result::Verdict::holds);
      }
    }
  }
}

} // namespace leaves_succeed_alone_slow_test
