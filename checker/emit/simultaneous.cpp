// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/simultaneous.h"

#include "support/error.h"

#include <algorithm>
#include <set>

namespace tdxcheck::emit {
namespace {

using Variables = std::set<model::Id<model::Variable>>;

struct Reads {
  Variables& found;

  void of(const model::Expr& e) const { std::visit(*this, e.node().kind); }
  void operator()(const model::VariableRef& e) const {
    found.insert(e.variable);
    for (const auto& index : e.at) of(index);
  }
  void operator()(const model::Unary& e) const { of(e.operand); }
  void operator()(const model::Binary& e) const {
    of(e.left);
    of(e.right);
  }
  void operator()(const model::Conditional& e) const {
    of(e.condition);
    of(e.then);
    of(e.otherwise);
  }
  void operator()(const model::Wrap& e) const { of(e.operand); }
  void operator()(const model::Quantified& e) const { of(e.body); }
  void operator()(const model::InRegion& e) const {
    for (const auto& member : e.member) of(member);
  }
  void operator()(const model::Literal&) const {}
  void operator()(const model::ParameterRef&) const {}
  void operator()(const model::Kept&) const {}
  void operator()(const model::Self&) const {}
  void operator()(const model::BoundRef&) const {}
};

struct Pending {
  std::size_t position;
  model::Id<model::Variable> writes;
  Variables in_value, in_target;
  bool is_read_first = false;

  [[nodiscard]] bool still_reads(model::Id<model::Variable> variable) const {
    return in_target.contains(variable) || (!is_read_first && in_value.contains(variable));
  }
};

std::vector<Pending> pending(const std::vector<model::Update>& updates) {
  std::vector<Pending> all;
  for (std::size_t i = 0; i < updates.size(); ++i) {
    Pending one{i, updates[i].target.variable, {}, {}};
    Reads{one.in_value}.of(updates[i].value);
    for (const auto& index : updates[i].target.at) Reads{one.in_target}.of(index);
    all.push_back(std::move(one));
  }
  return all;
}

// Nothing that remains reads what it writes, and no earlier one writes the same.
bool may_go_first(const std::vector<Pending>& remaining, std::size_t which) {
  for (std::size_t i = 0; i < remaining.size(); ++i) {
    if (i == which) continue;
    if (remaining[i].still_reads(remaining[which].writes)) return false;
    if (i < which && remaining[i].writes == remaining[which].writes) return false;
  }
  return true;
}

} // namespace

std::vector<OrderedUpdate> one_by_one(const std::vector<model::Update>& updates) {
  std::vector<Pending> remaining = pending(updates);
  std::vector<OrderedUpdate> order;
  while (!remaining.empty()) {
    std::size_t next = 0;
    while (next < remaining.size() && !may_go_first(remaining, next)) ++next;
    if (next == remaining.size()) { // a cycle: what reads it has to be kept
      next = 0;
      for (std::size_t i = 1; i < remaining.size(); ++i) {
        if (remaining[i].in_target.contains(remaining[next].writes))
          throw support::InputError("an index reads what another update of the same step writes, and the "
                                    "other way round: no order of assignments says that");
        if (remaining[i].in_value.contains(remaining[next].writes)) remaining[i].is_read_first = true;
      }
    }
    order.push_back({remaining[next].position, remaining[next].is_read_first});
    remaining.erase(remaining.begin() + static_cast<std::ptrdiff_t>(next));
  }
  return order;
}

} // namespace tdxcheck::emit
