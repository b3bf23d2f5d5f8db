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
//             switches allow, once or for ever (`for_ever`), or stops in between. With `host_retries` a
//             refused call is repeated until it succeeds; without, it is given up.
//   guest[i]  a logical processor on which a TD executes TDCALLs that take the lock; likewise, and it never
//             promises to come back. A TDCALL runs inside the module to its end.
//
// Where no check can fail, nobody ever finds the module shut down: those steps are not reached then.
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

// HP_SEEN is no status: the function goes on.
const std::vector<std::string> answers{"SUCCESS", "TDX_OPERAND_BUSY", "TDX_OPERAND_BUSY_HOST_PRIORITY",
                                       "VMFAILINVALID", "HP_SEEN"};

dsl::Type status() { return dsl::enumeration("lock_status", answers); }
Expr answer(const std::string& name) { return dsl::constant("lock_status", answers, name); }

} // namespace

SharexHpLock::SharexHpLock()
    : Protocol("sharex_hp_lock",
               "TDX module: the shared/exclusive lock with host priority, atomic by atomic"),
      hosts(integer_parameter("hosts", 2, 0, 8, "logical processors that execute SEAMCALLs on the lock")),
      guests(integer_parameter("guests", 2, 0, 8, "logical processors on which a TD executes TDCALLs")),
      host_takes_shared(bool_parameter("host_takes_shared", true, "some SEAMCALL takes it shared")),
      host_takes_exclusive(bool_parameter("host_takes_exclusive", true, "some SEAMCALL takes it exclusive")),
      host_promotes(bool_parameter("host_promotes", true, "some SEAMCALL takes it shared and promotes")),
      guest_takes_shared(bool_parameter("guest_takes_shared", true, "some TDCALL takes it shared")),
      guest_takes_exclusive(bool_parameter("guest_takes_exclusive", true, "some TDCALL takes it exclusive")),
      for_ever(bool_parameter("for_ever", true, "each of them calls for ever; otherwise once")),
      host_retries(bool_parameter("host_retries", false, "a refused SEAMCALL is repeated until it succeeds")),
      counter_width(
          integer_parameter("counter_width", 3, 1, 14, "bits of the reader counter; 14 in the module")),
      guest_retreats(
          enum_parameter("guest_retreats", {"whenever_priority", "unless_exclusive"},
                         "when a refused guest takes its reader out again: if HP was set; or, which "
                         "no version does, only if X was not set")),
      host(index_set("host", choose(hosts == 0, 1, hosts))),
      guest(index_set("guest", choose(guests == 0, 1, guests))),
      word(variable("lock", dsl::bits(counter_width + 2), 0, "reader counter, HP (bit 1), X (bit 0)")),
      shut_down(variable("module_shut_down", dsl::boolean(), false, "a sanity check has failed: UD2")) {}

// ---- tdx_locks.h ----

void SharexHpLock::set_host_priority(Caller& c, Location where) {
  c.t.relying_on(
      "set_priority", "a refused host sets HP",
      [&] { c.t.step("lock or: HP", where).set(word, word | 2).set(c.status, "TDX_OPERAND_BUSY"); }, where);
}

// One locked instruction, the first of a call.
void SharexHpLock::first_atomic(Caller& c, const std::string& text,
                                const std::function<void(StepWords&)>& say, Location where) {
  auto& t = c.t;
  t.one_of({[&] {
              auto step = t.step(text, where);
              step.when(!shut_down);
              say(step);
            },
            [&] { t.step("the module is shut down", where).when(shut_down).set(c.status, "VMFAILINVALID"); }},
           where);
}

void SharexHpLock::acquire_sharex_lock_hp_sh(Caller& c) {
  auto& t = c.t;
  const Expr x = exclusive_bit(), hp = host_priority();
  t.function("acquire_sharex_lock_hp_sh", [&] {
    if (c.is_guest) {
      t.relying_on("hp_check", "a guest that finds HP set does not take the lock", [&] {
        acquire_as_guest_sh(c, hp && (guest_retreats == "whenever_priority" || !x));
        t.return_();
      });
      acquire_as_guest_sh(c, false);
      t.return_();
    }
    first_atomic(c, "lock xadd: +1 reader", [&](StepWords& step) {
      step.set(word, word + 4)
          .set(c.status, choose(x, answer("TDX_OPERAND_BUSY"), choose(hp, answer("HP_SEEN"), "SUCCESS")))
          .set_if(!x && full(), shut_down, true)
          .asserts("shared_acquire_finds_room", x || !full(), "X is set, or the reader counter is not full");
    });
    when(c.status == "HP_SEEN")
        .then([&] {
          t.region(c.shared(), [&] {
            t.step("lock and: HP cleared").set(word, choose(hp, word - 2, word)).set(c.status, "SUCCESS");
          });
        })
        .otherwise([&] { when(c.status == "TDX_OPERAND_BUSY").then([&] { set_host_priority(c); }); });
  });
}

void SharexHpLock::acquire_as_guest_sh(Caller& c, const Expr& retreats) {
  auto& t = c.t;
  const Expr x = exclusive_bit(), takes = !retreats && !x;
  first_atomic(c, "lock xadd: +1 reader", [&](StepWords& step) {
    step.set(word, word + 4)
        .set(c.status, choose(retreats, answer("HP_SEEN"), choose(x, answer("TDX_OPERAND_BUSY"), "SUCCESS")))
        .set_if(takes && full(), shut_down, true)
        .asserts("shared_acquire_finds_room", implies(takes, !full()),
                 "it does not get the lock, or the reader counter is not full")
        .asserts("hp_turns_guests_away", implies(takes, !host_priority()),
                 "a guest does not take the lock while HP is set")
        .asserts("guest_refused_only_if_taken", word != 2, "HP is not set on a lock that is free");
  });
  when(c.status == "HP_SEEN").then([&] {
    t.region("guest_retreating", [&] {
      t.step("lock xadd: -1 reader")
          .set(word, word - 4)
          .set(c.status, "TDX_OPERAND_BUSY_HOST_PRIORITY")
          .asserts("retreat_finds_its_reader", !no_readers(),
                   "the guest takes out the reader that it added; the module does not check this")
          .answers("TDX_OPERAND_BUSY_HOST_PRIORITY");
    });
  });
}

void SharexHpLock::acquire_sharex_lock_hp_ex(Caller& c) {
  auto& t = c.t;
  t.function("acquire_sharex_lock_hp_ex", [&] {
    const Expr outcome =
        choose(word == 0, answer("SUCCESS"),
               choose(word == 2, answer(c.is_guest ? "TDX_OPERAND_BUSY_HOST_PRIORITY" : "HP_SEEN"),
                      "TDX_OPERAND_BUSY"));
    first_atomic(c, "lock cmpxchg: 0 to X", [&](StepWords& step) {
      step.set(word, choose(word == 0, word + 1, word)).set(c.status, outcome);
      if (c.is_guest) {
        step.asserts("guest_refused_only_if_taken", word != 2, "HP is not set on a lock that is free");
      } else {
        step.asserts("host_refused_only_if_taken", word == 0 || word == 2 || somebody_holds(),
                     "the lock is free, or somebody holds it");
      }
    });
    if (c.is_guest) t.return_();
    when(c.status == "HP_SEEN")
        .then([&] {
          t.step("lock cmpxchg: HP to X")
              .set(word, choose(word == 2, word - 1, word))
              .set(c.status, choose(word == 2, answer("SUCCESS"), "TDX_OPERAND_BUSY"))
              .asserts("host_refused_only_if_taken", word == 2 || somebody_holds(),
                       "the lock is free, or somebody holds it")
              .asserts("refused_host_is_marked", host_priority(), "HP is set when a host is told BUSY");
        })
        .otherwise([&] { when(c.status == "TDX_OPERAND_BUSY").then([&] { set_host_priority(c); }); });
  });
}

void SharexHpLock::release_sharex_lock_hp_sh(Caller& c) {
  const Expr sane = !exclusive_bit() && !no_readers();
  c.t.function("release_sharex_lock_hp_sh", [&] {
    c.t.step("lock xadd: -1 reader")
        .set(word, word - 4)
        .set_if(!sane, shut_down, true)
        .asserts("shared_release_finds_reader", sane, "X is clear and the reader counter is not 0");
  });
}

void SharexHpLock::release_sharex_lock_hp_ex(Caller& c) {
  auto& t = c.t;
  const auto releases = [&](const std::string& text, const Expr& left) {
    t.step(text)
        .set(word, left)
        .set_if(!exclusive_bit(), shut_down, true)
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
  const auto cmpxchg = [&](const std::string& text, const Expr& expected, const Expr& promoted,
                           const Expr& outcome) {
    t.step(text)
        .set(word, choose(expected, promoted, word))
        .set(c.status, outcome)
        .set_if(!sane, shut_down, true)
        .asserts("promote_finds_reader", sane, "X is clear and the word is not free");
  };
  t.function("promote_sharex_lock_hp", [&] {
    cmpxchg("lock cmpxchg: one reader to X", word == 4, word - 3,
            choose(word == 4, answer("SUCCESS"), choose(word == 6, answer("HP_SEEN"), "TDX_OPERAND_BUSY")));
    when(c.status == "HP_SEEN")
        .then([&] {
          cmpxchg("lock cmpxchg: one reader and HP to X", word == 6, word - 5,
                  choose(word == 6, answer("SUCCESS"), "TDX_OPERAND_BUSY"));
        })
        .otherwise([&] { when(c.status == "TDX_OPERAND_BUSY").then([&] { set_host_priority(c); }); });
  });
}

// ---- callers ----

void SharexHpLock::seamcall(Caller& c, const std::string& name, const dsl::Body& attempt,
                            const dsl::Body& held) {
  auto& t = c.t;
  t.operation("seamcall", [&] {
    t.loop(name).try_and_retry_while(c.status == "TDX_OPERAND_BUSY" && host_retries, dsl::unlimited, [&] {
      t.let(c.status, "SUCCESS");
      attempt();
    });
  });
  when(c.status == "SUCCESS").then(held).otherwise([&] { t.let(c.status, "SUCCESS"); });
}

// Nobody promises another call.
void SharexHpLock::some_call(Thread& t, const std::vector<dsl::Alternative>& kinds) {
  t.may_stop_here();
  std::vector<dsl::Body> calls;
  for (const auto& kind : kinds) {
    calls.emplace_back([&t, &kind] {
      t.step(kind.text).when(kind.guard).fair(model::Fairness::none);
      kind.body();
    });
  }
  t.one_of(calls);
}

void SharexHpLock::host_thread(Thread& t) {
  Caller c{t, t.local("status", status(), "SUCCESS"), false};
  when(hosts == 0).then([&] { t.end(); });
  const auto holding_shared = [&] { t.region(c.shared(), [&] { release_sharex_lock_hp_sh(c); }); };
  const auto holding_exclusive = [&] { t.region(c.exclusive(), [&] { release_sharex_lock_hp_ex(c); }); };
  t.forever([&] {
    t.call("SEAMCALL", Domain::module, [&] {
      some_call(t, {{"SEAMCALL: wants it shared", host_takes_shared,
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
    when(!for_ever).then([&] { t.leave_loop(); });
  });
}

void SharexHpLock::guest_thread(Thread& t) {
  Caller c{t, t.local("status", status(), "SUCCESS"), true};
  when(guests == 0).then([&] { t.end(); });
  const auto tdcall = [&](const dsl::Body& attempt, const dsl::Body& held) {
    return [&t, &c, attempt, held, this] {
      t.in_domain(Domain::module, [&] {
        t.operation("tdcall", [&] { attempt(); });
        when(c.status == "SUCCESS").then(held).otherwise([&] { t.let(c.status, "SUCCESS"); });
      });
    };
  };
  t.forever([&] {
    t.in_domain(Domain::guest, [&] {
      some_call(t, {{"TDCALL: wants it shared", guest_takes_shared,
                     tdcall([&] { acquire_sharex_lock_hp_sh(c); },
                            [&] { t.region(c.shared(), [&] { release_sharex_lock_hp_sh(c); }); })},
                    {"TDCALL: wants it exclusive", guest_takes_exclusive,
                     tdcall([&] { acquire_sharex_lock_hp_ex(c); },
                            [&] { t.region(c.exclusive(), [&] { release_sharex_lock_hp_ex(c); }); })}});
    });
    when(!for_ever).then([&] { t.leave_loop(); });
  });
}

void SharexHpLock::define() {
  thread(
      "host", host, [this](Thread& t) { host_thread(t); },
      "SEAMCALLs that take the lock, once or for ever; may stop in between");
  thread(
      "guest", guest, [this](Thread& t) { guest_thread(t); },
      "TDCALLs that take the lock, once or for ever; may stop in between");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
