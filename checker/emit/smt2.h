// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A model in SMT-LIB 2.6: initial states, transition relation and claims, and a search of bounded depth that
// a solver performs when it reads the file. Only what solvers share: functions, integers, bit-vectors,
// enumerations; no extension of any of them. emit/smt2_system.h says what the file defines.
//
// Every claim is asked about at every depth by itself: `sat` means that some run of exactly so many steps
// violates it (for `sometimes`: shows it). Tested against semantics/ with Z3's command line
// (tests/smt2_agrees_*_test.cpp).

#include "model/model.h"
#include "result/proof.h"

#include <string>
#include <vector>

namespace tdxcheck::emit {

// `model` is instantiated under `valuation`, but for the parameters in `any`; `origin` says in the head
// comment what it is. InputError, before anything is written, for what cannot be said: sizes of sets and
// numbers of bits that depend on a free parameter, numbers of more than 64 bits.
[[nodiscard]] std::string smt_lib(const model::Model& model, const model::Valuation& valuation,
                                  const std::vector<result::AnyParameter>& any, const std::string& origin,
                                  unsigned depth);

} // namespace tdxcheck::emit
