// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "explore/check.h"

namespace tdxcheck::run {

enum class Engine {
  explore,
  reference, // the interpreter that writes the meaning down: slow, and independent of the other
  bmc,       // bounded search by Z3, up to `depth` steps
};

using Progress = explore::Progress;

struct CheckOptions {
  explore::Options search; // no memory_bytes: three quarters of what is free
  Engine engine = Engine::explore;
  unsigned depth = 20;  // of bmc
  unsigned workers = 0; // 0: all cores
  bool symmetry = true;
  bool partial_order = true;
  bool as_written = false;
  bool vacuous_wording = false; // look for claims that are vacuous by their wording, after the search
};

} // namespace tdxcheck::run
