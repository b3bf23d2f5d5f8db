// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The words in which protocols are written. The tutorial is examples/first_lock.cpp; a test compiles it,
// checks both of its variants, and holds the two texts equal.
//
// clang-format off
// BEGIN TUTORIAL
// // A lock that two threads want, right and wrong. Check it with
// //
// //   tdxcheck check examples/first_lock.cpp                # one atomic test-and-set: holds
// //   tdxcheck check examples/first_lock.cpp@test_then_set  # the test and the set apart: both get in
//
// #include "dsl/dsl.h"
// #include "properties/properties.h"
//
// using namespace tdxcheck::dsl;
// namespace properties = tdxcheck::properties;
//
// // A protocol is a struct. It runs once, without arguments, and leaves a model: plain data. Everything a user may
// // want to change is a parameter, and a variant is nothing but values of parameters.
// struct FirstLock : Protocol {
//   Parameter threads = integer_parameter("threads", 2, 1, 4, "how many threads want the lock");
//   Parameter atomic = bool_parameter("atomic", true, "test and set are one step");
//
//   // An index set has as many members as a parameter says; `worker` below is a thread per member.
//   IndexSet worker = index_set("worker", threads, Members::symmetric);
//
//   // A variable has a type and a first value: one for all, or one per member of a set.
//   Variable locked = variable("locked", boolean(), false, "the lock word");
//   Variable visits = variable("visits", worker, integer(0, 1), 0, "how often the thread got in");
//
//   FirstLock() : Protocol("first_lock", "Two threads, one lock: test-and-set, or test and then set") {}
//
//   // One member per function. Another file may derive from this struct and replace the function.
//   virtual void lock(Thread& t) {
//     t.function("lock", [&] {
//       // A C++ `if` would run once, here and now, and does not compile. `when` is a branch of the model. Like
//       // every condition on parameters and locals it takes no step of its own.
//       when(atomic)
//           .then([&] {
//             // A step is atomic: its guard and all it sets. It waits until its guard holds.
//             t.step("test and set").when(!locked).set(locked, true);
//           })
//           .otherwise([&] {
//             t.step("see that it is free").when(!locked);
//             t.step("take it").set(locked, true);
//           });
//     });
//   }
//
//   virtual void unlock(Thread& t) {
//     t.function("unlock", [&] { t.step("clear the lock word").set(locked, false); });
//   }
//
//   void define() override {
//     thread("worker", worker, [&](Thread& t) {
//       lock(t);
//       // The labels in here make up a region that claims can speak of.
//       t.region("inside", [&] { t.step("work").set(visits[t.self()], 1); });
//       unlock(t);
//       // The end of the body is an end label: a thread may stop there. Anywhere else, stopping is a deadlock.
//     });
//
//     // Claims. `sometimes` guards against success by doing nothing.
//     properties::always(*this, "mutual_exclusion",
//                        count(worker, "w", [&](Expr w) { return in_region("inside", w); }) <= 1,
//                        "at most one thread is inside");
//     properties::no_deadlock(*this);
//     properties::sometimes(*this, "everybody_gets_in", for_all(worker, "w", [&](Expr w) { return visits[w] == 1; }));
//
//     // Variants: a valuation, where it comes from, and what was expected of it.
//     variant({.name = "test_then_set",
//              .set = {{"atomic", "false"}},
//              .source = "every first lock",
//              .expected = "mutual_exclusion violated: both see it free"});
//   }
// };
//
// // The program calls this to learn what the file offers.
// extern "C" void tdxcheck_protocols(Catalogue& catalogue) { catalogue.add<FirstLock>(); }
// END TUTORIAL
// clang-format on

#include "dsl/catalogue.h"
#include "dsl/expression.h"
#include "dsl/protocol.h"
#include "dsl/thread.h"
