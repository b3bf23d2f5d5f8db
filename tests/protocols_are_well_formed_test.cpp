// SPDX-License-Identifier: GPL-2.0-or-later
//
// No run looks again whether a protocol that is built in is well-formed; an ill-formed one could mean
// anything.
#include "dsl/catalogue.h"
#include "model/validate.h"

#include <doctest/doctest.h>

namespace protocols_are_well_formed_test {

using namespace tdxcheck;

TEST_CASE("every protocol of the catalogue is well-formed") {
  dsl::Catalogue catalogue;
  tdxcheck_protocols(catalogue);
  CHECK(catalogue.entries().size() >= 16);
  for (const dsl::Entry& entry : catalogue.entries()) {
    CAPTURE(entry.name);
    CHECK(model::describe(model::validate(entry.build())) == "");
  }
}

} // namespace protocols_are_well_formed_test
