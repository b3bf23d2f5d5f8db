// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Who makes whom BUSY, inside a protocol and in the module as a whole.

#include "result/verdict.h"

namespace tdxcheck::result {

struct Conflict {
  std::string holder,
      holder_thread; // the call (or kernel function) that holds the lock; empty: nobody holds it
  std::string newcomer, newcomer_thread; // that is answered BUSY
  std::string lock;                      // "TDR", "SEPT_TREE[1]"
  std::string held_mode, wanted_mode;
  std::uint64_t count = 0; // of states in which it is
  Trace trace;             // the shortest run into it
};

struct ConflictsResult {
  std::string target;
  Names parameters;
  std::vector<std::string> without;
  std::vector<Conflict> conflicts;     // as they are found: shortest runs first
  std::vector<std::string> idle_loops; // retry loops that are entered and never go round
  bool complete = false;
  std::string incomplete_because;
  std::uint64_t states = 0, transitions = 0;
  double seconds = 0;
  std::optional<ModelError> model_error;
  std::string reproduce;
};

// Of the whole module: while `holder` is inside, `newcomer` finds these locks busy.
struct ModulePair {
  std::string holder, newcomer;
  std::vector<std::string> locks;
};

struct ModuleConflicts {
  std::string module; // its version
  std::vector<std::string> leaves;
  std::vector<ModulePair> pairs;
  bool complete = false;
  std::string incomplete_because;
  std::uint64_t states = 0, transitions = 0;
  double seconds = 0;
  std::string reproduce;
};

} // namespace tdxcheck::result
