// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A proof (result/proof.h) as a file that a solver decides: the model in SMT-LIB (emit/smt2.h), the lemmas of
// the invariant, and what has to be shown of them, each between (push 1) and (pop 1). The proof is right if
// every answer is `unsat`. This encoding shares no code with the prover's.

#include "result/proof.h"

#include <string>
#include <vector>

namespace tdxcheck::emit {

struct Certificate {
  std::string head;                  // comment lines: what is claimed, of what
  std::string body;                  // the model, the lemmas, the obligations
  std::vector<std::string> question; // of each obligation, as the file echoes it
};

// InputError for a claim that is not about states, and for what SMT-LIB cannot say.
[[nodiscard]] Certificate certificate(const result::Proof& proof, const std::string& target);

} // namespace tdxcheck::emit
