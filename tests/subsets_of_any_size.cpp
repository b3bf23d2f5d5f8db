// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/subsets_of_any_size.h"

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "model/validate.h"
#include "tests/any_size.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"
#include "tests/symmetric_models.h"

namespace tdxcheck::tests {

using model::binary;
using model::BinaryOp;
using model::Expr;
using model::Id;
using model::IndexSet;
using model::Value;

namespace {

struct WithSubsets : Sketch {
  Id<IndexSet> members = set("member", 2);

  WithSubsets() {
    leave_size_free(model, members);
    model.sets[members].symmetric = true;
  }

  [[nodiscard]] Expr nobody() const { return model::literal({model::SortKind::subset, members.value}, 0); }
  Id<model::Variable> subset(const std::string& name) {
    return model.variables.add(
        {name, {model::SubsetType{members}, {}}, nobody(), model::GlobalScope{}, "", {}});
  }
  Id<model::Variable> of_each(const std::string& name) {
    return model.variables.add(
        {name, {model::BoolType{}, {}}, model::truth(false), model::MemberScope{members}, "", {}});
  }
  [[nodiscard]] Expr of(Id<model::Variable> variable, const Expr& member) const {
    return tests::read(model, variable, {member});
  }
  [[nodiscard]] Expr is_in(Id<model::Variable> subset, const Expr& member) const {
    return binary(BinaryOp::contains, read(subset), member);
  }
  [[nodiscard]] model::Update put(Id<model::Variable> subset, const Expr& member) const {
    return tests::set(subset, binary(BinaryOp::with, read(subset), member));
  }
  [[nodiscard]] model::Update take(Id<model::Variable> subset, const Expr& member) const {
    return tests::set(subset, binary(BinaryOp::without, read(subset), member));
  }
  [[nodiscard]] model::Update set_of(Id<model::Variable> variable, const Expr& member, bool value) const {
    return {{variable, {member}}, model::truth(value)};
  }
  // A step for some member.
  model::Step& some(Id<model::Thread> thread, const std::string& from, const std::string& to,
                    const model::BoundName& name) {
    model::Step& one = step(thread, from, to);
    one.choices.push_back({name, members});
    return one;
  }
  [[nodiscard]] Expr at(Id<model::Thread> id, const std::string& label, const Expr& member = {}) {
    const std::string name = model.threads[id].name + "_at_" + label;
    const auto region = model.regions.add({name, id, {this->label(id, label)}});
    return in_region(region, member.empty() ? std::vector<Expr>{} : std::vector{member});
  }
};

} // namespace

model::Model visit_all(std::optional<Value> ends_after) {
  WithSubsets s;
  const auto visited = s.subset("visited");
  const auto done = s.of_each("done");
  const Expr size = parameter(s.model, size_parameter(s.model));
  const auto visitor = s.thread("visitor", "loop behind end*");
  const model::BoundName m{0, "m"}, n{1, "n"};
  auto& visit = s.some(visitor, "loop", "loop", m);
  visit.guard = model::negation(s.is_in(visited, bound(m, s.members)));
  visit.updates = {s.put(visited, bound(m, s.members)), s.set_of(done, bound(m, s.members), true)};
  const Expr how_many = model::unary(model::UnaryOp::cardinality, s.read(visited));
  auto& leave = s.step(visitor, "loop", "behind");
  leave.guard = binary(BinaryOp::equal, how_many, size);
  if (ends_after)
    leave.guard =
        model::disjunction(leave.guard, binary(BinaryOp::equal, how_many, model::integer(*ends_after)));
  leave.updates = {set(visited, s.nobody())};
  s.step(visitor, "behind", "end");
  s.claim("all_visited", model::Always{binary(BinaryOp::implies, s.at(visitor, "behind"),
                                              for_all(n, s.members, s.of(done, bound(n, s.members))))});
  s.model.name = "visit_all";
  return s.model;
}

model::Model count_visited() {
  model::Model model = visit_all();
  const auto number = model.variables.add(
      {"number",
       {model::IntegerType{model::integer(0), parameter(model, size_parameter(model))}, {}},
       model::integer(0),
       model::GlobalScope{},
       "",
       {}});
  const Id<model::Variable> visited{0};
  auto& steps = model.threads.begin()->steps;
  steps[0].updates.push_back(set(number, binary(BinaryOp::add, read(model, number), model::integer(1))));
  steps[1].updates.push_back(set(number, model::integer(0)));
  const Expr how_many = model::unary(model::UnaryOp::cardinality, read(model, visited));
  model.properties.push_back(
      {"counted", model::Always{binary(BinaryOp::equal, read(model, number), how_many)}, {}, "", {}});
  return model;
}

model::Model put_into_boxes() {
  WithSubsets s;
  const auto boxes = s.set("box", 2);
  const auto content = s.model.variables.add(
      {"content", {model::SubsetType{s.members}, {}}, s.nobody(), model::MemberScope{boxes}, "", {}});
  const auto number = s.model.variables.add(
      {"number",
       {model::IntegerType{model::integer(0), parameter(s.model, size_parameter(s.model))}, {}},
       model::integer(0),
       model::GlobalScope{},
       "",
       {}});
  const model::BoundName member{0, "m"}, into{1, "b"}, other{2, "c"};
  const auto is_in_one = [&](const Expr& m) {
    return exists(other, boxes, binary(BinaryOp::contains, s.of(content, bound(other, boxes)), m));
  };
  const auto porter = s.thread("porter", "at_work*");
  auto& put = s.some(porter, "at_work", "at_work", member);
  put.choices.push_back({into, boxes});
  put.guard = model::negation(is_in_one(bound(member, s.members)));
  const Expr box = bound(into, boxes);
  put.updates = {{{content, {box}}, binary(BinaryOp::with, s.of(content, box), bound(member, s.members))},
                 set(number, binary(BinaryOp::add, s.read(number), model::integer(1)))};
  s.claim("counted", model::Always{binary(BinaryOp::equal, s.read(number),
                                          count(member, s.members, is_in_one(bound(member, s.members))))});
  s.model.name = "put_into_boxes";
  return s.model;
}

model::Model serve_in_batches(bool forgets) {
  WithSubsets s;
  const auto asked = s.subset("asked"), taken = s.subset("taken");
  const auto served = s.of_each("served");
  const auto member = s.thread("member", "idle waits", s.members);
  auto& ask = s.step(member, "idle", "waits");
  ask.updates = {s.put(asked, self(s.members)), s.set_of(served, self(s.members), false)};
  auto& go_on = s.step(member, "waits", "idle");
  go_on.guard = s.of(served, self(s.members));
  const auto server = s.thread("server", "serves");
  const model::BoundName m{0, "m"}, n{1, "n"};
  auto& take_over = s.step(server, "serves", "serves");
  take_over.updates = {set(taken, binary(BinaryOp::unite, s.read(taken), s.read(asked))),
                       set(asked, s.nobody())};
  if (forgets) take_over.updates.front().value = s.read(asked);
  auto& serve = s.some(server, "serves", "serves", m);
  serve.guard = s.is_in(taken, bound(m, s.members));
  serve.updates = {s.take(taken, bound(m, s.members)), s.set_of(served, bound(m, s.members), true)};
  const Expr who = bound(n, s.members);
  const Expr in_any = model::disjunction(s.is_in(asked, who), s.is_in(taken, who));
  const Expr waits = s.at(member, "waits", who);
  s.claim("asked_wait", model::Always{for_all(n, s.members, binary(BinaryOp::implies, in_any, waits))});
  s.claim("once",
          model::Always{for_all(
              n, s.members, model::negation(model::conjunction(s.is_in(asked, who), s.is_in(taken, who))))});
  s.claim(
      "nobody_is_forgotten",
      model::Always{for_all(
          n, s.members, binary(BinaryOp::implies, waits, model::disjunction(in_any, s.of(served, who))))});
  s.model.name = "serve_in_batches";
  return s.model;
}

std::optional<model::Model> model_with_subsets(std::uint64_t seed) {
  model::Model model = symmetric_model(seed);
  std::optional<Id<IndexSet>> set;
  for (const model::Variable& variable : model.variables)
    if (const auto* subset = std::get_if<model::SubsetType>(&variable.type.scalar)) set = subset->of;
  if (!set) return {};
  leave_size_free(model, *set);
  const model::Sort sort{model::SortKind::subset, set->value};
  const auto crowd = model.variables.add(
      {"crowd", {model::SubsetType{*set}, {}}, model::literal(sort, 0), model::GlobalScope{}, "", {}});
  // What is written member by member becomes whoever is in the crowd.
  for (const auto thread : model.threads.ids())
    for (model::Step& step : model.threads[thread].steps) {
      lower::every_expression(step, [&](Expr& e) {
        e = lower::rewrite(model, e, [&](const Expr& part) -> std::optional<Expr> {
          const bool is_written = part.sort() == sort && !model::is_literal(part, 0) &&
                                  std::holds_alternative<model::Literal>(part.node().kind);
          return is_written ? std::optional(read(model, crowd)) : std::nullopt;
        });
      });
      for (std::size_t u = 0; u < step.updates.size(); ++u)
        if (step.updates[u].value.sort() == sort && !step.silent) {
          step.updates.push_back(tests::set(crowd, step.updates[u].value));
          break;
        }
    }
  if (!model::validate(model).empty()) return {};
  return model;
}

} // namespace tdxcheck::tests
