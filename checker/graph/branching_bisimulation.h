// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The smallest graph with the same behaviour up to branching bisimilarity (R. J. van Glabbeek, W. P.
// Weijland, 1996), which keeps traces; where nothing is silent, up to strong bisimilarity. By signature
// refinement (S. Blom, S. Orzan, 2003): a node's signature is what it can do and where that leads, silent
// steps inside its block included; nodes of one block with different signatures are told apart, until none
// are. Only nodes one of whose targets has moved to another block are looked at again (S. Blom, J. van de
// Pol, 2009), which is what makes it linear in practice; the largest part of a block keeps its number.
//
// Most of the interleaving of steps that nobody sees disappears here: comparing two variants afterwards is
// cheap. Cost: 12 bytes per edge and 24 per node; per round what has changed. Tests: against the definition
// on random graphs.

#include "graph/labelled_graph.h"

namespace tdxcheck::graph {

// Of a graph without silent cycles whose silent edges lead to smaller numbers, such as
// without_silent_cycles() leaves it.
[[nodiscard]] LabelledGraph branching_quotient(const LabelledGraph& graph, const CheckBudget& check);

} // namespace tdxcheck::graph
