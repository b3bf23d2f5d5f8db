// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A protocol: parameters, index sets, variables, locks, threads, claims, variants. Declarations are members
// of a struct that derives from Protocol; define() writes the threads and the claims; one virtual member per
// kernel function, so that a file outside the tree can replace one function and be checked.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/builder.h"
#include "dsl/expression.h"

namespace tdxcheck::dsl {

class Thread;

// ---- handles
// ------------------------------------------------------------------------------------------------

class Parameter : public Expr {
public:
  Parameter(model::Id<model::Parameter> id, model::Expr tree) : Expr(std::move(tree)), id_(id) {}
  [[nodiscard]] model::Id<model::Parameter> id() const { return id_; }
  // The limit is not there (only for limits that may be unlimited).
  [[nodiscard]] Expr is_unlimited() const;

private:
  model::Id<model::Parameter> id_;
};

class IndexSet {
public:
  explicit IndexSet(model::Id<model::IndexSet> id) : id_(id) {}
  [[nodiscard]] model::Id<model::IndexSet> id() const { return id_; }
  [[nodiscard]] Expr size() const;
  [[nodiscard]] Expr member(int number) const; // a given member, e.g. the first
  [[nodiscard]] Expr last() const;

private:
  model::Id<model::IndexSet> id_;
};

enum class Members { ordered, symmetric };

// A type of variables.
class Type {
public:
  explicit Type(model::ScalarType scalar) : type_{std::move(scalar), {}} {}
  explicit Type(model::Type type) : type_(std::move(type)) {}
  [[nodiscard]] const model::Type& type() const { return type_; }

private:
  model::Type type_;
};

[[nodiscard]] Type boolean();
[[nodiscard]] Type integer(const Expr& low, const Expr& high);
[[nodiscard]] Type bits(const Expr& width);
[[nodiscard]] Type enumeration(const std::string& name, const std::vector<std::string>& constants);
// One constant of an enumeration, where nothing it meets tells which enumeration is meant.
[[nodiscard]] Expr constant(const std::string& enumeration, const std::vector<std::string>& constants,
                            const std::string& name);
[[nodiscard]] Type index(const IndexSet& set);
[[nodiscard]] Type optional_index(const IndexSet& set);
[[nodiscard]] Type subset(const IndexSet& set);
[[nodiscard]] Type array(const IndexSet& set, const Type& element);

// A variable, or one of its elements: owner, owner[c], table[i][j].
class Variable : public Expr {
public:
  Variable() = default;
  Variable(model::Id<model::Variable> id, std::vector<model::Expr> at);
  [[nodiscard]] Variable operator[](const Expr& index) const;
  [[nodiscard]] model::VariableRef reference() const { return {id_, at_}; }
  [[nodiscard]] model::Id<model::Variable> id() const { return id_; }

private:
  model::Id<model::Variable> id_{};
  std::vector<model::Expr> at_;
};

// One instance of a lock class: lock, or lock[v].
class Lock {
public:
  Lock() = default;
  Lock(model::Id<model::Lock> id, std::vector<model::Expr> instance)
      : id_(id), instance_(std::move(instance)) {}
  [[nodiscard]] Lock operator[](const Expr& index) const;
  [[nodiscard]] model::Id<model::Lock> id() const { return id_; }
  [[nodiscard]] const std::vector<model::Expr>& instance() const { return instance_; }

private:
  model::Id<model::Lock> id_{};
  std::vector<model::Expr> instance_;
};

struct LockClass {
  std::string name;
  std::vector<IndexSet> over = {};
  model::LockKind kind = model::LockKind::mutex;
  bool sleeping = false;
  bool module = false;
  std::optional<int> rank = {};
  std::string doc = {};
};

// An operation or a loop may be asked for by the kernel function that it lies in; see thread.h.

// A variant: a valuation of parameters with its source and what its authors expected.
struct Preset {
  std::string name;
  std::vector<std::pair<std::string, std::string>> set; // parameter name, value
  std::string source;
  std::string expected;
  std::string left_out = {};
  std::string finding = {};
};

// ---- quantifiers
// --------------------------------------------------------------------------------------------

using Predicate = std::function<Expr(Expr)>;

[[nodiscard]] Expr for_all(const IndexSet& set, const std::string& name, const Predicate& body);
[[nodiscard]] Expr exists(const IndexSet& set, const std::string& name, const Predicate& body);
[[nodiscard]] Expr count(const IndexSet& set, const std::string& name, const Predicate& body);

// The thread that wrote `region(name, ...)` is inside it (the given member of it, if it has an index set).
[[nodiscard]] Expr in_region(const std::string& name);
[[nodiscard]] Expr in_region(const std::string& name, const Expr& member);

// True unless the user drops the guard with --without.
[[nodiscard]] Expr kept(const std::string& guard, const std::string& doc = {},
                        Location where = Location::current());

// ---- the protocol
// -------------------------------------------------------------------------------------------

class Protocol {
public:
  Protocol(std::string name, std::string summary, std::string essay = {});
  virtual ~Protocol() = default;
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& summary() const { return summary_; }

  // Runs define() once and returns the model.
  [[nodiscard]] model::Model finish();

  // The words below are public so that parts (locks, CPUs, the TDX module) can be composed from outside.
  Parameter integer_parameter(const std::string& name, int default_value, int low, int high,
                              const std::string& doc, Location where = Location::current());
  // 0..high, or `unlimited`; default_value may be dsl::unlimited.
  Parameter limit_parameter(const std::string& name, int default_value, int high, const std::string& doc,
                            Location where = Location::current());
  Parameter bool_parameter(const std::string& name, bool default_value, const std::string& doc,
                           Location where = Location::current());
  // The first value is the default.
  Parameter enum_parameter(const std::string& name, const std::vector<std::string>& values,
                           const std::string& doc, Location where = Location::current());
  IndexSet index_set(const std::string& name, const Expr& size, Members members = Members::ordered,
                     Location where = Location::current());
  // `initial` is the value of every cell; without one a cell may start with any value of its type.
  Variable variable(const std::string& name, const Type& type, const Expr& initial,
                    const std::string& doc = {}, Location where = Location::current());
  Variable variable(const std::string& name, const IndexSet& per, const Type& type, const Expr& initial,
                    const std::string& doc = {}, Location where = Location::current());
  Lock lock(const LockClass& lock_class, Location where = Location::current());
  void thread(const std::string& name, const std::function<void(Thread&)>& body, const std::string& doc = {},
              Location where = Location::current());
  void thread(const std::string& name, const IndexSet& per, const std::function<void(Thread&)>& body,
              const std::string& doc = {}, Location where = Location::current());
  // For `balanced`; see model::Counter.
  void counter(const std::string& name, const Expr& value, const Expr& holders, const Expr& freed = {},
               Location where = Location::current());
  // The templates in properties/ call this one.
  void claim(const std::string& name, model::Claim claim, const std::string& doc, Location where,
             const Expr& claimed_when = {});
  // A loop of a thread that was declared before.
  [[nodiscard]] model::Id<model::Loop> loop_named(const std::string& name) const;
  void variant(Preset preset, Location where = Location::current());
  void default_variant(const std::string& name);
  void say_essay(std::string essay) { builder_.model().essay = std::move(essay); }

  [[nodiscard]] Builder& builder() { return builder_; }

protected:
  // Threads, claims and variants.
  virtual void define() = 0;

private:
  model::Id<model::Parameter> add_parameter(model::Parameter parameter);
  Variable add_variable(const std::string& name, const Type& type, const Expr& initial, model::Scope scope,
                        const std::string& doc, Location where);
  void add_thread(model::Thread thread, const std::function<void(Thread&)>& body);
  void resolve_presets();

  Builder builder_;
  std::string name_, summary_;
  std::vector<std::pair<Preset, model::Source>> presets_;
  bool finished_ = false;
};

inline constexpr int unlimited = -1;
inline const Expr any_value; // an initial value: every value of the type

} // namespace tdxcheck::dsl
