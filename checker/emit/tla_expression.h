// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Expressions in TLA+: members are numbers from 0, constants of enumerations are strings, subsets are sets,
// arrays are functions of their indices, an optional member that is not there is `none`. Private to emit/.

#include "emit/identifiers.h"
#include "model/instance.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace tdxcheck::emit {

class TlaExpressions {
public:
  TlaExpressions(const model::Instance& instance, Identifiers& names);

  // What stands for bound names, by number, and for the thread's own member (empty where no thread speaks).
  struct Scope {
    std::map<std::uint32_t, std::string> bound;
    std::string self;
  };
  [[nodiscard]] static Scope inside(const Scope& scope, std::uint32_t bound, std::string name);

  // InputError for a number that TLC does not have.
  [[nodiscard]] std::string text(const model::Expr& expression, const Scope& scope = {}) const;
  // Likewise, in parentheses unless it needs none as an operand.
  [[nodiscard]] std::string operand(const model::Expr& expression, const Scope& scope = {}) const;
  // "x", "x[self]", "x[self, i]"
  [[nodiscard]] std::string cell(const model::VariableRef& reference, const Scope& scope) const;
  [[nodiscard]] std::string at(const model::VariableRef& reference, const Scope& scope) const; // "[self, i]"
  [[nodiscard]] std::string value(const model::Sort& sort, model::Value value) const;
  // "{0, 1}" and "0..1" in one: the name of the set.
  [[nodiscard]] const std::string& set(model::Id<model::IndexSet> set) const;
  [[nodiscard]] const std::string& variable(model::Id<model::Variable> variable) const;
  [[nodiscard]] const std::string& thread(model::Id<model::Thread> thread) const;
  [[nodiscard]] const std::string& enumeration(model::Id<model::Enumeration> enumeration) const;
  // The variable that says where the thread is, and its value for one member.
  [[nodiscard]] const std::string& pc(model::Id<model::Thread> thread) const;
  [[nodiscard]] std::string pc(model::Id<model::Thread> thread, const std::string& self) const;
  // A fresh name for a bound one.
  [[nodiscard]] std::string bound(const Scope& scope, const model::BoundName& name) const;
  [[nodiscard]] const std::string& region(model::Id<model::Region> region) const;

  [[nodiscard]] const std::set<model::Id<model::Region>>& used_regions() const { return used_regions_; }
  [[nodiscard]] const std::set<std::string_view>& used_bit_operators() const { return used_bit_operators_; }

private:
  friend struct WriteTla;
  [[nodiscard]] const std::string& name(Identifiers::Kind kind, const std::string& name) const;

  const model::Instance* instance_;
  Identifiers* names_;
  mutable std::set<model::Id<model::Region>> used_regions_;
  mutable std::set<std::string_view> used_bit_operators_; // "BitAnd"
};

// In double quotes, as TLA+ has it.
[[nodiscard]] std::string tla_string(const std::string& text);
[[nodiscard]] const std::vector<std::string>& tla_reserved_words();

} // namespace tdxcheck::emit
