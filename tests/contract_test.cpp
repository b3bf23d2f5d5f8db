// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/contract.h"

#include <doctest/doctest.h>

#include <string>

namespace contract_test {

using namespace tdxcheck::support;

template <typename Error, typename Action>
std::string text_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a contract that holds says nothing") {
  CHECK_NOTHROW(expects(true, "never said"));
  CHECK_NOTHROW(ensures_internal(true, "never said"));
}

TEST_CASE("a broken contract says in English what was promised, and where, relative to the source tree") {
  const auto text = text_of<ContractViolation>([] { expects(false, "a lock has at least one instance"); });
  CHECK(text.starts_with("tests/contract_test.cpp:"));
  CHECK(text.find("contract violated: a lock has at least one instance") != std::string::npos);
}

TEST_CASE("a broken invariant is our own bug, also in a release build") {
  const auto text = text_of<InternalError>([] { ensures_internal(false, "the trace replays"); });
  CHECK(text.find("internal error: the trace replays") != std::string::npos);
}

} // namespace contract_test
