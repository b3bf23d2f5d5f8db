// SPDX-License-Identifier: GPL-2.0-or-later

// A ticket lock: draw a number, wait until it is served. The variant `torn_draw` reads and increments apart.

#include "dsl/dsl.h"
#include "properties/properties.h"

using namespace tdxcheck::dsl;
namespace properties = tdxcheck::properties;

struct TicketLock : Protocol {
  Parameter threads = integer_parameter("threads", 3, 1, 4, "threads that want the lock");
  Parameter width = integer_parameter("width", 2, 1, 8, "bits of a ticket; they wrap");
  Parameter torn = bool_parameter("torn_draw", false, "reading and incrementing `next` are two steps");
  IndexSet worker = index_set("worker", threads, Members::symmetric);
  Variable next = variable("next", bits(width), 0), serving = variable("serving", bits(width), 0);

  TicketLock() : Protocol("ticket_lock", "Tickets drawn from a counter that wraps") {}

  virtual void draw(Thread& t, const Variable& ticket) {
    when(torn)
        .then([&] {
          t.step("ticket = next").set(ticket, next);
          t.step("next = ticket + 1").set(next, ticket + 1);
        })
        .otherwise([&] { t.step("ticket = next++").set(ticket, next).set(next, next + 1); });
  }

  void define() override {
    thread("worker", worker, [&](Thread& t) {
      Variable ticket = t.local("ticket", bits(width), 0);
      t.forever([&] {
        t.may_stop_here();
        t.step("want the lock");
        draw(t, ticket);
        t.step("wait to be served").when(serving == ticket).set(ticket, 0);
        t.region("inside", [&] { t.step("work"); });
        t.step("serve the next").set(serving, serving + 1);
      });
    });
    properties::always(*this, "mutual_exclusion",
                       count(worker, "w", [&](Expr w) { return in_region("inside", w); }) <= 1);
    properties::no_deadlock(*this);
    properties::sometimes(*this, "used", serving != 0);
    variant({.name = "torn_draw", .set = {{"torn_draw", "true"}}, .source = "this file", .expected = "violated"});
  }
};

extern "C" void tdxcheck_protocols(Catalogue& catalogue) { catalogue.add<TicketLock>(); }
