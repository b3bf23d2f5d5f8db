// SPDX-License-Identifier: GPL-2.0-or-later

// What a guest does between VM entry and TD exit, as far as the S-EPT is concerned: accesses, and
// TDG.MEM.PAGE.* (src/td_dispatcher/vm_exits/). The vCPU holds TDVPR and TDR shared; a TDCALL takes the
// entry's lock alone, so no lock of the tree keeps it apart from host calls.
//
// The walk of a TDCALL takes no lock. It is part of the try of the entry's lock: a table that is blocked in
// between stays where it is until this vCPU exits (TLB tracking), and no host call passes it to the entry.

#include "protocols/module/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::StepWords;
using model::Domain;
using model::Fairness;

void Guest::leave(Location where) {
  auto& builder = by_.t.builder();
  const auto source = dsl::source_of(where);
  builder.jump(builder.exit_label(exit_, source), source);
  builder.go_on_at({});
}

// td_exit_epf_stepping_log: a fault at the RIP of the VM entry counts until the threshold, further ones are
// listed; any exit at another RIP forgets both.
void Guest::violate(StepWords& step, const SeptEntry& e, const Expr& at_another_rip,
                    Violation violation) const {
  step.set(by_.rax, "EXIT_EPT_VIOLATION").answers("EXIT_EPT_VIOLATION");
  if (by_.operand) step.set(*by_.operand, "none");
  if (exit_gfn_ && e.is_leaf) step.set(*exit_gfn_, e.member);
  moves(step, at_another_rip, violation == Violation::by_access && e.is_leaf ? e.member : Expr());
}

void Guest::moves(StepWords& step, const Expr& at_another_rip, const Expr& faulting_gfn) const {
  if (model::is_false(td_->spec_.modelled.zero_step.tree())) return;
  const auto stepping = td_->stepping(by_.t);
  const Expr room = stepping.faults < td_->spec_.zero_step_threshold;
  const Expr on = td_->spec_.modelled.zero_step;
  Expr faults = stepping.faults, suspects = stepping.suspects;
  if (!faulting_gfn.empty()) {
    faults = choose(room, stepping.faults + 1, stepping.faults);
    suspects = choose(room, stepping.suspects, with(stepping.suspects, faulting_gfn));
  }
  step.set(stepping.faults, choose(on, choose(at_another_rip, 0, faults), stepping.faults));
  step.set(
      stepping.suspects,
      choose(on, choose(at_another_rip, stepping.suspects - stepping.suspects, suspects), stepping.suspects));
}

void Guest::access(const Expr& gfn, const Expr& at_another_rip, Location where) {
  const SeptEntry e = td_->leaf(gfn);
  const Expr in_large_page = td_->large_entry[e.table] == "MAPPED";
  const Expr converted = td_->spec_.pending_ve &&
                         ((e.walk_reaches && e.state == "PENDING") || td_->large_entry[e.table] == "PENDING");
  const Expr works = (e.walk_reaches && e.state == "MAPPED") || in_large_page || converted;
  by_.t.one_of({[&] {
                  {
                    auto step = by_.t.step("access a page that is not mapped: EPT violation", where);
                    step.when(!works).fair(td_->spec_.guest_steps);
                    violate(step, e, at_another_rip, Violation::by_access);
                  }
                  leave(where);
                },
                [&] {
                  by_.t.step("access a page that is mapped (or get a #VE)", where)
                      .when(works)
                      .fair(td_->spec_.guest_steps);
                }},
               where);
}

void Guest::exits(const std::string& text, const Expr& possible, const Expr& at_another_rip,
                  const std::string& status, Fairness fairness, Location where) {
  {
    auto step = by_.t.step(text, where);
    step.when(possible).set(by_.rax, status.c_str()).answers(status).fair(fairness);
    if (by_.operand) step.set(*by_.operand, "none");
    moves(step, at_another_rip, {});
  }
  leave(where);
}

void Guest::interrupted(const std::string& text, const Expr& possible, const Expr& at_another_rip,
                        Location where) {
  exits(text, possible, at_another_rip, "SUCCESS", Fairness::strong, where);
}

// ---- TDCALLs ----

// What the first step of a TDCALL is, is the guest's decision; the rest is the module's, which goes on. A
// TDCALL that is turned away by host priority reads BUSY in the guest. The first time starts a clock; if a
// later one comes hp_lock_timeout after it, with nothing else in between, there is a TD exit (td_call()).
// Whether so much time has passed is nobody's choice here.
void Guest::try_the_lock(const Tdcall& call, const Expr& reached, const dsl::Body& locked,
                         dsl::ThreadBuilder::Place& done) {
  auto& t = by_.t;
  const auto& lock = call.entry.lock;
  const auto source = dsl::source_of(Location::current());
  const auto turned_away = td_->stepping(t).turned_away;
  const Expr kept_away = lock.turns_guests_away();
  const auto to_done = [&] {
    t.builder().jump(t.builder().exit_label(done, source), source);
    t.builder().go_on_at({});
  };
  const auto refused = [&](const Expr& when) {
    t.step("turned away: a host call waits for the entry")
        .when(when)
        .set(call.rax, "TDX_OPERAND_BUSY")
        .set(turned_away, td_->spec_.modelled.priority_timeout)
        .answers("TDX_OPERAND_BUSY_HOST_PRIORITY|RCX")
        .fair(td_->spec_.guest_steps);
    to_done();
  };
  const auto refused_for_too_long = [&](const Expr& when) {
    {
      auto step = t.step("turned away for too long");
      step.when(when && turned_away)
          .set(call.rax, "TDX_OPERAND_BUSY")
          .set(by_.rax, "TDX_HOST_PRIORITY_BUSY_TIMEOUT")
          .set(turned_away, false)
          .answers("TDX_HOST_PRIORITY_BUSY_TIMEOUT")
          .fair(Fairness::none);
      moves(step, true, {});
    }
    leave(Location::current());
  };
  t.one_of({[&] {
              {
                auto step = t.step(lock.name() + " exclusive");
                step.when(reached && lock.is_held())
                    .set(call.rax, "TDX_OPERAND_BUSY")
                    .set(turned_away, false)
                    .answers("TDX_OPERAND_BUSY|RCX")
                    .fair(td_->spec_.guest_steps);
                lock.found_busy(step, model::LockMode::exclusive, Side::guest);
              }
              to_done();
            },
            [&] { refused(reached && !lock.is_held() && kept_away); },
            [&] { refused_for_too_long(reached && !lock.is_held() && kept_away); },
            [&] {
              {
                auto step = t.step(lock.name() + " exclusive");
                step.when(reached && !lock.is_held() && !kept_away)
                    .set(turned_away, false)
                    .fair(td_->spec_.guest_steps);
                lock.taken(step, model::LockMode::exclusive, Side::guest);
              }
              locked();
            }});
}

void Guest::tdcall(const Tdcall& call, const Locked& locked) {
  auto& t = by_.t;
  const Expr reached = call.entry.walk_reaches;
  t.call(call.name, Domain::module, [&] {
    dsl::ThreadBuilder::Place done;
    t.one_of({[&] {
                {
                  auto step = t.step("the walk does not reach the entry: EPT violation");
                  step.when(!reached).fair(td_->spec_.guest_steps);
                  violate(step, call.entry, call.at_another_rip, Violation::by_tdcall);
                }
                leave(Location::current());
              },
              [&] {
                try_the_lock(
                    call, reached && call.entry.lock.modelled(), [&] { locked(true); }, done);
              },
              [&] {
                t.step("walk to the entry")
                    .when(reached && !call.entry.lock.modelled())
                    .fair(td_->spec_.guest_steps);
                locked(false);
              }});
    auto& builder = t.builder();
    const auto source = dsl::source_of(Location::current());
    if (done) builder.jump(done, source);
  });
}

// The bit alone: host priority survives.
void Guest::let_go(StepWords& step, const Tdcall& call, bool has_lock) const {
  if (has_lock) call.entry.lock.released(step, model::LockMode::exclusive);
}

// tdg_mem_page_accept.c. A page of 2 MiB is done in parts; an interrupt in between keeps the count in the
// entry, drops the lock and lets the guest repeat the TDCALL. Up to 1.5.16 either store forgets TDHP.
void Guest::tdg_mem_page_accept(const SeptEntry& e, const dsl::Variable& rax, const Expr& at_another_rip) {
  auto& t = by_.t;
  const Tdcall call{"TDG.MEM.PAGE.ACCEPT", e, rax, at_another_rip};
  const Expr forgets = td_->forgets_host_priority();
  const auto store = [&](StepWords& step, bool has_lock) {
    if (has_lock) e.lock.overwritten(step, forgets);
  };
  const dsl::Variable done_parts = e.is_leaf ? dsl::Variable() : td_->accepted_[e.table];
  const Expr last = e.is_leaf ? Expr(true) : done_parts + 1 == td_->spec_.accept_chunks;
  tdcall(call, [&](bool has_lock) {
    const auto accept = [&] {
      auto step = t.step("entry becomes MAPPED");
      step.when(e.state == "PENDING" && last).set(e.state, "MAPPED").set(rax, "SUCCESS").answers("SUCCESS");
      if (!e.is_leaf) step.set(done_parts, 0);
      store(step, has_lock);
    };
    std::vector<dsl::Body> ways{accept,
                                [&] {
                                  auto step = t.step("the page was accepted before");
                                  step.when(e.state == "MAPPED")
                                      .set(rax, "TDX_PAGE_ALREADY_ACCEPTED")
                                      .answers("TDX_PAGE_ALREADY_ACCEPTED");
                                  let_go(step, call, has_lock);
                                },
                                [&] {
                                  {
                                    auto step = t.step("the page is not PENDING: EPT violation");
                                    step.when(e.state != "PENDING" && e.state != "MAPPED");
                                    violate(step, e, at_another_rip, Violation::by_tdcall);
                                    let_go(step, call, has_lock);
                                  }
                                  leave(Location::current());
                                }};
    if (e.is_leaf) {
      t.one_of(ways);
      return;
    }
    t.forever([&] {
      auto with_parts = ways;
      for (auto& way : with_parts) {
        way = [&t, inner = way] {
          inner();
          if (t.builder().place()) t.leave_loop();
        };
      }
      with_parts.emplace_back([&] {
        t.step("zero a part of the page").when(e.state == "PENDING" && !last).set(done_parts, done_parts + 1);
        dsl::when(td_->spec_.modelled.interrupts).then([&] {
          t.one_of({[&] { t.step("no interrupt is pending"); },
                    [&] {
                      {
                        auto step = t.step("an interrupt is pending");
                        step.set(rax, "TDX_INTERRUPTED_RESUMABLE").fair(Fairness::none);
                        store(step, has_lock);
                      }
                      t.leave_loop();
                    }});
        });
      });
      t.one_of(with_parts);
    });
  });
}

// tdg_mem_page_attr_rd.c, tdg_mem_page_attr_wr.c: entries that the guest sees.
void Guest::attr(const Tdcall& call, const Expr& fine) {
  auto& t = by_.t;
  tdcall(call, [&](bool has_lock) {
    t.one_of({[&] {
                auto step = t.step("attributes");
                step.when(fine).set(call.rax, "SUCCESS").answers("SUCCESS");
                let_go(step, call, has_lock);
              },
              [&] {
                {
                  auto step = t.step("the guest does not see the page: EPT violation");
                  step.when(!fine);
                  violate(step, call.entry, call.at_another_rip, Violation::by_tdcall);
                  let_go(step, call, has_lock);
                }
                leave(Location::current());
              }});
  });
}

void Guest::tdg_mem_page_attr_rd(const SeptEntry& e, const dsl::Variable& rax, const Expr& at_another_rip) {
  attr({"TDG.MEM.PAGE.ATTR.RD", e, rax, at_another_rip}, e.state == "MAPPED" || e.state == "PENDING");
}

void Guest::tdg_mem_page_attr_wr(const SeptEntry& e, const dsl::Variable& rax, const Expr& at_another_rip) {
  attr({"TDG.MEM.PAGE.ATTR.WR", e, rax, at_another_rip}, e.state == "MAPPED" || e.state == "PENDING");
}

} // namespace tdxcheck::protocols
