// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/partial_evaluation.h"

#include <utility>

#include "support/contract.h"

namespace tdxcheck::explore {

using model::Value;

Residue PartialEvaluation::of(std::size_t start, const std::vector<KnownField>& known) {
  begin(known);
  for (std::size_t at = start;; ++at) {
    if (auto arrived = later_.extract(at)) meet(std::move(arrived.mapped()));
    const Instruction& i = code_.instructions.at(at);
    if (i.op == Op::take || i.op == Op::yield_value) break;
    if (now_) perform(i);
  }
  if (now_) {
    residue_.happens = true;
    residue_.after = now_->after;
  }
  return std::move(residue_);
}

PartialEvaluation::PartialEvaluation(const Code& code, const Layout& layout)
    : code_(code), layout_(layout), fields_(layout.fields()), constants_(code.constants.size()) {
  const std::size_t registers = constants_ + static_cast<std::size_t>(code.registers);
  now_.emplace();
  now_->registers.assign(registers, 0);
  now_->known.assign(registers, false);
  for (std::size_t k = 0; k < constants_; ++k)
    set(static_cast<std::int32_t>(-1 - static_cast<std::int64_t>(k)), code.constants[k]);
  unknown_ = *now_;
}

void PartialEvaluation::begin(const std::vector<KnownField>& known) {
  now_ = unknown_;
  position_.assign(fields_.size(), 0);
  for (const KnownField& one : known) {
    set(static_cast<std::int32_t>(one.field), one.value);
    now_->after.emplace_back(one.value);
    position_[one.field] = now_->after.size();
  }
  later_.clear();
  addresses_.clear();
  residue_ = {false, std::vector<bool>(fields_.size(), false), now_->after};
}

void PartialEvaluation::set(std::int32_t place, std::optional<Value> value) {
  now_->known[at(place)] = value.has_value();
  now_->registers[at(place)] = value.value_or(0);
}

// Whether the operand is known; if not, whatever it comes from is read.
bool PartialEvaluation::look(std::int32_t place) {
  if (now_->known[at(place)]) return true;
  if (place >= 0 && static_cast<std::size_t>(place) < fields_.size())
    residue_.reads[static_cast<std::size_t>(place)] = true;
  return false;
}

// ---- paths

void PartialEvaluation::lead_to(std::size_t at) {
  const auto [there, is_first] = later_.try_emplace(at, *now_);
  if (!is_first) join(there->second, *now_);
}

void PartialEvaluation::meet(State arrived) {
  if (now_) join(*now_, arrived);
  else now_ = std::move(arrived);
}

void PartialEvaluation::join(State& one, const State& other) {
  for (std::size_t r = 0; r < one.known.size(); ++r)
    if (!other.known[r] || one.registers[r] != other.registers[r]) one.known[r] = false;
  for (std::size_t k = 0; k < one.after.size(); ++k)
    if (one.after[k] != other.after[k]) one.after[k].reset();
}

void PartialEvaluation::perform(const Instruction& i) {
  switch (i.op) {
  case Op::load: return load(i);
  case Op::jump:
  case Op::jump_if_zero:
  case Op::jump_if_nonzero: return jump(i);
  case Op::require_nonzero:
  case Op::require_zero:
  case Op::require_equal:
  case Op::require_not_equal:
  case Op::require_less:
  case Op::require_less_equal: return require(i);
  case Op::patch: return patch(i);
  case Op::store: return store(static_cast<std::size_t>(i.x), i.a);
  case Op::store_at: return store_somewhere(i);
  case Op::check: (void)look(i.a); return;
  case Op::copy_state:
  case Op::load_locals:
  case Op::pack_locals: return;
  case Op::wrong: // what follows is a model error, and happens
    residue_.happens = true;
    return;
  default: return compute(i);
  }
}

void PartialEvaluation::jump(const Instruction& i) {
  const bool is_known = i.op == Op::jump || look(i.a);
  const bool is_taken = i.op == Op::jump || (now_->registers[at(i.a)] == 0) == (i.op == Op::jump_if_zero);
  if (!is_known || is_taken) lead_to(static_cast<std::size_t>(i.x));
  if (is_known && is_taken) now_.reset();
}

void PartialEvaluation::require(const Instruction& i) {
  bool is_known = look(i.a);
  if (operands_of(i.op) == Operands::a_and_b) is_known = look(i.b) && is_known;
  // As the bytecode has it: nothing comes of it where the guard is false.
  if (is_known && run_one(i, {Op::take, 0, 0, 0, 0, 0}).outcome == Outcome::not_enabled) now_.reset();
}

// ---- values

Result PartialEvaluation::run_one(const Instruction& i, const Instruction& then) {
  one_.instructions = {i, then};
  return run({one_, layout_}, 0, now_->registers.data() + constants_, nullptr, nullptr);
}

void PartialEvaluation::compute(const Instruction& i) {
  bool is_known = look(i.a);
  if (operands_of(i.op) == Operands::a_and_b) is_known = look(i.b) && is_known;
  if (!is_known) {
    if (i.op == Op::member) {
      Addresses all;
      for (const Value base : addresses(i.a)) {
        if (now_->known[at(i.b)]) all.push_back(base + now_->registers[at(i.b)] * i.y);
        else
          for (std::int32_t member = 0; member < i.x; ++member) all.push_back(base + Value{member} * i.y);
      }
      addresses_[i.dst].insert(addresses_[i.dst].end(), all.begin(), all.end());
    }
    now_->known[at(i.dst)] = false;
    return;
  }
  const Result result = run_one(i, {Op::yield_value, 0, i.dst, 0, 0, 0});
  if (result.outcome == Outcome::value) return set(i.dst, result.value);
  residue_.happens = true; // without a value: a model error
  now_.reset();
}

PartialEvaluation::Addresses PartialEvaluation::addresses(std::int32_t place) const {
  if (now_->known[at(place)]) return {now_->registers[at(place)]};
  const auto found = addresses_.find(place);
  support::ensures_internal(found != addresses_.end(), "an address is known or computed from members");
  return found->second;
}

void PartialEvaluation::load(const Instruction& i) {
  const Addresses from = addresses(i.a);
  std::optional<Value> value;
  for (const Value address : from) {
    const auto field = static_cast<std::int32_t>(address);
    if (look(field) && from.size() == 1) value = now_->registers[at(field)];
  }
  set(i.dst, value);
}

// ---- what is written

void PartialEvaluation::patch(const Instruction& i) {
  const auto keep = static_cast<Word>(now_->registers[at(i.a)]);
  const auto value = static_cast<Word>(now_->registers[at(i.b)]);
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const Field& field = fields_[f];
    if (position_[f] == 0 || field.width == 0 || field.word != static_cast<std::uint32_t>(i.x)) continue;
    if ((~keep >> field.shift & field.mask()) == 0) continue;
    now_->after[position_[f] - 1] =
        static_cast<Value>((value >> field.shift & field.mask()) + static_cast<Word>(field.low));
  }
}

void PartialEvaluation::store(std::size_t field, std::int32_t value) {
  const bool is_known = look(value);
  if (position_[field] == 0) return;
  std::optional<Value>& after = now_->after[position_[field] - 1];
  if (!is_known) {
    after.reset();
  } else if (const Value stored = now_->registers[at(value)]; fields_[field].holds(stored)) {
    after = stored;
  } else {
    residue_.happens = true; // a range is left
  }
}

void PartialEvaluation::store_somewhere(const Instruction& i) {
  const Addresses to = addresses(i.b);
  if (to.size() == 1) return store(static_cast<std::size_t>(to.front()), i.a);
  (void)look(i.a);
  for (const Value address : to)
    if (const std::size_t known = position_[static_cast<std::size_t>(address)]; known != 0)
      now_->after[known - 1].reset();
}

} // namespace tdxcheck::explore
