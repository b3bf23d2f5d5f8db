// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/unnamed_members.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/open_sets.h"
#include "prove/rewrite.h"
#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

using model::Expr;
using model::Id;

bool is_bound(const Expr& e, const model::BoundName& name) {
  const auto* bound = std::get_if<model::BoundRef>(&e.node().kind);
  return bound != nullptr && bound->bound.number == name.number;
}

// The condition with what is not about the member cut out: its shape, and what was cut out.
class Shape {
public:
  Shape(const Encoding& encoding, const Evaluation& evaluation, const model::BoundName& member)
      : encoding_(encoding), evaluation_(evaluation), member_(member) {}

  // False where the condition is not only about the member and what was cut out.
  bool add(const Expr& e) {
    if (is_bound(e, member_)) return say("@");
    if (!mentions(e, member_)) return cut_out(e);
    return std::visit([&](const auto& node) { return add(e, node); }, e.node().kind);
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<z3::expr>& arguments() const { return arguments_; }

private:
  bool say(const std::string& word) {
    text_ += word;
    return true;
  }
  bool cut_out(const Expr& e) {
    if (const auto* literal = std::get_if<model::Literal>(&e.node().kind))
      return say(fmt::format("{}:{}", static_cast<int>(e.sort().kind), literal->value));
    const Term term = evaluation_.of(e);
    if (term.defined) return false;
    const bool is_number = term.kind == TermKind::bits || term.kind == TermKind::integer;
    arguments_.push_back(is_number ? encoding_.terms().as_integer(term) : term.value);
    return say("#" + arguments_.back().get_sort().to_string());
  }
  bool all(const std::string& what, const std::vector<Expr>& parts) {
    say(what + "(");
    for (const Expr& part : parts) {
      if (!add(part)) return false;
      say(",");
    }
    return say(")");
  }

  bool add(const Expr&, const model::Literal&) { return false; }
  bool add(const Expr&, const model::ParameterRef&) { return false; }
  bool add(const Expr&, const model::Kept&) { return false; }
  bool add(const Expr&, const model::Self&) { return false; }
  bool add(const Expr&, const model::BoundRef&) { return false; }
  // A cell of the member itself does not change. One that is found through such a cell may be anybody's.
  bool add(const Expr&, const model::VariableRef& x) {
    const auto is_direct = [&](const Expr& at) { return is_bound(at, member_) || !mentions(at, member_); };
    return std::ranges::all_of(x.at, is_direct) && all(fmt::format("v{}", x.variable.value), x.at);
  }
  bool add(const Expr&, const model::Unary& x) {
    return all(fmt::format("u{}", static_cast<int>(x.op)), {x.operand});
  }
  bool add(const Expr&, const model::Binary& x) {
    return all(fmt::format("b{}", static_cast<int>(x.op)), {x.left, x.right});
  }
  bool add(const Expr&, const model::Conditional& x) { return all("if", {x.condition, x.then, x.otherwise}); }
  bool add(const Expr&, const model::Wrap& x) { return all("wrap", {x.width, x.operand}); }
  bool add(const Expr&, const model::Quantified& x) {
    if (encoding_.open_sets().find(x.over) != nullptr) return false;
    std::vector<Expr> parts;
    for (model::Value m = 0; m < encoding_.instance().size(x.over); ++m) {
      Members members;
      members.bound[x.bound.number] = m;
      parts.push_back(with_members(x.body, members));
    }
    return all(fmt::format("q{}", static_cast<int>(x.kind)), parts);
  }
  bool add(const Expr&, const model::InRegion& x) {
    if (!is_bound(x.member.front(), member_)) return false;
    const model::Region& region = encoding_.model().regions[x.region];
    std::vector<std::uint32_t> labels;
    for (const auto label : region.labels) labels.push_back(label.value);
    std::ranges::sort(labels);
    say(fmt::format("at{}", region.thread.value));
    for (const auto label : labels) say(fmt::format(".{}", label));
    return true;
  }

  const Encoding& encoding_;
  const Evaluation& evaluation_;
  const model::BoundName& member_;
  std::string text_;
  std::vector<z3::expr> arguments_;
};

// The condition for a member that is at the label.
Expr for_label(const model::Model& model, const Expr& e, const model::BoundName& member,
               Id<model::Thread> thread, Id<model::Label> label) {
  return rewritten(e, [&](const Expr& part) -> std::optional<Expr> {
    const auto* in = std::get_if<model::InRegion>(&part.node().kind);
    if (in == nullptr || in->member.empty() || !is_bound(in->member.front(), member)) return {};
    const model::Region& region = model.regions[in->region];
    if (region.thread != thread) return {};
    return model::truth(std::ranges::count(region.labels, label) > 0);
  });
}

// Threads whose labels the condition asks for, at the member.
void threads_in(const model::Model& model, const Expr& e, const model::BoundName& member,
                std::vector<Id<model::Thread>>& found) {
  if (const auto* in = std::get_if<model::InRegion>(&e.node().kind))
    if (!in->member.empty() && is_bound(in->member.front(), member) &&
        std::ranges::count(found, model.regions[in->region].thread) == 0)
      found.push_back(model.regions[in->region].thread);
  for (const Expr& part : operands(e)) threads_in(model, part, member, found);
}

class Counting {
public:
  Counting(const Encoding& encoding, const Evaluation& evaluation, const model::Quantified& counted)
      : encoding_(encoding), evaluation_(evaluation), counted_(counted) {}

  // At most so many.
  [[nodiscard]] z3::expr among(const Expr& condition, const z3::expr& most) const {
    z3::context& context = encoding_.context();
    if (model::is_false(condition)) return context.int_val(0);
    if (model::is_true(condition)) return most;
    const z3::expr number = count(condition);
    return z3::ite(number >= 0 && number <= most, number, context.int_val(0));
  }

  [[nodiscard]] z3::expr by_label(Id<model::Thread> thread) const {
    z3::expr sum = encoding_.context().int_val(0);
    for (const auto label : encoding_.model().threads[thread].labels.ids()) {
      const Expr here = for_label(encoding_.model(), counted_.body, counted_.bound, thread, label);
      if (model::is_false(here)) continue;
      sum = sum + among(here, encoding_.open_sets().unnamed_at(thread, label));
    }
    return sum;
  }

private:
  [[nodiscard]] z3::expr count(const Expr& condition) const {
    z3::context& context = encoding_.context();
    Shape shape(encoding_, evaluation_, counted_.bound);
    if (!shape.add(condition)) return encoding_.new_number();
    z3::sort_vector sorts(context);
    z3::expr_vector arguments(context);
    for (const z3::expr& argument : shape.arguments()) {
      sorts.push_back(argument.get_sort());
      arguments.push_back(argument);
    }
    const std::string name = fmt::format("unnamed{}!{}", counted_.over.value, shape.text());
    return context.function(name.c_str(), sorts, context.int_sort())(arguments);
  }

  const Encoding& encoding_;
  const Evaluation& evaluation_;
  const model::Quantified& counted_;
};

} // namespace

z3::expr unnamed_that(const Encoding& encoding, const Evaluation& evaluation,
                      const model::Quantified& counted) {
  const Counting counting(encoding, evaluation, counted);
  std::vector<Id<model::Thread>> threads;
  threads_in(encoding.model(), counted.body, counted.bound, threads);
  if (threads.size() == 1) return counting.by_label(threads.front());
  return counting.among(counted.body, *encoding.open_sets().find(counted.over)->others);
}

std::optional<Expr> at_the_start(const model::Model& model, const model::Quantified& counted) {
  bool known = true;
  const Expr start = rewritten(counted.body, [&](const Expr& part) -> std::optional<Expr> {
    if (const auto* in = std::get_if<model::InRegion>(&part.node().kind)) {
      if (in->member.empty() || !is_bound(in->member.front(), counted.bound)) return {};
      const model::Region& region = model.regions[in->region];
      return model::truth(std::ranges::count(region.labels, model.threads[region.thread].start) > 0);
    }
    const auto* read = std::get_if<model::VariableRef>(&part.node().kind);
    if (read == nullptr || !mentions(part, counted.bound)) return {};
    const auto& initial = model.variables[read->variable].initial;
    if (!initial) known = false;
    return initial;
  });
  if (!known || mentions(start, counted.bound)) return {};
  return start;
}

} // namespace tdxcheck::prove
