// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Of the members of an open set that have no name, how many satisfy a condition. They do not change, so the
// number depends only on those parts of the condition that are not about the member: it is an uninterpreted
// function of what these parts are worth, and one function for all conditions that differ in nothing else. So
// `count v: root[v] == r` gives the same number before and after a step that leaves r alone.
//
// Whether the member is in a subset of the set is part of a condition, too: a function of the subset's value
// (open_subsets.h), and told exactly where the subset has none of the members without a name, or all.
//
// What a condition says of labels is told exactly, by one number per label: counter abstraction (German and
// Sistla 1992), and so is what it says of one variable of few values: by one number per value, which are all
// of the members together. Negations, and parts of a connective that are not about the member, are taken out
// first, so that `for all v: allocated[0] or root[v] != 0` and `count v: root[v] == 0` speak of one number.
// Of those at a label, the numbers are others than of those at another. Where a condition reaches beyond the
// member (`other[next[v]]`), nothing is known of the number but its bounds. Private to prove/.

#include "prove/evaluation.h"

namespace tdxcheck::prove {

// An integer. `evaluation` is of the state in question, and gives bound names outside `counted` a value.
[[nodiscard]] z3::expr unnamed_that(const Encoding& encoding, const Evaluation& evaluation,
                                    const model::Quantified& counted);

// Where all begins and `given` holds: the condition on the state under which every member without a name
// satisfies it, while otherwise none does. Nothing, if that is not the same for each member.
struct StartOfUnnamed {
  z3::expr given;
  std::optional<model::Expr> satisfying;
};
[[nodiscard]] StartOfUnnamed at_the_start(const Encoding& encoding, const Evaluation& evaluation,
                                          const model::Quantified& counted);

} // namespace tdxcheck::prove
