// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/verdict.h"

namespace tdxcheck::result {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
  case Verdict::holds: return "holds";
  case Verdict::violated: return "violated";
  case Verdict::unknown: return "unknown";
  }
  return "unknown";
}

} // namespace tdxcheck::result
