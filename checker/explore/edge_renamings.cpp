// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/edge_renamings.h"

#include <map>

#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

constexpr std::size_t most_renamings = 65536;

class Follow : public SuccessorSink {
public:
  Follow(const InterpretedSystem& system, CanonicalForm& form, const ReachedGraph& graph,
         EdgeRenamings& result)
      : system_(system),
        form_(form),
        graph_(graph),
        result_(result),
        renaming_(system.instance()),
        next_(system.words()) {}

  void take(StateView next, Move move, std::uint8_t) override {
    const std::uint64_t edge = result_.of.size();
    form_.of(next, next_.data(), renaming_);
    support::ensures_internal(graph_.move[edge] == move, "the same state has the same successors again");
    result_.of.push_back(static_cast<std::uint16_t>(number()));
  }
  [[nodiscard]] bool too_many() const { return result_.threads.size() > most_renamings; }

private:
  std::size_t number() {
    if (renaming_.members() == last_) return last_number_;
    last_ = renaming_.members();
    const auto [at, is_new] = numbers_.emplace(last_, result_.threads.size());
    if (is_new) {
      std::vector<std::uint8_t>& to = result_.threads.emplace_back();
      for (std::size_t t = 0; t < system_.instance().threads().size(); ++t)
        to.push_back(static_cast<std::uint8_t>(renamed_thread(system_.instance(), renaming_, t)));
    }
    return last_number_ = at->second;
  }

  const InterpretedSystem& system_;
  CanonicalForm& form_;
  const ReachedGraph& graph_;
  EdgeRenamings& result_;
  Renaming renaming_;
  std::vector<Word> next_;
  std::map<std::vector<std::uint8_t>, std::size_t> numbers_;
  std::vector<std::uint8_t> last_;
  std::size_t last_number_ = 0;
};

} // namespace

std::optional<EdgeRenamings> renamings_of_edges(const InterpretedSystem& system, TransitionSystem& steps,
                                                CanonicalForm& form, const ReachedGraph& graph,
                                                const std::function<void()>& round) {
  support::expects(system.instance().threads().size() < 256, "thread instances are numbered in a byte");
  EdgeRenamings result;
  result.of.reserve(graph.target.size());
  Follow follow(system, form, graph, result);
  constexpr StateNumber states_per_round = 1 << 14;
  for (StateNumber s = 0; s < graph.states() && !follow.too_many(); ++s) {
    if (round && s % states_per_round == 0) round();
    steps.successors(graph.state(s), follow);
  }
  if (follow.too_many()) return {};
  return result;
}

} // namespace tdxcheck::explore
