// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the page of verdicts could say that a claim is proved for every value while the page of proofs
// knows of no such proof, or speak of a claim, or of a parameter, that is not there any more.

#include <doctest/doctest.h>

#include <algorithm>

#include "run/free_integers.h"
#include "run/target.h"
#include "tests/proofs_page.h"
#include "tests/verdicts_page.h"

namespace tdxcheck::tests::proofs_page_test {

TEST_CASE("every default variant has its proofs, of claims that it makes and for integers that it has free") {
  const auto page = read_proofs_page();
  std::size_t defaults = 0;
  for (const auto& model : run::built_in_models()) {
    if (model.default_variant.empty()) continue;
    ++defaults;
    const std::string target = model.name + "@" + model.default_variant;
    CAPTURE(target);
    const auto section = page.find(target);
    REQUIRE(section != page.end());
    for (const std::string& name : run::free_integers(run::resolve({target})))
      CHECK(section->second.extent.find(name + " >= ") != std::string::npos);
    for (const auto& [claim, row] : section->second.rows)
      CHECK(std::ranges::count(model.properties, claim, &model::Property::name) == 1);
  }
  CHECK(page.size() == defaults);
}

TEST_CASE("the page of verdicts calls proved what the page of proofs does, and nothing else") {
  const auto page = read_proofs_page();
  for (const auto& [protocol, section] : read_verdicts_page()) {
    for (const auto& [variant, row] : section.row) {
      const auto proofs = page.find(protocol + "@" + variant);
      CAPTURE(row.line);
      if (proofs == page.end()) {
        CHECK(row.line.find("(proved for") == std::string::npos);
        continue;
      }
      for (const auto& [claim, known] : proofs->second.rows) {
        const std::string proved = "`" + claim + "` (proved for ";
        CHECK((row.line.find(proved) != std::string::npos) == known.is_proved());
      }
    }
  }
}

} // namespace tdxcheck::tests::proofs_page_test
