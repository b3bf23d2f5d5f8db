// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The model under construction. Protocols do not use it directly: the words of protocol.h and thread.h do.
// One Builder is current at a time (per C++ thread), so that expressions and `when` find it without being
// handed it.

#include <source_location>
#include <string>
#include <vector>

#include "model/model.h"

namespace tdxcheck::dsl {

using Location = std::source_location;

// The set of a literal that has not met its set yet.
inline constexpr std::uint32_t untyped_set = 0xffffffff;

[[nodiscard]] model::Source source_of(const Location& location);

class ThreadBuilder;

class Builder {
public:
  Builder();
  ~Builder();
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  [[nodiscard]] model::Model& model() { return model_; }
  [[nodiscard]] const model::Model& model() const { return model_; }

  // The literal of a constant of the enumeration `sort`; an InputError with the near misses if it has none.
  [[nodiscard]] model::Expr constant(const model::Sort& sort, const std::string& name) const;
  [[nodiscard]] model::Id<model::Enumeration> enumeration(const std::string& name,
                                                          const std::vector<std::string>& constants);
  [[nodiscard]] model::Id<model::GuardName> guard(const std::string& name, const std::string& doc,
                                                  const Location& where);
  [[nodiscard]] model::Id<model::Region> region(const std::string& name);
  [[nodiscard]] model::BoundName fresh_bound(const std::string& name);
  [[nodiscard]] model::Type type_of(model::Id<model::Variable> variable) const;

  // The thread whose body is being built.
  [[nodiscard]] ThreadBuilder& thread();
  void set_thread(ThreadBuilder* thread) { thread_ = thread; }

  // A thread may be waited for before it is declared: the fact of the last step of `waiting` is completed by
  // resolve_waits().
  void wait_is_for(model::Id<model::Thread> waiting, std::size_t fact, const std::string& awaited);
  void resolve_waits();

private:
  model::Model model_;
  ThreadBuilder* thread_ = nullptr;
  std::uint32_t bound_ = 0;
  struct PendingWait {
    model::Id<model::Thread> waiting;
    std::size_t step, fact;
    std::string awaited;
  };
  std::vector<PendingWait> pending_;
  Builder* outer_ = nullptr;
};

// The current Builder; a contract violation outside a Protocol.
[[nodiscard]] Builder& here();

} // namespace tdxcheck::dsl
