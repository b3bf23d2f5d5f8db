// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/store_buffer.h"

#include <utility>

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::when;

StoreBuffer::StoreBuffer(dsl::Protocol& protocol, const Cpus& cpus, const dsl::IndexSet& cells,
                         const std::string& store, Effect effect, const Expr& delays)
    : cpus_(cpus.set),
      cells_(cells),
      text_(store),
      effect_(std::move(effect)),
      delays_(delays),
      late_(protocol.variable("late_store", cpus.set, dsl::optional_index(cells), dsl::none(),
                              "the cell whose store (" + store + ") is not visible yet")) {}

void StoreBuffer::store(Thread& t, const Expr& cpu, const Expr& cell, Location where) const {
  t.one_of({[&] {
              auto step = t.step(text_, where);
              effect_(step, cell);
            },
            [&] {
              t.step(text_ + ", visible later", where)
                  .when(delays_ && is_none(late_[cpu]))
                  .set(late_[cpu], cell)
                  .fair(model::Fairness::none);
            }},
           where);
}

void StoreBuffer::overwrites(dsl::StepWords& step, const Expr& cpu, const Expr& cell) const {
  step.set_if(late_[cpu] == cell, late_[cpu], dsl::none());
}

void StoreBuffer::drain(Thread& t, const Expr& cpu, const std::string& text, Location where) const {
  when(delays_, where).then([&] {
    t.step(text, where)
        .when(is_none(late_[cpu]))
        .waits_for("store_buffer", cpus_, "the delayed store", [&](const Expr& c) { return c == cpu; });
  });
}

void StoreBuffer::declare(dsl::Protocol& protocol) const {
  protocol.thread(
      "store_buffer", cpus_,
      [&](Thread& t) {
        when(!delays_).then([&] { t.end(); });
        t.runs_on(t.self());
        t.forever([&] {
          t.may_stop_here();
          t.step(text_ + " becomes visible")
              .some(cells_, "cell", [&](dsl::StepWords& step, const Expr& cell) {
                step.when(late_[t.self()] == cell).set(late_[t.self()], dsl::none());
                effect_(step, cell);
              });
        });
      },
      "makes the delayed store of a pCPU visible, for ever, at any time");
}

} // namespace tdxcheck::protocols
