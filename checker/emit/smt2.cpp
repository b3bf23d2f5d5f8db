// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2.h"

#include "emit/smt2_claims.h"
#include "emit/smt2_terms.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::emit {
namespace {

using namespace smt2;

std::string echo(const std::string& text) {
  std::string quoted;
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return fmt::format("(echo \"{}\")\n", quoted);
}

std::string head(const model::Model& model, const std::string& origin) {
  std::string text = comment(origin);
  if (!model.summary.empty()) text += comment(model.summary);
  text += comment(
      "(init s): s is an initial state. (trans s t): one step leads from s to t. A claim is a condition "
      "on a state. Every symbol of a step has the thread's name, its label and the next one.");
  return text + "(set-logic ALL)\n";
}

std::string claims_text(const Claims& claims) {
  std::string text = "\n; ---- Claims\n";
  for (const SaidClaim& claim : claims.said) text += "\n" + claim.definition;
  if (!claims.unsaid.empty()) {
    text += "\n; Claims that no condition on one state can say:\n";
    for (const UnsaidClaim& claim : claims.unsaid) text += comment("  " + claim.name + ": " + claim.why);
  }
  return text;
}

// What is asked at one depth, each by itself.
std::string questions(const Claims& claims, unsigned depth) {
  const std::string state = fmt::format("s{}", depth);
  std::string text;
  const auto ask = [&](const std::string& about, const std::string& condition) {
    text += echo(fmt::format("depth {}: {}", depth, about));
    text += fmt::format("(push 1)\n(assert {})\n(check-sat)\n(pop 1)\n", condition);
  };
  ask("is there a run of that length?", yes);
  ask("may a step be taken that has no meaning?", call("model_error", {state}));
  for (const SaidClaim& claim : claims.said) {
    const std::string holds = call(claim.symbol, {state});
    ask(fmt::format("is {} {}?", claim.name, claim.is_sought ? "shown" : "violated"),
        claim.is_sought ? holds : negated(holds));
  }
  return text;
}

std::string search(const Claims& claims, unsigned depth) {
  std::string text = "\n; ---- Bounded search: s0 is initial, each next state one step further\n";
  for (unsigned d = 0; d <= depth; ++d) {
    text += fmt::format("\n(declare-const s{} State)\n", d);
    if (d == 0) text += "(assert (init s0))\n(assert (in_range s0))\n";
    else text += fmt::format("(assert (trans s{} s{}))\n", d - 1, d);
    text += questions(claims, d);
  }
  return text;
}

} // namespace

std::string smt_lib(const model::Model& model, const model::Valuation& valuation,
                    const std::vector<result::AnyParameter>& any, const std::string& origin, unsigned depth) {
  System system(model, valuation, any);
  const Claims claims = claims_of(system);
  return head(model, origin) + system.text(claims_text(claims) + search(claims, depth));
}

} // namespace tdxcheck::emit
