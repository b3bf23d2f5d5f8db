// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/decide_smt2.h"

#include <sstream>
#include <string>

#include <z3.h>

namespace tdxcheck::prove {
namespace {

// Errors are among the answers; without a handler the library ends the program.
void no_handler(Z3_context, Z3_error_code) {}

class Context {
public:
  explicit Context(unsigned seconds) {
    Z3_config config = Z3_mk_config();
    if (seconds > 0) Z3_set_param_value(config, "timeout", std::to_string(seconds * 1000).c_str());
    context_ = Z3_mk_context(config);
    Z3_del_config(config);
    Z3_set_error_handler(context_, no_handler);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { Z3_del_context(context_); }

  [[nodiscard]] std::string answer(const std::string& text) const {
    const char* answer = Z3_eval_smtlib2_string(context_, text.c_str());
    return answer == nullptr ? "(error \"no answer\")" : answer;
  }

private:
  Z3_context context_;
};

} // namespace

Decisions decide_smt2(const std::string& text, unsigned seconds) {
  const Context context(seconds);
  std::istringstream lines(context.answer(text));
  Decisions decisions;
  for (std::string line; std::getline(lines, line);) {
    if (line == "sat") decisions.answers.push_back(Satisfiable::yes);
    if (line == "unsat") decisions.answers.push_back(Satisfiable::no);
    if (line == "unknown" || line == "timeout") decisions.answers.push_back(Satisfiable::unknown);
    if (line.starts_with("(error") && decisions.complaint.empty()) decisions.complaint = line;
  }
  return decisions;
}

} // namespace tdxcheck::prove
