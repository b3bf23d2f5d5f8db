// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/symmetric_models.h"

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "model/validate.h"
#include "semantics/brute_force.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/sample_models.h"

namespace tdxcheck::tests {

using namespace model;

namespace {

class Anonymous {
public:
  Anonymous(Model& model, std::uint64_t seed) : model_(model), dice_(seed) {
    for (auto set : model.sets.ids()) {
      model.sets[set].symmetric = true;
      model.sets[set].size = integer(dice_.between(2, dice_.chance(30) ? 4 : 3));
      Variable somebody{"somebody_" + model.sets[set].name, {IndexType{set}, {}}, {}, GlobalScope{}, "", {}};
      somebody_.push_back(model.variables.add(somebody));
    }
  }

  void rewrite() {
    for (auto id : model_.threads.ids()) {
      // Locks are known by what names them: all of a thread's steps say the same.
      says_self_ = dice_.chance(60);
      for (Step& step : model_.threads[id].steps) {
        // Where it is not to be seen whether a silent step may look at it, it says nothing at all.
        silent_ = step.silent;
        over_ = model_.threads[id].over;
        lower::every_expression(step, [&](Expr& e) { e = anonymous(e); });
      }
    }
    silent_ = false;
    over_.reset();
    for (Counter& counter : model_.counters)
      for (Expr* e : {&counter.value, &counter.holders, &counter.freed}) *e = anonymous(*e);
    for (Property& property : model_.properties)
      lower::every_expression(property.claim, [&](Expr& e) { e = anonymous(e); });
  }

private:
  Expr anonymous(const Expr& e) {
    if (e.empty()) return e;
    return lower::rewrite(model_, e, [&](const Expr& part) -> std::optional<Expr> {
      const auto* literal = std::get_if<Literal>(&part.node().kind);
      if (literal == nullptr) return {};
      const Sort sort = part.sort();
      const Id<IndexSet> set{sort.of};
      if (sort.kind == SortKind::index) return somebody(set);
      if (sort.kind == SortKind::subset && literal->value != 0) {
        const Value size = std::get<Literal>(model_.sets[set].size.node().kind).value;
        return model::literal(sort, (Value{1} << size) - 1);
      }
      return {};
    });
  }
  Expr somebody(Id<IndexSet> set) {
    if (over_ == set && (silent_ || says_self_)) return self(set);
    return read(model_, somebody_[set.value]);
  }

  Model& model_;
  Dice dice_;
  std::vector<Id<Variable>> somebody_;
  bool silent_ = false, says_self_ = false;
  std::optional<Id<IndexSet>> over_;
};

// A silent step may look at nothing shared.
bool is_well_formed(const Model& model) { return validate(model).empty(); }

} // namespace

Model symmetric_model(std::uint64_t seed) {
  for (std::uint64_t next = seed;; next += 1'000'003) {
    Model model = random_model(next);
    Anonymous(model, next).rewrite();
    model.name = "symmetric_" + std::to_string(seed);
    if (!is_well_formed(model)) continue;
    Model bare = model;
    bare.properties.clear();
    const auto seen =
        semantics::explore_plainly(semantics::Interpreter(bare, defaults(bare)), most_generated_states);
    if (seen.complete || seen.error) return model;
  }
}

std::size_t step_count(const Model& model) {
  std::size_t count = 0;
  for (const Thread& thread : model.threads) count += thread.steps.size();
  return count;
}

Model with_planted_bug(Model model, std::size_t step) {
  for (Thread& thread : model.threads) {
    if (step < thread.steps.size()) {
      thread.steps[step].facts.emplace_back(Assertion{"planted", truth(false), "planted"});
      break;
    }
    step -= thread.steps.size();
  }
  model.properties.push_back({"planted", Asserted{}, {}, "", {}});
  return model;
}

} // namespace tdxcheck::tests
