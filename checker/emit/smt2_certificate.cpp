// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_certificate.h"

#include "emit/smt2_claims.h"
#include "emit/smt2_named.h"
#include "emit/smt2_terms.h"
#include "model/print.h"
#include "support/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tdxcheck::emit {
namespace {

using namespace smt2;

class Writer {
public:
  Writer(const result::Proof& proof, const std::string& target)
      : proof_(proof),
        target_(target),
        system_(proof.model, proof.valuation, proof.any, proof.open),
        claim_(said_claim()) {}

  Certificate write() {
    refuse_what_proves_nothing();
    std::string rest = "\n; ---- The claim\n" + claim_.definition;
    rest += "\n; ---- The invariant\n" + invariant();
    rest += "\n; ---- What has to be shown: every answer is unsat\n" + obligations();
    certificate_.body = "(set-logic ALL)\n" + system_.text(rest);
    certificate_.head = head();
    return std::move(certificate_);
  }

private:
  // Only the claim that is proved: what the others say, and whether it can be said, is nothing to it.
  [[nodiscard]] SaidClaim said_claim() {
    Claims claims = claims_of(system_, proof_.property);
    if (!claims.unsaid.empty())
      throw support::InputError(fmt::format("no certificate can be written for {}: {}",
                                            claims.unsaid.front().name, claims.unsaid.front().why));
    const bool is_proved_so =
        !claims.said.empty() && !claims.said.front().is_sought && claims.said.front().left_out.empty();
    if (!is_proved_so)
      throw support::InputError(fmt::format("no certificate can be written for `{}`: no invariant proves a "
                                            "claim of this kind",
                                            proof_.property));
    return std::move(claims.said.front());
  }

  // For open sets, the argument is about one step, and needs names for whoever it is about.
  void refuse_what_proves_nothing() const {
    if (proof_.rests_on && (proof_.k != 1 || proof_.rests_on->conjuncts.size() != proof_.invariant.size()))
      throw support::InputError("what each conjunct rests on is told of all of them, and of one step");
    if (proof_.open.empty()) return;
    if (proof_.k != 1)
      throw support::InputError("a proof for every size of a set is by induction over one step");
    std::vector<model::Expr> conclusions = proof_.invariant;
    for (const model::Property& property : proof_.model.properties)
      if (const auto* always = std::get_if<model::Always>(&property.claim);
          always != nullptr && property.name == proof_.property)
        conclusions.push_back(always->condition);
    refuse_too_few_names(system_.instance(), proof_.open, conclusions);
  }

  [[nodiscard]] std::string head() const {
    std::vector<std::string> free;
    for (const auto& any : proof_.any) {
      const model::Parameter& parameter = proof_.model.parameters[any.parameter];
      const bool is_number = std::holds_alternative<model::IntegerParameter>(parameter.type);
      free.push_back(is_number ? fmt::format("every {} >= {}", parameter.name, any.lowest)
                               : fmt::format("every value of {}", parameter.name));
    }
    const std::string extent =
        free.empty() ? "for this instance" : fmt::format("for {}", fmt::join(free, ", "));
    std::string text =
        comment(fmt::format("Certificate: {} of {} holds {}.", proof_.property, target_, extent));
    std::vector<std::string> set;
    for (const auto id : proof_.model.parameters.ids()) {
      const bool is_free =
          std::ranges::find(proof_.any, id, &result::AnyParameter::parameter) != proof_.any.end();
      if (!is_free)
        set.push_back(fmt::format("{}={}", proof_.model.parameters[id].name,
                                  print_parameter(proof_.model, id, proof_.valuation.parameters[id.value])));
    }
    if (!set.empty()) text += comment(fmt::format("With {}.", fmt::join(set, " ")));
    text += comment(fmt::format(
        "Found by {}. Base, induction over {} and the claim are shown below: `z3 FILE` has to "
        "answer unsat {} times, and `tdxcheck replay --certificate FILE` holds the file "
        "against the model, too.",
        proof_.method.empty() ? "hand" : proof_.method,
        proof_.k == 1 ? "one step" : fmt::format("{} steps", proof_.k), certificate_.question.size()));
    return text;
  }

  [[nodiscard]] std::string invariant() {
    std::string text;
    std::vector<std::string> parts{call("in_range", {"s"})}, concluded = parts;
    for (std::size_t i = 0; i < proof_.invariant.size(); ++i) {
      const Term lemma = system_.expressions().term(proof_.invariant[i], {});
      const std::string symbol = system_.names().of(Names::Kind::function, fmt::format("lemma {}", i + 1));
      text += comment(model::print(proof_.model, proof_.invariant[i]));
      text += fmt::format("(define-fun {} ((s State)) Bool\n  {})\n", symbol,
                          laid_out(both(lemma.defined, lemma.text), 2));
      parts.push_back(call(symbol, {"s"}));
      lemmas_.push_back(symbol);
      concluded.push_back(of_the_named(system_.expressions(), proof_.invariant[i]));
      if (!proof_.rests_on) continue;
      concluded.back() = name_conclusion(text, i, concluded.back());
    }
    if (proof_.rests_on) return text; // together they are never spoken of
    invariant_ = conclusion_ = system_.names().of(Names::Kind::function, "invariant");
    text += fmt::format("(define-fun {} ((s State)) Bool\n  {})\n", invariant_, laid_out(all_of(parts), 2));
    if (proof_.open.empty()) return text;
    conclusion_ = system_.names().of(Names::Kind::function, "invariant for whoever has a name");
    text += comment("What has to be shown of it: somebody who refutes it has a name.");
    return text + fmt::format("(define-fun {} ((s State)) Bool\n  {})\n", conclusion_,
                              laid_out(all_of(concluded), 2));
  }

  [[nodiscard]] std::string name_conclusion(std::string& text, std::size_t i, const std::string& said) {
    conclusions_.push_back(
        system_.names().of(Names::Kind::function, fmt::format("lemma {} for whoever has a name", i + 1)));
    text += fmt::format("(define-fun {} ((s State)) Bool\n  {})\n", conclusions_.back(), laid_out(said, 2));
    return call(conclusions_.back(), {"s"});
  }

  [[nodiscard]] static std::string state(unsigned i) { return fmt::format("s{}", i); }
  [[nodiscard]] std::string holds_in(unsigned i) const { return call(invariant_, {state(i)}); }
  [[nodiscard]] std::string fails_in(unsigned i) const { return negated(call(conclusion_, {state(i)})); }

  // `assumed` together with what would refute the obligation.
  void oblige(std::string& text, const std::string& question, const std::vector<std::string>& assumed) {
    text += fmt::format("(echo \"{}\")\n(push 1)\n", question);
    for (const std::string& one : assumed) text += fmt::format("(assert {})\n", one);
    text += "(check-sat)\n(pop 1)\n";
    certificate_.question.push_back(question);
  }

  [[nodiscard]] std::string obligations() {
    std::string text;
    for (unsigned i = 0; i <= proof_.k; ++i) text += fmt::format("(declare-const {} State)\n", state(i));
    if (proof_.rests_on) {
      oblige_one_by_one(text);
      return text;
    }
    std::vector<std::string> path{call("init", {"s0"})};
    for (unsigned i = 0; i < proof_.k; ++i) {
      if (i > 0) path.push_back(call("trans", {state(i - 1), state(i)}));
      auto refuted = path;
      refuted.push_back(fails_in(i));
      oblige(text,
             i == 0 ? "base: the invariant holds initially"
                    : fmt::format("base: and {} step{} later", i, i == 1 ? "" : "s"),
             refuted);
    }
    std::vector<std::string> induction;
    for (unsigned i = 0; i < proof_.k; ++i) induction.push_back(holds_in(i));
    for (unsigned i = 0; i < proof_.k; ++i) induction.push_back(call("trans", {state(i), state(i + 1)}));
    if (proof_.simple_path)
      for (unsigned i = 0; i < proof_.k; ++i)
        for (unsigned j = i + 1; j <= proof_.k; ++j)
          induction.push_back(negated(call("same", {state(i), state(j)})));
    induction.push_back(fails_in(proof_.k));
    oblige(text, "induction: a step keeps the invariant", induction);
    oblige(text, "claim: the invariant implies it",
           {holds_in(0), any_of({negated(call(claim_.symbol, {"s0"})), call("model_error", {"s0"})})});
    return text;
  }

  // Each conjunct by itself, by those that it rests on.
  void oblige_one_by_one(std::string& text) {
    const std::string step = call("trans", {"s0", "s1"}), in_range = call("in_range", {"s0"});
    oblige(text, "base: it begins in range", {call("init", {"s0"}), negated(in_range)});
    for (std::size_t i = 0; i < lemmas_.size(); ++i)
      oblige(text, fmt::format("base: lemma {} holds initially", i + 1),
             {call("init", {"s0"}), negated(call(conclusions_.at(i), {"s0"}))});
    oblige(text, "induction: a step stays in range", {in_range, step, negated(call("in_range", {"s1"}))});
    const auto assumed = [&](const std::vector<std::size_t>& some) {
      std::vector<std::string> all{in_range};
      for (const std::size_t i : some) all.push_back(call(lemmas_.at(i), {"s0"}));
      return all;
    };
    for (std::size_t i = 0; i < lemmas_.size(); ++i) {
      std::vector<std::string> refuted = assumed(proof_.rests_on->conjuncts.at(i));
      refuted.insert(refuted.end(),
                     {call(lemmas_[i], {"s0"}), step, negated(call(conclusions_.at(i), {"s1"}))});
      oblige(text, fmt::format("induction: a step keeps lemma {}", i + 1), refuted);
    }
    std::vector<std::string> refuted = assumed(proof_.rests_on->claim);
    refuted.push_back(any_of({negated(call(claim_.symbol, {"s0"})), call("model_error", {"s0"})}));
    oblige(text, "claim: the invariant implies it", refuted);
  }

  const result::Proof& proof_;
  std::string target_;
  System system_;
  SaidClaim claim_;
  std::string invariant_, conclusion_;
  std::vector<std::string> lemmas_, conclusions_; // by conjunct; conclusions where they are told one by one
  Certificate certificate_;
};

} // namespace

Certificate certificate(const result::Proof& proof, const std::string& target) {
  return Writer(proof, target).write();
}

} // namespace tdxcheck::emit
