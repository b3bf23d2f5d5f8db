// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Expressions in Promela: C's, with sets as bit masks and `none` as 255. Private to emit/.

#include "emit/choose.h"
#include "emit/identifiers.h"

#include <set>
#include <string>
#include <vector>

namespace tdxcheck::emit {

inline constexpr int promela_none = 255;

[[nodiscard]] const std::vector<std::string>& promela_reserved_words(); // and those that the exporter uses

class PromelaExpressions {
public:
  PromelaExpressions(const model::Instance& instance, Identifiers& names);

  // `self`: what stands for the thread's own member; empty where no thread speaks.
  [[nodiscard]] std::string text(const model::Expr& expression, const Members& members,
                                 const std::string& self) const;
  [[nodiscard]] std::string cell(const model::VariableRef& reference, const Members& members,
                                 const std::string& self) const;
  [[nodiscard]] std::string value(const model::Sort& sort, model::Value value) const;
  [[nodiscard]] std::string label(const model::Thread& thread, model::Id<model::Label> label) const;
  [[nodiscard]] const std::string& thread(model::Id<model::Thread> thread) const;
  // What says that the thread is in the region, by member: a function of its label, kept beside it because
  // Promela cannot ask for labels within a step.
  [[nodiscard]] const std::string& region(model::Id<model::Region> region) const;
  // Those that were asked for.
  [[nodiscard]] const std::set<model::Id<model::Region>>& used_regions() const { return used_regions_; }
  // The first process of the thread.
  [[nodiscard]] std::size_t first_pid(model::Id<model::Thread> thread) const;
  [[nodiscard]] std::string constant(const model::Enumeration& enumeration, std::size_t position) const;

private:
  const model::Instance* instance_;
  Identifiers* names_;
  mutable std::set<model::Id<model::Region>> used_regions_;
};

} // namespace tdxcheck::emit
