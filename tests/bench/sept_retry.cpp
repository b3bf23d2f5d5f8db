// SPDX-License-Identifier: GPL-2.0-or-later

// The workload of sept_retry.pml, state for state and step for step: vCPUs fault on S-EPT entries (tree lock
// shared, entry lock with host priority), zaps block and remove them (tree lock exclusive), BUSY is retried K
// times. A zap that runs out of retries keeps the vCPUs out and goes on. A measure of engines, not a model of
// the kernel.

#include "dsl/dsl.h"
#include "properties/properties.h"

using namespace tdxcheck::dsl;
namespace properties = tdxcheck::properties;

struct SeptRetry : Protocol {
  Parameter N = integer_parameter("N", 2, 1, 5, "vCPUs"), M = integer_parameter("M", 2, 1, 4, "entries"),
            Z = integer_parameter("Z", 1, 1, 3, "zaps"), K = integer_parameter("K", 1, 0, 8, "retries");
  Parameter keeps_out = bool_parameter("kick", true, "a zap that gave up keeps the vCPUs out");
  IndexSet vcpu = index_set("vcpu", N, Members::symmetric), zap = index_set("zap", Z, Members::symmetric),
           entry = index_set("entry", M, Members::symmetric);
  Variable e =
      variable("e", entry, enumeration("entry_state", {"FREE", "PENDING", "MAPPED", "BLOCKED"}), "FREE");
  Variable el = variable("el", entry, boolean(), false, "entry lock");
  Variable hp = variable("hp", entry, boolean(), false, "host priority");
  Variable tsh = variable("tsh", integer(0, N + 1), 0, "tree lock: shared holders");
  Variable tex = variable("tex", boolean(), false, "tree lock: held exclusively");
  Variable kick = variable("kick", boolean(), false, "vCPUs are kept out");

  SeptRetry() : Protocol("sept_retry", "Faults against zaps under the S-EPT locks, BUSY retried K times") {}

  struct Work {
    Thread& t;
    Variable m, r;
    StepWords& back(StepWords& step) const { return step.set(r, 0).set(m, 0); }
  };

  void aug(const Work& w) {
    Thread& t = w.t;
    const Expr entry_busy = el[w.m], again = w.r < K;
    t.forever([&] {
      t.one_of({[&] {
                  t.step("tree lock, shared").when(!tex).set(tsh, tsh + 1);
                  t.one_of({[&] {
                              t.step("entry lock").when(!entry_busy).set(el[w.m], true).set(hp[w.m], false);
                              t.step("the entry changes")
                                  .when(el[w.m])
                                  .asserts("tree_is_held", !tex && tsh > 0, "the tree is held shared")
                                  .set_if(e[w.m] == "FREE", e[w.m], "PENDING")
                                  .set(el[w.m], false);
                              w.back(t.step("done").when(tsh > 0).set(tsh, tsh - 1));
                              t.leave_loop();
                            },
                            [&] {
                              t.step("entry busy")
                                  .when(entry_busy && again)
                                  .set(hp[w.m], true)
                                  .set(tsh, tsh - 1)
                                  .set(w.r, w.r + 1);
                            },
                            [&] {
                              w.back(t.step("entry busy, give up")
                                         .when(entry_busy && w.r == K)
                                         .set(hp[w.m], true)
                                         .set(tsh, tsh - 1));
                              t.leave_loop();
                            }});
                },
                [&] { t.step("tree busy").when(tex && again).set(w.r, w.r + 1); },
                [&] {
                  w.back(t.step("tree busy, give up").when(tex && w.r == K));
                  t.leave_loop();
                }});
    });
  }

  void accept(const Work& w) {
    Thread& t = w.t;
    const Expr busy = el[w.m] || hp[w.m];
    t.forever([&] {
      t.one_of({[&] {
                  t.step("entry lock").when(!kick && !busy).set(el[w.m], true);
                  w.back(t.step("accept")
                             .when(el[w.m])
                             .set_if(e[w.m] == "PENDING", e[w.m], "MAPPED")
                             .set(el[w.m], false));
                  t.leave_loop();
                },
                [&] { t.step("busy").when(!kick && busy && w.r < K).set(w.r, w.r + 1); },
                [&] {
                  w.back(t.step("give up").when(kick || (busy && w.r == K)));
                  t.leave_loop();
                }});
    });
  }

  void fault(Thread& t) {
    const Work w{t, t.local("m", index(entry), 0), t.local("r", integer(0, K), 0)};
    const auto touch = [&](const char* text, const auto& state) {
      t.step(text).some(entry, "x",
                        [&](StepWords& step, const Expr& x) { step.when(!kick && state(x)).set(w.m, x); });
    };
    t.forever([&] {
      t.one_of({[&] {
                  touch("touch what is not mapped",
                        [&](const Expr& x) { return e[x] == "FREE" || e[x] == "BLOCKED"; });
                  t.operation("fault", [&] { aug(w); });
                },
                [&] {
                  touch("touch what is pending", [&](const Expr& x) { return e[x] == "PENDING"; });
                  t.operation("fault", [&] { accept(w); });
                }});
    });
  }

  void block_and_remove(Thread& t) {
    const Work w{t, t.local("m", index(entry), 0), t.local("r", integer(0, K), 0)};
    const Variable own = t.local("own", boolean(), false), ph = t.local("ph", boolean(), false);
    const auto need_kick = [&](StepWords& step) {
      const Expr first = keeps_out && !kick;
      step.set(w.r, 0).set_if(first, kick, true).set_if(first, own, true);
    };
    const auto done = [&](StepWords& step) {
      step.set(tex, false).set(w.r, 0).set_if(own, kick, false).set(own, false);
    };
    t.forever([&] {
      t.step("pick").some(entry, "x", [&](StepWords& step, const Expr& x) {
        step.when(e[x] == "PENDING" || e[x] == "MAPPED").set(w.m, x);
      });
      t.forever([&] {
        const Expr tree_busy = tex || tsh > 0, entry_busy = el[w.m], again = w.r < K;
        t.one_of({[&] {
                    t.step("tree lock, exclusive").when(!tree_busy).set(tex, true);
                    t.one_of(
                        {[&] {
                           t.step("entry lock").when(!entry_busy).set(el[w.m], true).set(hp[w.m], false);
                           const Expr blocks = !ph && (e[w.m] == "PENDING" || e[w.m] == "MAPPED");
                           const Expr removes = ph && e[w.m] == "BLOCKED";
                           t.step("the entry changes")
                               .when(el[w.m])
                               .asserts("tree_is_held", tex && tsh == 0, "the tree is held exclusively")
                               .set(e[w.m],
                                    choose(blocks, constant("entry_state", states, "BLOCKED"),
                                           choose(removes, constant("entry_state", states, "FREE"), e[w.m])))
                               .set(el[w.m], false);
                           t.one_of({[&] {
                                       done(t.step("blocked").when(!ph).set(ph, true));
                                       t.step("track").when(ph);
                                     },
                                     [&] {
                                       done(t.step("removed").when(ph).set(ph, false).set(w.m, 0));
                                       t.leave_loop();
                                     }});
                         },
                         [&] {
                           t.step("entry busy")
                               .when(entry_busy && again)
                               .set(hp[w.m], true)
                               .set(tex, false)
                               .set(w.r, w.r + 1);
                         },
                         [&] {
                           need_kick(t.step("entry busy, keep vCPUs out")
                                         .when(entry_busy && w.r == K)
                                         .set(hp[w.m], true)
                                         .set(tex, false));
                         }});
                  },
                  [&] { t.step("tree busy").when(tree_busy && again).set(w.r, w.r + 1); },
                  [&] { need_kick(t.step("tree busy, keep vCPUs out").when(tree_busy && w.r == K)); }});
      });
    });
  }

  const std::vector<std::string> states{"FREE", "PENDING", "MAPPED", "BLOCKED"};

  void define() override {
    thread("vcpu", vcpu, [&](Thread& t) { fault(t); });
    thread("zap", zap, [&](Thread& t) { block_and_remove(t); });
    properties::assertion(*this, "tree_is_held");
    properties::no_livelock(*this);
  }
};

extern "C" void tdxcheck_protocols(Catalogue& catalogue) { catalogue.add<SeptRetry>(); }
