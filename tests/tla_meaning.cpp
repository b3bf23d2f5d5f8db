// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/tla_meaning.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::tests {
namespace {

using Kind = TlaValue::Kind;
using Names = TlaMeaning::Names;

using Partial = std::vector<std::optional<TlaValue>>;

struct Evaluate {
  const TlaModule& module;
  const TlaState* state = nullptr; // the unprimed variables; where missing, `assigned` are they (Init)
  Partial* assigned = nullptr;     // the primed variables as far as they are known

  [[nodiscard]] std::optional<std::size_t> variable(const std::string& name) const {
    const auto found = std::ranges::find(module.variables, name);
    if (found == module.variables.end()) return {};
    return static_cast<std::size_t>(found - module.variables.begin());
  }

  [[nodiscard]] TlaValue of(const Tla& e, const Names& names) const {
    const std::string& op = e->op;
    const auto part = [&](std::size_t i) { return of(e->parts.at(i), names); };
    const auto integer = [&](std::size_t i) { return of_kind(part(i), Kind::number, "a number").number; };
    const auto boolean = [&](std::size_t i) { return is_true(e->parts.at(i), names); };
    const auto set = [&](std::size_t i) { return of_kind(part(i), Kind::set, "a set").items; };
    if (op == "number") return number(std::stoll(e->text));
    if (op == "string") return {Kind::string, 0, e->text, {}};
    if (op == "name") return of_name(e->text, names);
    if (op == "prime") return of_variable(assigned, e->parts[0]->text);
    if (op == "call") return of_call(e, names);
    if (op == "apply") return of_apply(e, names);
    if (op == "negate") return number(-integer(0));
    if (op == "~") return truth(!boolean(0));
    if (op == "/\\")
      return truth(std::ranges::all_of(e->parts, [&](const Tla& p) { return is_true(p, names); }));
    if (op == "\\/")
      return truth(std::ranges::any_of(e->parts, [&](const Tla& p) { return is_true(p, names); }));
    if (op == "=>") return truth(!boolean(0) || boolean(1));
    if (op == "=") return truth(equal(part(0), part(1)));
    if (op == "#") return truth(!equal(part(0), part(1)));
    if (op == "<") return truth(integer(0) < integer(1));
    if (op == "<=") return truth(integer(0) <= integer(1));
    if (op == "\\in") return truth(is_in(part(0), e->parts[1], names));
    if (op == "\\subseteq") return truth(std::ranges::includes(set(1), set(0)));
    if (op == "+") return number(integer(0) + integer(1));
    if (op == "-") return number(integer(0) - integer(1));
    if (op == "*") return number(integer(0) * integer(1));
    if (op == "^") return number(std::int64_t{1} << power_of_two(integer(0), integer(1)));
    if (op == "%") return number(remainder(integer(0), integer(1)));
    if (op == "\\div") return number((integer(0) - remainder(integer(0), integer(1))) / integer(1));
    if (op == "..") {
      std::vector<TlaValue> items;
      for (auto i = integer(0); i <= integer(1); ++i) items.push_back(number(i));
      return {Kind::set, 0, {}, items};
    }
    if (op == "set" || op == "tuple") {
      std::vector<TlaValue> items;
      for (const Tla& p : e->parts) items.push_back(of(p, names));
      return op == "set" ? set_of(items) : TlaValue{Kind::tuple, 0, {}, items};
    }
    if (op == "\\cup" || op == "\\cap" || op == "\\") {
      std::vector<TlaValue> items;
      const auto left = set(0), right = set(1);
      if (op == "\\cup") std::ranges::set_union(left, right, std::back_inserter(items));
      else if (op == "\\cap") std::ranges::set_intersection(left, right, std::back_inserter(items));
      else std::ranges::set_difference(left, right, std::back_inserter(items));
      return {Kind::set, 0, {}, items};
    }
    if (op == "SUBSET") return subsets(set(0));
    if (op == "\\X") return product(e, names);
    if (op == "functions") return functions(set(0), set(1));
    if (op == "IF") return part(boolean(0) ? 1 : 2);
    if (op == "\\A" || op == "\\E" || op == "filter" || op == "map") return of_binder(e, names);
    if (op == "except") return of_except(e, names);
    if (op == "ENABLED") return truth(is_enabled(e->parts[0], names));
    throw TlaError(fmt::format("`{}` has no value", op));
  }

  [[nodiscard]] bool is_true(const Tla& e, const Names& names) const {
    return of_kind(of(e, names), Kind::boolean, "a truth value").number != 0;
  }

  [[nodiscard]] TlaValue of_variable(const Partial* where, const std::string& name) const {
    const auto position = variable(name);
    if (!position || where == nullptr || !(*where)[*position])
      throw TlaError(fmt::format("`{}` has no value yet", name));
    return *(*where)[*position];
  }

  [[nodiscard]] TlaValue of_name(const std::string& name, const Names& names) const {
    if (const auto bound = names.find(name); bound != names.end()) return bound->second;
    if (const auto position = variable(name))
      return state != nullptr ? (*state)[*position] : of_variable(assigned, name);
    if (name == "TRUE" || name == "FALSE") return truth(name == "TRUE");
    if (name == "BOOLEAN") return set_of({truth(false), truth(true)});
    const auto defined = module.definitions.find(name);
    if (defined == module.definitions.end()) throw TlaError(fmt::format("`{}` is not defined", name));
    return of(defined->second.body, {});
  }

  [[nodiscard]] Names arguments(const Tla& call, const Names& names) const {
    const auto defined = module.definitions.find(call->text);
    if (defined == module.definitions.end() || defined->second.parameters.size() != call->parts.size())
      throw TlaError(fmt::format("`{}` is not defined so", call->text));
    Names inner;
    for (std::size_t i = 0; i < call->parts.size(); ++i)
      inner[defined->second.parameters[i]] = of(call->parts[i], names);
    return inner;
  }

  [[nodiscard]] TlaValue of_call(const Tla& e, const Names& names) const {
    if (e->text == "Cardinality")
      return number(
          static_cast<std::int64_t>(of_kind(of(e->parts.at(0), names), Kind::set, "a set").items.size()));
    return of(module.definitions.at(e->text).body, arguments(e, names));
  }

  // One index is itself; several are a tuple.
  [[nodiscard]] TlaValue index(const std::vector<Tla>& parts, std::size_t from, const Names& names) const {
    if (parts.size() == from + 1) return of(parts[from], names);
    TlaValue tuple{Kind::tuple, 0, {}, {}};
    for (std::size_t i = from; i < parts.size(); ++i) tuple.items.push_back(of(parts[i], names));
    return tuple;
  }

  static std::size_t position(const TlaValue& function, const TlaValue& argument) {
    (void)of_kind(function, Kind::function, "a function");
    for (std::size_t i = 0; i < function.items.size(); i += 2)
      if (equal(function.items[i], argument)) return i + 1;
    throw TlaError("a function is applied outside its domain");
  }

  [[nodiscard]] TlaValue of_apply(const Tla& e, const Names& names) const {
    const TlaValue function = of(e->parts[0], names);
    return function.items[position(function, index(e->parts, 1, names))];
  }

  [[nodiscard]] TlaValue of_except(const Tla& e, const Names& names) const {
    TlaValue function = of(e->parts[0], names);
    for (std::size_t i = 1; i < e->parts.size(); i += 2)
      function.items[position(function, index(e->parts[i]->parts, 0, names))] = of(e->parts[i + 1], names);
    return function;
  }

  // Without making sets that are only asked for a member.
  [[nodiscard]] bool is_in(const TlaValue& value, const Tla& set, const Names& names) const {
    if (set->op == "functions") {
      if (value.kind != Kind::function) return false;
      std::vector<TlaValue> domain;
      for (std::size_t i = 0; i < value.items.size(); i += 2) {
        domain.push_back(value.items[i]);
        if (!is_in(value.items[i + 1], set->parts[1], names)) return false;
      }
      return set_of(domain) == of(set->parts[0], names);
    }
    const TlaValue all = of_kind(of(set, names), Kind::set, "a set");
    return std::ranges::any_of(all.items, [&](const TlaValue& one) { return equal(one, value); });
  }

  [[nodiscard]] TlaValue product(const Tla& e, const Names& names) const {
    std::vector<TlaValue> tuples{{Kind::tuple, 0, {}, {}}};
    for (const Tla& factor : e->parts) {
      std::vector<TlaValue> longer;
      for (const TlaValue& tuple : tuples)
        for (const auto items = of_kind(of(factor, names), Kind::set, "a set").items;
             const TlaValue& item : items) {
          longer.push_back(tuple);
          longer.back().items.push_back(item);
        }
      tuples = std::move(longer);
    }
    return set_of(tuples);
  }

  // Calls `body` for every way to choose, until it answers false.
  bool each_choice(const Tla& e, std::size_t next, Names& names, const std::function<bool()>& body) const {
    if (next == e->binders.size()) return body();
    const auto& [bound, set] = e->binders[next];
    for (const auto items = of_kind(of(set, names), Kind::set, "a set").items; const TlaValue& item : items) {
      names[bound] = item;
      if (!each_choice(e, next + 1, names, body)) return false;
    }
    return true;
  }

  [[nodiscard]] TlaValue of_binder(const Tla& e, const Names& names) const {
    Names inner = names;
    if (e->op == "\\A" || e->op == "\\E") {
      const bool wanted = e->op == "\\E"; // the answer that ends the search
      const bool all = each_choice(e, 0, inner, [&] { return is_true(e->parts[0], inner) != wanted; });
      return truth(all ? !wanted : wanted);
    }
    std::vector<TlaValue> items;
    each_choice(e, 0, inner, [&] {
      TlaValue argument = inner.at(e->binders[0].first);
      if (e->binders.size() > 1) {
        argument = {Kind::tuple, 0, {}, {}};
        for (const auto& binder : e->binders) argument.items.push_back(inner.at(binder.first));
      }
      if (e->op == "map") {
        items.push_back(argument);
        items.push_back(of(e->parts[0], inner));
      } else if (is_true(e->parts[0], inner)) items.push_back(argument);
      return true;
    });
    return e->op == "map" ? TlaValue{Kind::function, 0, {}, items} : set_of(items);
  }

  // ---- actions: every way to make it true by giving the variables that have no value yet one

  using Found = std::function<void()>;

  void act(const Tla& e, const Names& names, const Found& found) const {
    const std::string& op = e->op;
    if (op == "/\\") return act_all(e->parts, 0, names, found);
    // A condition is one way, however many of its parts are true.
    if ((op == "\\/" || op == "\\E") && state != nullptr && !says_something_of_the_next(e)) {
      if (is_true(e, names)) found();
    } else if (op == "\\/") {
      for (const Tla& part : e->parts) act(part, names, found);
    } else if (op == "\\E") {
      Names inner = names;
      each_choice(e, 0, inner, [&] {
        act(e->parts[0], inner, found);
        return true;
      });
    } else if (op == "call" && e->text != "Cardinality") {
      act(module.definitions.at(e->text).body, arguments(e, names), found);
    } else if (op == "name" && module.definitions.contains(e->text)) {
      act(module.definitions.at(e->text).body, {}, found);
    } else if (op == "UNCHANGED") {
      std::vector<std::size_t> which;
      flatten(e->parts[0], which);
      unchanged(which, 0, found);
    } else if (const auto target = assigned_by(e); target && (op == "=" || op == "\\in")) {
      if (op == "=") return assign(*target, of(e->parts[1], names), found);
      for (const auto items = of_kind(of(e->parts[1], names), Kind::set, "a set").items;
           const TlaValue& item : items)
        assign(*target, item, found);
    } else if (is_true(e, names)) found();
  }

  [[nodiscard]] bool says_something_of_the_next(const Tla& e) const {
    if (e->op == "prime" || e->op == "UNCHANGED") return true;
    if (e->op == "name" || e->op == "call") {
      const auto defined = module.definitions.find(e->text);
      if (defined != module.definitions.end() && !defined->second.body->parts.empty() &&
          !is_recursive(e->text) && says_something_of_the_next(defined->second.body))
        return true;
    }
    return std::ranges::any_of(e->parts, [&](const Tla& part) { return says_something_of_the_next(part); });
  }
  static bool is_recursive(const std::string& name) { return name.starts_with("Bit"); }

  void act_all(const std::vector<Tla>& parts, std::size_t next, const Names& names,
               const Found& found) const {
    if (next == parts.size()) return found();
    act(parts[next], names, [&, next] { act_all(parts, next + 1, names, found); });
  }

  // x' in a step, x in Init.
  [[nodiscard]] std::optional<std::size_t> assigned_by(const Tla& e) const {
    if (e->parts.size() != 2) return {};
    const Tla& left = e->parts[0];
    if (state != nullptr) return left->op == "prime" ? variable(left->parts[0]->text) : std::nullopt;
    return left->op == "name" ? variable(left->text) : std::nullopt;
  }

  void assign(std::size_t position, const TlaValue& value, const Found& found) const {
    auto& known = (*assigned)[position];
    if (known) {
      if (equal(*known, value)) found();
      return;
    }
    known = value;
    found();
    known.reset();
  }

  // The variables that a tuple of names means, tuples of tuples included.
  void flatten(const Tla& e, std::vector<std::size_t>& found) const {
    if (e->op == "tuple") {
      for (const Tla& part : e->parts) flatten(part, found);
    } else if (e->op != "name") throw TlaError("UNCHANGED wants variables");
    else if (const auto position = variable(e->text)) found.push_back(*position);
    else flatten(definition_of(e->text), found);
  }
  [[nodiscard]] const Tla& definition_of(const std::string& name) const {
    const auto defined = module.definitions.find(name);
    if (defined == module.definitions.end()) throw TlaError(fmt::format("`{}` is not defined", name));
    return defined->second.body;
  }

  void unchanged(const std::vector<std::size_t>& which, std::size_t next, const Found& found) const {
    if (next == which.size()) return found();
    assign(which[next], (*state)[which[next]], [&, next] { unchanged(which, next + 1, found); });
  }

  [[nodiscard]] bool is_enabled(const Tla& action, const Names& names) const {
    Partial partial(module.variables.size());
    bool enabled = false;
    Evaluate{module, state, &partial}.act(action, names, [&] { enabled = true; });
    return enabled;
  }
};

TlaState complete(const TlaModule& module, const Partial& assigned) {
  TlaState state;
  for (std::size_t i = 0; i < assigned.size(); ++i) {
    if (!assigned[i]) throw TlaError(fmt::format("a step says nothing of `{}`", module.variables[i]));
    state.push_back(*assigned[i]);
  }
  return state;
}

} // namespace

const Tla& TlaMeaning::definition(const std::string& name) const {
  const auto found = module_.definitions.find(name);
  if (found == module_.definitions.end()) throw TlaError(fmt::format("`{}` is not defined", name));
  return found->second.body;
}

bool TlaMeaning::is_true(const Tla& predicate, const TlaState& state, const Names& names) const {
  return Evaluate{module_, &state}.is_true(predicate, names);
}

TlaValue TlaMeaning::value(const Tla& expression, const TlaState& state, const Names& names) const {
  return Evaluate{module_, &state}.of(expression, names);
}

void TlaMeaning::each_successor(const Tla& action, const TlaState& state, const Names& names,
                                const std::function<void(const TlaState&)>& found) const {
  Partial partial(module_.variables.size());
  Evaluate{module_, &state, &partial}.act(action, names, [&] { found(complete(module_, partial)); });
}

TlaGraph TlaMeaning::explore(std::size_t most) const {
  TlaGraph graph;
  std::map<TlaState, std::size_t> number;
  const auto number_of = [&](const TlaState& state) {
    const auto [at, is_new] = number.try_emplace(state, graph.states.size());
    if (is_new) graph.states.push_back(state);
    if (graph.states.size() > most) throw TlaError("too many states");
    return at->second;
  };
  Partial partial(module_.variables.size());
  Evaluate{module_, nullptr, &partial}.act(definition("Init"), {},
                                           [&] { (void)number_of(complete(module_, partial)); });
  graph.initial = graph.states.size();
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    graph.next.emplace_back();
    const TlaState state = graph.states[s];
    each_successor(definition("Next"), state, {},
                   [&](const TlaState& next) { graph.next[s].push_back(number_of(next)); });
    graph.transitions += graph.next[s].size();
  }
  return graph;
}

} // namespace tdxcheck::tests
