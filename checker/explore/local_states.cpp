// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/local_states.h"

#include <algorithm>
#include <bit>
#include <set>

#include "explore/compile_steps.h"
#include "explore/fields_read.h"
#include "explore/partial_evaluation.h"
#include "explore/state_key.h"

namespace tdxcheck::explore {

using model::Value;

LocalStates::LocalStates(std::vector<std::size_t> fields, const std::vector<Value>& values)
    : fields_(std::move(fields)),
      count_(values.size() / fields_.size()),
      width_(static_cast<unsigned>(std::bit_width(count_ - 1))),
      columns_(fields_.size(), std::vector<Value>(std::size_t{1} << width_)) {
  const std::size_t n = fields_.size();
  unsigned shift = 0;
  for (std::size_t f = 0; f < n; ++f) {
    Value low = values[f], high = values[f];
    for (std::size_t s = 0; s < columns_[f].size(); ++s) {
      const Value value = values[std::min(s, count_ - 1) * n + f];
      columns_[f][s] = value;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    low_.push_back(low);
    shift_.push_back(shift);
    shift += static_cast<unsigned>(
        std::bit_width(static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low)));
  }
  for (std::size_t s = 0; s < count_; ++s) numbers_.emplace(key(values.data() + s * n), s);
}

std::uint64_t LocalStates::key(const Value* values) const {
  std::uint64_t result = 0;
  for (std::size_t f = 0; f < fields_.size(); ++f)
    result |= (static_cast<std::uint64_t>(values[f]) - static_cast<std::uint64_t>(low_[f])) << shift_[f];
  return result;
}

std::optional<std::uint32_t> LocalStates::number(const Value* values) const {
  const auto found = numbers_.find(key(values));
  if (found == numbers_.end()) return {};
  for (std::size_t f = 0; f < fields_.size(); ++f)
    if (columns_[f][found->second] != values[f]) return {};
  return found->second;
}

namespace {

// What a step leaves unknown may be any of so many combinations of values, or the thread is given up.
constexpr std::size_t most_combinations = 4096;
// Of all threads, so that a search begins soon: what is not enumerated by then keeps fields of its own.
constexpr std::size_t most_evaluations = 2000;
// Of the other fields that a step reads: then it is tried for each value of them.
constexpr unsigned bits_tried = 8;

class Enumeration {
public:
  Enumeration(const model::Instance& instance, const Layout& layout, std::size_t most)
      : instance_(instance), layout_(layout), most_(most) {
    code_.registers = static_cast<std::int32_t>(layout.fields().size());
    moves_ = compile_steps(instance, layout, code_);
    evaluation_.emplace(code_, layout);
    frame_.fit(code_);
    words_.resize(layout.words());
    next_.resize(layout.words());
  }

  [[nodiscard]] std::shared_ptr<const LocalStates> of(std::size_t thread) {
    fields_ = layout_.fields_of(thread);
    if (fields_.size() > LocalStates::most_fields) return nullptr;
    states_.clear();
    open_.clear();
    for (const auto& cell : fields_)
      if (cell < layout_.cells() && !instance_.model().variables[instance_.cells()[cell].variable].initial)
        return nullptr;
    add(initial(thread));
    while (!open_.empty()) {
      const Values from = std::move(open_.back());
      open_.pop_back();
      if (!expand(thread, from)) return nullptr;
    }
    std::vector<Value> all;
    for (const Values& state : states_) all.insert(all.end(), state.begin(), state.end());
    return std::make_shared<LocalStates>(fields_, all);
  }

private:
  using Values = std::vector<Value>; // by position in fields_

  [[nodiscard]] Values initial(std::size_t thread) const {
    Values result;
    for (const std::size_t field : fields_) {
      if (field >= layout_.cells()) {
        result.push_back(instance_.model().threads[instance_.threads()[thread].thread].start.value);
        continue;
      }
      const model::Variable& variable = instance_.model().variables[instance_.cells()[field].variable];
      result.push_back(model::evaluate_constant(instance_.model(), instance_.valuation(), *variable.initial));
    }
    return result;
  }

  void add(const Values& state) {
    if (states_.insert(state).second) open_.push_back(state);
  }

  bool expand(std::size_t thread, const Values& from) {
    std::vector<KnownField> known;
    for (std::size_t f = 0; f < fields_.size(); ++f) known.push_back({fields_[f], from[f]});
    for (const std::uint16_t m : moves_[thread].at[static_cast<std::size_t>(from.front())]) {
      if (++evaluations_ > most_evaluations) return false;
      const std::size_t program = moves_[thread].moves[m].program;
      const Residue residue = evaluation_->of(program, known);
      if (!residue.happens) continue;
      if (std::ranges::all_of(residue.after, [](const auto& value) { return value.has_value(); })) {
        Values next;
        for (const auto& value : residue.after) next.push_back(*value);
        add(next);
      } else if (const StateKey key(layout_, residue.reads); key.bits() <= bits_tried) {
        try_all(program, from, residue.reads);
      } else if (!combine(residue)) {
        return false;
      }
      if (states_.size() > most_) return false;
    }
    return true;
  }

  // The step is tried for each valuation of what else it reads.
  void try_all(std::size_t program, const Values& from, const std::vector<bool>& reads) {
    std::vector<std::size_t> others;
    Value* const frame = frame_.base();
    for (std::size_t f = 0; f < reads.size(); ++f) {
      frame[f] = layout_.fields()[f].low;
      if (reads[f]) others.push_back(f);
    }
    for (std::size_t f = 0; f < fields_.size(); ++f) frame[fields_[f]] = from[f];
    for (bool more = true; more;) {
      layout_.pack(frame, words_.data());
      const Result result = run({code_, layout_}, program, frame, words_.data(), next_.data());
      if (result.outcome == Outcome::taken && (result.flags & range_left) == 0) {
        Values next;
        for (const std::size_t field : fields_) next.push_back(layout_.fields()[field].read(next_.data()));
        add(next);
      }
      more = false;
      for (std::size_t i = others.size(); i-- > 0 && !more;) {
        const Field& field = layout_.fields()[others[i]];
        more = frame[others[i]] < field.high;
        frame[others[i]] = more ? frame[others[i]] + 1 : field.low;
      }
    }
  }

  // Whatever is not known may be anything.
  bool combine(const Residue& residue) {
    std::size_t combinations = 1;
    Values next, high;
    std::vector<std::size_t> unknown;
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      const Field& field = layout_.fields()[fields_[f]];
      next.push_back(residue.after[f].value_or(field.low));
      high.push_back(residue.after[f].value_or(field.high));
      if (residue.after[f]) continue;
      unknown.push_back(f);
      const std::uint64_t values =
          static_cast<std::uint64_t>(field.high) - static_cast<std::uint64_t>(field.low);
      if (values >= most_combinations || (combinations *= values + 1) > most_combinations) return false;
    }
    for (bool more = true; more;) {
      add(next);
      more = false;
      for (std::size_t i = unknown.size(); i-- > 0 && !more;) {
        const std::size_t f = unknown[i];
        more = next[f] < high[f];
        next[f] = more ? next[f] + 1 : layout_.fields()[fields_[f]].low;
      }
    }
    return true;
  }

  const model::Instance& instance_;
  const Layout& layout_;
  std::size_t most_, evaluations_ = 0;
  Code code_;
  std::vector<ThreadMoves> moves_;
  std::optional<PartialEvaluation> evaluation_;
  Frame frame_;
  std::vector<Word> words_, next_;
  std::vector<std::size_t> fields_; // the label first
  std::set<Values> states_;         // by label first
  std::vector<Values> open_;
};

} // namespace

std::vector<std::shared_ptr<const LocalStates>> local_states(const model::Instance& instance,
                                                             const Layout& plain, std::size_t most) {
  Enumeration enumeration(instance, plain, most);
  std::vector<std::shared_ptr<const LocalStates>> result;
  for (std::size_t t = 0; t < instance.threads().size(); ++t) result.push_back(enumeration.of(t));
  return result;
}

} // namespace tdxcheck::explore
