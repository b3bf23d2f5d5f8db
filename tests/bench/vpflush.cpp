// SPDX-License-Identifier: GPL-2.0-or-later

// The workload of vpflush.pml, state for state and step for step: vCPUs are loaded on pCPUs, an association
// left elsewhere is flushed by IPI; teardown flushes every vCPU, then VPFLUSHDONE, retried K times. A measure
// of engines; the protocol hkid_release is the model of the kernel.

#include "dsl/dsl.h"
#include "properties/properties.h"

using namespace tdxcheck::dsl;
namespace properties = tdxcheck::properties;

struct Vpflush : Protocol {
  Parameter V = integer_parameter("V", 2, 1, 4, "vCPUs"), P = integer_parameter("P", 2, 1, 4, "pCPUs"),
            K = integer_parameter("K", 1, 0, 8, "retries");
  Parameter bug = bool_parameter("bug", false, "entering does not look whether the key is freed");
  IndexSet vcpu = index_set("vcpu", V, Members::symmetric), pcpu = index_set("pcpu", P, Members::symmetric);
  Variable assoc = variable("assoc", vcpu, optional_index(pcpu), none(), "pCPU it is associated with");
  Variable on = variable("on", pcpu, optional_index(vcpu), none(), "vCPU that is loaded");
  Variable in = variable("in", vcpu, boolean(), false, "in the TD");
  Variable ipi = variable("ipi", pcpu, subset(vcpu), empty_set(), "flush requests");
  Variable hv = variable("hv", pcpu, optional_index(vcpu), none(), "vCPU that the handler works on");
  Variable tear = variable("tear", boolean(), false), dead = variable("dead", boolean(), false);

  Vpflush() : Protocol("vpflush", "VP.FLUSH by IPI, VPFLUSHDONE, and vCPUs that are loaded meanwhile") {}

  Expr at(const Variable& optional, const Expr& member) { return optional == member; }
  Expr served(const Expr& q, const Expr& v) { return !contains(ipi[q], v) && hv[q] != v; }

  void vcpu_thread(Thread& t) {
    const Variable c = t.local("c", optional_index(pcpu), none()),
                   q = t.local("q", optional_index(pcpu), none()), closing = t.local("cl", boolean(), false);
    const Expr me = t.self(), here = assoc[me] == c || is_none(assoc[me]);
    t.forever([&] {
      t.may_stop_here();
      t.step("load").some(pcpu, "p", [&](StepWords& step, const Expr& p) {
        step.when(is_none(on[p])).set(on[p], me).set(c, p).set_if(tear, closing, true);
      });
      t.forever([&] {
        t.one_of({[&] {
                    t.step("not associated elsewhere").when(here);
                    t.leave_loop();
                  },
                  [&] {
                    t.step("flush elsewhere").some(pcpu, "p", [&](StepWords& step, const Expr& p) {
                      step.when(!here && assoc[me] == p).set(q, p).set(ipi[p], with(ipi[p], me));
                    });
                    t.step("flushed").some(pcpu, "p", [&](StepWords& step, const Expr& p) {
                      step.when(q == p && served(p, me)).set(q, none());
                    });
                  }});
      });
      t.one_of({[&] {
                  t.step("enter")
                      .when((!dead || bug) && here)
                      .asserts("key_is_alive", !dead, "the key is not freed")
                      .set(assoc[me], c)
                      .set(in[me], true);
                  t.step("exit").when(in[me]).set(in[me], false);
                },
                [&] { t.step("the key is gone").when(dead && !bug); }});
      t.step("put").some(pcpu, "p", [&](StepWords& step, const Expr& p) {
        step.when(c == p).set(on[p], none()).set(c, none());
      });
      when(closing).then([&] { t.end(); });
    });
  }

  void handler(Thread& t) {
    const Expr p = t.self();
    t.forever([&] {
      t.may_stop_here();
      t.step("take").some(vcpu, "v", [&](StepWords& step, const Expr& v) {
        step.when(contains(ipi[p], v)).set(ipi[p], without(ipi[p], v)).set(hv[p], v);
      });
      t.step("flush").some(vcpu, "v", [&](StepWords& step, const Expr& v) {
        step.when(hv[p] == v && !in[v]).set_if(assoc[v] == p, assoc[v], none()).set(hv[p], none());
      });
    });
  }

  void teardown(Thread& t) {
    const Variable done = t.local("done", subset(vcpu), empty_set()),
                   tv = t.local("tv", optional_index(vcpu), none()),
                   tq = t.local("tq", optional_index(pcpu), none()), r = t.local("r", integer(0, K), 0);
    const Expr some = exists(vcpu, "v", [&](const Expr& v) { return is_some(assoc[v]); });
    t.step("begin").set(tear, true);
    t.forever([&] {
      t.forever([&] {
        t.one_of({[&] {
                    t.step("nothing to flush").some(vcpu, "v", [&](StepWords& step, const Expr& v) {
                      step.when(!contains(done, v) && is_none(assoc[v])).set(done, with(done, v));
                    });
                  },
                  [&] {
                    t.step("flush").some(vcpu, "v", [&](StepWords& step, const Expr& v) {
                      step.some(pcpu, "p", [&](StepWords& inner, const Expr& p) {
                        inner.when(!contains(done, v) && assoc[v] == p)
                            .set(tv, v)
                            .set(tq, p)
                            .set(ipi[p], with(ipi[p], v));
                      });
                    });
                    t.step("flushed").some(vcpu, "v", [&](StepWords& step, const Expr& v) {
                      step.some(pcpu, "p", [&](StepWords& inner, const Expr& p) {
                        inner.when(tv == v && tq == p && served(p, v))
                            .set(done, with(done, v))
                            .set(tv, none())
                            .set(tq, none());
                      });
                    });
                  },
                  [&] {
                    t.step("all flushed").when(count(done) == V).set(done, empty_set());
                    t.leave_loop();
                  }});
      });
      t.one_of({[&] {
                  t.step("VPFLUSHDONE").when(!some).set(dead, true).set(r, 0);
                  t.leave_loop();
                },
                [&] { t.step("not done").when(some && r < K).set(r, r + 1); },
                [&] {
                  t.step("leak").when(some && r == K).set(r, 0);
                  t.end();
                }});
    });
  }

  void define() override {
    thread("vcpu", vcpu, [&](Thread& t) { vcpu_thread(t); });
    thread("pcpu", pcpu, [&](Thread& t) { handler(t); });
    thread("teardown", [&](Thread& t) { teardown(t); });
    properties::assertion(*this, "key_is_alive");
    properties::no_deadlock(*this);
  }
};

extern "C" void tdxcheck_protocols(Catalogue& catalogue) { catalogue.add<Vpflush>(); }
