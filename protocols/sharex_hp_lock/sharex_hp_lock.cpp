// SPDX-License-Identifier: GPL-2.0-or-later

// The lock that guards most of what the TDX module owns: a word of 16 bits with an exclusive bit (X), a
// host-priority bit (HP) and a reader counter, changed by single locked instructions. Nothing waits: a call
// that does not get the lock answers TDX_OPERAND_BUSY. A host that is refused sets HP; as long as HP is set,
// guests are turned away.
//
// THE QUESTION. Is it right? Every acquisition and release is one to three atomics, with other logical
// processors in between; the module checks what its releases and promotions find and shuts itself down (UD2)
// where that cannot be. So: can a check fail, can two callers be in that exclude each other, can the word
// keep a reader that nobody is, and whom does HP help?
//
// SOURCES. TDX module 1.5.01, src/common/helpers/tdx_locks.h: acquire_sharex_lock_hp_sh, _ex,
// release_sharex_lock_hp_sh, _ex, promote_sharex_lock_hp, and the sanity checks in them; versions up to
// 1.5.25 have the same functions. Users: PAMT entries (hence TDR, TDVPR and every page), OP_STATE, RTMR,
// SERVTD_BINDINGS; SEPT_TREE from 1.5.20.
//
// WHAT A CALLER DOES TO THE WORD, atomic by atomic
//   host shared     add a reader; if X was set, set HP and answer BUSY (the reader stays in the word as a
//                   *ghost*); if HP was set, clear it
//   guest shared    add a reader; if HP was set, take the reader out again and answer BUSY_HOST_PRIORITY; if
//                   X was set, answer BUSY (ghost)
//   host exclusive  compare-and-exchange 0 with X; if the word was HP alone, a second one from HP to X; else
//                   set HP
//   guest exclusive compare-and-exchange 0 with X
//   release shared  take a reader out.  release exclusive: keep HP, drop everything else, ghosts included
//   promote         compare-and-exchange one reader with X; if the word was that and HP, a second one; else
//                   set HP, and the caller releases its reader
//
// THREADS
//   host[i]   a logical processor that executes SEAMCALLs which take the lock, in any of the modes that the
//             switches allow, `calls` times or for ever, or stops in between. With `host_retries` a refused
//             call is repeated until it succeeds; without, it is given up.
//   guest[i]  a logical processor on which a TD executes TDCALLs that take the lock; likewise, and it never
//             promises to come back. A TDCALL runs inside the module to its end.
//
// LEFT OUT. What the calls do while they hold the lock, and the other locks they hold. The time limit after
// which a refused guest is thrown out of its TD (a second by default): time does not pass here. The sanity
// check of an exclusive release is a load before the store; X is only ever changed by its holder, so they
// are one step. The check of a shared acquisition that also clears HP comes after that clearing, here before.

#include "protocols/sharex_hp_lock/sharex_hp_lock.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::StepWords;
using dsl::Thread;
using dsl::when;
using model::Domain;

namespace {

dsl::Type status() {
  return dsl::enumeration("lock_status", {"SUCCESS", "TDX_OPERAND_BUSY", "TDX_OPERAND_BUSY_HOST_PRIORITY"});
}

} // namespace

SharexHpLock::SharexHpLock()
    : Protocol("sharex_hp_lock",
               "TDX module: the shared/exclusive lock with host priority, atomic by atomic"),
      hosts(integer_parameter("hosts", 3, 0, 8, "logical processors that execute SEAMCALLs on the lock")),
      guests(integer_parameter("guests", 2, 0, 8, "logical processors on which a TD executes TDCALLs")),
      host_takes_shared(bool_parameter("host_takes_shared", true, "some SEAMCALL takes it shared")),
      host_takes_exclusive(bool_parameter("host_takes_exclusive", true, "some SEAMCALL takes it exclusive")),
      host_promotes(bool_parameter("host_promotes", true, "some SEAMCALL takes it shared and promotes")),
      guest_takes_shared(bool_parameter("guest_takes_shared", true, "some TDCALL takes it shared")),
      guest_takes_exclusive(bool_parameter("guest_takes_exclusive", true, "some TDCALL takes it exclusive")),
      calls(limit_parameter("calls", dsl::unlimited, 4, "how often each of them calls")),
      host_retries(bool_parameter("host_retries", false, "a refused SEAMCALL is repeated until it succeeds")),
      counter_width(
          integer_parameter("counter_width", 3, 1, 14, "bits of the reader counter; 14 in the module")),
      guest_retreats(
          enum_parameter("guest_retreats", {"whenever_priority", "unless_exclusive"},
                         "when a refused guest takes its reader out again: if HP was set; or, which "
                         "no version does, only if X was not set")),
      host(index_set("host", hosts)),
      guest(index_set("guest", guests)),
      word(variable("lock", dsl::bits(counter_width + 2), 0, "reader counter, HP (bit 1), X (bit 0)")),
      shut_down(variable("module_shut_down", dsl::boolean(), false, "a sanity check has failed: UD2")),
      lock_word(lock({.name = "lock", .kind = model::LockKind::sharex_hp, .module = true})) {}

// ---- tdx_locks.h ----

void SharexHpLock::set_host_priority(Caller& c, Location where) {
  c.t.relying_on(
      "set_priority", "a refused host sets HP",
      [&] { c.t.step("lock or: HP", where).set(word, word | 2).set(c.status, "TDX_OPERAND_BUSY"); }, where);
}

dsl::Body SharexHpLock::module_gone(Caller& c) const {
  return [&c, this] {
    c.t.step("the module is shut down").when(shut_down);
    c.t.end();
  };
}

void SharexHpLock::acquire_sharex_lock_hp_sh(Caller& c) {
  auto& t = c.t;
  const Expr x = exclusive_bit(), hp = host_priority();
  const auto takes = [&](StepWords& step) {
    step.when(!shut_down && !x)
        .set(word, word + 4)
        .set(c.status, "SUCCESS")
        .set_if(full(), shut_down, true)
        .tries(lock_word, dsl::shared)
        .asserts("shared_acquire_finds_room", !full(), "the reader counter is not full");
  };
  t.function("acquire_sharex_lock_hp_sh", [&] {
    if (c.is_guest) {
      t.relying_on("hp_check", "a guest that finds HP set does not take the lock", [&] {
        acquire_as_guest_sh(c, hp);
        t.return_();
      });
      acquire_as_guest_sh(c, false);
      t.return_();
    }
    t.one_of(
        {module_gone(c),
         [&] {
           auto step = t.step("lock xadd: +1 reader, X and HP are clear");
           takes(step.when(!hp));
         },
         [&] {
           {
             auto step = t.step("lock xadd: +1 reader, X is clear, HP is set");
             takes(step.when(hp));
           }
           t.region(c.shared(), [&] {
             t.step("lock and: HP cleared").set(word, choose(hp, word - 2, word)).set(c.status, "SUCCESS");
           });
         },
         [&] {
           t.step("lock xadd: +1 reader, X is set")
               .when(!shut_down && x)
               .set(word, word + 4)
               .set(c.status, "TDX_OPERAND_BUSY")
               .finds_busy(lock_word, dsl::shared)
               .answers("TDX_OPERAND_BUSY");
           set_host_priority(c);
         }});
  });
}

// `sees_priority`: the function looks at HP at all.
void SharexHpLock::acquire_as_guest_sh(Caller& c, const Expr& sees_priority) {
  auto& t = c.t;
  const Expr x = exclusive_bit(), hp = host_priority();
  const Expr retreats = sees_priority && hp && (guest_retreats == "whenever_priority" || !x);
  t.one_of({module_gone(c),
            [&] {
              t.step("lock xadd: +1 reader, X is clear")
                  .when(!shut_down && !retreats && !x)
                  .set(word, word + 4)
                  .set(c.status, "SUCCESS")
                  .set_if(full(), shut_down, true)
                  .tries(lock_word, dsl::shared)
                  .asserts("shared_acquire_finds_room", !full(), "the reader counter is not full")
                  .asserts("hp_turns_guests_away", !hp, "a guest does not take the lock while HP is set");
            },
            [&] {
              t.step("lock xadd: +1 reader, X is set")
                  .when(!shut_down && !retreats && x)
                  .set(word, word + 4)
                  .set(c.status, "TDX_OPERAND_BUSY")
                  .finds_busy(lock_word, dsl::shared)
                  .answers("TDX_OPERAND_BUSY");
            },
            [&] {
              t.step("lock xadd: +1 reader, HP is set")
                  .when(!shut_down && retreats)
                  .set(word, word + 4)
                  .asserts("guest_refused_only_if_taken", word != 2, "HP is set on a lock that is not free");
              t.region("guest_retreating", [&] {
                t.step("lock xadd: -1 reader")
                    .set(word, word - 4)
                    .set(c.status, "TDX_OPERAND_BUSY_HOST_PRIORITY")
                    .finds_busy(lock_word, dsl::shared)
                    .asserts("retreat_finds_its_reader", !no_readers(),
                             "the guest takes out the reader that it added; the module does not check this")
                    .answers("TDX_OPERAND_BUSY_HOST_PRIORITY");
              });
            }});
}

void SharexHpLock::acquire_sharex_lock_hp_ex(Caller& c) {
  auto& t = c.t;
  const auto refused = [&](const std::string& text, const Expr& found, const std::string& status) {
    t.step(text)
        .when(!shut_down && found)
        .set(c.status, status.c_str())
        .finds_busy(lock_word, dsl::exclusive)
        .asserts(c.is_guest ? "guest_refused_only_if_taken" : "host_refused_only_if_taken",
                 c.is_guest ? word != 2 : somebody_holds(), "somebody holds the lock")
        .answers(status);
  };
  t.function("acquire_sharex_lock_hp_ex", [&] {
    const auto has_it = [&] {
      t.step("lock cmpxchg: 0 to X")
          .when(!shut_down && word == 0)
          .set(word, 1)
          .set(c.status, "SUCCESS")
          .tries(lock_word, dsl::exclusive);
    };
    const Expr taken = word != 0 && word != 2;
    if (c.is_guest) {
      t.one_of({module_gone(c), has_it, [&] { refused("lock cmpxchg: not 0", taken, "TDX_OPERAND_BUSY"); },
                [&] { refused("lock cmpxchg: HP only", word == 2, "TDX_OPERAND_BUSY_HOST_PRIORITY"); }});
      t.return_();
    }
    t.one_of({module_gone(c), has_it,
              [&] {
                refused("lock cmpxchg: not 0", taken, "TDX_OPERAND_BUSY");
                set_host_priority(c);
              },
              [&] {
                t.step("lock cmpxchg: HP only").when(!shut_down && word == 2);
                t.one_of({[&] {
                            t.step("lock cmpxchg: HP to X")
                                .when(word == 2)
                                .set(word, 1)
                                .set(c.status, "SUCCESS")
                                .tries(lock_word, dsl::exclusive);
                          },
                          [&] {
                            t.step("lock cmpxchg: no longer HP only")
                                .when(word != 2)
                                .set(c.status, "TDX_OPERAND_BUSY")
                                .finds_busy(lock_word, dsl::exclusive)
                                .asserts("host_refused_only_if_taken", somebody_holds(),
                                         "somebody holds the lock")
                                .asserts("refused_host_is_marked", host_priority(),
                                         "HP is set when a host is told BUSY")
                                .answers("TDX_OPERAND_BUSY");
                          }});
              }});
  });
}

void SharexHpLock::release_sharex_lock_hp_sh(Caller& c) {
  const Expr sane = !exclusive_bit() && !no_readers();
  c.t.function("release_sharex_lock_hp_sh", [&] {
    c.t.step("lock xadd: -1 reader")
        .set(word, word - 4)
        .set_if(!sane, shut_down, true)
        .releases(lock_word, dsl::shared)
        .asserts("shared_release_finds_reader", sane, "X is clear and the reader counter is not 0");
  });
}

void SharexHpLock::release_sharex_lock_hp_ex(Caller& c) {
  auto& t = c.t;
  const auto releases = [&](const std::string& text, const Expr& left) {
    t.step(text)
        .set(word, left)
        .set_if(!exclusive_bit(), shut_down, true)
        .releases(lock_word, dsl::exclusive)
        .asserts("exclusive_release_finds_x", exclusive_bit(), "X is set");
  };
  t.function("release_sharex_lock_hp_ex", [&] {
    t.relying_on("wipe_ghosts", "an exclusive release drops every reader in the word", [&] {
      releases("lock and: keep HP alone", word & 2);
      t.return_();
    });
    releases("X cleared, ghosts left", choose(exclusive_bit(), word - 1, word));
  });
}

// The caller holds the lock shared.
void SharexHpLock::promote_sharex_lock_hp(Caller& c) {
  auto& t = c.t;
  const Expr sane = !exclusive_bit() && word != 0;
  const auto cmpxchg = [&](const std::string& text, const Expr& found) {
    return [&t, this, text, found, sane](const std::function<void(StepWords&)>& say) {
      auto step = t.step(text);
      step.when(found)
          .set_if(!sane, shut_down, true)
          .asserts("promote_finds_reader", sane, "X is clear and the word is not free");
      say(step);
    };
  };
  const auto promoted = [&](StepWords& step) {
    step.set(word, 1)
        .set(c.status, "SUCCESS")
        .releases(lock_word, dsl::shared)
        .tries(lock_word, dsl::exclusive);
  };
  const auto told_busy = [&](StepWords& step) {
    step.set(c.status, "TDX_OPERAND_BUSY").finds_busy(lock_word, dsl::exclusive).answers("TDX_OPERAND_BUSY");
  };
  t.function("promote_sharex_lock_hp", [&] {
    t.one_of({[&] { cmpxchg("lock cmpxchg: one reader to X", word == 4)(promoted); },
              [&] {
                cmpxchg("lock cmpxchg: more than one reader", word != 4 && word != 6)(told_busy);
                set_host_priority(c);
              },
              [&] {
                cmpxchg("lock cmpxchg: one reader and HP", word == 6)([](StepWords&) {});
                t.one_of({[&] { cmpxchg("lock cmpxchg: one reader and HP to X", word == 6)(promoted); },
                          [&] { cmpxchg("lock cmpxchg: no longer so", word != 6)(told_busy); }});
              }});
  });
}

// ---- callers ----

void SharexHpLock::seamcall(Caller& c, const std::string& name, const dsl::Body& attempt,
                            const dsl::Body& held) {
  auto& t = c.t;
  t.operation("seamcall", [&] {
    t.loop(name).try_and_retry_while(c.status != "SUCCESS" && host_retries, dsl::unlimited, [&] {
      t.let(c.status, "SUCCESS");
      attempt();
    });
  });
  when(c.status == "SUCCESS").then(held).otherwise([&] { t.let(c.status, "SUCCESS"); });
}

void SharexHpLock::host_thread(Thread& t) {
  Caller c{t, t.local("status", status(), "SUCCESS"), false};
  const auto holding_shared = [&] { t.region(c.shared(), [&] { release_sharex_lock_hp_sh(c); }); };
  const auto holding_exclusive = [&] { t.region(c.exclusive(), [&] { release_sharex_lock_hp_ex(c); }); };
  t.loop("host_calls").retry_while(true, calls, [&] {
    t.may_stop_here();
    t.call("SEAMCALL", Domain::module, [&] {
      t.either({{"SEAMCALL: wants it shared", host_takes_shared,
                 [&] {
                   seamcall(
                       c, "retry_shared", [&] { acquire_sharex_lock_hp_sh(c); }, holding_shared);
                 }},
                {"SEAMCALL: wants it exclusive", host_takes_exclusive,
                 [&] {
                   seamcall(
                       c, "retry_exclusive", [&] { acquire_sharex_lock_hp_ex(c); }, holding_exclusive);
                 }},
                {"SEAMCALL: wants it shared, then exclusive", host_promotes, [&] {
                   const auto shared_then_promoted = [&] {
                     acquire_sharex_lock_hp_sh(c);
                     when(c.status == "SUCCESS").then([&] {
                       t.region(c.shared(), [&] { promote_sharex_lock_hp(c); });
                       when(c.status != "SUCCESS").then([&] {
                         holding_shared();
                         t.let(c.status, "TDX_OPERAND_BUSY");
                       });
                     });
                   };
                   seamcall(c, "retry_promote", shared_then_promoted, holding_exclusive);
                 }}});
    });
  });
}

void SharexHpLock::guest_thread(Thread& t) {
  Caller c{t, t.local("status", status(), "SUCCESS"), true};
  const auto tdcall = [&](const dsl::Body& attempt, const dsl::Body& held) {
    return [&t, &c, attempt, held, this] {
      t.in_domain(Domain::module, [&] {
        t.operation("tdcall", [&] { attempt(); });
        when(c.status == "SUCCESS").then(held).otherwise([&] { t.let(c.status, "SUCCESS"); });
      });
    };
  };
  t.loop("guest_calls").retry_while(true, calls, [&] {
    t.may_stop_here();
    t.in_domain(Domain::guest, [&] {
      t.either({{"TDCALL: wants it shared", guest_takes_shared,
                 tdcall([&] { acquire_sharex_lock_hp_sh(c); },
                        [&] { t.region(c.shared(), [&] { release_sharex_lock_hp_sh(c); }); })},
                {"TDCALL: wants it exclusive", guest_takes_exclusive,
                 tdcall([&] { acquire_sharex_lock_hp_ex(c); },
                        [&] { t.region(c.exclusive(), [&] { release_sharex_lock_hp_ex(c); }); })}});
    });
  });
}

void SharexHpLock::define() {
  thread(
      "host", host, [this](Thread& t) { host_thread(t); },
      "SEAMCALLs that take the lock, `calls` times or for ever; may stop in between");
  thread(
      "guest", guest, [this](Thread& t) { guest_thread(t); },
      "TDCALLs that take the lock, `calls` times or for ever; may stop in between");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
