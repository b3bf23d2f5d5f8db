// SPDX-License-Identifier: GPL-2.0-or-later

// The older of the TDX module's two shared/exclusive locks: a word of 16 bits with an exclusive bit (X) and a
// reader counter. A SEAMCALL that does not get it answers busy at once.
//
// THE QUESTION. A refused reader stays in the word as a *ghost* and is wiped by whoever holds the lock
// exclusively. Can a ghost outlive that, so that nobody gets the lock exclusively any more? Can one of the
// sanity checks fail, which shut the module down (UD2)? What does the width of the counter bound?
//
// SOURCES. TDX module 1.5.01, src/common/helpers/tdx_locks.h: acquire_sharex_lock_sh, _ex,
// release_sharex_lock_sh, _ex, promote_sharex_lock, demote_sharex_lock, and their sanity checks; the same up
// to 1.5.25. Users: GLOBAL, KOT, EPOCH, MIG; SEPT_TREE up to 1.5.16; in 1.0.x every such lock. No guest takes
// one: TDCALLs use the locks of sharex_hp_lock.
//
// WHAT A CALLER DOES TO THE WORD: one atomic each
//   shared     add a reader; it has the lock if X was clear, otherwise a ghost stays
//   exclusive  compare-and-exchange 0 with X
//   release    shared: take a reader out.  exclusive: exchange with 0, which wipes ghosts
//   promote    compare-and-exchange one reader with X; if it fails the caller releases its reader
//   demote     exchange with one reader, which wipes ghosts
// So nothing comes in between, unlike with host priority: a ghost is added by the same atomic that sees X,
// and X is set until it is wiped.
//
// THREADS
//   host[i]  a logical processor that executes SEAMCALLs which take the lock, in any of the modes that the
//            switches allow, once or for ever, or stops in between. With `retries` a refused call is repeated
//            until it succeeds; without, it is given up.
//
// Where no check can fail, nobody ever finds the module shut down: those steps are not reached then.
//
// LEFT OUT. What the calls do while they hold the lock, and the other locks they hold. In the variants that
// name a user of the lock, the modes are those of its SEAMCALLs; which of them promote or demote is not known
// from the sources that were read, so the variant `module` lets anybody do so.

#include "protocols/sharex_lock/sharex_lock.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::StepWords;
using dsl::Thread;
using dsl::when;
using model::Domain;

namespace {

const std::vector<std::string> answers{"SUCCESS", "TDX_OPERAND_BUSY", "VMFAILINVALID"};

Expr answer(const std::string& name) { return dsl::constant("lock_status", answers, name); }

} // namespace

SharexLockWord::SharexLockWord()
    : Protocol("sharex_lock",
               "TDX module: the shared/exclusive lock without host priority, atomic by atomic"),
      hosts(integer_parameter("hosts", 4, 1, 8, "logical processors that execute SEAMCALLs on the lock")),
      takes_shared(bool_parameter("takes_shared", true, "some SEAMCALL takes it shared")),
      takes_exclusive(bool_parameter("takes_exclusive", true, "some SEAMCALL takes it exclusive")),
      promotes(bool_parameter("promotes", true, "some SEAMCALL takes it shared and promotes")),
      demotes(bool_parameter("demotes", true, "some SEAMCALL takes it exclusive and demotes")),
      for_ever(bool_parameter("for_ever", true, "each of them calls for ever; otherwise once")),
      retries(bool_parameter("retries", false, "a refused SEAMCALL is repeated until it succeeds")),
      counter_width(
          integer_parameter("counter_width", 3, 1, 15, "bits of the reader counter; 15 in the module")),
      host(index_set("host", hosts)),
      word(variable("lock", dsl::bits(counter_width + 1), 0, "reader counter, X (bit 0)")),
      shut_down(variable("module_shut_down", dsl::boolean(), false, "a sanity check has failed: UD2")) {}

// ---- tdx_locks.h ----

void SharexLockWord::first_atomic(Caller& c, const std::string& text,
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

// The counter must not be full where only readers are in the word.
void SharexLockWord::acquire_sharex_lock_sh(Caller& c) {
  const Expr x = exclusive_bit();
  c.t.function("acquire_sharex_lock_sh", [&] {
    first_atomic(c, "lock xadd: +1 reader", [&](StepWords& step) {
      step.set(word, word + 2)
          .set(c.status, choose(x, answer("TDX_OPERAND_BUSY"), "SUCCESS"))
          .set_if(!x && full(), shut_down, true)
          .asserts("shared_acquire_finds_room", x || !full(), "X is set, or the reader counter is not full");
    });
    c.t.relying_on("leave_ghost", "a refused caller does not release: its reader is a ghost",
                   [&] { c.t.return_(); });
    when(c.status == "TDX_OPERAND_BUSY").then([&] {
      release_sharex_lock_sh(c);
      c.t.let(c.status, "TDX_OPERAND_BUSY");
    });
  });
}

void SharexLockWord::acquire_sharex_lock_ex(Caller& c) {
  c.t.function("acquire_sharex_lock_ex", [&] {
    first_atomic(c, "lock cmpxchg: 0 to X", [&](StepWords& step) {
      step.set(word, choose(word == 0, word + 1, word))
          .set(c.status, choose(word == 0, answer("SUCCESS"), "TDX_OPERAND_BUSY"))
          .asserts("refused_only_if_taken",
                   word == 0 || some_host("host_shared") || some_host("host_exclusive"),
                   "the lock is free, or somebody holds it");
    });
  });
}

void SharexLockWord::release_sharex_lock_sh(Caller& c) {
  const Expr sane = !exclusive_bit() && !no_readers();
  c.t.function("release_sharex_lock_sh", [&] {
    c.t.step("lock xadd: -1 reader")
        .set(word, word - 2)
        .set_if(!sane, shut_down, true)
        .asserts("shared_release_finds_reader", sane, "X is clear and the reader counter is not 0");
  });
}

void SharexLockWord::release_sharex_lock_ex(Caller& c) {
  auto& t = c.t;
  const auto releases = [&](const std::string& text, const Expr& left) {
    t.step(text)
        .set(word, left)
        .set_if(!exclusive_bit(), shut_down, true)
        .asserts("exclusive_release_finds_x", exclusive_bit(), "X is set");
  };
  t.function("release_sharex_lock_ex", [&] {
    t.relying_on("wipe_ghosts", "an exclusive release drops every reader in the word", [&] {
      releases("xchg: 0", 0);
      t.return_();
    });
    releases("X cleared, ghosts left", choose(exclusive_bit(), word - 1, word));
  });
}

// The caller holds the lock shared.
void SharexLockWord::promote_sharex_lock(Caller& c) {
  const Expr sane = !exclusive_bit() && word != 0, alone = word == 2;
  c.t.function("promote_sharex_lock", [&] {
    c.t.step("lock cmpxchg: one reader to X")
        .set(word, choose(alone, word - 1, word))
        .set(c.status, choose(alone, answer("SUCCESS"), "TDX_OPERAND_BUSY"))
        .set_if(!sane, shut_down, true)
        .asserts("promote_finds_reader", sane, "X is clear and the word is not free");
  });
}

// The caller holds the lock exclusively.
void SharexLockWord::demote_sharex_lock(Caller& c) {
  auto& t = c.t;
  const auto demotes_to = [&](const std::string& text, const Expr& left) {
    t.step(text)
        .set(word, left)
        .set_if(!exclusive_bit(), shut_down, true)
        .asserts("demote_finds_x", exclusive_bit(), "X is set");
  };
  t.function("demote_sharex_lock", [&] {
    t.relying_on("wipe_ghosts_at_demotion", "a demotion drops every other reader in the word", [&] {
      demotes_to("xchg: one reader", 2);
      t.return_();
    });
    demotes_to("X cleared, one reader added, ghosts left", word + 1);
  });
}

// ---- callers ----

void SharexLockWord::seamcall(Caller& c, const std::string& name, const dsl::Body& attempt,
                              const dsl::Body& held) {
  auto& t = c.t;
  t.operation("seamcall", [&] {
    t.loop(name).try_and_retry_while(c.status == "TDX_OPERAND_BUSY" && retries, dsl::unlimited, [&] {
      t.let(c.status, "SUCCESS");
      attempt();
    });
  });
  when(c.status == "SUCCESS").then(held).otherwise([&] { t.let(c.status, "SUCCESS"); });
}

void SharexLockWord::holding_shared(Caller& c) {
  c.t.region("host_shared", [&] { release_sharex_lock_sh(c); });
}

void SharexLockWord::holding_exclusive(Caller& c) {
  c.t.region("host_exclusive", [&] { release_sharex_lock_ex(c); });
}

void SharexLockWord::host_thread(Thread& t) {
  Caller c{t, t.local("status", dsl::enumeration("lock_status", answers), "SUCCESS")};
  const auto shared = [&] { acquire_sharex_lock_sh(c); };
  const auto exclusive = [&] { acquire_sharex_lock_ex(c); };
  const auto promoted = [&] {
    acquire_sharex_lock_sh(c);
    when(c.status == "SUCCESS").then([&] {
      t.region("host_shared", [&] { promote_sharex_lock(c); });
      when(c.status != "SUCCESS").then([&] { holding_shared(c); });
    });
  };
  // Nobody promises another call.
  const auto wants = [&](const std::string& text, const Expr& possible) {
    t.step(text).when(possible).fair(model::Fairness::none);
  };
  t.forever([&] {
    t.may_stop_here();
    t.call("SEAMCALL", Domain::module, [&] {
      t.one_of({[&] {
                  wants("SEAMCALL: wants it shared", takes_shared);
                  seamcall(c, "retry_shared", shared, [&] { holding_shared(c); });
                },
                [&] {
                  wants("SEAMCALL: wants it exclusive", takes_exclusive);
                  seamcall(c, "retry_exclusive", exclusive, [&] { holding_exclusive(c); });
                },
                [&] {
                  wants("SEAMCALL: wants it shared, then exclusive", promotes);
                  seamcall(c, "retry_promote", promoted, [&] { holding_exclusive(c); });
                },
                [&] {
                  wants("SEAMCALL: wants it exclusive, then shared", demotes);
                  seamcall(c, "retry_demote", exclusive, [&] {
                    t.region("host_exclusive", [&] { demote_sharex_lock(c); });
                    holding_shared(c);
                  });
                }});
    });
    when(!for_ever).then([&] { t.leave_loop(); });
  });
}

void SharexLockWord::define() {
  thread(
      "host", host, [this](Thread& t) { host_thread(t); },
      "SEAMCALLs that take the lock, once or for ever; may stop in between");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
