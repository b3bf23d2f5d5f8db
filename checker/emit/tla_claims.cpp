// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/tla_claims.h"

#include "model/label_context.h"
#include "support/contract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

namespace tdxcheck::emit {
namespace {

using model::Id;
using Chosen = std::function<bool(Id<model::Thread>, const model::Step&)>;

class Claims {
public:
  Claims(const model::Instance& instance, Identifiers& names, const TlaExpressions& expressions,
         const TlaSteps& steps)
      : instance_(instance), names_(names), expressions_(expressions), steps_(steps) {
    std::vector<model::Problem> problems;
    contexts_ = model::label_contexts(instance.model(), problems);
  }

  TlaClaims write();

private:
  const model::Model& model() const { return instance_.model(); }
  void define(const std::string& name, const std::string& body, const std::string& comment = {});
  void invariant(const model::Property& property, const std::string& body);
  void temporal(const model::Property& property, const std::string& body);
  [[nodiscard]] std::string name_of(const model::Property& property);
  [[nodiscard]] static std::string as_list(const std::vector<std::string>& parts);

  [[nodiscard]] std::vector<std::size_t> chosen(Id<model::Thread> thread, const Chosen& which) const;
  [[nodiscard]] std::string somebody(const Chosen& which) const; // does one of these steps
  [[nodiscard]] bool is_open_at(Id<model::Thread> thread, Id<model::Label> label,
                                std::optional<Id<model::Operation>> operation) const;

  void fairness();
  void fairness_of(Id<model::Thread> thread, model::Fairness kind, const std::vector<std::size_t>& group,
                   std::vector<std::string>& parts) const;
  void all_at_end();
  void well_formed();
  void asserted(const model::Property& property);
  void no_livelock(const model::Property& property);
  void no_starvation(const model::Property& property);
  void unsaid(const model::Property& property) {
    claims_.unsaid.push_back(fmt::format("{} ({})", property.name, model::template_name(property.claim)));
  }

  const model::Instance& instance_;
  Identifiers& names_;
  const TlaExpressions& expressions_;
  const TlaSteps& steps_;
  std::vector<std::vector<model::LabelContext>> contexts_;
  TlaClaims claims_;
};

bool ends(const model::Step& step, std::optional<Id<model::Operation>> operation) {
  return std::ranges::any_of(step.facts, [&](const model::Fact& fact) {
    const auto* event = std::get_if<model::OperationEvent>(&fact);
    return event != nullptr && event->action == model::OperationAction::end &&
           (!operation || event->operation == *operation);
  });
}

std::string Claims::as_list(const std::vector<std::string>& parts) {
  return parts.empty() ? "  TRUE" : fmt::format("  /\\ {}", fmt::join(parts, "\n  /\\ "));
}

std::string Claims::name_of(const model::Property& property) {
  return names_.of(Identifiers::Kind::claim, property.name);
}

void Claims::define(const std::string& name, const std::string& body, const std::string& comment) {
  if (!comment.empty()) claims_.definitions += fmt::format("\\* {}\n", tla_comment(comment));
  claims_.definitions += fmt::format("{} ==\n{}\n\n", name, body);
}

void Claims::invariant(const model::Property& property, const std::string& body) {
  define(name_of(property), body, property.doc);
  claims_.invariants.push_back(name_of(property));
}

void Claims::temporal(const model::Property& property, const std::string& body) {
  define(name_of(property), body, property.doc);
  claims_.properties.push_back(name_of(property));
}

std::vector<std::size_t> Claims::chosen(Id<model::Thread> id, const Chosen& which) const {
  std::vector<std::size_t> found;
  const auto& steps = model().threads[id].steps;
  for (std::size_t s = 0; s < steps.size(); ++s)
    if (steps[s].error.empty() && which(id, steps[s])) found.push_back(s);
  return found;
}

std::string Claims::somebody(const Chosen& which) const {
  std::vector<std::string> all;
  for (const auto id : model().threads.ids())
    if (const auto steps = chosen(id, which); !steps.empty())
      all.push_back(steps_.for_member("\\E", id) + steps_.any_of(id, steps));
  return all.empty() ? "  FALSE" : fmt::format("  \\/ {}", fmt::join(all, "\n  \\/ "));
}

bool Claims::is_open_at(Id<model::Thread> thread, Id<model::Label> label,
                        std::optional<Id<model::Operation>> operation) const {
  const auto& open = contexts_[thread.value][label.value].operations;
  return operation ? std::ranges::count(open, *operation) > 0 : !open.empty();
}

// Where one of the group may leave everything as it is, it counts as taken wherever it could do that.
void Claims::fairness_of(Id<model::Thread> thread, model::Fairness kind,
                         const std::vector<std::size_t>& group, std::vector<std::string>& parts) const {
  if (group.empty()) return;
  const bool weak = kind == model::Fairness::weak;
  const std::string action = steps_.any_of(thread, group), all = steps_.for_member("\\A", thread);
  const auto& steps = model().threads[thread].steps;
  if (std::ranges::none_of(group, [&](std::size_t s) { return may_stutter(steps[s]); })) {
    const bool bracketed = action.front() == '(';
    parts.push_back(
        fmt::format("{}{}_vars{}", all, weak ? "WF" : "SF", bracketed ? action : "(" + action + ")"));
    return;
  }
  parts.push_back(
      fmt::format("{}([]{}~(ENABLED {} /\\ ~ENABLED ({} /\\ UNCHANGED vars)) \\/ []<><<{}>>_vars)", all,
                  weak ? "<>" : "", action, action, action));
  if (!weak) parts.back().insert(parts.back().find("([]") + 1, "<>");
}

void Claims::fairness() {
  std::vector<std::string> parts;
  for (const auto id : model().threads.ids()) {
    const model::Thread& thread = model().threads[id];
    for (const auto label : thread.labels.ids())
      fairness_of(id, model::Fairness::weak,
                  chosen(id,
                         [&](auto, const model::Step& step) {
                           return step.from == label && step.fairness == model::Fairness::weak;
                         }),
                  parts);
    std::map<std::uint32_t, std::vector<std::size_t>> written; // the paths of one written step
    for (const std::size_t s :
         chosen(id, [](auto, const model::Step& step) { return step.fairness == model::Fairness::strong; }))
      written[thread.steps[s].written].push_back(s);
    for (const auto& [position, paths] : written) fairness_of(id, model::Fairness::strong, paths, parts);
  }
  claims_.fairness = fmt::format("Fairness ==\n{}\n\n", as_list(parts));
}

void Claims::all_at_end() {
  std::vector<std::string> parts;
  for (const auto id : model().threads.ids()) {
    std::vector<std::string> labels;
    for (const model::Label& label : model().threads[id].labels)
      if (label.end) labels.push_back(tla_string(label.name));
    parts.push_back(fmt::format("{}{} \\in {{{}}}", steps_.for_member("\\A", id),
                                expressions_.pc(id, steps_.self(id)), fmt::join(labels, ", ")));
  }
  define("AllAtEnd", as_list(parts));
}

void Claims::well_formed() {
  std::vector<std::string> parts;
  for (const auto id : model().threads.ids())
    for (const model::Step& step : model().threads[id].steps) {
      if (step.error.empty()) continue;
      const auto enabled = steps_.enabled(id, step);
      parts.push_back(fmt::format("{}~({})", enabled.quantified, enabled.condition));
    }
  if (parts.empty()) return;
  define("WellFormed", as_list(parts), "what may not happen to a model");
  claims_.invariants.emplace_back("WellFormed");
}

void Claims::asserted(const model::Property& property) {
  std::string body;
  for (const auto id : model().threads.ids()) {
    const model::Thread& thread = model().threads[id];
    for (const model::Fact& fact : thread.start_facts)
      if (const auto* assertion = std::get_if<model::Assertion>(&fact);
          assertion != nullptr && assertion->property == property.name && model::is_false(assertion->holds))
        body += fmt::format("  \\* at the start: {}\n  /\\ FALSE\n", tla_comment(assertion->text));
    for (const model::Step& step : thread.steps)
      for (const model::Fact& fact : step.facts) {
        const auto* assertion = std::get_if<model::Assertion>(&fact);
        if (assertion == nullptr || assertion->property != property.name) continue;
        const auto enabled = steps_.enabled(id, step);
        body += fmt::format("  \\* {} ({}:{})\n  /\\ {}({}) => {}\n", tla_comment(assertion->text),
                            step.source.file, step.source.line, enabled.quantified, enabled.condition,
                            expressions_.operand(assertion->holds, enabled.scope));
      }
  }
  if (body.empty()) body = "  TRUE\n";
  body.pop_back();
  invariant(property, body);
}

// Some operation ends again and again, or nobody who has one open moves for ever. A move that changes nothing
// can only be told from its being possible.
void Claims::no_livelock(const model::Property& property) {
  const auto is_end = [](auto, const model::Step& step) { return ends(step, {}); };
  const auto is_busy = [&](Id<model::Thread> id, const model::Step& step) {
    return is_open_at(id, step.from, {});
  };
  const std::string& some_end = names_.of(Identifiers::Kind::derived, "SomeOperationEnds");
  const std::string& some_busy = names_.of(Identifiers::Kind::derived, "SomethingMovesInAnOperation");
  bool end_stutters = false, busy_stutters = false;
  for (const auto id : model().threads.ids()) {
    for (const model::Step& step : model().threads[id].steps) {
      end_stutters |= may_stutter(step) && is_end(id, step);
      busy_stutters |= may_stutter(step) && is_busy(id, step);
    }
  }
  if (end_stutters) return unsaid(property);
  define(some_end, somebody(is_end));
  define(some_busy, somebody(is_busy));
  std::string settles = fmt::format("<>[][~{}]_vars", some_busy);
  if (busy_stutters)
    settles = fmt::format("({} /\\ <>[]~ENABLED ({} /\\ UNCHANGED vars))", settles, some_busy);
  temporal(property, fmt::format("  []<><<{}>>_vars \\/ {}", some_end, settles));
}

// For each thread and operation: it is not open again and again; or the thread moves again and again, and
// either ends it again and again, or others do not end theirs for ever.
void Claims::no_starvation(const model::Property& property) {
  for (const auto id : model().threads.ids())
    for (const model::Step& step : model().threads[id].steps)
      if (may_stutter(step) && (is_open_at(id, step.from, {}) || ends(step, {}))) return unsaid(property);
  const std::string& some_end = names_.of(Identifiers::Kind::derived, "SomeOperationEnds");
  if (claims_.definitions.find(some_end + " ==") == std::string::npos)
    define(some_end, somebody([](auto, const model::Step& step) { return ends(step, {}); }));
  std::vector<std::string> parts;
  for (const auto operation : model().operations.ids()) {
    const Id<model::Thread> id = model().operations[operation].thread;
    const model::Thread& thread = model().threads[id];
    std::vector<std::string> labels;
    for (const auto label : thread.labels.ids())
      if (is_open_at(id, label, operation)) labels.push_back(tla_string(thread.labels[label].name));
    if (labels.empty()) continue;
    const std::string name =
        names_.of(Identifiers::Kind::derived, model().operations[operation].name + ":open");
    const std::string open = name + steps_.arguments(id);
    define(open,
           fmt::format("  {} \\in {{{}}}", expressions_.pc(id, steps_.self(id)), fmt::join(labels, ", ")));
    const auto its_end = chosen(id, [&](auto, const model::Step& step) { return ends(step, operation); });
    const std::string it_ends = its_end.empty() ? "FALSE" : steps_.any_of(id, its_end);
    const std::string all = steps_.for_member("\\A", id);
    parts.push_back(fmt::format("{}([]<>~{} \\/ []<><<{}>>_vars)", all, open, steps_.call(id)));
    parts.push_back(
        fmt::format("{}([]<>~{} \\/ []<><<{}>>_vars \\/ <>[][~{}]_vars)", all, open, it_ends, some_end));
  }
  temporal(property, as_list(parts));
}

TlaClaims Claims::write() {
  fairness();
  all_at_end();
  well_formed();
  const auto text = [&](const model::Expr& e) { return expressions_.text(e); };
  const auto operand = [&](const model::Expr& e) { return expressions_.operand(e); };
  for (const model::Property& property : model().properties) {
    const model::Claim& claim = property.claim;
    if (const auto* always = std::get_if<model::Always>(&claim)) {
      invariant(property, "  " + text(always->condition));
    } else if (std::holds_alternative<model::Asserted>(claim)) {
      asserted(property);
    } else if (const auto* balanced = std::get_if<model::Balanced>(&claim)) {
      const model::Counter& counter = model().counters[balanced->counter];
      std::vector<std::string> parts{fmt::format("{} = {}", operand(counter.value), operand(counter.holders)),
                                     fmt::format("AllAtEnd => {} = 0", operand(counter.value))};
      if (!counter.freed.empty())
        parts.push_back(fmt::format("{} => {} = 0", operand(counter.freed), operand(counter.holders)));
      invariant(property, as_list(parts));
    } else if (std::holds_alternative<model::NoDeadlock>(claim)) {
      invariant(property, "  AllAtEnd \\/ ENABLED Next");
      claims_.unsaid.push_back(property.name + " (that some thread is stuck while others go on)");
    } else if (const auto* sometimes = std::get_if<model::Sometimes>(&claim)) {
      const std::string& name = names_.of(Identifiers::Kind::derived, "not:" + property.name);
      define(name, "  ~" + operand(sometimes->condition),
             "violated if and only if " + property.name + " holds");
      claims_.reached.push_back(name);
    } else if (const auto* leads = std::get_if<model::LeadsTo>(&claim)) {
      temporal(property, fmt::format("  {} ~> {}", operand(leads->from), operand(leads->to)));
    } else if (std::holds_alternative<model::NoLivelock>(claim)) {
      no_livelock(property);
    } else if (std::holds_alternative<model::NoStarvation>(claim)) {
      no_starvation(property);
    } else {
      unsaid(property);
    }
  }
  return std::move(claims_);
}

} // namespace

TlaClaims tla_claims(const model::Instance& instance, Identifiers& names, const TlaExpressions& expressions,
                     const TlaSteps& steps) {
  return Claims(instance, names, expressions, steps).write();
}

} // namespace tdxcheck::emit
