// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Certificates of proofs: written, and re-checked by people who trust nobody. What a file claims is in its
// head, in comments that are JSON (schema tdxcheck/certificate/1): target, parameters, what is left free, the
// claim, the invariant. Re-checking builds the model anew from the target, writes the file anew from that and
// the invariant, by an encoding that shares no code with the prover's, and compares: whatever else a file
// says is not what was claimed. Then a fresh solver decides the text. Comments on steps may differ, so that
// a line that moved in a source file does not make a proof wrong.

#include "result/proof.h"
#include "run/target.h"

#include <string>

namespace tdxcheck::run {

// The file. InputError for a claim that no certificate can be written for.
[[nodiscard]] std::string certificate_of(const Target& target, const result::Proof& proof);

enum class Certified { yes, no, unknown };

struct CertificateResult {
  Certified certified = Certified::no;
  std::string target, property; // as the file names them
  std::string extent;           // "every retries >= 0", or empty: this instance only
  std::size_t obligations = 0;
  std::string why; // it is not, or not known to be, in words
};

// InputError where `text` is no certificate, or names what is not there; `origin` is its file. The solver
// takes at most `seconds` for each obligation (0: no limit).
[[nodiscard]] CertificateResult check_certificate(const std::string& text, const std::string& origin,
                                                  unsigned seconds);

} // namespace tdxcheck::run
