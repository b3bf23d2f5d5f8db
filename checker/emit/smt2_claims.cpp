// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_claims.h"

#include "emit/smt2_named.h"
#include "emit/smt2_open_sets.h"
#include "emit/smt2_terms.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::emit::smt2 {

using model::Expr;

namespace {

struct Said {
  std::string text;
  bool is_sought = false;
  std::string left_out = {};
};

struct Say {
  System& system;
  const model::Property& property;
  std::string& why; // it cannot be said

  [[nodiscard]] const model::Model& model() const { return system.instance().model(); }
  // False where the condition has no value: that is no reason to believe in it.
  [[nodiscard]] std::string holds(const Expr& e, const Speaker& speaker = {}) const {
    const Term term = system.expressions().term(e, speaker);
    return both(term.defined, term.text);
  }

  std::optional<Said> operator()(const model::Always& claim) const {
    return Said{of_the_named(system.expressions(), claim.condition)};
  }
  std::optional<Said> operator()(const model::Sometimes& claim) const {
    return Said{holds(claim.condition), true};
  }

  std::optional<Said> operator()(const model::Asserted&) const {
    std::vector<std::string> broken;
    const auto look = [&](const model::Fact& fact, const Speaker& speaker, const std::string& when) {
      const auto* assertion = std::get_if<model::Assertion>(&fact);
      if (assertion == nullptr || assertion->property != property.name) return;
      broken.push_back(both(when, negated(holds(assertion->holds, speaker))));
    };
    for (std::size_t t = 0; t < system.instance().threads().size(); ++t) {
      const auto& who = system.instance().threads()[t];
      const model::Thread& thread = model().threads[who.thread];
      Speaker speaker;
      if (thread.over) speaker.self = who.member;
      for (const model::Fact& fact : thread.start_facts) look(fact, speaker, call("init", {"s"}));
    }
    for (const Move& move : system.moves())
      for (const model::Fact& fact : move.step->facts) look(fact, move.speaker, call(move.may, {"s"}));
    return Said{negated(one_of_many(broken))};
  }

  std::optional<Said> operator()(const model::LockDiscipline&) const {
    return Said{negated(breach_of_lock_discipline(system))};
  }

  [[nodiscard]] std::string ended(std::size_t thread) const {
    const auto id = system.instance().threads()[thread].thread;
    std::vector<std::string> ends;
    for (const auto label : model().threads[id].labels.ids())
      if (model().threads[id].labels[label].end && system.expressions().is_reached(id, label))
        ends.push_back(system.is_at(thread, label));
    return implied(system.exists(thread), any_of(ends));
  }
  [[nodiscard]] std::string all_ended() const {
    std::vector<std::string> threads;
    for (std::size_t t = 0; t < system.instance().threads().size(); ++t) threads.push_back(ended(t));
    for (const auto id : model().threads.ids())
      threads.push_back(system.expressions().open_sets().others_ended(id));
    return all_of(threads);
  }

  std::optional<Said> operator()(const model::Balanced& claim) const {
    const model::Counter& counter = model().counters[claim.counter];
    const auto is = [&](const Expr& a, const Expr& b) {
      return holds(model::binary(model::BinaryOp::equal, a, b));
    };
    std::vector<std::string> parts{is(counter.value, counter.holders)};
    parts.push_back(implied(all_ended(), is(counter.value, model::literal(counter.value.sort(), 0))));
    if (!counter.freed.empty()) {
      const Term freed = system.expressions().term(counter.freed, {});
      parts.push_back(freed.defined);
      parts.push_back(implied(freed.text, is(counter.holders, model::literal(counter.holders.sort(), 0))));
    }
    return Said{all_of(parts)};
  }

  // The member whose local it is.
  [[nodiscard]] std::string there(model::Id<model::Thread> thread, std::size_t cell) const {
    const auto& over = model().threads[thread].over;
    return over ? system.expressions().open_sets().exists(*over, system.instance().cells()[cell].at.front())
                : yes;
  }

  std::optional<Said> operator()(const model::Retries& claim) const {
    // A local that result/proof.h names.
    const model::Loop& loop = model().loops[claim.loop];
    const std::string name =
        fmt::format("{}.rounds of {} ({})", model().threads[loop.thread].name, loop.name, property.name);
    const std::string limit = system.expressions().term(claim.limit, {}).text;
    std::vector<std::string> few;
    for (std::size_t c = 0; c < system.instance().cells().size(); ++c)
      if (model().variables[system.instance().cells()[c].variable].name == name)
        few.push_back(
            implied(there(loop.thread, c), ordered("<=", system.expressions().cell(c, "s"), limit)));
    if (!few.empty()) return Said{implied(negated(equals(limit, number(model::unlimited))), all_of(few))};
    why = "the model does not count the rounds of the loop";
    return {};
  }

  std::optional<Said> operator()(const model::NoDeadlock&) const {
    std::vector<std::string> moves{call("model_error", {"s"}), all_ended()};
    for (const Move& move : system.moves()) moves.push_back(call(move.may, {"s"}));
    return Said{one_of_many(moves), false, "that one thread is stuck while others go on"};
  }

  std::optional<Said> of_runs(const char* what) const {
    why = what;
    return {};
  }
  std::optional<Said> operator()(const model::LockOrder&) const {
    return of_runs("it speaks of all runs together");
  }
  std::optional<Said> operator()(const model::NoLivelock&) const {
    return of_runs("it speaks of endless runs");
  }
  std::optional<Said> operator()(const model::NoStarvation&) const {
    return of_runs("it speaks of endless runs");
  }
  std::optional<Said> operator()(const model::LeadsTo&) const { return of_runs("it speaks of endless runs"); }
  std::optional<Said> operator()(const model::Recoverable&) const {
    return of_runs("it speaks of runs that begin anywhere");
  }
};

} // namespace

Claims claims_of(System& system, const std::string& only) {
  Claims claims;
  for (const model::Property& property : system.instance().model().properties) {
    if (!only.empty() && property.name != only) continue;
    std::string why;
    const auto said = std::visit(Say{system, property, why}, property.claim);
    if (!said) {
      claims.unsaid.push_back(
          {fmt::format("{} ({})", property.name, model::template_name(property.claim)), why});
      continue;
    }
    std::string body = said->text;
    if (!property.claimed_when.empty())
      body = implied(system.expressions().term(property.claimed_when, {}).text, body);
    const std::string symbol = system.names().of(Names::Kind::function, "claim " + property.name);
    std::string definition =
        comment(property.doc.empty() ? std::string(model::template_name(property.claim)) : property.doc);
    if (!said->left_out.empty()) definition += comment("This does not say: " + said->left_out);
    definition += fmt::format("(define-fun {} ((s State)) Bool\n  {})\n", symbol, laid_out(body, 2));
    claims.said.push_back({property.name, symbol, definition, said->is_sought, said->left_out});
  }
  return claims;
}

} // namespace tdxcheck::emit::smt2
