// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/fields_read.h"

#include <map>

#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

class Tracing {
public:
  Tracing(const Code& code, std::size_t fields)
      : code_(code), read_(fields, false), written_(fields, false) {}

  [[nodiscard]] const std::vector<bool>& read() const { return read_; }
  [[nodiscard]] const std::vector<bool>& written() const { return written_; }

  // `fields`: of the layout, where what is written is asked for.
  void from(std::size_t start, const std::vector<Field>* fields = nullptr) {
    for (std::size_t at = start;; ++at) {
      const Instruction& i = code_.instructions.at(at);
      if (fields != nullptr) write(i, *fields);
      const Operands operands = operands_of(i.op);
      if (operands != Operands::none) mark(i.a);
      if (operands == Operands::a_and_b) mark(i.b);
      if (i.op == Op::member) addresses_[i.dst] = with_member(i);
      if (i.op == Op::load)
        for (const model::Value address : addresses_of(i.a))
          read_.at(static_cast<std::size_t>(address)) = true;
      if (i.op == Op::take || i.op == Op::yield_value) return;
    }
  }

private:
  using Addresses = std::vector<model::Value>;

  void write(const Instruction& i, const std::vector<Field>& fields) {
    if (i.op == Op::patch) {
      const auto keep = static_cast<Word>(code_.constants.at(static_cast<std::size_t>(-1 - i.a)));
      for (std::size_t f = 0; f < fields.size(); ++f)
        if (fields[f].word == static_cast<std::uint32_t>(i.x) && fields[f].width != 0 &&
            (~keep >> fields[f].shift & fields[f].mask()) != 0)
          written_[f] = true;
    }
    if (i.op == Op::store) written_.at(static_cast<std::size_t>(i.x)) = true;
    if (i.op == Op::store_at)
      for (const model::Value address : addresses_of(i.b))
        written_.at(static_cast<std::size_t>(address)) = true;
  }
  void mark(std::int32_t place) {
    if (place >= 0 && static_cast<std::size_t>(place) < read_.size())
      read_[static_cast<std::size_t>(place)] = true;
  }
  [[nodiscard]] Addresses addresses_of(std::int32_t place) const {
    if (place < 0) return {code_.constants.at(static_cast<std::size_t>(-1 - place))};
    const auto found = addresses_.find(place);
    support::ensures_internal(found != addresses_.end(), "an address is a constant or computed from members");
    return found->second;
  }
  [[nodiscard]] Addresses with_member(const Instruction& i) const {
    Addresses result;
    for (const model::Value base : addresses_of(i.a))
      for (std::int32_t member = 0; member < i.x; ++member)
        result.push_back(base + model::Value{member} * i.y);
    return result;
  }

  const Code& code_;
  std::vector<bool> read_, written_;
  std::map<std::int32_t, Addresses> addresses_; // by register
};

} // namespace

std::vector<bool> fields_read(const Code& code, std::size_t start, std::size_t fields) {
  Tracing tracing(code, fields);
  tracing.from(start);
  return tracing.read();
}

std::vector<bool> fields_written(const Code& code, std::size_t start, const std::vector<Field>& fields) {
  Tracing tracing(code, fields.size());
  tracing.from(start, &fields);
  return tracing.written();
}

} // namespace tdxcheck::explore
