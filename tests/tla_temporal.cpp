// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/tla_temporal.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace tdxcheck::tests {
namespace {

using Names = TlaMeaning::Names;
using Edge = std::pair<std::size_t, std::size_t>;

// Something of a behaviour: being in one of these states, taking one of these edges.
struct Some {
  std::vector<bool> states;
  std::set<Edge> edges;
};

// All of it: again and again something of each; from some point on nothing of `never`; and from a state of
// `from` on nothing of `after`, where there is a `from`.
struct Case {
  std::vector<Some> again;
  Some never;
  std::optional<std::vector<bool>> from;
  std::vector<bool> after;
};

using Cases = std::vector<Case>; // one of them

class Judge {
public:
  Judge(const TlaMeaning& meaning, const TlaGraph& graph) : meaning_(meaning), graph_(graph) {
    for (std::size_t s = 0; s < graph.states.size(); ++s) number_[graph.states[s]] = s;
  }

  bool some_behaviour(const Tla& fairness, const Tla& formula) {
    const Cases cases = both(cases_of(fairness, {}, true), cases_of(formula, {}, false));
    return std::ranges::any_of(cases, [&](const Case& one) { return is_possible(one); });
  }

private:
  [[nodiscard]] Some nothing() const { return {std::vector<bool>(graph_.states.size(), false), {}}; }
  [[nodiscard]] Case anything() const { return {{}, nothing(), {}, {}}; }

  Cases both(const Cases& a, const Cases& b) const {
    Cases all;
    for (const Case& x : a)
      for (const Case& y : b) {
        Case one = x;
        one.again.insert(one.again.end(), y.again.begin(), y.again.end());
        for (std::size_t s = 0; s < graph_.states.size(); ++s)
          one.never.states[s] = one.never.states[s] || y.never.states[s];
        one.never.edges.insert(y.never.edges.begin(), y.never.edges.end());
        if (y.from) {
          if (one.from) throw TlaError("two suffixes");
          one.from = y.from;
          one.after = y.after;
        }
        all.push_back(std::move(one));
      }
    return all;
  }
  // What happens again and again in one or the other is one thing that does.
  Cases either(const Cases& a, const Cases& b) const {
    const auto is_again = [](const Cases& cases) {
      return cases.size() == 1 && cases[0].again.size() == 1 && cases[0].never.edges.empty() &&
             !cases[0].from && std::ranges::none_of(cases[0].never.states, std::identity{});
    };
    if (is_again(a) && is_again(b)) {
      Cases one = a;
      Some& some = one[0].again[0];
      for (std::size_t s = 0; s < graph_.states.size(); ++s)
        some.states[s] = some.states[s] || b[0].again[0].states[s];
      some.edges.insert(b[0].again[0].edges.begin(), b[0].again[0].edges.end());
      return one;
    }
    Cases all = a;
    all.insert(all.end(), b.begin(), b.end());
    return all;
  }

  Some where(const Tla& predicate, const Names& names, bool wanted) const {
    Some some = nothing();
    for (std::size_t s = 0; s < graph_.states.size(); ++s)
      some.states[s] = meaning_.is_true(predicate, graph_.states[s], names) == wanted;
    return some;
  }
  // What the action does and one can see.
  Some taken(const Tla& action, const Names& names) const {
    Some some = nothing();
    for (std::size_t s = 0; s < graph_.states.size(); ++s)
      meaning_.each_successor(action, graph_.states[s], names, [&](const TlaState& next) {
        if (next != graph_.states[s]) some.edges.insert({s, number_.at(next)});
      });
    return some;
  }
  Cases again(Some some) const {
    Case one = anything();
    one.again.push_back(std::move(some));
    return {one};
  }
  Cases never(Some some) const {
    Case one = anything();
    one.never = std::move(some);
    return {one};
  }

  Cases fold(const std::vector<Cases>& parts, bool conjunction) const {
    Cases all = parts.empty() ? Cases{} : parts.front();
    if (parts.empty() && conjunction) all = {anything()};
    for (std::size_t i = 1; i < parts.size(); ++i)
      all = conjunction ? both(all, parts[i]) : either(all, parts[i]);
    return all;
  }

  // When the formula is true (or, unless `wanted`, false).
  Cases cases_of(const Tla& e, const Names& names, bool wanted) const {
    const std::string& op = e->op;
    if (op == "name" && e->text == "TRUE") return wanted ? Cases{anything()} : Cases{};
    if (op == "name" && meaning_.module().definitions.contains(e->text))
      return cases_of(meaning_.definition(e->text), {}, wanted);
    if (op == "~") return cases_of(e->parts[0], names, !wanted);
    if (op == "/\\" || op == "\\/") {
      std::vector<Cases> parts;
      for (const Tla& part : e->parts) parts.push_back(cases_of(part, names, wanted));
      return fold(parts, (op == "/\\") == wanted);
    }
    if (op == "\\A") {
      if (e->binders.size() != 1) throw TlaError("one bound name is wanted");
      std::vector<Cases> parts;
      Names inner = names;
      const TlaValue set = meaning_.value(e->binders[0].second, graph_.states[0], names);
      for (const TlaValue& item : set.items) {
        inner[e->binders[0].first] = item;
        parts.push_back(cases_of(e->parts[0], inner, wanted));
      }
      return fold(parts, wanted);
    }
    if (op == "WF_" || op == "SF_") return fair(e, names, wanted);
    if (op == "~>") {
      if (wanted) throw TlaError("~> is only refuted here");
      Case one = anything();
      one.from = where(e->parts[0], names, true).states;
      one.after = where(e->parts[1], names, true).states;
      one.never.states = one.after;
      return {one};
    }
    if ((op == "[]" || op == "<>") && e->parts[0]->op == (op == "[]" ? "<>" : "[]")) {
      const bool is_again = op == "[]"; // []<>, or <>[]
      const Tla& what = e->parts[0]->parts[0];
      if (what->op == "<<>>_" && is_again)
        return wanted ? again(taken(what->parts[0], names)) : never(taken(what->parts[0], names));
      if (what->op == "[]_" && !is_again) { // of what is not done
        if (what->parts[0]->op != "~") throw TlaError("[~A]_vars is wanted");
        const Some some = taken(what->parts[0]->parts[0], names);
        return wanted ? never(some) : again(some);
      }
      return is_again == wanted ? again(where(what, names, wanted)) : never(where(what, names, !wanted));
    }
    throw TlaError("a temporal formula with `" + op + "`");
  }

  // WF: again and again not enabled, or taken. SF: not enabled from some point on, or taken.
  Cases fair(const Tla& e, const Names& names, bool wanted) const {
    if (!wanted) throw TlaError("fairness is only assumed here");
    Some some = taken(e->parts[0], names);
    std::vector<bool> enabled(graph_.states.size(), false);
    for (const auto& [from, to] : some.edges) enabled[from] = true;
    if (e->op == "SF_") {
      Some never_enabled = nothing();
      never_enabled.states = enabled;
      return either(never(never_enabled), again(some));
    }
    for (std::size_t s = 0; s < enabled.size(); ++s) some.states[s] = !enabled[s];
    return again(some);
  }

  // ---- is there a behaviour?

  bool is_possible(const Case& one) const {
    const std::size_t count = graph_.states.size();
    std::vector<bool> inside(count, true);
    if (one.from) inside = reached(one);
    const auto may = [&](std::size_t s) { return inside[s] && !one.never.states[s]; };
    std::vector<std::vector<std::size_t>> next(count), before(count);
    for (std::size_t s = 0; s < count; ++s)
      for (const std::size_t t : graph_.next[s])
        if (may(s) && may(t) && !one.never.edges.contains({s, t})) {
          next[s].push_back(t);
          before[t].push_back(s);
        }
    // By definition: the part of s is what it reaches and is reached by.
    std::vector<bool> seen(count, false);
    for (std::size_t s = 0; s < count; ++s) {
      if (!may(s) || seen[s]) continue;
      const std::vector<bool> forth = closure(next, s), back = closure(before, s);
      std::vector<bool> part(count, false);
      for (std::size_t t = 0; t < count; ++t) part[t] = forth[t] && back[t];
      for (std::size_t t = 0; t < count; ++t) seen[t] = seen[t] || part[t];
      if (std::ranges::all_of(one.again, [&](const Some& some) { return shows(part, next, some); }))
        return true;
    }
    return false;
  }

  static bool shows(const std::vector<bool>& part, const std::vector<std::vector<std::size_t>>& next,
                    const Some& some) {
    for (std::size_t s = 0; s < part.size(); ++s)
      if (part[s] && some.states[s]) return true;
    return std::ranges::any_of(some.edges, [&](const Edge& edge) {
      return part[edge.first] && part[edge.second] && std::ranges::count(next[edge.first], edge.second) > 0;
    });
  }

  static std::vector<bool> closure(const std::vector<std::vector<std::size_t>>& next, std::size_t from) {
    std::vector<bool> in(next.size(), false);
    std::vector<std::size_t> open{from};
    in[from] = true;
    while (!open.empty()) {
      const std::size_t s = open.back();
      open.pop_back();
      for (const std::size_t t : next[s])
        if (!in[t]) {
          in[t] = true;
          open.push_back(t);
        }
    }
    return in;
  }

  std::vector<bool> reached(const Case& one) const {
    std::vector<bool> in(graph_.states.size(), false);
    std::vector<std::size_t> open;
    const auto enter = [&](std::size_t s) {
      if (in[s] || one.after[s]) return;
      in[s] = true;
      open.push_back(s);
    };
    for (std::size_t s = 0; s < in.size(); ++s)
      if ((*one.from)[s]) enter(s);
    while (!open.empty()) {
      const std::size_t s = open.back();
      open.pop_back();
      for (const std::size_t t : graph_.next[s]) enter(t);
    }
    return in;
  }

  const TlaMeaning& meaning_;
  const TlaGraph& graph_;
  std::map<TlaState, std::size_t> number_;
};

} // namespace

bool every_fair_behaviour_satisfies(const TlaMeaning& meaning, const TlaGraph& graph, const Tla& formula) {
  return !Judge(meaning, graph).some_behaviour(meaning.definition("Fairness"), formula);
}

} // namespace tdxcheck::tests
