// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a change to a protocol or to the prover could cost a proof while the page that people quote
// still has it. A sample of the page is proved again; that the page is whole is seen elsewhere.

#include <doctest/doctest.h>

#include <algorithm>

#include "run/free_integers.h"
#include "run/run_prove.h"
#include "run/target.h"
#include "tests/proofs_page.h"

namespace tdxcheck::tests {
namespace {

constexpr double seconds = 120; // for one that takes a few

void is_proved_again(const std::string& name, const std::string& claim) {
  CAPTURE(name);
  CAPTURE(claim);
  CHECK(read_proofs_page().at(name).rows.at(claim).is_proved());
  const run::Target target = run::resolve({name});
  run::ProveRequest request;
  request.target = {name};
  request.properties = {claim};
  request.any = run::free_integers(target);
  request.seconds = seconds;
  const result::ProveResult result = run::run_prove(target, request);
  REQUIRE(result.properties.size() == 1);
  CHECK(result.properties.front().verdict == result::Verdict::holds);
}

} // namespace

TEST_CASE("what the page of proofs has is proved again") {
  is_proved_again("sharex_lock@module", "mutual_exclusion");
  is_proved_again("sharex_lock@module", "no_lost_reader");
  is_proved_again("sept_zap@landed", "lock_discipline");
}

} // namespace tdxcheck::tests
