// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/bound.h"

namespace tdxcheck::result {

std::string_view name_of(BoundAnswer answer) {
  switch (answer) {
  case BoundAnswer::number: return "number";
  case BoundAnswer::no_bound_fair_runs_leave: return "no_bound_fair_runs_leave";
  case BoundAnswer::no_bound_fair_run_stays: return "no_bound_fair_run_stays";
  case BoundAnswer::unknown: return "unknown";
  }
  return "";
}

} // namespace tdxcheck::result
