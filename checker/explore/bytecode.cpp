// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/bytecode.h"

#include <algorithm>
#include <bit>

#include "model/arithmetic.h"

namespace tdxcheck::explore {

using model::Value;

std::int32_t Code::constant(Value value) {
  const auto found = std::find(constants.begin(), constants.end(), value);
  const auto position = found - constants.begin();
  if (found == constants.end()) constants.push_back(value);
  return static_cast<std::int32_t>(-1 - position);
}

void Frame::fit(const Code& code) {
  constants_ = code.constants.size();
  registers_.assign(constants_ + static_cast<std::size_t>(code.registers), 0);
  for (std::size_t k = 0; k < constants_; ++k) registers_[constants_ - 1 - k] = code.constants[k];
}

namespace {

constexpr Value bits_of_a_set = 62;

// The operators that are rare in inner loops share the model's own arithmetic.
bool rare(Op op, Value a, Value b, Value& result) {
  const auto apply = [&](auto model_op) {
    const auto value = model::apply(model_op, a, b);
    if (value) result = *value;
    return value.has_value();
  };
  if (op == Op::shift_left) return apply(model::BinaryOp::shift_left);
  if (op == Op::shift_right) return apply(model::BinaryOp::shift_right);
  if (op == Op::with) return apply(model::BinaryOp::with);
  return apply(model::BinaryOp::without);
}

} // namespace

Operands operands_of(Op op) {
  switch (op) {
  case Op::copy:
  case Op::logical_not:
  case Op::negate:
  case Op::cardinality:
  case Op::jump_if_zero:
  case Op::jump_if_nonzero:
  case Op::require_nonzero:
  case Op::require_zero:
  case Op::store:
  case Op::store_at: // where to, is an address
  case Op::check:
  case Op::yield_value: return Operands::a;
  case Op::implies:
  case Op::equal:
  case Op::not_equal:
  case Op::less:
  case Op::less_equal:
  case Op::add:
  case Op::subtract:
  case Op::multiply:
  case Op::bit_and:
  case Op::bit_or:
  case Op::bit_xor:
  case Op::bit_and_not:
  case Op::shift_left:
  case Op::shift_right:
  case Op::contains:
  case Op::with:
  case Op::without:
  case Op::included:
  case Op::member: // `a` is an address without the member, never a field
  case Op::require_equal:
  case Op::require_not_equal:
  case Op::require_less:
  case Op::require_less_equal: return Operands::a_and_b;
  case Op::load: // reads what the address names
  case Op::jump:
  case Op::copy_state:
  case Op::load_locals:
  case Op::pack_locals:
  case Op::patch:
  case Op::wrong:
  case Op::take: return Operands::none;
  }
  return Operands::a_and_b;
}

// One long switch on purpose: this is the inner loop of the search.
Result run(const Machine& machine, std::size_t start, Value* frame, const Word* state, Word* next) {
  const Instruction* const first = machine.code.instructions.data();
  const Instruction* at = first + start;
  std::uint8_t flags = plain_move;
  Value locals[LocalStates::most_fields];
  for (;; ++at) {
    const Instruction& i = *at;
    switch (i.op) {
    case Op::copy: frame[i.dst] = frame[i.a]; break;
    case Op::logical_not: frame[i.dst] = frame[i.a] == 0; break;
    case Op::negate:
      if (__builtin_sub_overflow(Value{0}, frame[i.a], &frame[i.dst])) return {Outcome::no_value, flags, 0};
      break;
    case Op::cardinality:
      frame[i.dst] = std::popcount(static_cast<Word>(frame[i.a]) & ((Word{1} << bits_of_a_set) - 1));
      break;
    case Op::implies: frame[i.dst] = frame[i.a] == 0 || frame[i.b] != 0; break;
    case Op::equal: frame[i.dst] = frame[i.a] == frame[i.b]; break;
    case Op::not_equal: frame[i.dst] = frame[i.a] != frame[i.b]; break;
    case Op::less: frame[i.dst] = frame[i.a] < frame[i.b]; break;
    case Op::less_equal: frame[i.dst] = frame[i.a] <= frame[i.b]; break;
    case Op::add:
      if (__builtin_add_overflow(frame[i.a], frame[i.b], &frame[i.dst])) return {Outcome::no_value, flags, 0};
      break;
    case Op::subtract:
      if (__builtin_sub_overflow(frame[i.a], frame[i.b], &frame[i.dst])) return {Outcome::no_value, flags, 0};
      break;
    case Op::multiply:
      if (__builtin_mul_overflow(frame[i.a], frame[i.b], &frame[i.dst])) return {Outcome::no_value, flags, 0};
      break;
    case Op::bit_and: frame[i.dst] = frame[i.a] & frame[i.b]; break;
    case Op::bit_or: frame[i.dst] = frame[i.a] | frame[i.b]; break;
    case Op::bit_xor: frame[i.dst] = frame[i.a] ^ frame[i.b]; break;
    case Op::bit_and_not: frame[i.dst] = frame[i.a] & ~frame[i.b]; break;
    case Op::shift_left:
    case Op::shift_right:
    case Op::with:
    case Op::without:
      if (!rare(i.op, frame[i.a], frame[i.b], frame[i.dst])) return {Outcome::no_value, flags, 0};
      break;
    case Op::contains: {
      const Value m = frame[i.b];
      frame[i.dst] = m >= 0 && m < bits_of_a_set && (frame[i.a] >> m & 1) != 0;
      break;
    }
    case Op::included: frame[i.dst] = (frame[i.a] & ~frame[i.b]) == 0; break;
    case Op::member: {
      const Value m = frame[i.b];
      if (m < 0 || m >= i.x) return {Outcome::no_value, flags, 0};
      frame[i.dst] = frame[i.a] + m * i.y;
      break;
    }
    case Op::load: frame[i.dst] = frame[frame[i.a]]; break;
    case Op::jump: at = first + i.x - 1; break;
    case Op::jump_if_zero:
      if (frame[i.a] == 0) at = first + i.x - 1;
      break;
    case Op::jump_if_nonzero:
      if (frame[i.a] != 0) at = first + i.x - 1;
      break;
    case Op::require_nonzero:
      if (frame[i.a] == 0) return {};
      break;
    case Op::require_zero:
      if (frame[i.a] != 0) return {};
      break;
    case Op::require_equal:
      if (frame[i.a] != frame[i.b]) return {};
      break;
    case Op::require_not_equal:
      if (frame[i.a] == frame[i.b]) return {};
      break;
    case Op::require_less:
      if (frame[i.a] >= frame[i.b]) return {};
      break;
    case Op::require_less_equal:
      if (frame[i.a] > frame[i.b]) return {};
      break;
    case Op::copy_state: std::copy_n(state, machine.layout.words(), next); break;
    case Op::load_locals: {
      const std::vector<std::size_t>& own = machine.layout.fields_of(static_cast<std::size_t>(i.x));
      for (std::size_t p = 0; p < own.size(); ++p) locals[p] = frame[own[p]];
      break;
    }
    case Op::pack_locals:
      // What has left a range means nothing, and need not have been foreseen.
      if ((flags & range_left) == 0) machine.layout.pack_locals(static_cast<std::size_t>(i.x), locals, next);
      break;
    case Op::patch:
      next[i.x] = (next[i.x] & static_cast<Word>(frame[i.a])) | static_cast<Word>(frame[i.b]);
      break;
    case Op::store:
    case Op::store_at: {
      const Field& field = machine.layout.fields()[i.op == Op::store ? static_cast<std::size_t>(i.x)
                                                                     : static_cast<std::size_t>(frame[i.b])];
      if (!field.holds(frame[i.a])) flags |= range_left;
      else if (field.is_coded()) locals[field.position] = frame[i.a];
      else field.write(next, frame[i.a]);
      break;
    }
    case Op::check:
      if (frame[i.a] == 0) flags |= assertion_failed;
      break;
    case Op::wrong: flags |= range_left; break;
    case Op::take: return {Outcome::taken, flags, 0};
    case Op::yield_value: return {Outcome::value, flags, frame[i.a]};
    }
  }
}

} // namespace tdxcheck::explore
