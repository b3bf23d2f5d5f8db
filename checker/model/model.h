// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a protocol is: plain data, printable, comparable, serialisable. Nothing here is a closure, so the
// explorer, the prover, the analyses and the exporters all read the same thing.
//
// The meaning (semantics/ writes it down as an interpreter):
//  * A state gives a value to every cell of every variable and a label to every thread (one per member of the
//    thread's index set). A step is atomic; its updates are simultaneous.
//  * A *silent* step reads and writes nothing but parameters and scalar locals of its own thread. It is not a
//    step of its own: it is performed at once, as the tail of the step (or of the start) that led to its
//    label, until a label without silent steps is reached. At such a label exactly one silent step is
//    enabled. Ranges are checked after that tail. This is how control flow costs no states.
//  * Assertions are evaluated before the updates of their step, and the step still happens.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/expression.h"
#include "model/id.h"

namespace tdxcheck::model {

struct Source {
  std::string file; // relative to the source tree where it lies below it, e.g. "protocols/hkid_release.cpp"
  unsigned line = 0;
  friend bool operator==(const Source&, const Source&) = default;
};

// ---- declarations
// -------------------------------------------------------------------------------------------

struct Enumeration {
  std::string name;
  std::vector<std::string> constants;
  friend bool operator==(const Enumeration&, const Enumeration&) = default;
};

struct BoolParameter {
  friend bool operator==(const BoolParameter&, const BoolParameter&) = default;
};
struct IntegerParameter {
  Value low = 0, high = 0;
  bool may_be_unlimited = false; // then the value may also be `unlimited`
  friend bool operator==(const IntegerParameter&, const IntegerParameter&) = default;
};
struct EnumParameter {
  Id<Enumeration> enumeration;
  friend bool operator==(const EnumParameter&, const EnumParameter&) = default;
};
using ParameterType = std::variant<BoolParameter, IntegerParameter, EnumParameter>;

struct Parameter {
  std::string name;
  ParameterType type;
  Value default_value = 0;
  std::string doc; // one line
  Source source;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

[[nodiscard]] Sort sort_of(const Parameter& parameter);

struct IndexSet {
  std::string name;
  Expr size;              // over parameters, 1..62
  bool symmetric = false; // members are interchangeable; otherwise they are ordered
  Source source;
  friend bool operator==(const IndexSet&, const IndexSet&) = default;
};

struct BoolType {
  friend bool operator==(const BoolType&, const BoolType&) = default;
};
struct IntegerType {
  Expr low, high; // over parameters
  friend bool operator==(const IntegerType&, const IntegerType&) = default;
};
struct BitsType {
  Expr width; // over parameters, 1..62
  friend bool operator==(const BitsType&, const BitsType&) = default;
};
struct EnumType {
  Id<Enumeration> enumeration;
  friend bool operator==(const EnumType&, const EnumType&) = default;
};
struct IndexType {
  Id<IndexSet> set;
  friend bool operator==(const IndexType&, const IndexType&) = default;
};
struct OptionalIndexType {
  Id<IndexSet> set;
  friend bool operator==(const OptionalIndexType&, const OptionalIndexType&) = default;
};
struct SubsetType {
  Id<IndexSet> of;
  friend bool operator==(const SubsetType&, const SubsetType&) = default;
};
using ScalarType =
    std::variant<BoolType, IntegerType, BitsType, EnumType, IndexType, OptionalIndexType, SubsetType>;

// `array S of array T of scalar` is {scalar, {S, T}}.
struct Type {
  ScalarType scalar;
  std::vector<Id<IndexSet>> array_of;
  friend bool operator==(const Type&, const Type&) = default;
};

[[nodiscard]] Sort sort_of(const ScalarType& type);

struct Thread;

struct GlobalScope {
  friend bool operator==(const GlobalScope&, const GlobalScope&) = default;
};
struct MemberScope {
  Id<IndexSet> set;
  friend bool operator==(const MemberScope&, const MemberScope&) = default;
};
struct LocalScope {
  Id<Thread> thread; // one per member where the thread has an index set
  friend bool operator==(const LocalScope&, const LocalScope&) = default;
};
using Scope = std::variant<GlobalScope, MemberScope, LocalScope>;

struct Variable {
  std::string name; // a local is named THREAD.NAME
  Type type;
  std::optional<Expr> initial; // for every cell; none: any value of the type, each cell for itself
  Scope scope;
  std::string doc;
  Source source;
  friend bool operator==(const Variable&, const Variable&) = default;
};

enum class LockKind : std::uint8_t {
  mutex,
  spinlock,
  rwlock,
  rwsem,
  srcu,
  rcu,
  sharex,
  sharex_hp,
  bit,
  exclusive
};

struct Lock {
  std::string name;               // the class, e.g. "mmu_lock", "TDR"
  std::vector<Id<IndexSet>> over; // one instance per tuple of members
  LockKind kind = LockKind::mutex;
  bool sleeping = false;   // may not be taken with IRQs or preemption off
  bool module = false;     // a lock of the TDX module: tried, never waited for
  std::optional<int> rank; // place in the documented order: outer locks have smaller ranks
  std::string doc;
  Source source;
  friend bool operator==(const Lock&, const Lock&) = default;
};

struct GuardName {
  std::string name;
  std::string doc;
  Source source;
  friend bool operator==(const GuardName&, const GuardName&) = default;
};

struct Loop {
  std::string name;
  Id<Thread> thread;
  std::vector<std::string> functions; // kernel functions under which a user may ask for it
  Source source;
  friend bool operator==(const Loop&, const Loop&) = default;
};

struct Operation {
  std::string name;
  Id<Thread> thread;
  std::vector<std::string> functions;
  Source source;
  friend bool operator==(const Operation&, const Operation&) = default;
};

// `balanced`: value = holders in every state; value = 0 once every thread is at an end label;
// where `freed` is given, nothing holds what is freed.
struct Counter {
  std::string name;
  Expr value;
  Expr holders;
  Expr freed; // may be empty
  Source source;
  friend bool operator==(const Counter&, const Counter&) = default;
};

// ---- threads
// ------------------------------------------------------------------------------------------------

enum class Domain : std::uint8_t { host, guest, module, hardware };
enum class Fairness : std::uint8_t { none, weak, strong };
enum class LockMode : std::uint8_t { shared, exclusive };

struct Label {
  std::string name; // unique within the thread
  Domain domain = Domain::host;
  bool end = false;
  Source source;
  friend bool operator==(const Label&, const Label&) = default;
};

enum class LockAction : std::uint8_t { acquire, try_acquire, busy, release };
struct LockEvent {
  LockAction action;
  Id<Lock> lock;
  std::vector<Expr> instance;
  LockMode mode = LockMode::exclusive;
  friend bool operator==(const LockEvent&, const LockEvent&) = default;
};

// What a step that is not enabled waits for.
struct WaitForLock {
  Id<Lock> lock;
  std::vector<Expr> instance;
  LockMode mode = LockMode::exclusive;
  friend bool operator==(const WaitForLock&, const WaitForLock&) = default;
};
// The members m of `thread` with which[m]; for a single thread `bound` does not occur in `which`.
struct WaitForThreads {
  Id<Thread> thread;
  BoundName bound;
  Expr which;
  std::string text;
  friend bool operator==(const WaitForThreads&, const WaitForThreads&) = default;
};
// Until IRQs are on (or no handler runs) on this pCPU: waits for whoever keeps it.
struct WaitForCpu {
  Expr cpu;
  friend bool operator==(const WaitForCpu&, const WaitForCpu&) = default;
};

enum class LoopAction : std::uint8_t { enter, again, leave };
struct LoopEvent {
  LoopAction action;
  Id<Loop> loop;
  friend bool operator==(const LoopEvent&, const LoopEvent&) = default;
};

enum class OperationAction : std::uint8_t { begin, end };
struct OperationEvent {
  OperationAction action;
  Id<Operation> operation;
  friend bool operator==(const OperationEvent&, const OperationEvent&) = default;
};

struct Assertion {
  std::string property; // the property (template `assertion`) that this belongs to
  Expr holds;
  std::string text;
  friend bool operator==(const Assertion&, const Assertion&) = default;
};

enum class CostKind : std::uint8_t { seamcalls, ipis, cycles };
struct Cost {
  CostKind kind;
  Expr amount;
  friend bool operator==(const Cost&, const Cost&) = default;
};

enum class ContextAction : std::uint8_t { irqs_off, irqs_on, preempt_off, preempt_on, irq_enter, irq_exit };
struct ContextEvent {
  ContextAction action;
  friend bool operator==(const ContextEvent&, const ContextEvent&) = default;
};

// The step ran inside something that a named guard keeps (a lock, a release, a step): it was at stake.
struct RanUnder {
  Id<GuardName> guard;
  friend bool operator==(const RanUnder&, const RanUnder&) = default;
};

using Fact = std::variant<LockEvent, WaitForLock, WaitForThreads, WaitForCpu, LoopEvent, OperationEvent,
                          Assertion, Cost, ContextEvent, RanUnder>;

// `some bound in set such that` (the condition is part of the guard).
struct Choice {
  BoundName bound;
  Id<IndexSet> set;
  friend bool operator==(const Choice&, const Choice&) = default;
};

struct Update {
  VariableRef target;
  Expr value;
  friend bool operator==(const Update&, const Update&) = default;
};

// A conjunct of the guard that `--without NAME` drops.
struct NamedConjunct {
  Id<GuardName> guard;
  Expr condition;
  friend bool operator==(const NamedConjunct&, const NamedConjunct&) = default;
};

struct Step {
  Id<Label> from, to;
  bool silent = false;
  std::string text;     // what happens, for the reader of a trace
  std::string function; // kernel function that is being executed
  std::string call;     // SEAMCALL or TDCALL, where the step is part of one
  std::string status;   // what the call answers, where this step decides it
  std::vector<Choice> choices;
  Expr guard; // over the choices
  std::vector<NamedConjunct> named;
  std::vector<Update> updates;
  Fairness fairness = Fairness::weak;
  std::vector<Fact> facts;
  Source source;
  // Only lower/ sets it: the step stands for an ill-formed branch, and taking it is a model error in these
  // words.
  std::string error = {};
  // Only lower/ sets it: the position of the written step that this is one path of. Fairness belongs to that
  // one.
  std::uint32_t written = 0;
  friend bool operator==(const Step&, const Step&) = default;
};

struct Thread {
  std::string name;
  std::optional<Id<IndexSet>> over; // one thread per member, or a single one
  Table<Label> labels;
  Id<Label> start;
  std::vector<Step> steps;
  Expr cpu; // the pCPU it is on (index or optional index), where the protocol models CPUs; may be empty
  std::string doc;
  Source source;
  // Only lower/ sets it: what happened in the silent tail of the start (operations begun, loops entered).
  std::vector<Fact> start_facts = {};
  friend bool operator==(const Thread&, const Thread&) = default;
};

struct Region {
  std::string name;
  Id<Thread> thread;
  std::vector<Id<Label>> labels;
  friend bool operator==(const Region&, const Region&) = default;
};

// ---- claims
// -------------------------------------------------------------------------------------------------

struct Always {
  Expr condition;
  friend bool operator==(const Always&, const Always&) = default;
};
// All assertions that carry the property's name.
struct Asserted {
  friend bool operator==(const Asserted&, const Asserted&) = default;
};
struct NoDeadlock {
  friend bool operator==(const NoDeadlock&, const NoDeadlock&) = default;
};
struct LockDiscipline {
  friend bool operator==(const LockDiscipline&, const LockDiscipline&) = default;
};
struct LockOrder {
  friend bool operator==(const LockOrder&, const LockOrder&) = default;
};
struct NoLivelock {
  friend bool operator==(const NoLivelock&, const NoLivelock&) = default;
};
struct NoStarvation {
  friend bool operator==(const NoStarvation&, const NoStarvation&) = default;
};
struct LeadsTo {
  Expr from, to;
  friend bool operator==(const LeadsTo&, const LeadsTo&) = default;
};
struct Recoverable {
  Expr condition;
  friend bool operator==(const Recoverable&, const Recoverable&) = default;
};
struct Retries {
  Id<Loop> loop;
  Expr limit; // over parameters
  friend bool operator==(const Retries&, const Retries&) = default;
};
struct Balanced {
  Id<Counter> counter;
  friend bool operator==(const Balanced&, const Balanced&) = default;
};
struct Sometimes {
  Expr condition;
  friend bool operator==(const Sometimes&, const Sometimes&) = default;
};
using Claim = std::variant<Always, Asserted, NoDeadlock, LockDiscipline, LockOrder, NoLivelock, NoStarvation,
                           LeadsTo, Recoverable, Retries, Balanced, Sometimes>;

struct Property {
  std::string name;
  Claim claim;
  // Where given, the claim is made only for parameters that satisfy it; elsewhere it is not a property at
  // all.
  Expr claimed_when;
  std::string doc;
  Source source;
  friend bool operator==(const Property&, const Property&) = default;
};

// "always", "assertion", "no_deadlock", ...: the template names of the command line.
[[nodiscard]] std::string_view template_name(const Claim& claim);

struct Setting {
  Id<Parameter> parameter;
  Value value = 0;
  friend bool operator==(const Setting&, const Setting&) = default;
};

struct Expectation {
  std::string property;
  std::string verdict; // "holds" or "violated"
  friend bool operator==(const Expectation&, const Expectation&) = default;
};

struct Variant {
  std::string name;
  std::vector<Setting> settings;
  std::string source;   // mail or version, Message-ID or commit
  std::string expected; // what its authors expected
  std::string left_out;
  std::string finding; // what the checker decided, where that needs words
  friend bool operator==(const Variant&, const Variant&) = default;
};

struct Model {
  std::string name;
  std::string summary;         // one line
  std::string essay;           // sources, abstractions, what was left out
  std::string default_variant; // where empty, the parameters' defaults
  Table<Enumeration> enumerations;
  Table<Parameter> parameters;
  Table<IndexSet> sets;
  Table<Variable> variables;
  Table<Lock> locks;
  Table<GuardName> guards;
  Table<Thread> threads;
  Table<Region> regions;
  Table<Loop> loops;
  Table<Operation> operations;
  Table<Counter> counters;
  std::vector<Property> properties;
  std::vector<Variant> variants;
  friend bool operator==(const Model&, const Model&) = default;
};

// A value for every parameter and, for every named guard, whether it is kept.
struct Valuation {
  std::vector<Value> parameters;
  std::vector<bool> kept;
  friend bool operator==(const Valuation&, const Valuation&) = default;
};

[[nodiscard]] Valuation defaults(const Model& model);
// Whether the parameter's type has this value.
[[nodiscard]] bool is_value_of(const Model& model, Id<Parameter> parameter, Value value);

} // namespace tdxcheck::model
