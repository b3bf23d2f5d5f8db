// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/k_induction.h"

namespace tdxcheck::prove {

KInduction by_k_induction(const Encoding& encoding, const Deadline& deadline,
                          const std::vector<model::Expr>& lemmas,
                          const std::function<z3::expr(const Unrolling&, std::size_t)>& violation,
                          unsigned most) {
  z3::context& context = encoding.context();
  Unrolling path(encoding);
  z3::solver solver = make_solver(encoding);
  solver.add(encoding.parameters_have_values());
  solver.add(encoding.typed(path.state(0)));
  const auto assume_lemmas = [&](std::size_t i) {
    for (const model::Expr& lemma : lemmas) solver.add(encoding.holds(path.state(i), lemma));
  };
  assume_lemmas(0);
  KInduction result;
  for (unsigned k = 1; k <= most && !deadline.is_over(); ++k) {
    solver.add(!violation(path, k - 1));
    solver.add(path.extend());
    assume_lemmas(k);
    if (k > 1) solver.add(path.last_is_new());
    const z3::expr wrong = context.bool_const(("wrong!" + std::to_string(k)).c_str());
    solver.add(z3::implies(wrong, violation(path, k)));
    z3::expr_vector wanted(context);
    wanted.push_back(wrong);
    const z3::check_result found = check(solver, wanted);
    result.k = k;
    if (found == z3::unsat) {
      result.answer = Answer::yes;
      return result;
    }
    result.answer = found == z3::sat ? Answer::no : Answer::unknown;
    if (found == z3::sat) result.obstacle = path.run_in(solver.get_model(), k);
    if (found == z3::unknown) return result;
  }
  return result;
}

} // namespace tdxcheck::prove
