// SPDX-License-Identifier: GPL-2.0-or-later
//
// A reviewer holds this beside the kernel source: a step that it leaves out, or a jump that it does not show,
// is a review of something else.
#include "report/show_model.h"

#include "lower/instantiate.h"
#include "tests/has_part.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

namespace show_model_test {

using namespace tdxcheck;
using tests::has;

std::string shown(const model::Model& model) {
  const model::Valuation valuation = model::defaults(model);
  return report::show_model(model.name, model, valuation, lower::instantiate(model, valuation));
}

TEST_CASE("a thread is shown as pseudo-code under its kernel functions") {
  CHECK(has(shown(tests::two_threads_one_lock()), R"(Thread worker, one per member of worker (2)

  work()
    idle:
        takes the mutex                                        protocols/two_threads_one_lock.cpp:22
          when !taken (guard `exclusion`)
          takes mutex, waiting for it
          taken := true
          happens in the end if enabled again and again
    critical:
        gives it back                                          protocols/two_threads_one_lock.cpp:23
          drops mutex
          taken := false
    done: end
)"));
}

TEST_CASE("declarations, claims and their documentation are there") {
  const std::string text = shown(tests::two_threads_one_lock());
  CHECK(has(text, "two_threads_one_lock: Workers take one mutex in turn\n"));
  CHECK(has(text, "Parameters\n  workers = 2 (1..4): how many\n"));
  CHECK(has(text, "Named guards\n  exclusion: one worker at a time\n"));
  CHECK(has(text, "Variables\n  taken: bool = false: the mutex\n"));
  CHECK(has(text, "  mutual_exclusion = always count(w in worker: worker[w] in inside) <= 1: one inside\n"));
  CHECK(has(text, "Regions\n  inside: worker at critical\n"));
}

TEST_CASE("a jump is written where the next label is not the one that follows") {
  model::Model model = tests::two_threads_one_lock();
  model::Thread& worker = *model.threads.begin();
  worker.steps[1].to = worker.start;
  CHECK(has(shown(model), "          taken := false\n          goto idle\n"));
}

TEST_CASE("every kind of step, fact and type has words") {
  const model::Model model = tests::every_feature();
  const std::string text = shown(model);
  for (const auto& thread : model.threads) CHECK(has(text, "Thread " + thread.name));
  for (const auto& property : model.properties) CHECK(has(text, property.name));
  for (const auto& lock : model.locks) CHECK(has(text, "  " + lock.name));
}

} // namespace show_model_test
