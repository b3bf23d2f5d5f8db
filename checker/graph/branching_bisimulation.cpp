// SPDX-License-Identifier: GPL-2.0-or-later
#include "graph/branching_bisimulation.h"

#include <algorithm>
#include <unordered_map>

namespace tdxcheck::graph {
namespace {

using Signature = std::vector<LabelledEdge>; // sorted, each once; targets are blocks

std::uint64_t hash_of(std::span<const LabelledEdge> signature) {
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  for (const LabelledEdge& edge : signature) {
    hash ^= (std::uint64_t{edge.label} << 32) | edge.target;
    hash *= 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  return hash;
}

class Refinement {
public:
  Refinement(const LabelledGraph& graph, const CheckBudget& check)
      : graph_(graph),
        check_(check),
        block_(graph.nodes(), 0),
        size_{graph.nodes()},
        signature_(1),
        is_dirty_(graph.nodes(), 1) {
    build_predecessors();
    for (Node n = 0; n < graph.nodes(); ++n) dirty_.push_back(n);
    while (!dirty_.empty()) round();
  }

  [[nodiscard]] LabelledGraph quotient() const {
    LabelledGraph small;
    for (const Node n : graph_.initial) small.initial.push_back(block_[n]);
    std::sort(small.initial.begin(), small.initial.end());
    small.initial.erase(std::unique(small.initial.begin(), small.initial.end()), small.initial.end());
    for (const Signature& signature : signature_) small.add(signature);
    return small;
  }

private:
  // Nodes of one block that were looked at in a round and have the same signature.
  struct Group {
    Node block;
    std::uint64_t first, last; // its signature in pool_
    std::vector<Node> nodes;
  };

  void build_predecessors();
  void round();
  void sign(Node node);
  void put_into_group(Node node);
  void split();
  void move(const std::vector<Node>& nodes, Node to);
  void mark(Node node);
  [[nodiscard]] std::span<const LabelledEdge> pooled(std::uint64_t first, std::uint64_t last) const {
    return {pool_.data() + first, pool_.data() + last};
  }
  // Of a node that is in the same block as one being looked at: it has been signed in this round, or has the
  // signature of its block.
  [[nodiscard]] std::span<const LabelledEdge> signature_of(Node node) const {
    if (is_dirty_[node] != 0) return pooled(signed_[node], signed_end_[node]);
    return signature_[block_[node]];
  }

  const LabelledGraph& graph_;
  const CheckBudget& check_;
  std::vector<Node> block_;          // by node
  std::vector<Node> size_;           // by block
  std::vector<Signature> signature_; // by block
  std::vector<Node> dirty_, next_dirty_;
  std::vector<std::uint8_t> is_dirty_, is_next_dirty_;
  std::vector<std::uint64_t> before_; // rows of predecessors_
  std::vector<Node> predecessors_;
  // Of a round.
  std::vector<LabelledEdge> pool_;
  std::vector<std::uint64_t> signed_, signed_end_; // by node: its signature in pool_
  std::vector<Group> groups_;
  std::unordered_multimap<std::uint64_t, std::size_t> group_of_hash_;
  Signature scratch_;
};

void Refinement::build_predecessors() {
  before_.assign(std::size_t{graph_.nodes()} + 1, 0);
  for (const LabelledEdge& edge : graph_.edges) ++before_[edge.target + std::size_t{1}];
  for (Node n = 0; n < graph_.nodes(); ++n) before_[n + std::size_t{1}] += before_[n];
  std::vector<std::uint64_t> next(before_.begin(), before_.end() - 1);
  predecessors_.resize(graph_.edges.size());
  for (Node n = 0; n < graph_.nodes(); ++n)
    for (const LabelledEdge& edge : graph_.out(n)) predecessors_[next[edge.target]++] = n;
  signed_.resize(graph_.nodes());
  signed_end_.resize(graph_.nodes());
  is_next_dirty_.assign(graph_.nodes(), 0);
}

void Refinement::sign(Node node) {
  scratch_.clear();
  for (const LabelledEdge& edge : graph_.out(node)) {
    const Node target = block_[edge.target];
    if (edge.label != silent || target != block_[node]) {
      scratch_.push_back({edge.label, target});
    } else {
      const auto inert = signature_of(edge.target);
      scratch_.insert(scratch_.end(), inert.begin(), inert.end());
    }
  }
  std::sort(scratch_.begin(), scratch_.end());
  scratch_.erase(std::unique(scratch_.begin(), scratch_.end()), scratch_.end());
  signed_[node] = pool_.size();
  pool_.insert(pool_.end(), scratch_.begin(), scratch_.end());
  signed_end_[node] = pool_.size();
}

void Refinement::put_into_group(Node node) {
  const auto signature = pooled(signed_[node], signed_end_[node]);
  const std::uint64_t hash = hash_of(signature) ^ (block_[node] * 0x9e3779b97f4a7c15);
  const auto [begin, end] = group_of_hash_.equal_range(hash);
  for (auto candidate = begin; candidate != end; ++candidate) {
    Group& group = groups_[candidate->second];
    if (group.block != block_[node] || !std::ranges::equal(pooled(group.first, group.last), signature))
      continue;
    group.nodes.push_back(node);
    return;
  }
  group_of_hash_.emplace(hash, groups_.size());
  groups_.push_back({block_[node], signed_[node], signed_end_[node], {node}});
}

void Refinement::mark(Node node) {
  if (is_next_dirty_[node] != 0) return;
  is_next_dirty_[node] = 1;
  next_dirty_.push_back(node);
}

// A node that moves is to be looked at, too: a silent step that stayed inside its block leads out of it now.
void Refinement::move(const std::vector<Node>& nodes, Node to) {
  for (const Node node : nodes) {
    --size_[block_[node]];
    block_[node] = to;
    mark(node);
    for (std::uint64_t p = before_[node]; p < before_[node + std::size_t{1}]; ++p) mark(predecessors_[p]);
  }
  size_[to] += static_cast<Node>(nodes.size());
}

// Nodes that were not looked at have kept the signature of their block; if there are none, its largest group
// gives the block its new one.
void Refinement::split() {
  std::unordered_map<Node, std::vector<std::size_t>> groups_of;
  for (std::size_t g = 0; g < groups_.size(); ++g) groups_of[groups_[g].block].push_back(g);
  std::vector<Node> split_blocks;
  for (const auto& [block, groups] : groups_of) split_blocks.push_back(block);
  std::sort(split_blocks.begin(), split_blocks.end()); // so that the same graph gives the same numbers
  for (const Node block : split_blocks) {
    const auto& groups = groups_of[block];
    std::size_t looked_at = 0;
    for (const std::size_t g : groups) looked_at += groups_[g].nodes.size();
    std::size_t stays = groups_.size();
    if (looked_at == size_[block]) {
      stays = *std::ranges::max_element(groups, {}, [&](std::size_t g) { return groups_[g].nodes.size(); });
      const auto now = pooled(groups_[stays].first, groups_[stays].last);
      signature_[block].assign(now.begin(), now.end());
    }
    for (const std::size_t g : groups) {
      const auto now = pooled(groups_[g].first, groups_[g].last);
      if (g == stays || std::ranges::equal(now, signature_[block])) continue;
      const Node fresh = static_cast<Node>(size_.size());
      size_.push_back(0);
      signature_.emplace_back(now.begin(), now.end());
      move(groups_[g].nodes, fresh);
    }
  }
}

void Refinement::round() {
  std::sort(dirty_.begin(), dirty_.end()); // silent successors first
  pool_.clear();
  groups_.clear();
  group_of_hash_.clear();
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    constexpr std::size_t often = 4096;
    if (i % often == 0)
      check_(graph_.edges.size() * sizeof(Node) + pool_.capacity() * sizeof(LabelledEdge) +
             graph_.nodes() * std::uint64_t{40});
    sign(dirty_[i]);
    put_into_group(dirty_[i]);
  }
  split();
  for (const Node node : dirty_) is_dirty_[node] = 0;
  dirty_.swap(next_dirty_);
  next_dirty_.clear();
  for (const Node node : dirty_) is_dirty_[node] = 1, is_next_dirty_[node] = 0;
}

} // namespace

LabelledGraph branching_quotient(const LabelledGraph& graph, const CheckBudget& check) {
  if (graph.nodes() == 0) return {};
  return Refinement(graph, check).quotient();
}

} // namespace tdxcheck::graph
