// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Two SEAMCALLs on one TD at the same time: which lock of the TDX module makes which of them BUSY. The essay
// is at the head of tdx_module.cpp.

#include "dsl/dsl.h"
#include "protocols/module/td.h"

namespace tdxcheck::protocols {

class TdxModule : public dsl::Protocol {
public:
  TdxModule();

protected:
  // Who calls, and on what: a vCPU, a page, a table and a TDMR of its own.
  struct Side {
    dsl::Thread& t;
    Caller by;
    dsl::Expr vcpu, gfn, table, tdmr;
  };
  // A leaf: what its own operands are before, and the call.
  struct Leaf {
    std::string name;
    std::function<void(dsl::StepWords&, const Side&)> operands;
    std::function<void(const Side&)> call;
  };

  void define() override;

  virtual void choose_the_state(dsl::Thread& t);
  virtual void make_a_call(dsl::Thread& t, const dsl::Parameter& which, int member,
                           const dsl::Variable& answered);
  [[nodiscard]] std::vector<Leaf> sys_leaves() const;
  [[nodiscard]] std::vector<Leaf> mng_leaves() const;
  [[nodiscard]] std::vector<Leaf> vp_leaves() const;
  [[nodiscard]] std::vector<Leaf> mem_leaves() const;
  [[nodiscard]] std::vector<Leaf> phymem_leaves() const;
  [[nodiscard]] std::vector<Leaf> all_leaves() const;
  void claims();
  void variants();
  [[nodiscard]] TdSpec td_spec() const;

  Generation module;
  dsl::Parameter holder, newcomer;
  dsl::IndexSet cpus, vcpus, gfns, tables;
  System system;
  Td td;
  dsl::Variable ready;
  dsl::Variable holder_answered, newcomer_answered;
};

} // namespace tdxcheck::protocols
