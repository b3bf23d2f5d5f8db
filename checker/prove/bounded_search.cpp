// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/bounded_search.h"

#include <algorithm>
#include <memory>

#include "prove/claim.h"
#include "prove/count_rounds.h"
#include "prove/deadline.h"
#include "prove/induction.h"
#include "prove/unrolling.h"
#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

struct Open {
  std::string property;
  std::unique_ptr<EncodedClaim> claim; // of a claim that must hold
  model::Expr wanted;                  // of `sometimes`
};

class BoundedSearch {
public:
  BoundedSearch(const Problem& problem, const std::vector<std::string>& properties,
                const BoundedOptions& options)
      : options_(options),
        encoding_(context_, problem, options.style),
        deadline_(context_, options.seconds, options.enough),
        unrolling_(encoding_),
        solver_(make_solver(encoding_)) {
    for (const model::Property& property : problem.model.properties) {
      if (!properties.empty() && std::ranges::count(properties, property.name) == 0) continue;
      if (const auto* sometimes = std::get_if<model::Sometimes>(&property.claim))
        open_.push_back({property.name, nullptr, sometimes->condition});
      else if (is_about_states(property.claim))
        open_.push_back({property.name, std::make_unique<EncodedClaim>(encoding_, property), {}});
    }
  }

  [[nodiscard]] BoundedResult run() {
    solver_.add(encoding_.parameters_have_values());
    solver_.add(encoding_.initial(unrolling_.state(0)));
    for (unsigned length = 0;; ++length) {
      if (options_.progress) options_.progress(length);
      if (!look_at(length)) return std::move(result_);
      result_.depth = length;
      if (open_.empty() || length == options_.depth) return std::move(result_);
      if (!go_on()) return std::move(result_);
    }
  }

private:
  // A run of this length that satisfies it; nothing if there is none, or (gave_up) nobody knows.
  std::optional<z3::model> find(const z3::expr& wanted) {
    if (wanted.is_false()) return {};
    z3::expr_vector assumptions(context_);
    const std::string name = "look!" + std::to_string(++looks_);
    const z3::expr look = context_.bool_const(name.c_str());
    solver_.add(z3::implies(look, wanted));
    assumptions.push_back(look);
    const z3::check_result answer = check(solver_, assumptions);
    if (answer == z3::unknown) result_.gave_up = true;
    std::optional<z3::model> found;
    if (answer == z3::sat) found = solver_.get_model();
    solver_.add(!look);
    return found;
  }

  [[nodiscard]] z3::expr violation(const Open& open, unsigned length) {
    const Symbols& last = unrolling_.state(length);
    if (!open.claim) return encoding_.holds(last, open.wanted);
    z3::expr broken = open.claim->broken_in(last, unrolling_.effects(length));
    if (length == 0 && open.claim->broken_at_start()) broken = context_.bool_val(true);
    if (length > 0)
      broken = encoding_.terms().either(broken, unrolling_.move_breaks(*open.claim, length - 1));
    return encoding_.terms().both(open.claim->is_made(), broken);
  }

  // All that is looked for at once: one question where the answer is no, as it nearly always is.
  [[nodiscard]] bool anything_of(const z3::expr& error, const std::vector<z3::expr>& wanted) {
    z3::expr any = error;
    for (const z3::expr& one : wanted) any = encoding_.terms().either(any, one);
    return find(any).has_value();
  }

  // Violations of this length, and model errors by one move more. False if that was the end of the search.
  [[nodiscard]] bool look_at(unsigned length) {
    z3::expr error = context_.bool_val(false);
    if (length < options_.depth) error = unrolling_.some_move_is_an_error(length);
    std::vector<z3::expr> wanted;
    for (const Open& open : open_) wanted.push_back(violation(open, length));
    if (!anything_of(error, wanted)) return !result_.gave_up;

    if (const auto found = find(error)) {
      result_.model_error = unrolling_.run_in(*found, length);
      result_.model_error->moves.push_back(unrolling_.move_with(*found, length, true, nullptr));
      return false;
    }
    for (std::size_t i = 0; i < open_.size() && !result_.gave_up; ++i) {
      if (const auto found = find(wanted[i])) {
        result_.violations.push_back({open_[i].property, unrolling_.run_in(*found, length)});
        open_[i].property.clear();
      }
    }
    std::erase_if(open_, [](const Open& open) { return open.property.empty(); });
    return !result_.gave_up;
  }

  // One step more; false if no run takes it.
  [[nodiscard]] bool go_on() {
    solver_.add(unrolling_.extend());
    const z3::check_result answer = check(solver_);
    if (answer == z3::unknown) result_.gave_up = true;
    result_.no_longer_run = answer == z3::unsat;
    return answer == z3::sat;
  }

  const BoundedOptions& options_;
  z3::context context_;
  Encoding encoding_;
  Deadline deadline_;
  Unrolling unrolling_;
  z3::solver solver_;
  std::vector<Open> open_;
  BoundedResult result_;
  std::size_t looks_ = 0;
};

} // namespace

BoundedResult search_bounded(const Problem& problem, const std::vector<std::string>& properties,
                             const BoundedOptions& options) {
  return BoundedSearch(problem, properties, options).run();
}

} // namespace tdxcheck::prove
