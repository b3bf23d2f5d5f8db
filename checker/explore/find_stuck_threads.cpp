// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/find_stuck_threads.h"

#include <algorithm>
#include <limits>

#include "explore/components.h"
#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

constexpr int most_passes = 12;

// Some of the threads, a bit for each.
template <class Bits>
struct Threads {
  std::size_t first = 0, count = 0;

  [[nodiscard]] Bits all() const {
    return count == 8 * sizeof(Bits) ? static_cast<Bits>(~Bits{0})
                                     : static_cast<Bits>((std::uint64_t{1} << count) - 1);
  }
  [[nodiscard]] Bits bit(std::size_t thread) const {
    const bool one_of_them = thread >= first && thread < first + count;
    return one_of_them ? static_cast<Bits>(std::uint64_t{1} << (thread - first)) : Bits{0};
  }
};

using AtEnd = std::function<bool(StateNumber, std::size_t)>;
using AlsoMoving = std::function<std::uint64_t(StateNumber)>;

// Which threads of the source are those of the target, along each edge.
template <class Bits>
class Back {
public:
  explicit Back(const EdgeRenamings& renamings) : renamings_(renamings) {
    if (sizeof(Bits) > 1) return;
    for (std::size_t r = 0; r < renamings.threads.size(); ++r)
      for (unsigned bits = 0; bits < 256; ++bits) bytes_.push_back(slowly(r, static_cast<Bits>(bits)));
  }
  Bits operator()(std::uint64_t edge, Bits of_target) const {
    const std::size_t renaming = renamings_.of[edge];
    if constexpr (sizeof(Bits) == 1) return bytes_[renaming * 256 + of_target];
    else return slowly(renaming, of_target);
  }

private:
  [[nodiscard]] Bits slowly(std::size_t renaming, Bits of_target) const {
    Bits result = 0;
    const std::vector<std::uint8_t>& to = renamings_.threads[renaming];
    for (std::size_t t = 0; t < to.size(); ++t)
      if ((of_target >> to[t] & 1) != 0) result |= static_cast<Bits>(std::uint64_t{1} << t);
    return result;
  }

  const EdgeRenamings& renamings_;
  std::vector<Bits> bytes_; // by renaming, by bits of the target
};

struct AsTheyAre {
  template <class Bits>
  Bits operator()(std::uint64_t, Bits of_target) const {
    return of_target;
  }
};

// By state: which threads move there or further on, as far as a few passes can tell.
template <class Bits, class Along>
class Passes {
public:
  Passes(const ReachedGraph& graph, Threads<Bits> threads, const Along& along, const AlsoMoving& also_moving)
      : graph_(graph),
        threads_(threads),
        along_(along),
        also_moving_(also_moving),
        moving_(graph.states(), 0) {}

  // False: it was not enough.
  bool run(int most) {
    for (StateNumber s = graph_.states(); s-- > 0;)
      if (update(s); moving_[s] != threads_.all()) open_.push_back(s);
    const bool enough = pass_until_settled(most);
    if (!also_moving_) return enough;
    for (const StateNumber s : open_)
      moving_[s] |= static_cast<Bits>(also_moving_(s) >> threads_.first & threads_.all());
    return enough && pass_until_settled(most);
  }
  // Exactly, in one pass over the components, successors first.
  void run_by_component() {
    const Components components = strongly_connected_components(graph_);
    std::vector<Bits> result(components.count, 0);
    for (const StateNumber s : by_component(components).states) {
      Bits moving = static_cast<Bits>(result[components.of[s]] | moving_[s]);
      for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1]; ++e)
        moving |= threads_.bit(graph_.move[e].thread) | result[components.of[graph_.target[e]]];
      result[components.of[s]] = moving;
    }
    for (StateNumber s = 0; s < graph_.states(); ++s) moving_[s] = result[components.of[s]];
  }

  [[nodiscard]] Bits stuck_in(StateNumber s) const { return static_cast<Bits>(threads_.all() & ~moving_[s]); }

private:
  bool pass_until_settled(int most) {
    for (int pass = 1; pass < most; ++pass) {
      bool changed = false;
      for (const StateNumber s : open_) changed = update(s) || changed;
      if (!changed) return true;
      std::erase_if(open_, [&](StateNumber s) { return moving_[s] == threads_.all(); });
    }
    return false;
  }
  bool update(StateNumber s) {
    Bits moving = moving_[s];
    for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1] && moving != threads_.all(); ++e)
      moving |= threads_.bit(graph_.move[e].thread) | along_(e, moving_[graph_.target[e]]);
    const bool changed = moving != moving_[s];
    moving_[s] = moving;
    return changed;
  }

  const ReachedGraph& graph_;
  Threads<Bits> threads_;
  const Along& along_;
  const AlsoMoving& also_moving_;
  std::vector<Bits> moving_;
  std::vector<StateNumber> open_; // some thread was not seen to move yet; from the last one on
};

template <class Bits, class Along>
void keep_first(const Passes<Bits, Along>& passes, const ReachedGraph& graph, const Threads<Bits>& some,
                const AtEnd& at_end, std::optional<StuckThread>& found) {
  for (StateNumber s = 0; s < graph.states() && (!found || s < found->state); ++s) {
    const Bits stuck = passes.stuck_in(s);
    for (std::size_t t = some.first;
         stuck != 0 && t < some.first + some.count && (!found || s < found->state); ++t)
      if ((stuck & some.bit(t)) != 0 && !at_end(s, t)) found = StuckThread{s, t};
  }
}

template <class Bits>
std::optional<StuckThread> first_stuck(const ReachedGraph& graph, std::size_t threads, const AtEnd& at_end,
                                       const AlsoMoving& also_moving) {
  std::optional<StuckThread> found;
  for (std::size_t first = 0; first < threads; first += 8 * sizeof(Bits)) {
    const Threads<Bits> some{first, std::min(8 * sizeof(Bits), threads - first)};
    const AsTheyAre along;
    Passes<Bits, AsTheyAre> passes(graph, some, along, also_moving);
    if (!passes.run(most_passes)) passes.run_by_component();
    keep_first(passes, graph, some, at_end, found);
  }
  return found;
}

template <class Bits>
std::optional<StuckThread> first_stuck(const ReachedGraph& graph, std::size_t threads, const AtEnd& at_end,
                                       const AlsoMoving& also_moving, const EdgeRenamings& renamings) {
  const Threads<Bits> all{0, threads};
  const Back<Bits> along(renamings);
  Passes<Bits, Back<Bits>> passes(graph, all, along, also_moving);
  (void)passes.run(std::numeric_limits<int>::max());
  std::optional<StuckThread> found;
  keep_first(passes, graph, all, at_end, found);
  return found;
}

} // namespace

std::optional<StuckThread> find_stuck_thread(const ReachedGraph& graph, std::size_t threads,
                                             const AtEnd& at_end, const EdgeRenamings* renamings,
                                             const AlsoMoving& also_moving) {
  support::expects(renamings == nullptr || threads <= 64, "renamed threads are told apart in one word");
  if (renamings != nullptr)
    return threads <= 8 ? first_stuck<std::uint8_t>(graph, threads, at_end, also_moving, *renamings)
                        : first_stuck<std::uint64_t>(graph, threads, at_end, also_moving, *renamings);
  return threads <= 8 ? first_stuck<std::uint8_t>(graph, threads, at_end, also_moving)
                      : first_stuck<std::uint64_t>(graph, threads, at_end, also_moving);
}

} // namespace tdxcheck::explore
