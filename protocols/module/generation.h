// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The version of the TDX module that a protocol runs on: the parameter `module`. Every difference between
// generations is a when() or a choose() on it, in the leaf that it concerns:
//
//   1.0           plain sharex locks: no host priority, no lock per S-EPT entry; every leaf that modifies the
//                 tree takes the whole tree exclusive
//   1.5.16        the tree lock is a plain sharex; a zero-step check in VP.ENTER takes it exclusive, PROMOTE
//                 shared together with every child's entry lock; a store of a whole entry forgets that a host
//                 call waits; a PENDING page counts as missing in the zero-step check
//   1.5.20        the tree lock is a sharex_hp; a zero-step check takes it shared, PROMOTE exclusive; entries
//                 keep the host-priority bit; DEMOTE and PROMOTE stop for a host call that waits for the tree
//   1.5.20_dpamt  likewise, with dynamic PAMT (PHYMEM.PAMT.ADD and REMOVE)
//
// 1.5.16 stands for 1.5.05 to 1.5.16, which do not differ in anything modelled here, 1.5.20 for 1.5.20 to
// 1.5.25.

#include <string>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

class Generation {
public:
  explicit Generation(dsl::Parameter module) : module_(std::move(module)) {}
  [[nodiscard]] dsl::Expr is_1_0() const { return module_ == "1.0"; }
  [[nodiscard]] dsl::Expr up_to_1_5_16() const { return is_1_0() || module_ == "1.5.16"; }
  [[nodiscard]] dsl::Expr from_1_5_20() const { return !up_to_1_5_16(); }
  [[nodiscard]] dsl::Expr has_dynamic_pamt() const { return module_ == "1.5.20_dpamt"; }
  [[nodiscard]] const dsl::Parameter& parameter() const { return module_; }

private:
  dsl::Parameter module_;
};

// The parameter `module`, with `usual` as its default.
[[nodiscard]] Generation module_parameter(dsl::Protocol& protocol, const std::string& usual = "1.5.20",
                                          dsl::Location where = dsl::Location::current());

} // namespace tdxcheck::protocols
