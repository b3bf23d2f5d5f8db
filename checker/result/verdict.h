// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a check answers. A verdict is never a bool: unknown is not a pass, and holds says how far.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "result/trace.h"
#include "result/vacuous_claim.h"

namespace tdxcheck::result {

enum class Verdict { holds, violated, unknown };

[[nodiscard]] std::string_view name_of(Verdict verdict);

struct PropertyResult {
  std::string name;
  std::string template_name;
  Verdict verdict = Verdict::unknown;
  std::string detail;                   // one line: what is violated, or how far it holds
  std::vector<std::string> evidence;    // further lines, e.g. who waits for what and who holds it
  std::vector<std::string> assumptions; // of a `holds`
  std::optional<Trace> trace;
  std::vector<Trace> paths = {}; // further runs that the evidence takes, e.g. one per edge of a cycle
};

struct Vacuity {
  std::vector<std::string> unreached_labels; // "vcpu: tdx_vcpu_load.3"
  std::vector<std::string> unreached_steps;
  std::vector<std::string> idle_guards;
  std::vector<std::string> vacuous_properties;
  // Whatever the protocol does; the others are those that no run put at stake.
  std::vector<VacuousClaim> by_wording = {};
  [[nodiscard]] bool empty() const {
    return unreached_labels.empty() && unreached_steps.empty() && idle_guards.empty() &&
           vacuous_properties.empty() && by_wording.empty();
  }
};

struct EngineInfo {
  std::string name = "explore";
  unsigned workers = 1;
  bool symmetry = false;                   // states and transitions are counted up to symmetry
  std::vector<std::string> symmetric_sets; // "vcpu (3)", "cpu (2 of 3)"
  std::string no_symmetry_because;         // what kept symmetry, or some set, out; empty as written
  bool partial_order = false;
  std::string no_partial_order_because = {}; // empty if it is on, or nobody asked for it
  bool as_written = true;
  std::size_t state_bits = 0; // of a stored state, as it was packed; 0: not known
  std::string processor = {}; // which vector instructions the search was compiled for
  // Steps that were too wide to be tabled, each with the reason.
  std::vector<std::string> by_bytecode = {};
};

// A run into a state outside a declared range, or into an ill-formed branch: no verdict (exit 2).
struct ModelError {
  std::string text;
  Trace trace;
};

// How long a user waits until the search begins: loading the program, building, validating and lowering the
// model, and tabling its steps.
struct FirstState {
  double seconds = 0;           // since the process began
  double processor_seconds = 0; // of them; the rest, the process was kept waiting
};

struct CheckResult {
  std::string target;
  Names parameters;
  std::vector<std::string> without;
  Verdict verdict = Verdict::unknown;
  bool complete = false;
  std::string incomplete_because; // which budget ran out, or "interrupted"
  std::uint64_t states = 0, transitions = 0;
  std::uint32_t depth = 0; // of the breadth-first search: the longest shortest path
  double seconds = 0;
  std::optional<FirstState> first_state; // where an engine stores states
  std::uint64_t peak_memory_bytes = 0;
  EngineInfo engine;
  std::vector<PropertyResult> properties;
  Vacuity vacuity;
  std::optional<ModelError> model_error;
  std::string reproduce;
};

} // namespace tdxcheck::result
