// SPDX-License-Identifier: GPL-2.0-or-later

// The workload of sharex.pml, state for state and step for step: threads on one reader-writer lock word with
// a host-priority bit, taken by load and compare-and-swap, each time as host or guest, shared or exclusive. A
// measure of engines, not a model of the TDX module's lock.

#include "dsl/dsl.h"
#include "properties/properties.h"

using namespace tdxcheck::dsl;
namespace properties = tdxcheck::properties;

struct Sharex : Protocol {
  Parameter N = integer_parameter("N", 3, 1, 6, "threads"), K = integer_parameter("K", 1, 0, 8, "retries"),
            D = integer_parameter("D", 2, 1, 8, "writers are counted modulo D");
  IndexSet worker = index_set("thread", N, Members::symmetric);
  // The lock word, by its fields; `s` below is a copy of it.
  Variable w_ex = variable("w_ex", boolean(), false), w_hp = variable("w_hp", boolean(), false),
           w_count = variable("w_count", integer(0, N), 0);
  Variable data = variable("data", integer(0, D - 1), 0), inx = variable("inx", integer(0, N), 0),
           ins = variable("ins", integer(0, N), 0);

  Sharex() : Protocol("sharex", "A reader-writer lock word with host priority, retried K times") {}

  void one_thread(Thread& t) {
    const Variable s_ex = t.local("s_ex", boolean(), false), s_hp = t.local("s_hp", boolean(), false),
                   s_count = t.local("s_count", integer(0, N), 0), r = t.local("r", integer(0, K), 0),
                   host = t.local("host", boolean(), false), ex = t.local("ex", boolean(), false);
    const auto forget = [&](StepWords& step) -> StepWords& {
      return step.set(s_ex, false).set(s_hp, false).set(s_count, 0);
    };
    const auto begin = [&](bool as_host, bool exclusively) {
      return Body([=, this, &t] { t.step("begin").when(r == 0).set(host, as_host).set(ex, exclusively); });
    };
    const Expr free = !s_ex && (!ex || s_count == 0) && (host || !s_hp);
    const Expr unchanged = w_ex == s_ex && w_hp == s_hp && w_count == s_count;
    const Expr take = free && unchanged, ask = !free && host && !s_hp && unchanged;
    const auto critical_section = [&] {
      t.one_of({[&] {
                  t.step("write")
                      .when(ex)
                      .asserts("exclusion", inx == 1 && ins == 0, "alone")
                      .set(data, choose(data == D - 1, 0, data + 1));
                },
                [&] { t.step("read").when(!ex).asserts("exclusion", inx == 0, "no writer"); }});
      t.one_of(
          {[&] {
             t.step("release").when(ex).set(w_ex, false).set(inx, inx - 1).set(host, false).set(ex, false);
           },
           [&] {
             t.step("release shared")
                 .when(!ex)
                 .set(w_count, w_count - 1)
                 .set(ins, ins - 1)
                 .set(host, false)
                 .set(ex, false);
           }});
    };
    t.forever([&] {
      t.one_of({begin(false, false), begin(false, true), begin(true, false), begin(true, true)});
      t.operation("acquire", [&] {
        t.forever([&] {
          t.step("load")
              .when(!s_ex && !s_hp && s_count == 0)
              .set(s_ex, w_ex)
              .set(s_hp, w_hp)
              .set(s_count, w_count);
          t.one_of(
              {[&] {
                 forget(t.step("take")
                            .when(take)
                            .set_if(host, w_hp, false)
                            .set_if(ex, w_ex, true)
                            .set_if(ex, inx, inx + 1)
                            .set_if(!ex, w_count, w_count + 1)
                            .set_if(!ex, ins, ins + 1))
                     .set(r, 0);
                 critical_section();
                 t.leave_loop();
               },
               [&] { forget(t.step("busy").when(!take && r < K).set_if(ask, w_hp, true)).set(r, r + 1); },
               [&] {
                 forget(t.step("give up").when(!take && r == K).set_if(ask, w_hp, true))
                     .set(r, 0)
                     .set(host, false)
                     .set(ex, false);
                 t.leave_loop();
               }});
        });
      });
    });
  }

  void define() override {
    thread("thread", worker, [&](Thread& t) { one_thread(t); });
    properties::assertion(*this, "exclusion");
    properties::no_livelock(*this);
  }
};

extern "C" void tdxcheck_protocols(Catalogue& catalogue) { catalogue.add<Sharex>(); }
